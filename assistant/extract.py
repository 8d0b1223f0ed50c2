"""Evidence → its sentences, weighed as answers without a language model."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.aspects import asked_of, unstated
from assistant.candidates import Candidate, clause_of, statement
from assistant.definitions import defines, word_asked
from assistant.question import Query
from assistant.reader import Reader, reader
from assistant.signals import measure
from index.search import Hit, Searcher

POOL = 12  # hits whose sentences are weighed
_DEFINES = 5.0  # what the sentence gains that lays down what the word asked about means
_STATES = 1.0  # what a sentence gains that states the aspect asked for: who pays, where to apply
_TOPIC = 3.0  # what a sentence of the clause talked about before gains (difference of scores)


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
    if asked_of(query.own):
        scores = scores + _STATES * np.array(
            [not unstated(query.own, s.text) for s in measured.sentences], np.float64
        )
    value = measured.column("value")
    plain = by.scores(measured.without("value", "no_value", "bounds"))
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
    if not (topic and candidates):
        return list(candidates)
    clause = clause_of(topic[0])
    liked = [
        replace(c, score=c.score + _TOPIC, plain=c.plain + _TOPIC) if clause_of(c) == clause else c
        for c in candidates
    ]
    ranked = sorted(liked, key=lambda candidate: -candidate.score)
    # Where another clause is best even so, the talk has moved on, and nothing of it belongs there.
    return ranked if clause_of(ranked[0]) == clause else list(candidates)


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
            max(part.plain for part in statement(candidate, candidates))
            for candidate in candidates
            if candidate.holds_kind
        ),
        default=-math.inf,
    )
    return max(c.plain for c in candidates) - best_of_kind
