"""Everyday words → policy terms: what 绿卡 and 坐月子的钱 are called in a document.

A question is compared with everyday expressions written by hand (``training/everyday/``); the
policy terms of the nearest join it on the lexical side, which alone could not know them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.dense import cosines
from index.encode import Encoder

FOLDER = Path(__file__).parent / "training" / "everyday"
_MOST = 3  # terms that join a question
_NEAR = 0.4  # least cosine of an expression with the question
_LOOKED_AT = 30  # expressions: several may stand for one term


@dataclass(frozen=True)
class Expansion:
    """A policy term that joins a question; ``weight`` is its expression's cosine, 0 to 1."""

    term: str
    weight: float


class Thesaurus:
    """Everyday expressions, Chinese and English, and the policy term each stands for."""

    def __init__(self, encoder: Encoder, folder: Path = FOLDER) -> None:
        """Read and encode the expressions: with a static encoder, a tenth of a second."""
        pairs = list(_read(folder))
        self._terms = [term for term, _ in pairs]
        self._vectors = encoder.encode_query([expression for _, expression in pairs])

    def expand(self, query: NDArray[np.float32]) -> tuple[Expansion, ...]:
        """Return the terms whose everyday expressions are nearest to a question.

        Args:
            query: The question's vector, (d,) float32, L2-normalised.

        Returns:
            At most three, nearest first, each once.
        """
        likeness = cosines(self._vectors, query)
        nearest: dict[str, float] = {}
        for row in _best(likeness):
            if likeness[row] < _NEAR or len(nearest) == _MOST:
                break
            nearest.setdefault(self._terms[row], float(likeness[row]))
        return tuple(Expansion(term, weight) for term, weight in nearest.items())


def _best(likeness: NDArray[np.float32]) -> list[int]:
    """Return the rows of the highest cosines, best first."""
    count = min(_LOOKED_AT, len(likeness))
    rows = np.argpartition(-likeness, count - 1)[:count] if count else np.zeros(0, np.int64)
    return [int(row) for row in rows[np.argsort(-likeness[rows], kind="stable")]]


def _read(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (policy term, everyday expression); columns: term, Chinese with |, English with |."""
    for path in sorted(folder.glob("terms-*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            term, chinese, english = line.split("\t")
            yield from ((term, expression) for expression in (chinese + "|" + english).split("|"))
