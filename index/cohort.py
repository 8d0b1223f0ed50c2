"""How near a question is to a document beyond what it is to texts of no document.

A question in plain words is like nothing very much, one in official words like everything: a cosine
says more beside those with a fixed cohort. The cohort are the policy terms and everyday expressions
of ``training/everyday/``; the measures are those by which speakers are told apart whatever the
recording (T-norm: Auckenthaler et al., Digital Signal Processing 10, 2000, and its adaptive form,
Sturim and Reynolds, ICASSP 2005).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.dense import cosines
from index.encode import Encoder, StaticEncoder
from index.expand import FOLDER, read_expressions

_NEAREST = 10  # of the cohort
_EVERY = 8  # expressions: the others of a term say nearly the same
_SPARSE = 8  # times fewer texts for an encoder that takes milliseconds for each


@dataclass(frozen=True)
class Standing:
    """How a cosine stands among those of the same question with a cohort.

    Attributes:
        nearer: It less the mean of the cohort's ten highest, -2 to 2.
        above: It less the mean of all, in standard deviations.
    """

    nearer: float
    above: float


class Cohort:
    """The texts that a question is compared with."""

    def __init__(self, encoder: Encoder, folder: Path = FOLDER) -> None:
        """Read and encode them: with a static encoder, 30 ms."""
        step = 1 if isinstance(encoder, StaticEncoder) else _SPARSE
        pairs = list(read_expressions(folder))
        terms = sorted({term for term, _ in pairs})[::step]
        expressions = [expression for _, expression in pairs][:: _EVERY * step]
        self._sides = encoder.encode_document(terms), encoder.encode_query(expressions)

    def standings(self, query: NDArray[np.float32], cosine: float) -> tuple[Standing, Standing]:
        """Return how a cosine stands among those with the terms, and with the expressions.

        Args:
            query: The question's vector, (d,) float32, L2-normalised.
            cosine: Of the question with a text of a document.
        """
        terms, expressions = (_standing(cosine, cosines(side, query)) for side in self._sides)
        return terms, expressions


def _standing(cosine: float, others: NDArray[np.float32]) -> Standing:
    nearest = np.sort(others)[-_NEAREST:]
    spread = float(others.std()) or 1.0
    return Standing(cosine - float(nearest.mean()), (cosine - float(others.mean())) / spread)
