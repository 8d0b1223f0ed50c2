"""Sentences weighed → the fewest of them that answer, whole and in order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.asked import Asked
from assistant.candidates import Candidate, clause_of, spans_of, statement
from assistant.question import Query
from assistant.quotes import MAX_ANSWER, Quote, leads
from assistant.shorten import shorten
from corpus.model import Span
from corpus.passages import sentences
from corpus.store import Library

# How far behind the best sentence another may be and still be added (difference of scores): in the
# same clause less for every hundred characters that it is long. Of 1,105 labelled questions, each
# document by a fit on the others, .883 were answered rightly so, with .870 of the citations in a
# right clause and 123 characters in the median on the first document; with 2.5 whatever the length
# .885, .871 and 130, with 2.0 .878, .870 and 118; ``OTHER_CLAUSE`` 1.0 costs .007 and wins .004.
SAME_CLAUSE, OTHER_CLAUSE = 3.0, 1.25
_COSTS = 1.5
# The same, within a paragraph, in an answer to several things asked: of 50 such questions .90 were
# answered rightly so, with 1.0 .86.
_BESIDE_OTHERS = 2.0
_ENDS = tuple("。；：！？.;:!?”）)")  # a letterhead has none
_MOST = 4  # sentences
_BETWEEN = 5  # characters between two quotes: a line break, and of items their number
_MOST_OF_PART = 3  # sentences for each of several things asked


def choose(
    ranked: Sequence[Sequence[Candidate]],
    wanted: Mapping[str, float] | None = None,
    limit: int = MAX_ANSWER,
    *,
    listed: bool = True,
) -> list[Quote]:
    """Choose the fewest sentences that answer.

    One sentence is the rule; a second must be nearly as good, less so in the same clause; a
    question of several things takes the best of each.

    Args:
        ranked: For each part of the question its candidates, best first.
        wanted: Terms of the question and how much each tells, by which a long sentence is cut.
        limit: Most characters of the answer.
        listed: Whether a list is asked for: then an item comes with its neighbours.

    Returns:
        Quotes in the order of the answer, together at most ``limit`` characters.
    """
    chosen: list[Candidate] = []
    for candidates in ranked:
        best = next((c for c in candidates if _fits(c, chosen, limit)), None)
        if best:
            chosen.append(_shortened(best, limit, wanted or {}))
    for candidates, best in zip(ranked, tuple(chosen), strict=False):
        most = len(chosen) + (_MOST if len(ranked) == 1 else _MOST_OF_PART) - 1
        for candidate in candidates:
            close = _worth_adding(candidate, best, alone=len(ranked) == 1)
            if close and len(chosen) < most and _fits(candidate, chosen, limit):
                chosen.append(candidate)
    everything = [candidate for candidates in ranked for candidate in candidates]
    joined = _with_alternatives(chosen, everything, limit, listed=listed)
    whole = _with_items(joined, everything, limit)
    return _in_order(whole, limit)


def likely(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that are near enough to the best to stand in an answer with it.

    Args:
        candidates: Of one question, best first, at least one.

    Returns:
        Best first, with what semicolons join to the best.
    """
    best = candidates[0]
    joined = statement(best, candidates)
    return [c for c in candidates if c in joined or _worth_adding(c, best, alone=True)]


def enumerated(
    query: Query, best: Candidate, library: Library, limit: int = MAX_ANSWER
) -> list[Quote]:
    """Answer a question for a list by the sentences that head a clause's paragraphs.

    Returns:
        The sentence that introduces them, if the best is in its paragraph, and the heads; nothing
        if the clause has none, the best sentence neither introduces nor heads them, or they are
        longer than ``limit`` characters.
    """
    if query.asked is not Asked.LIST or len(query.parts) > 1:
        return []
    passage = best.sentence.hit.passage
    heads = leads(passage.document_id, passage.address.path, library)
    if heads and passage.span.end <= heads[0].span.start:
        spans = sentences(library.get(passage.document_id).text, passage.span)
        heads = [Quote(passage.document_id, spans[-1]), *heads]
    elif Quote(passage.document_id, best.sentence.span) not in heads:
        return []
    return heads if _length([quote.span for quote in heads]) <= limit else []


