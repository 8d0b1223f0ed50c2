"""Quotes: spans to be cited, joined where they follow each other; what a clause number shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.markers import read_marker
from corpus.model import Span
from corpus.passages import sentences
from corpus.store import Library
from index.address import Lookup, Place

MAX_ANSWER = 300  # characters, without markers
_NOTE = 30  # room for a line that says that more is there (characters)
_LEAD = 30  # a longer sentence heads no paragraph (characters)


@dataclass(frozen=True)
class Quote:
    """A span to be quoted as one citation."""

    document_id: str
    span: Span


def leads(document_id: str, path: Sequence[str], library: Library) -> list[Quote]:
    """Quote the sentences that head the paragraphs of a clause (坚持需求导向。面向…).

    Args:
        document_id: The document.
        path: The clause's headings from the top down.
        library: The documents.

    Returns:
        Short first sentences of three or more paragraphs that go on; else nothing.
    """
    outline = library.outline(document_id)
    found = []
    for line in outline.lines:
        if line.address.path == tuple(path) and line.address.item is None:
            spans = sentences(outline.text, line.span)
            heading = path[-1].endswith(spans[0].of(outline.text).rstrip("。")) if spans else True
            if len(spans) > 1 and len(spans[0]) <= _LEAD and not heading:
                found.append(Quote(document_id, spans[0]))
    return found if len(found) >= 3 else []


def join(quotes: Sequence[Quote], library: Library) -> list[Quote]:
    """Join quotes that follow each other, with nothing but an item's number between them.

    Args:
        quotes: In the order of the answer.
        library: The documents they are from.
    """
    joined: list[Quote] = []
    for quote in quotes:
        last = joined[-1] if joined else None
        if last and _follows(last, quote, library):
            joined[-1] = Quote(quote.document_id, Span(last.span.start, quote.span.end))
        else:
            joined.append(quote)
    return joined


def of_places(lookup: Lookup, library: Library) -> list[Quote]:
    """Quote what the clause numbers of a question lead to, in about ``MAX_ANSWER`` characters.

    A clause above others is shown by their headings, or, where they have none, by how each
    begins; any other by its text. The first sentence is quoted however long it is.
    """
    quotes: list[Quote] = []
    left = MAX_ANSWER - _NOTE
    for number, place in enumerate(lookup.places):
        room = left // (len(lookup.places) - number)  # each has its share, and what others left
        for quote in _shown(place, library):
            if quotes and len(quote.span) > room:
                break
            quotes.append(quote)
            room -= len(quote.span)
            left -= len(quote.span)
    return join(quotes, library)


def complete(quotes: Sequence[Quote], lookup: Lookup, library: Library) -> bool:
    """Say whether quotes hold all the text that the clause numbers lead to.

    A clause shown by its parts' headings counts as complete: that is its table of contents.
    """
    wanted = [Quote(p.document_id, s) for p in lookup.places for s in _ends(p, library)]
    return all(
        any(q.document_id == w.document_id and q.span.covers(w.span) for q in quotes)
        for w in wanted
    )


def _ends(place: Place, library: Library) -> list[Span]:
    """Return the last thing that is to be shown of a place: what room runs out for first."""
    headed = any(child.heading for child in place.clause.children)
    if place.clause.children and place.clause.heading and not headed:
        return list(place.spans[-1:])  # beginnings are no table of contents
    return [quote.span for quote in _shown(place, library)][-1:]


def _shown(place: Place, library: Library) -> Iterator[Quote]:
    children = place.clause.children
    if any(child.heading for child in children):
        spans = [Span(c.span.start, c.heading.end) for c in children if c.heading]
    elif children and place.clause.heading:
        spans = [place.clause.heading, *_beginnings(place, library)]
    else:
        text = library.get(place.document_id).text
        spans = [piece for span in place.spans for piece in sentences(text, span)]
    yield from (Quote(place.document_id, span) for span in spans)


def _beginnings(place: Place, library: Library) -> Iterator[Span]:
    text = library.get(place.document_id).text
    for child in place.clause.children:
        first = next((span for span in place.spans if child.span.covers(span)), None)
        yield from sentences(text, first)[:1] if first else ()


def _follows(last: Quote, quote: Quote, library: Library) -> bool:
    if last.document_id != quote.document_id or last.span.end > quote.span.start:
        return False
    outline = library.outline(quote.document_id)
    gap = outline.text[last.span.end : quote.span.start]
    between = gap.strip()
    number = read_marker(between)
    one, other = outline.locate(last.span), outline.locate(quote.span)
    same_paragraph = (one.path, one.paragraph) == (other.path, other.paragraph)
    return same_paragraph and (
        not between or (gap[0].isspace() and number is not None and number.end == len(between))
    )
