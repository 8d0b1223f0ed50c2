"""Everyday and English words → the document's words, which join a question on the lexical side.

Everyday words: a question is compared with expressions written by hand (``training/everyday/``),
and the policy terms of the nearest join it: what 绿卡 and 坐月子的钱 are called in a document.

English words: each word and each pair of neighbours is compared with the Chinese pieces of the
encoder, and the nearest that the documents hold join it: parking is 停车 where cars are treated.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.dense import cosines
from index.encode import Encoder, StaticEncoder, Vectors
from index.tokens import ENGLISH_STOP

FOLDER = Path(__file__).parent / "training" / "everyday"
_MOST = 3  # terms that join a question
_NEAR = 0.4  # least cosine of an expression with the question
_LOOKED_AT = 30  # expressions: several may stand for one term
_PIECE = re.compile("[\u3400-\u9fff]{2,4}")
_WORD = re.compile("[a-z]{2,}(?:-[a-z]+)*")
_ALIKE = 0.38  # least cosine of a Chinese piece with an English word
_GLOSSES = 3  # Chinese pieces for a word or pair


@dataclass(frozen=True)
class Expansion:
    """A policy term that joins a question; ``weight`` is its expression's cosine, 0 to 1."""

    term: str
    weight: float


class Thesaurus:
    """Everyday expressions, Chinese and English, and the policy term each stands for."""

    def __init__(self, encoder: Encoder, folder: Path = FOLDER) -> None:
        """Read and encode the expressions: with a static encoder, a tenth of a second."""
        pairs = list(read_expressions(folder))
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


class Glossary:
    """The Chinese pieces of a static encoder, by which English words are understood."""

    def __init__(self, encoder: StaticEncoder) -> None:
        self._encoder = encoder

    @cached_property
    def _chinese(self) -> tuple[list[str], Vectors]:
        """The pieces and their vectors, read when the first English question comes."""
        pieces, vectors = self._encoder.pieces()
        rows = [row for row, piece in enumerate(pieces) if _PIECE.fullmatch(piece)]
        return [pieces[row] for row in rows], vectors[rows]

    def gloss(self, question: str, known: Callable[[str], bool]) -> tuple[Expansion, ...]:
        """Return Chinese words for the English ones of a question.

        Args:
            question: Words of two letters and more are taken, all others left out.
            known: Says whether the documents hold a piece.

        Returns:
            Each once, most alike first.
        """
        words = [word for word in _WORD.findall(question.lower()) if word not in ENGLISH_STOP]
        phrases = [*words, *map(" ".join, pairwise(words))]
        pieces, vectors = self._chinese
        found: dict[str, float] = {}
        for query in self._encoder.encode_query(phrases):
            likeness = cosines(vectors, query)
            near = [row for row in _best(likeness) if likeness[row] >= _ALIKE]
            held = [row for row in near if known(pieces[row])][:_GLOSSES]
            for row in held:
                piece = pieces[row]
                found[piece] = max(found.get(piece, 0.0), float(likeness[row]))
        ordered = sorted(found.items(), key=lambda item: -item[1])
        return tuple(Expansion(piece, weight) for piece, weight in ordered)


def _best(likeness: NDArray[np.float32]) -> list[int]:
    """Return the rows of the highest cosines, best first."""
    count = min(_LOOKED_AT, len(likeness))
    rows = np.argpartition(-likeness, count - 1)[:count] if count else np.zeros(0, np.int64)
    return [int(row) for row in rows[np.argsort(-likeness[rows], kind="stable")]]


def read_expressions(folder: Path = FOLDER) -> Iterator[tuple[str, str]]:
    """Yield (policy term, everyday expression); columns: term, Chinese with |, English with |."""
    for path in sorted(folder.glob("terms-*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            term, chinese, english = line.split("\t")
            yield from ((term, expression) for expression in (chinese + "|" + english).split("|"))
