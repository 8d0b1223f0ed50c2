"""Figures of an encoder: retrieval by vectors, by words, and by both, over the test sets."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from index.training.batches import encode
from index.training.benchmarks import TestSet

Scores = npt.NDArray[np.float32]

SENTENCE = re.compile(r"[^。！？；!?;\n]+[。！？；!?;\n]*")


@dataclass(frozen=True)
class Figures:
    """Recall of the ways to search, at the asked depths.

    Attributes:
        name: Of the test set.
        questions: How many there are.
        recall: Way → depth → share of the gold units found, averaged over questions.
    """

    name: str
    questions: int
    recall: dict[str, dict[int, float]]

    def line(self) -> str:
        """Return the figures as one line of text."""
        ways = (
            f"{way} " + " / ".join(f"{value:.3f}" for value in depths.values())
            for way, depths in self.recall.items()
        )
        depths = " / ".join(f"@{depth}" for depth in next(iter(self.recall.values())))
        return f"{self.name} ({self.questions}, {depths}): " + "; ".join(ways)


class Static:
    """A tokenizer and its table of vectors.

    Args:
        tokenizer: Its id 0 is the unknown piece.
        table: (vocabulary, dimension) floating point.
    """

    def __init__(self, tokenizer: Tokenizer, table: npt.NDArray[np.floating]) -> None:
        self.tokenizer = tokenizer
        self.table = table.astype(np.float32)

    def __call__(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return (n, dimension) float32 vectors of length 1, or 0 for a text without tokens."""
        return self.pooled(count_matrix(encode(self.tokenizer, texts), len(self.table)))

    def pooled(self, counts: sparse.csr_matrix) -> npt.NDArray[np.float32]:
        """Return the unit vectors of texts given as (n, vocabulary) token counts."""
        sums = np.asarray(counts @ self.table, np.float32)
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        unit: npt.NDArray[np.float32] = sums / np.maximum(lengths, 1e-12)
        return unit


def count_matrix(rows: Sequence[npt.NDArray[np.int32]], width: int) -> sparse.csr_matrix:
    """Return (n, width) float32 counts of the ids in each row."""
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    ids = np.concatenate([*rows, np.zeros(0, np.int32)])
    counts = sparse.csr_matrix((np.ones(len(ids), np.float32), ids, starts), (len(rows), width))
    counts.sum_duplicates()
    return counts


def terms(text: str) -> list[str]:
    """Return the words, characters and pairs of neighbouring characters of a text."""
    found = re.findall(r"[a-z0-9]+|[一-鿿]+", text.lower())
    pairs = [run[i : i + 2] for run in found if run[0] > "z" for i in range(len(run) - 1)]
    return [t for run in found for t in (run if run[0] > "z" else [run])] + pairs


def bm25(
    questions: Sequence[str], passages: Sequence[str], k1: float = 1.5, b: float = 0.75
) -> Scores:
    """Return (questions, passages) float32 scores of BM25 (Lucene's variant)."""
    known: dict[str, int] = {}
    rows = [
        np.array([known.setdefault(t, len(known)) for t in terms(p)], np.int32) for p in passages
    ]
    counts = count_matrix(rows, len(known))
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    found = np.bincount(counts.indices, minlength=len(known))
    idf = np.log1p((len(rows) - found + 0.5) / (found + 0.5))
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    weights = counts.data / (counts.data + np.repeat(norm, np.diff(counts.indptr)))
    weighted = sparse.csr_matrix(
        (weights * idf[counts.indices], counts.indices, counts.indptr), counts.shape
    )
    asked = [np.array([known[t] for t in terms(q) if t in known], np.int32) for q in questions]
    return np.asarray((count_matrix(asked, len(known)) @ weighted.T).todense(), np.float32)


def z_scores(scores: Scores) -> Scores:
    """Return the scores of each question with mean 0 and deviation 1 over the passages."""
    spread = scores.std(axis=1, keepdims=True)
    centred: Scores = (scores - scores.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-9)
    return centred


Encoder = Callable[[Sequence[str]], npt.NDArray[np.float32]]


def dense(encoder: Encoder, test: TestSet, by_sentence: bool) -> Scores:
    """Return (questions, passages) cosines; of the best sentence or the whole, if asked for."""
    queries = encoder(test.questions)
    scores: Scores = queries @ encoder(test.passages).T
    if by_sentence:
        split = [SENTENCE.findall(passage) or [passage] for passage in test.passages]
        starts = np.concatenate([[0], np.cumsum([len(parts) for parts in split])[:-1]])
        parts = queries @ encoder([part for parts in split for part in parts]).T
        scores = np.maximum(scores, np.maximum.reduceat(parts, starts, axis=1))
    return scores


def recall(scores: Scores, test: TestSet, depths: Sequence[int]) -> dict[int, float]:
    """Return depth → mean share of a question's gold units among the best ``depth``.

    With one gold unit, or at depth 1, a question counts as 1 when any gold unit is found first.
    """
    units = np.full((len(scores), max(test.groups) + 1), -np.inf, np.float32)
    for passage, unit in enumerate(test.groups):
        np.maximum(units[:, unit], scores[:, passage], out=units[:, unit])
    top = np.argsort(-units, axis=1, kind="stable")[:, : max(depths)]
    shares = dict.fromkeys(depths, 0.0)
    for gold, row in zip(test.gold, top, strict=True):
        for depth in depths:
            shares[depth] += len(gold & set(row[:depth].tolist())) / min(len(gold), depth)
    return {depth: total / len(scores) for depth, total in shares.items()}


def figures(
    encoder: Encoder,
    test: TestSet,
    depths: Sequence[int] = (1, 5),
    lexical: Scores | None = None,
    by_sentence: bool = True,
) -> Figures:
    """Return the recall of vectors, words and both on a test set.

    Args:
        encoder: texts → (n, d) float32 unit vectors.
        test: Questions and passages.
        depths: How many of the best are looked at.
        lexical: ``bm25`` of the test set where it is known already.
        by_sentence: Score a passage by its best sentence or the whole of it.
    """
    words = bm25(test.questions, test.passages) if lexical is None else lexical
    vectors = dense(encoder, test, by_sentence)
    dense_z, words_z = z_scores(vectors), z_scores(words)
    ways = {
        "dense": vectors,
        "bm25": words,
        "sum": dense_z + words_z,
        "sum, vectors ×4": 4 * dense_z + words_z,
    }
    return Figures(
        test.name,
        len(test.questions),
        {way: recall(scores, test, depths) for way, scores in ways.items()},
    )
