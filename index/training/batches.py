"""Batches: texts as token ids, and the streams that draw queries and passages from them.

A stream is asked again and again for a batch of one kind. Batches of one kind are harder than
mixed ones, since their passages cannot be told apart by the field they come from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from index.training.data import Pair

Ids = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]

SEGMENT = re.compile(r"[^，,；;。！？!?：:\n]+[，,；;。！？!?：:\n]*")


class Ragged:
    """Rows of token ids of unequal length, kept in one flat array.

    Attributes:
        flat: (total,) int32, all rows one after the other.
        starts: (n + 1,) int64, row ``i`` is ``flat[starts[i]:starts[i + 1]]``.
    """

    def __init__(self, rows: Sequence[Ids]) -> None:
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        self.starts = np.concatenate([[0], np.cumsum(lengths)])
        self.flat: Ids = np.concatenate([*rows, np.zeros(0, np.int32)]).astype(np.int32)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> Ids:
        return self.flat[self.starts[row] : self.starts[row + 1]]

    def owners(self) -> Keys:
        """Return (total,) int64: the row that each token belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))


@dataclass(frozen=True)
class Batch:
    """Queries and passages; the passage of query ``i`` is passage ``i``.

    Attributes:
        queries: b rows.
        passages: at least b rows; those after the b-th are negatives for every query.
        query_keys: (b,) int64, equal for equal queries.
        passage_keys: (rows of passages,) int64, equal for equal passages.
    """

    queries: Ragged
    passages: Ragged
    query_keys: Keys
    passage_keys: Keys


class Stream(Protocol):
    """An endless supply of batches of one kind."""

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Return a batch of at most ``size`` queries."""
        ...

    def skip(self, size: int, rng: np.random.Generator) -> None:
        """Pass over what ``batch`` would return."""
        ...


def encode(tokenizer: Tokenizer, texts: Sequence[str], chunk: int = 4096) -> list[Ids]:
    """Return the token ids of each text, unknown pieces (id 0) left out."""
    rows: list[Ids] = []
    for start in range(0, len(texts), chunk):
        encodings = tokenizer.encode_batch_fast(list(texts[start : start + chunk]))
        rows.extend(np.array([i for i in e.ids if i], np.int32) for e in encodings)
    return rows


def number(texts: Iterable[str]) -> Keys:
    """Return (n,) int64: the same number for the same text, counted from 0 in order met."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(text, len(known)) for text in texts], np.int64)


class Shuffled:
    """Row numbers in random order, starting over when all have been drawn.

    Args:
        count: How many rows there are.
        block: So many neighbouring rows stay together.
    """

    def __init__(self, count: int, block: int = 1) -> None:
        self.count = count
        self.block = block
        self.left: Keys = np.zeros(0, np.int64)

    def draw(self, size: int, rng: np.random.Generator) -> Keys:
        """Return (min(size, count),) distinct row numbers."""
        size = min(size, self.count)
        if len(self.left) < size:
            blocks = rng.permutation(-(-self.count // self.block))
            every = (blocks[:, None] * self.block + np.arange(self.block)).ravel()
            self.left = every[every < self.count]
        drawn, self.left = self.left[:size], self.left[size:]
        return drawn


class PairStream:
    """Batches of given question → passage pairs, their own and pooled negatives appended.

    Args:
        tokenizer: Cuts the texts.
        pairs: What is drawn from.
        pool: Texts of which as many are added to each batch as it has pairs, as negatives.
        window: Longest passage, in tokens; of a longer one a random stretch is taken.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        pairs: Sequence[Pair],
        pool: Sequence[str] = (),
        window: int = 160,
    ) -> None:
        self.window = window
        negatives = [pair.negative for pair in pairs]
        self.negative_rows = [row for row, negative in enumerate(negatives) if negative]
        self.count = len(pairs)
        texts = [*(pair.passage for pair in pairs), *negatives, *pool]
        self.queries = encode(tokenizer, [pair.query for pair in pairs])
        self.texts = encode(tokenizer, texts)
        self.query_keys = number(pair.query for pair in pairs)
        self.text_keys = number(texts)
        self.order = Shuffled(len(pairs))

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Return the next ``size`` pairs of a random order."""
        rows = self.order.draw(size, rng)
        own = rows[np.isin(rows, self.negative_rows)] + self.count
        pooled = len(self.texts) - 2 * self.count
        drawn = rng.choice(pooled, min(len(rows), pooled), replace=False) + 2 * self.count
        texts = np.concatenate([rows, own, drawn])
        return Batch(
            Ragged([self.queries[row] for row in rows]),
            Ragged([cut(self.texts[row], self.window, rng) for row in texts]),
            self.query_keys[rows],
            self.text_keys[texts],
        )

    def skip(self, size: int, rng: np.random.Generator) -> None:
        """Pass over the next batch."""
        self.order.draw(size, rng)


def cut(ids: Ids, window: int, rng: np.random.Generator) -> Ids:
    """Return ``window`` consecutive ids from a random place, or all of a shorter row."""
    if len(ids) <= window:
        return ids
    start = int(rng.integers(len(ids) - window + 1))
    return ids[start : start + window]


class TextStream:
    """Batches cut from plain text: a query is a part of a text, its passage is the rest.

    Args:
        tokenizer: Cuts the texts.
        texts: What is drawn from; those of one segment are left out.
        block: So many neighbouring texts share a batch: of one document, they are the harder
            negatives.
        window: Longest passage, in tokens.
    """

    def __init__(
        self, tokenizer: Tokenizer, texts: Sequence[str], block: int = 1, window: int = 160
    ) -> None:
        self.window = window
        split = [SEGMENT.findall(text) for text in texts]
        split = [parts for parts in split if len(parts) > 1]
        self.segments = Ragged(encode(tokenizer, [part for parts in split for part in parts]))
        counts = np.array([len(parts) for parts in split], np.int64)
        self.texts = np.concatenate([[0], np.cumsum(counts)])
        self.order = Shuffled(len(split), block)

    def batch(self, size: int, rng: np.random.Generator) -> Batch:
        """Return ``size`` texts, each with a query of one to three segments taken out."""
        rows = self.order.draw(size, rng)
        drawn = [self.divide(int(row), rng) for row in rows]
        keys = rows.astype(np.int64)
        return Batch(Ragged([q for q, _ in drawn]), Ragged([p for _, p in drawn]), keys, keys)

    def skip(self, size: int, rng: np.random.Generator) -> None:
        """Pass over the next batch."""
        self.order.draw(size, rng)

    def divide(self, row: int, rng: np.random.Generator) -> tuple[Ids, Ids]:
        """Cut one text into a query and the text around it, at most ``window`` tokens."""
        first, last = int(self.texts[row]), int(self.texts[row + 1])
        length = min(int(rng.integers(1, 4)), last - first - 1)
        start = first + int(rng.integers(last - first - length + 1))
        bounds = self.segments.starts
        left, right = int(bounds[start]), int(bounds[start + length])
        # The window stays near the query: far sentences of a long text are about something else.
        low = max(int(bounds[first]), left - int(rng.integers(self.window + 1)))
        high = min(int(bounds[last]), right + self.window - (left - low))
        flat = self.segments.flat
        return flat[left:right], np.concatenate([flat[low:left], flat[right:high]])
