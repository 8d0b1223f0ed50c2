"""From figures of single questions to means with their doubt, in all and by type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.cases import TYPES

RESAMPLES = 2000
LEVEL = 0.95
SEED = 0

Scores = Mapping[str, float | None]


@dataclass(frozen=True)
class Estimate:
    """A mean over `n` questions and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Group:
    """The figures of a group of questions; a figure that applies to none of them is None."""

    name: str
    n: int
    figures: Mapping[str, Estimate | None]


@dataclass(frozen=True)
class Latency:
    """Milliseconds a question."""

    median: float
    p95: float


def estimate(values: Sequence[float]) -> Estimate | None:
    """Mean and percentile bootstrap interval, the same at every run; None of no values."""
    if not values:
        return None
    sample = np.asarray(values, dtype=np.float64)
    draws = np.random.default_rng(SEED).integers(sample.size, size=(RESAMPLES, sample.size))
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(sample[draws].mean(axis=1), [tail, 1 - tail])
    return Estimate(float(sample.mean()), float(low), float(high), sample.size)


def aggregate(scored: Sequence[tuple[str, Scores]]) -> tuple[Group, ...]:
    """Figures of all questions first, then of each type, in the order of `TYPES`.

    Args:
        scored: Type and figures of every question; a question that failed has no figures.
    """
    by_type = {kind: [scores for type_, scores in scored if type_ == kind] for kind in TYPES}
    everything = _group("all", [scores for _, scores in scored])
    return (everything, *(_group(kind, rows) for kind, rows in by_type.items() if rows))


def latency(milliseconds: Sequence[float]) -> Latency | None:
    """Median and 95th percentile; None of no measurement."""
    if not milliseconds:
        return None
    median, p95 = np.percentile(milliseconds, [50, 95])
    return Latency(float(median), float(p95))


def _group(name: str, rows: Sequence[Scores]) -> Group:
    names = dict.fromkeys(name for row in rows for name in row)
    figures = {
        figure: estimate([value for row in rows if (value := row.get(figure)) is not None])
        for figure in names
    }
    return Group(name, len(rows), figures)
