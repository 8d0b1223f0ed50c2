"""How much each signal counts: a linear model, fitted by ``python -m evals calibrate``.

The weights are those of a softmax over all sentences of a question's hits, fitted so that the
sentences that answer get its mass (ListNet's top-one loss, Cao et al., ICML 2007, with every
answering sentence as good as the other). A score is a log-odds: only differences mean something.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.signals import NAMES, Matrix

MODEL = Path(__file__).with_name("reader.json")


@dataclass(frozen=True)
class Reader:
    """Weights in the order of ``signals.NAMES``."""

    weights: tuple[float, ...]

    def scores(self, rows: Matrix) -> NDArray[np.float64]:
        """Score sentences.

        Args:
            rows: Their signals, (n, signals) float64.

        Returns:
            (n,) float64, higher is better.
        """
        found: NDArray[np.float64] = rows @ np.array(self.weights)
        return found

    def weight(self, name: str) -> float:
        """Return the weight of one signal."""
        return self.weights[NAMES.index(name)]

    def to_json(self) -> str:
        """Write the weights by name."""
        rounded = {n: round(w, 4) for n, w in zip(NAMES, self.weights, strict=True)}
        return json.dumps(rounded, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Reader":
        """Read what ``to_json`` wrote.

        Raises:
            KeyError: A signal has no weight.
        """
        values = json.loads(text)
        return cls(tuple(float(values[name]) for name in NAMES))


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Return the reader that ships."""
    return Reader.from_json(MODEL.read_text(encoding="utf-8"))
