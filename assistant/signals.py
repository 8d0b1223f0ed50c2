"""What speaks for a sentence as the answer: one row of numbers for each sentence of the hits.

The numbers are plain measurements; how much each counts is learnt (``ranker.py``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from assistant.asked import Asked, bounds, expected, needs_value, suits
from assistant.question import Query, content, content_terms
from index.search import Hit, Searcher, Sentence
from index.tokens import fold, terms

Matrix = NDArray[np.float64]
Row = tuple[float, ...]

_LONGEST = 12  # characters of a common run that count
_PLAIN = re.compile(r"[^\w%]+")
_DEFINES = re.compile("是指|所称|系指")
_PURPOSE = re.compile("制定本|根据.{2,40}法")


@dataclass(frozen=True)
class Signals:
    """Measurements of one sentence; cosines are -1 to 1, shares 0 to 1.

    Attributes:
        dense: Cosine of the sentence with the question.
        whole: Cosine of its passage under its heading.
        best: Cosine of the best sentence of its passage.
        fused: Score of its passage in the search, over 10.
        words: BM25 of its passage, as a share of the best hit's.
        first: 1 for a sentence of the first hit.
        rank: 1 over the rank of its passage.
        overlap: Share, by rarity, of the question's content terms that it holds.
        pairs: The same of terms of two characters and more.
        passage: The same share of all terms held by its passage and headings.
        expanded: Share, by weight, of the policy terms for everyday words that it holds.
        run: Length of the longest run of characters shared with the question, over 12.
        part: Cosine of its best part between commas and semicolons with the question.
        last: Its cosine with the last part of the question: what is asked, behind the story.
        own_dense: Cosine with the question alone, without what it goes back to.
        own_overlap: ``overlap`` of the question alone.
        lead: ``overlap`` with the line that introduces its list, beyond its own.
        before: ``overlap`` of the sentence before it in the passage.
        after: ``overlap`` of the sentence after it.
        value: 1 if it, or the line that introduces its list, has the kind of value asked for.
        no_value: 1 if a value is asked for and it has none.
        bounds: 1 if a most or a least is asked for and it states one.
        suits: 1 if it is worded as the kind of question wants: who, where, may one, how.
        unsuited: 1 if the question is of such a kind and it is not.
        heading: 1 for a heading.
        introduces: 1 if it ends in a colon.
        short: 1 for fewer than 12 characters, less as it grows to 24.
        long: Length beyond 60 characters, over 200, at most 1.
        opening: 1 for the first sentence of its passage.
        defines: 1 if it says what a word means though no meaning is asked for.
        purpose: 1 for the sentence that says why a law was made.
    """

    dense: float
    whole: float
    best: float
    fused: float
    words: float
    first: float
    rank: float
    overlap: float
    pairs: float
    passage: float
    expanded: float
    run: float
    part: float
    last: float
    own_dense: float
    own_overlap: float
    lead: float
    before: float
    after: float
    value: float
    no_value: float
    bounds: float
    suits: float
    unsuited: float
    heading: float
    introduces: float
    short: float
    long: float
    opening: float
    defines: float
    purpose: float


NAMES = tuple(field.name for field in fields(Signals))


@dataclass(frozen=True)
class Measured:
    """The sentences of a question's hits with their signals, in the order of hits and text.

    Attributes:
        sentences: n of them.
        rows: (n, signals) float64, columns in the order of ``NAMES``.
    """

    sentences: tuple[Sentence, ...]
    rows: Matrix

    def without(self, *names: str) -> Matrix:
        """Return the rows with some signals at nought, (n, signals) float64."""
        rows = self.rows.copy()
        rows[:, [NAMES.index(name) for name in names]] = 0.0
        return rows

    def column(self, name: str) -> NDArray[np.float64]:
        """Return one signal of all sentences, (n,) float64."""
        found: NDArray[np.float64] = self.rows[:, NAMES.index(name)]
        return found


def measure(query: Query, hits: Sequence[Hit], searcher: Searcher) -> Measured:
    """Measure every sentence of the hits."""
    found = searcher.sentences(query.text, hits)
    own = found if query.own == query.text else searcher.sentences(query.own, hits)
    meter = _Meter(query, searcher, hits)
    rows = []
    for _, group in groupby(zip(found, own, strict=True), lambda pair: pair[0].hit.rank):
        rows += meter.passage(*zip(*group, strict=True))
    return Measured(tuple(found), np.array(rows, np.float64).reshape(-1, len(NAMES)))


class _Meter:
    """Measures the sentences of one question, passage by passage."""

    def __init__(self, query: Query, searcher: Searcher, hits: Sequence[Hit]) -> None:
        self._query, self._searcher = query, searcher
        self._wanted = wanted_terms(query.text, searcher)
        self._pairs = {term: w for term, w in self._wanted.items() if len(term) > 1}
        self._own = wanted_terms(query.own, searcher)
        self._expanded = {
            term: expansion.weight * searcher.rarity(term)
            for expansion in searcher.expansions(query.text)
            for term in terms(expansion.term)
            if len(term) > 1
        }
        self._plain = _PLAIN.sub("", content(query.text))
        self._value = expected(query.asked, query.own)
        self._wants_value = self._value is not None and needs_value(query.asked)
        self._words = max((hit.lexical for hit in hits), default=0.0) or 1.0

    def passage(self, found: Sequence[Sentence], own: Sequence[Sentence]) -> list[Row]:
        """Return a row for each sentence of one hit."""
        held = [frozenset(terms(sentence.text)) for sentence in found]
        overlaps = [_share(self._wanted, terms_) for terms_ in held]
        hit = found[0].hit
        shared = {
            "whole": found[0].whole,
            "best": max(sentence.dense for sentence in found),
            "fused": hit.score / 10,
            "words": hit.lexical / self._words,
            "first": hit.rank == 1,
            "rank": 1 / hit.rank,
            "passage": _share(self._wanted, self._searcher.terms_of(hit)),
        }
        rows = []
        for place, sentence in enumerate(found):
            near = {
                "own_dense": own[place].dense,
                "overlap": overlaps[place],
                "before": overlaps[place - 1] if place else 0.0,
                "after": overlaps[place + 1] if place + 1 < len(found) else 0.0,
                "opening": not place,
            }
            signals = Signals(**shared, **near, **self._alone(sentence, held[place]))
            rows.append(tuple(float(getattr(signals, name)) for name in NAMES))
        return rows

    def _alone(self, sentence: Sentence, held: frozenset[str]) -> dict[str, float]:
        text, asked = sentence.text, self._query.asked
        led = self._lead_in(sentence) + text
        valued = bool(self._value and self._value.search(led))
        suited = suits(asked, led)
        return {
            "dense": sentence.dense,
            "part": sentence.part,
            "last": sentence.last,
            "pairs": _share(self._pairs, held),
            "expanded": _share(self._expanded, held),
            "run": min(_LONGEST, longest_run(self._plain, _PLAIN.sub("", fold(text)))) / _LONGEST,
            "own_overlap": _share(self._own, held),
            "lead": _share(self._wanted, frozenset(terms(led))) - _share(self._wanted, held),
            "value": valued,
            "no_value": self._wants_value and not valued,
            "bounds": bounds(self._query.own, text),
            "suits": suited is True,
            "unsuited": suited is False,
            "heading": sentence.is_heading,
            "introduces": text.endswith(("：", ":")),
            "short": min(1.0, max(0.0, 2 - len(text) / 12)),
            "long": min(1.0, max(0.0, (len(text) - 60) / 200)),
            "defines": asked is not Asked.MEANING and bool(_DEFINES.search(text)),
            "purpose": bool(_PURPOSE.search(text)),
        }

    def _lead_in(self, sentence: Sentence) -> str:
        """Return the line that introduces the list in which a sentence stands, or nothing."""
        document = self._searcher.library.get(sentence.hit.passage.document_id)
        return sentence.lead.of(document.text) if sentence.lead else ""


def wanted_terms(question: str, searcher: Searcher) -> dict[str, float]:
    """Return the terms of a question's content and how much each tells, above 0.

    A question in English is represented by the Chinese words for its own, so far as there are any.
    """
    glossed = {
        term: gloss.weight * searcher.rarity(term)
        for gloss in searcher.glosses(question)
        for term in terms(gloss.term)
        if len(term) > 1
    }
    # Sorted, for the order of a set, and so the last digit of a sum, differs from run to run.
    return glossed or {term: searcher.rarity(term) for term in sorted(content_terms(question))}


def longest_run(one: str, other: str) -> int:
    """Return the length of the longest run of characters that two texts share."""
    length = 0
    while any(one[i : i + length + 1] in other for i in range(len(one) - length)):
        length += 1
    return length


def _share(weights: Mapping[str, float], held: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(w for term, w in weights.items() if term in held) / total if total else 0.0
