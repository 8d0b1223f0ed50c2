"""Evidence → answer without a language model: the fewest of its own sentences that answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.asked import Asked, expected
from assistant.question import Query, content_terms
from corpus.model import Span
from corpus.passages import sentences
from index.address import Lookup
from index.search import Hit, Searcher, Sentence
from index.tokens import terms

MAX_ANSWER = 300  # characters, without markers
_POOL = 6  # hits whose sentences are weighed


@dataclass(frozen=True)
class Weights:
    """What a sentence's score is made of; fitted on the development half of the question set."""

    overlap: float = 1.0
    dense: float = 1.0
    passage: float = 0.15
    expected: float = 0.25
    heading: float = -0.3


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, with what speaks for it.

    ``overlap`` is the share, by rarity, of the question's content terms that it holds, 0 to 1;
    ``holds_kind`` whether it has the kind of value that is asked for.
    """

    sentence: Sentence
    score: float
    overlap: float
    holds_kind: bool


@dataclass(frozen=True)
class Quote:
    """A span to be quoted as one citation."""

    document_id: str
    span: Span


def weigh(
    query: Query,
    hits: Sequence[Hit],
    searcher: Searcher,
    weights: Weights = Weights(),
) -> list[Candidate]:
    """Score the sentences of the best hits.

    Returns:
        Best first.
    """
    wanted = {term: searcher.rarity(term) for term in content_terms(query.text)}
    total = sum(wanted.values()) or 1.0
    pattern = expected(query.asked, query.own)
    found = []
    for sentence in searcher.sentences(query.text, hits[:_POOL]):
        held = set(terms(sentence.text))
        overlap = sum(weight for term, weight in wanted.items() if term in held) / total
        holds_kind = bool(pattern and pattern.search(sentence.text))
        score = (
            weights.overlap * overlap
            + weights.dense * sentence.dense
            + weights.passage * sentence.hit.score
            + weights.expected * holds_kind
            + weights.heading * _is_heading(sentence)
        )
        found.append(Candidate(sentence, score, overlap, holds_kind))
    return sorted(found, key=lambda candidate: -candidate.score)


def choose(query: Query, ranked: Sequence[Sequence[Candidate]]) -> list[Quote]:
    """Choose the fewest sentences that answer.

    One sentence is the rule; a second must be nearly as good, or be of a list's own paragraph; a
    question of several things takes the best of each.

    Args:
        query: What is asked.
        ranked: For each part of the question its candidates, best first.

    Returns:
        Quotes in the order of the answer, together at most ``MAX_ANSWER`` characters if possible.
    """
    chosen: list[Candidate] = []
    for candidates in ranked:
        best = next((c for c in candidates if _fits(c, chosen)), None)
        if best:
            chosen.append(best)
    if len(ranked) == 1 and chosen:
        for candidate in ranked[0]:
            if len(chosen) < _most(query) and _worth_adding(candidate, chosen[0]):
                chosen += [candidate] if _fits(candidate, chosen) else []
    return _merged(chosen)


def whole_text(lookup: Lookup, searcher: Searcher) -> list[Quote]:
    """Quote what a clause number leads to: as much of each place as the answer has room for."""
    quotes: list[Quote] = []
    room = MAX_ANSWER
    places = lookup.places
    for place in places:
        text = searcher.library.get(place.document_id).text
        share = room // max(1, len(places) - places.index(place))
        for span in place.spans:
            for piece in sentences(text, span):
                if len(piece) > share and quotes:
                    break
                quotes.append(Quote(place.document_id, piece))
                share -= len(piece)
                room -= len(piece)
    return _joined(quotes)


def headings(lookup: Lookup) -> list[Quote]:
    """Quote number and heading of each clause directly under the named ones: their contents."""
    return [
        Quote(place.document_id, Span(child.span.start, child.heading.end))
        for place in lookup.places
        for child in place.clause.children
        if child.heading
    ]


def _most(query: Query) -> int:
    return 3 if query.asked in (Asked.LIST, Asked.HOW) else 2


def _fits(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Say whether a candidate is new and leaves the answer short enough; the first always is."""
    spans = [c.sentence.span for c in chosen]
    room = MAX_ANSWER - sum(map(len, spans))
    return not chosen or (
        candidate.sentence.span not in spans and len(candidate.sentence.span) <= room
    )


def _worth_adding(candidate: Candidate, best: Candidate) -> bool:
    same = candidate.sentence.hit.number == best.sentence.hit.number
    share = 0.75 if same else 0.9
    return candidate.score >= share * best.score and not _is_heading(candidate.sentence)


def _is_heading(sentence: Sentence) -> bool:
    own = sentence.hit.passage.address.path[-1]
    return len(sentence.text) <= 45 and sentence.text.rstrip("。") in own


def _merged(chosen: Sequence[Candidate]) -> list[Quote]:
    """Put neighbours of one passage together, in the order of the text; else keep best first."""
    groups: dict[int, list[Span]] = {}
    for candidate in chosen:
        groups.setdefault(candidate.sentence.hit.number, []).append(candidate.sentence.span)
    quotes = []
    for candidate in chosen:
        spans = groups.pop(candidate.sentence.hit.number, None)
        if spans:
            passage = candidate.sentence.hit.passage
            quotes += [Quote(passage.document_id, span) for span in _adjacent(sorted(spans))]
    return quotes


def _adjacent(spans: Sequence[Span]) -> list[Span]:
    merged = [spans[0]]
    for span in spans[1:]:
        if span.start == merged[-1].end:
            merged[-1] = Span(merged[-1].start, span.end)
        else:
            merged.append(span)
    return merged


def _joined(quotes: Sequence[Quote]) -> list[Quote]:
    """Join quotes that follow each other within one line."""
    joined: list[Quote] = []
    for quote in quotes:
        last = joined[-1] if joined else None
        if last and last.document_id == quote.document_id and last.span.end == quote.span.start:
            joined[-1] = Quote(quote.document_id, Span(last.span.start, quote.span.end))
        else:
            joined.append(quote)
    return joined
