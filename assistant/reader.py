"""How much each signal counts: a linear model, fitted by ``python -m evals calibrate``.

The weights are those of a softmax over all sentences of a question's hits, fitted so that the
sentences that answer get its mass (ListNet's top-one loss, Cao et al., ICML 2007, with every
answering sentence as good as the other). A score is a log-odds: only differences mean something.

How much a signal counts depends on the question: one that no sentence shares words with is to be
read by its vectors. Of 707 labelled questions, each document by a fit on the others, a right
sentence came first for .802 so, for .788 with the same weights for all.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.signals import NAMES, Matrix

MODEL = Path(__file__).with_name("reader.json")
_SHARED = NAMES.index("overlap")
# What a sentence without the value asked for loses (``extract.weigh``) is the same for all.
VARYING = tuple(name not in ("value", "no_value") for name in NAMES)
"""Which signals may count otherwise from question to question, in the order of ``NAMES``."""


@dataclass(frozen=True)
class Reader:
    """Weights in the order of ``signals.NAMES``.

    Attributes:
        weights: For a question that no sentence shares words with.
        shared: What joins each where one sentence holds all its words; a share of it where less.
    """

    weights: tuple[float, ...]
    shared: tuple[float, ...] = (0.0,) * len(NAMES)

    def scores(self, rows: Matrix) -> NDArray[np.float64]:
        """Score the sentences of one question.

        Args:
            rows: Their signals, (n, signals) float64.

        Returns:
            (n,) float64, higher is better.
        """
        weights = np.array(self.weights) + most_shared(rows) * np.array(self.shared)
        found: NDArray[np.float64] = rows @ weights
        return found

    def weight(self, name: str) -> float:
        """Return the weight of a signal that counts the same for all questions."""
        return self.weights[NAMES.index(name)]

    def to_json(self) -> str:
        """Write the weights by name."""
        columns = {"weights": self.weights, "shared": self.shared}
        rounded = {
            key: {n: round(w, 4) for n, w in zip(NAMES, column, strict=True)}
            for key, column in columns.items()
        }
        return json.dumps(rounded, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Reader":
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: A signal has no weight.
        """
        values = json.loads(text)
        return cls(*(tuple(float(values[k][n]) for n in NAMES) for k in ("weights", "shared")))


def most_shared(rows: Matrix) -> float:
    """Return the greatest share of a question's words that one of its sentences holds, 0 to 1."""
    return float(rows[:, _SHARED].max(initial=0.0))


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Return the reader that ships."""
    return Reader.from_json(MODEL.read_text(encoding="utf-8"))
