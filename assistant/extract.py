"""Evidence → answer without a language model: the fewest of its own sentences that answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.asked import Asked, expected
from assistant.question import Query, content_terms
from assistant.quotes import MAX_ANSWER, Quote, leads
from corpus.model import Span
from corpus.passages import sentences
from corpus.store import Library
from index.search import Hit, Searcher, Sentence
from index.tokens import terms

_POOL = 6  # hits whose sentences are weighed
# How far behind the best sentence another may be and still be added (difference of scores).
SAME_PASSAGE, OTHER_PASSAGE = 0.5, 0.2
_SEMICOLONS = ("；", ";")
_MOST_OF_PART = 2  # sentences for each of several things asked


@dataclass(frozen=True)
class Weights:
    """What a sentence's score is made of; fitted on the development half of the question set."""

    overlap: float = 1.0
    dense: float = 1.0
    passage: float = 0.15
    expected: float = 0.25
    heading: float = -0.3
    expansion: float = 0.6


WEIGHTS = Weights()


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


def weigh(
    query: Query,
    hits: Sequence[Hit],
    searcher: Searcher,
    weights: Weights = WEIGHTS,
) -> list[Candidate]:
    """Score the sentences of the best hits.

    Returns:
        Best first.
    """
    wanted = {term: searcher.rarity(term) for term in content_terms(query.text)}
    total = sum(wanted.values()) or 1.0
    for expansion in searcher.expansions(query.text):
        for term in set(terms(expansion.term)) - wanted.keys():
            wanted[term] = weights.expansion * expansion.weight * searcher.rarity(term)
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


def behind(candidates: Sequence[Candidate], weights: Weights = WEIGHTS) -> float:
    """Return how far the best candidate of the kind asked for scores behind the best of all.

    Args:
        candidates: At least one.
        weights: What they were weighed with: the reward for the kind itself is left out.

    Returns:
        A difference of scores, at least 0; infinite if none is of the kind.
    """
    plain = [(c.score - weights.expected * c.holds_kind, c.holds_kind) for c in candidates]
    best_of_kind = max((score for score, holds in plain if holds), default=-math.inf)
    return max(score for score, _ in plain) - best_of_kind


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
    for candidates, best in zip(ranked, tuple(chosen), strict=False):
        most = len(chosen) + (_most(query) if len(ranked) == 1 else _MOST_OF_PART) - 1
        for candidate in candidates:
            close = _worth_adding(candidate, best, alone=len(ranked) == 1)
            if close and len(chosen) < most and _fits(candidate, chosen):
                chosen.append(candidate)
    everything = [candidate for candidates in ranked for candidate in candidates]
    chosen = _with_lead_ins(chosen, everything)
    return _in_order(_with_alternatives(chosen, everything))


def enumerated(query: Query, best: Candidate, library: Library) -> list[Quote]:
    """Answer a question for a list by the sentences that head a clause's paragraphs.

    Returns:
        The sentence that introduces them, if the best is in its paragraph, and the heads; nothing
        if the clause has none, or the best sentence neither introduces nor heads them.
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
    return heads if sum(len(quote.span) for quote in heads) <= MAX_ANSWER else []


def _most(query: Query) -> int:
    return 3 if query.asked in (Asked.LIST, Asked.HOW) else 2


def _fits(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Say whether a candidate is new and leaves the answer short enough; the first always is."""
    spans = [c.sentence.span for c in chosen]
    room = MAX_ANSWER - sum(map(len, spans))
    return not chosen or (
        candidate.sentence.span not in spans and len(candidate.sentence.span) <= room
    )


def _worth_adding(candidate: Candidate, best: Candidate, *, alone: bool) -> bool:
    same = candidate.sentence.hit.number == best.sentence.hit.number
    if not alone:  # beside the answers to other parts there is room for the nearest only
        return same and candidate.score >= best.score - OTHER_PASSAGE
    margin = SAME_PASSAGE if same else OTHER_PASSAGE
    return candidate.score >= best.score - margin and not _is_heading(candidate.sentence)


def _is_heading(sentence: Sentence) -> bool:
    own = sentence.hit.passage.address.path[-1]
    return len(sentence.text) <= 45 and sentence.text.rstrip("。") in own


def _with_lead_ins(chosen: Sequence[Candidate], candidates: Sequence[Candidate]) -> list[Candidate]:
    """Put before an item the sentence that introduces its list: alone it would mean nothing."""
    out: list[Candidate] = []
    for candidate in chosen:
        own = [c for c in candidates if c.sentence.hit.number == candidate.sentence.hit.number]
        first = min(own, key=lambda c: c.sentence.span, default=candidate)
        introduces = first.sentence.text.endswith(("：", ":"))
        if introduces and first not in (*chosen, *out) and _fits(first, [*chosen, *out]):
            out.append(first)
        out.append(candidate)
    return out


def _with_alternatives(
    chosen: Sequence[Candidate], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Add what a semicolon joins to a chosen sentence: one case of several misleads alone."""
    out = list(chosen)
    for candidate in chosen:
        own = sorted(
            {
                c.sentence.span: c
                for c in candidates
                if c.sentence.hit.number == candidate.sentence.hit.number
            }.values(),
            key=lambda c: c.sentence.span,
        )
        joined = [c for c in _joined(candidate, own) if c.sentence.span not in _spans(out)]
        if sum(len(span) for span in _spans([*out, *joined])) <= MAX_ANSWER:
            out += joined
    return out


def _joined(candidate: Candidate, own: Sequence[Candidate]) -> list[Candidate]:
    """Return the run of sentences around one that end in semicolons, up to a full stop."""
    at = next(i for i, c in enumerate(own) if c.sentence.span == candidate.sentence.span)
    first, last = at, at
    while first and own[first - 1].sentence.text.endswith(_SEMICOLONS):
        first -= 1
    while last + 1 < len(own) and own[last].sentence.text.endswith(_SEMICOLONS):
        last += 1
    return list(own[first : last + 1])


def _spans(candidates: Sequence[Candidate]) -> list[Span]:
    return [candidate.sentence.span for candidate in candidates]


def _in_order(chosen: Sequence[Candidate]) -> list[Quote]:
    """Put sentences of one passage together in the order of the text; passages stay best first."""
    passages = list(dict.fromkeys(candidate.sentence.hit.number for candidate in chosen))
    ordered = sorted(chosen, key=lambda c: (passages.index(c.sentence.hit.number), c.sentence.span))
    return [Quote(c.sentence.hit.passage.document_id, c.sentence.span) for c in ordered]
