"""Evidence → answer without a language model: the fewest of its own sentences that answer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.asked import Asked
from assistant.definitions import defines, word_asked
from assistant.question import Query
from assistant.quotes import MAX_ANSWER, Quote, leads
from assistant.reader import Reader, reader
from assistant.shorten import shorten
from assistant.signals import measure
from corpus.model import Span
from corpus.passages import sentences
from corpus.store import Library
from index.search import Hit, Searcher, Sentence

POOL = 12  # hits whose sentences are weighed
# How far behind the best sentence another may be and still be added (difference of scores). Of 707
# labelled questions, each document by a fit on the others, .890 were answered rightly so, with
# .878 of the citations in a right clause; with 2.0 and 1.5 .887 and .874, with 2.0 and 1.0 .875 and
# .882 (the last with ``_BESIDE_OTHERS`` 1.0).
SAME_CLAUSE, OTHER_CLAUSE = 2.5, 1.25
# The same, within a paragraph, in an answer to several things asked: of 50 such questions .90 were
# answered rightly so, with 1.0 .86.
_BESIDE_OTHERS = 2.0
_DEFINES = 5.0  # what the sentence gains that lays down what the word asked about means
_TOPIC = 3.0  # what a sentence of the clause talked about before gains (difference of scores)
_ENDS = tuple("。；：！？.;:!?”）)")  # a letterhead has none
_SEMICOLONS = ("；", ";")
_MOST = 4  # sentences
_BETWEEN = 5  # characters between two quotes: a line break, and of items their number
_MOST_OF_PART = 3  # sentences for each of several things asked


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, with what speaks for it.

    ``score`` is a log-odds; ``plain`` is the same but for the kind of value that is asked for;
    ``overlap`` is the share, by rarity, of the question's content terms that it holds, 0 to 1;
    ``holds_kind`` whether it has that kind of value.
    """

    sentence: Sentence
    score: float
    plain: float
    overlap: float
    holds_kind: bool


def weigh(
    query: Query, hits: Sequence[Hit], searcher: Searcher, by: Reader | None = None
) -> list[Candidate]:
    """Score the sentences of hits.

    Returns:
        Best first.
    """
    by = by or reader()
    measured = measure(query, hits, searcher)
    scores = by.scores(measured.rows)
    if word := word_asked(query.own):
        scores = scores + _DEFINES * np.array([defines(s.text, word) for s in measured.sentences])
    value, missing = measured.column("value"), measured.column("no_value")
    plain = scores - by.weight("value") * value - by.weight("no_value") * missing
    columns = (scores, plain, measured.column("overlap"), value)
    rows = zip(measured.sentences, *(column.tolist() for column in columns), strict=True)
    found = [Candidate(s, score, bare, share, bool(v)) for s, score, bare, share, v in rows]
    return sorted(found, key=lambda candidate: -candidate.score)


def toward(candidates: Sequence[Candidate], topic: Sequence[Candidate]) -> list[Candidate]:
    """Prefer the clause that an earlier question was about.

    Of 27 labelled questions that go on with a topic without saying so, 23 instead of 20 are then
    answered first by the right sentence; of 201 that begin another topic, as many as before.

    Args:
        candidates: Of a question that may go on.
        topic: Of the earlier question, best first.

    Returns:
        Best first.
    """
    if not topic:
        return list(candidates)
    clause = _clause(topic[0])
    liked = [
        replace(c, score=c.score + _TOPIC, plain=c.plain + _TOPIC) if _clause(c) == clause else c
        for c in candidates
    ]
    return sorted(liked, key=lambda candidate: -candidate.score)


def _clause(candidate: Candidate) -> tuple[str, tuple[str, ...]]:
    passage = candidate.sentence.hit.passage
    return passage.document_id, passage.address.path


def rerank(hits: Sequence[Hit], candidates: Sequence[Candidate], count: int) -> list[Hit]:
    """Put hits in the order of their best sentences, ranks and scores anew.

    Args:
        hits: In any order.
        candidates: All their sentences, in any order.
        count: At most so many are kept.
    """
    best: dict[int, float] = {}
    for candidate in candidates:
        number = candidate.sentence.hit.number
        best[number] = max(candidate.score, best.get(number, -math.inf))
    held = [hit for hit in hits if hit.number in best]
    ordered = sorted(held, key=lambda hit: -best[hit.number])[:count]
    return [replace(hit, rank=n, score=best[hit.number]) for n, hit in enumerate(ordered, 1)]


def behind(candidates: Sequence[Candidate]) -> float:
    """Return how far the best candidate of the kind asked for scores behind the best of all.

    What semicolons join is one statement: a fine stands in another part of it than the offence.

    Args:
        candidates: At least one.

    Returns:
        A difference of plain scores, at least 0; infinite if none is of the kind.
    """
    best_of_kind = max(
        (
            max(part.plain for part in _statement(candidate, candidates))
            for candidate in candidates
            if candidate.holds_kind
        ),
        default=-math.inf,
    )
    return max(c.plain for c in candidates) - best_of_kind


def choose(
    ranked: Sequence[Sequence[Candidate]],
    wanted: Mapping[str, float] | None = None,
    limit: int = MAX_ANSWER,
) -> list[Quote]:
    """Choose the fewest sentences that answer.

    One sentence is the rule; a second must be nearly as good, less so in the same clause; a
    question of several things takes the best of each.

    Args:
        ranked: For each part of the question its candidates, best first.
        wanted: Terms of the question and how much each tells, by which a long sentence is cut.
        limit: Most characters of the answer.

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
    return _in_order(_with_alternatives(chosen, everything, limit), limit)


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
    spans, own = _spans(chosen), candidate.sentence.span
    return not chosen or (own not in spans and _length([*spans, own]) <= limit)


def _worth_adding(candidate: Candidate, best: Candidate, *, alone: bool) -> bool:
    if not alone:  # beside the answers to other parts there is room for the nearest only
        same = candidate.sentence.hit.number == best.sentence.hit.number
        return same and candidate.score >= best.score - _BESIDE_OTHERS
    near = _clause(candidate) == _clause(best)
    margin = SAME_CLAUSE if near else OTHER_CLAUSE
    states = near or candidate.sentence.text.endswith(_ENDS)
    return candidate.score >= best.score - margin and states and not candidate.sentence.is_heading


def _with_alternatives(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate], limit: int
) -> list[Candidate]:
    """Add what a semicolon joins to a chosen sentence: one case of several misleads alone."""
    out = list(chosen)
    for candidate in chosen:
        statement = _statement(candidate, candidates)
        joined = [c for c in statement if c.sentence.span not in _spans(out)]
        if _length(_spans([*out, *joined])) <= limit:
            out += joined
    return out


def _statement(candidate: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return a candidate with those that semicolons join to it, up to a full stop, in order."""
    number = candidate.sentence.hit.number
    own = sorted(
        {c.sentence.span: c for c in candidates if c.sentence.hit.number == number}.values(),
        key=lambda c: c.sentence.span,
    )
    at = next((i for i, c in enumerate(own) if c.sentence.span == candidate.sentence.span), None)
    if at is None:  # it was cut short
        return [candidate]
    first, last = at, at
    while first and own[first - 1].sentence.text.endswith(_SEMICOLONS):
        first -= 1
    while last + 1 < len(own) and own[last].sentence.text.endswith(_SEMICOLONS):
        last += 1
    return list(own[first : last + 1])


def _spans(candidates: Sequence[Candidate]) -> list[Span]:
    return [candidate.sentence.span for candidate in candidates]


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
    room = limit - _length(_spans(chosen))
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
