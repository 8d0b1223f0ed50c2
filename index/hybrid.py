"""Both sides as one ranking: words and everyday words by BM25, meaning by vectors."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.dense import DenseSide
from index.encode import Encoder, Vectors
from index.expand import Expansion, Glossary, Thesaurus
from index.fuse import fuse
from index.lexical import LexicalSide
from index.questions import QuestionSide
from index.tokens import terms

_CANDIDATES = 300  # passages taken from each side before they are scored by both
# Chosen on the development questions and on held-out everyday questions about other laws.
DENSE_WEIGHT = 0.67
FOREIGN_WEIGHT = 0.85  # where hardly a word of the question is known
QUESTION_WEIGHT = 1.0  # of a question's cosine beside that of the text
EXPANSION_WEIGHT = 0.6  # of a policy term beside the words of the question


@dataclass(frozen=True)
class Ranking:
    """Passages best first; all arrays are (n,) and in the same order.

    Attributes:
        numbers: Places of the passages in the index, int64.
        scores: Fused, float32.
        dense: Cosine of the passage's best vector, float32.
        lexical: BM25, float32.
    """

    numbers: NDArray[np.int64]
    scores: NDArray[np.float32]
    dense: NDArray[np.float32]
    lexical: NDArray[np.float32]


class Hybrid:
    """Ranks passages for a question."""

    def __init__(  # noqa: PLR0913 (what a question is compared with)
        self,
        dense: DenseSide,
        lexical: LexicalSide,
        encoder: Encoder,
        thesaurus: Thesaurus | None = None,
        glossary: Glossary | None = None,
        *,
        questions: QuestionSide | None = None,
    ) -> None:
        """Take both sides of the same passages, and what everyday and English words stand for.

        ``questions`` are those that a model wrote about some of the passages.
        """
        self._questions = questions
        self._dense, self._lexical, self._thesaurus = dense, lexical, thesaurus
        self._glossary = glossary
        self.query = lru_cache(maxsize=64)(lambda text: _encode(encoder, text))
        # An answer asks for them several times: of the question and of its parts.
        self.glosses = lru_cache(maxsize=64)(self._glosses)
        self.expansions = lru_cache(maxsize=64)(self._expansions)

    def rank(self, question: str, k: int, allowed: NDArray[np.int64] | None = None) -> Ranking:
        """Rank the passages that either side holds for good.

        Args:
            question: In any words.
            k: At most so many.
            allowed: Places of the passages to search in, int64; all unless given.
        """
        lexical = self.lexical_scores(question)
        query = self.query(question)
        numbers = self._candidates(query, lexical, allowed)
        dense = self._dense.score(query, numbers)
        likeness = self._likeness(query, numbers, dense)
        scores = fuse(likeness, lexical[numbers], self._dense_weight(question))
        order = np.argsort(-scores, kind="stable")[: max(0, k)]
        return Ranking(numbers[order], scores[order], dense[order], lexical[numbers][order])

    def _likeness(
        self, query: Vectors, numbers: NDArray[np.int64], dense: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return how near each passage is by its text or by a question about it: (n,) float32."""
        if self._questions is None:
            return dense
        asked = self._questions.score(query, numbers)
        return np.asarray(np.maximum(dense, np.float32(QUESTION_WEIGHT) * asked), np.float32)

    def _expansions(self, question: str) -> tuple[Expansion, ...]:
        """Return the documents' terms that the question's words stand for, nearest first."""
        found = self._thesaurus.expand(self.query(question)) if self._thesaurus else ()
        return (*found, *self.glosses(question))

    def _glosses(self, question: str) -> tuple[Expansion, ...]:
        """Return Chinese words for a question of which hardly a word is known, else nothing."""
        if self._glossary is None or not self._is_foreign(question):
            return ()
        return self._glossary.gloss(question, self._holds)

    def lexical_scores(self, question: str) -> NDArray[np.float32]:
        """Return BM25 of every passage for the question and its expansions: (n,) float32."""
        scores = self._lexical.scores(question)
        for expansion in self.expansions(question):
            weight = np.float32(EXPANSION_WEIGHT * expansion.weight)
            scores = scores + weight * self._lexical.scores(expansion.term)
        return scores

    def _dense_weight(self, question: str) -> float:
        """Words count for little where hardly one is known: a question in another language."""
        return FOREIGN_WEIGHT if self._is_foreign(question) else DENSE_WEIGHT

    def _is_foreign(self, question: str) -> bool:
        return self._lexical.known_share(question) < 0.5

    def _holds(self, piece: str) -> bool:
        return all(map(self._lexical.knows, terms(piece)))

    def _candidates(
        self,
        query: Vectors,
        lexical: NDArray[np.float32],
        allowed: NDArray[np.int64] | None,
    ) -> NDArray[np.int64]:
        near = self._dense.nearest(query, _CANDIDATES, allowed)
        if self._questions is not None:
            near = np.union1d(near, self._questions.nearest(query, _CANDIDATES, allowed))
        pool = np.arange(len(lexical), dtype=np.int64) if allowed is None else allowed
        if len(pool) > _CANDIDATES:
            pool = pool[np.argpartition(-lexical[pool], _CANDIDATES)[:_CANDIDATES]]
        return np.union1d(near, pool)


def _encode(encoder: Encoder, text: str) -> Vectors:
    vector: Vectors = encoder.encode_query([text])[0]
    return vector
