"""BM25 over characters and pairs of characters (``bm25s``)."""

import math
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
from numpy.typing import NDArray

from index.tokens import terms

_NAMES = {
    "data_name": "lexical-data.npy",
    "indices_name": "lexical-indices.npy",
    "indptr_name": "lexical-indptr.npy",
    "vocab_name": "lexical-vocabulary.json",
    "params_name": "lexical-parameters.json",
}
FILES = tuple(_NAMES.values())


class LexicalSide:
    """BM25 as Lucene computes it (Robertson and Zaragoza, 2009; k1 1.2, b 0.6)."""

    def __init__(self, model: bm25s.BM25, count: int) -> None:
        self._model = model
        self._count = count

    @classmethod
    def from_texts(cls, texts: Sequence[str]) -> "LexicalSide":
        """Index texts, one for each passage, in order.

        Raises:
            ValueError: There are none.
        """
        if not texts:
            raise ValueError("no texts to index")
        model = bm25s.BM25(method="lucene", k1=1.2, b=0.6, auto_compile=False)
        model.index([terms(text) or [""] for text in texts], show_progress=False)
        return cls(model, len(texts))

    @classmethod
    def load(cls, directory: Path, count: int) -> "LexicalSide":
        """Load what ``save`` wrote.

        Raises:
            ValueError: The files do not fit together or do not hold ``count`` passages.
        """
        model = bm25s.BM25.load(directory, show_progress=False, auto_compile=False, **_NAMES)
        if model.scores["num_docs"] != count:
            raise ValueError(f"{model.scores['num_docs']} texts for {count} passages")
        return cls(model, count)

    def save(self, directory: Path) -> None:
        """Write the files named by ``FILES``."""
        self._model.save(directory, show_progress=False, **_NAMES)

    def scores(self, query: str) -> NDArray[np.float32]:
        """Score every passage.

        Returns:
            (count,) float32, at least 0; all zeros if no term of the query is known.
        """
        known = [term for term in terms(query) if term in self._model.vocab_dict]
        if not known:
            return np.zeros(self._count, np.float32)
        return np.asarray(self._model.get_scores(known), np.float32)

    def rarity(self, term: str) -> float:
        """Return a term's inverse document frequency, above 0; an unknown one counts as in one.

        Source: Robertson and Zaragoza, 2009, with Lucene's +1 inside the logarithm.
        """
        token = self._model.vocab_dict.get(term)
        starts = self._model.scores["indptr"]
        frequency = 1 if token is None else int(starts[token + 1] - starts[token])
        return math.log(1 + (self._count - frequency + 0.5) / (frequency + 0.5))

    def pairs(self) -> dict[str, int]:
        """Return the pairs of Chinese characters → the number of texts that hold them."""
        starts = self._model.scores["indptr"]
        return {
            term: int(starts[token + 1] - starts[token])
            for term, token in self._model.vocab_dict.items()
            if len(term) == 2 and "\u3400" <= term[0] <= "\u9fff"
        }

    def known_share(self, query: str) -> float:
        """Return the share of a query's terms that any text holds, 0 to 1; 1 for no terms."""
        found = terms(query)
        return sum(map(self.knows, found)) / len(found) if found else 1.0

    def knows(self, term: str) -> bool:
        """Say whether any text holds a term."""
        return term in self._model.vocab_dict