def _shortened(candidate: Candidate, limit: int, wanted: Mapping[str, float]) -> Candidate:
    sentence = candidate.sentence
    span = shorten(sentence.text, sentence.span, limit, wanted)
    if span == sentence.span:
        return candidate
    start = span.start - sentence.span.start
    text = sentence.text[start : start + len(span)]
    return replace(candidate, sentence=replace(sentence, span=span, text=text))


def _fits(candidate: Candidate, chosen: Sequence[Candidate], limit: int) -> bool:
    """Say whether a candidate is new and leaves the answer short enough; the first always is."""
    spans, own = spans_of(chosen), candidate.sentence.span
    return not chosen or (own not in spans and _length([*spans, own]) <= limit)


def _worth_adding(candidate: Candidate, best: Candidate, *, alone: bool) -> bool:
    if not alone:  # beside the answers to other parts there is room for the nearest only
        same = candidate.sentence.hit.number == best.sentence.hit.number
        return same and candidate.score >= best.score - _BESIDE_OTHERS
    near = clause_of(candidate) == clause_of(best)
    costs = _COSTS * len(candidate.sentence.text) / 100
    margin = max(0.0, SAME_CLAUSE - costs) if near else OTHER_CLAUSE
    states = near or candidate.sentence.text.endswith(_ENDS)
    return candidate.score >= best.score - margin and states and not candidate.sentence.is_heading


def _with_alternatives(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate], limit: int, *, listed: bool
) -> list[Candidate]:
    """Add what a semicolon joins to a chosen sentence: one case of several misleads alone."""
    out = list(chosen)
    for candidate in chosen:
        together = statement(candidate, candidates)
        together = [c for c in together if listed or _same_line(c, candidate)]
        joined = [c for c in together if c.sentence.span not in spans_of(out)]
        if _length(spans_of([*out, *joined])) <= limit:
            out += joined
    return out


def _same_line(one: Candidate, other: Candidate) -> bool:
    """Say whether no line ends between two sentences of a passage: items are no alternatives."""
    passage = one.sentence.hit.passage
    first, last = sorted((one.sentence.span, other.sentence.span))
    between = passage.text[first.end - passage.span.start : last.start - passage.span.start]
    return "\n" not in between


def _with_items(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate], limit: int
) -> list[Candidate]:
    """Add the items that a chosen line introduces, if none is chosen: alone it says nothing."""
    out = list(chosen)
    for candidate in chosen:
        own = [c for c in candidates if c.sentence.lead == candidate.sentence.span]
        own = [c for c in own if clause_of(c)[0] == clause_of(candidate)[0]]
        if any(c.sentence.span in spans_of(out) for c in own):
            continue
        for item in sorted(own, key=lambda c: c.sentence.span):
            if _fits(item, out, limit):
                out.append(item)
    return out


def _length(spans: Sequence[Span]) -> int:
    """Return how many characters an answer of these quotes has at most, with what joins them."""
    return sum(map(len, spans)) + _BETWEEN * max(0, len(spans) - 1)


def _in_order(chosen: Sequence[Candidate], limit: int) -> list[Quote]:
    """Put sentences of one passage together in the order of the text; passages stay best first.

    An item comes with the line that introduces its list, as long as there is room: alone it would
    mean nothing.
    """
    passages = list(dict.fromkeys(candidate.sentence.hit.number for candidate in chosen))
    ordered = sorted(chosen, key=lambda c: (passages.index(c.sentence.hit.number), c.sentence.span))
    room = limit - _length(spans_of(chosen))
    quotes: list[Quote] = []
    for candidate in ordered:
        document_id = candidate.sentence.hit.passage.document_id
        span = candidate.sentence.lead
        lead = Quote(document_id, span) if span else None
        if lead and lead not in quotes and len(lead.span) + _BETWEEN <= room:
            quotes = [quote for quote in quotes if not _within(quote, lead)]
            quotes.append(lead)
            room -= len(lead.span) + _BETWEEN
        own = Quote(document_id, candidate.sentence.span)
        if not any(_within(own, quote) for quote in quotes):
            quotes.append(own)
    return quotes


def _within(quote: Quote, other: Quote) -> bool:
    return quote.document_id == other.document_id and other.span.covers(quote.span)
