"""``Searcher.search(question, k) → list[Hit]``: how a question finds passages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.model import Passage
from corpus.store import Library
from index.address import Lookup, Place, look_up
from index.encode import Encoder
from index.fuse import fuse
from index.published import PublishedIndex

_CANDIDATES = 300  # passages taken from each side before they are scored by both
DENSE_WEIGHT = 0.5


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    Attributes:
        passage: What was found.
        rank: From 1, best first.
        score: Sum of z-scores of both sides; higher is better, 0 is an average candidate.
        dense: Cosine of the passage's best vector, -1 to 1.
        lexical: BM25, at least 0.
    """

    passage: Passage
    rank: int
    score: float
    dense: float
    lexical: float


class Searcher:
    """The one public face of an index."""

    def __init__(self, published: PublishedIndex, encoder: Encoder) -> None:
        self._index = published
        self._encoder = encoder

    @property
    def library(self) -> Library:
        """The documents that can be found."""
        return self._index.library

    @property
    def encoder_id(self) -> str:
        """Name of the encoder."""
        return self._encoder.id

    def search(
        self,
        question: str,
        k: int = 8,
        documents: Sequence[str] | None = None,
        places: Sequence[Place] = (),
    ) -> list[Hit]:
        """Find the passages that speak of what a question asks.

        Args:
            question: In any words.
            k: At most so many hits.
            documents: Ids to search in; all unless given.
            places: Clauses to search in; everywhere unless given.

        Returns:
            Best first, ranks from 1. Empty if nothing may be searched.
        """
        allowed = self._allowed(documents, places)
        query = self._encoder.encode_query([question])[0]
        lexical = self._index.lexical.scores(question)
        candidates = self._candidates(query, lexical, allowed)
        if not candidates.size:
            return []
        dense = self._index.dense.score(query, candidates)
        scores = fuse(dense, lexical[candidates], DENSE_WEIGHT)
        order = np.argsort(-scores, kind="stable")[:k]
        return [
            Hit(
                self._index.passages[candidates[i]],
                rank,
                float(scores[i]),
                float(dense[i]),
                float(lexical[candidates[i]]),
            )
            for rank, i in enumerate(order.tolist(), 1)
        ]

    def look_up(self, question: str, documents: Sequence[str] | None = None) -> Lookup | None:
        """Follow the clause numbers that a question names; ``None`` if it names none."""
        return look_up(question, self.library, documents)

    def similarity(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the cosine of a question with each text: (n,) float32."""
        if not texts:
            return np.zeros(0, np.float32)
        query = self._encoder.encode_query([question])[0]
        return np.asarray(self._encoder.encode_document(texts) @ query, np.float32)

    def _allowed(
        self, documents: Sequence[str] | None, places: Sequence[Place]
    ) -> NDArray[np.int64] | None:
        if documents is None and not places:
            return None
        for document_id in documents or ():
            self.library.get(document_id)  # raises UnknownDocument
        return np.array(
            [
                number
                for number, passage in enumerate(self._index.passages)
                if (documents is None or passage.document_id in documents)
                and (not places or any(_overlaps(place, passage) for place in places))
            ],
            np.int64,
        )

    def _candidates(
        self,
        query: NDArray[np.float32],
        lexical: NDArray[np.float32],
        allowed: NDArray[np.int64] | None,
    ) -> NDArray[np.int64]:
        near = self._index.dense.nearest(query, _CANDIDATES, allowed)
        pool = np.arange(len(lexical)) if allowed is None else allowed
        if len(pool) > _CANDIDATES:
            pool = pool[np.argpartition(-lexical[pool], _CANDIDATES)[:_CANDIDATES]]
        return np.union1d(near, pool)


def _overlaps(place: Place, passage: Passage) -> bool:
    return place.document_id == passage.document_id and any(
        span.start < passage.span.end and passage.span.start < span.end for span in place.spans
    )


