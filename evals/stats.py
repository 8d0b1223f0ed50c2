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


def aggregate(scored: Sequence[tuple[str, str | None, Scores]]) -> tuple[Group, ...]:
    """Figures of all questions first, then of each type, in the order of `TYPES`.

    If several documents were asked, those of each of them follow, in the order of the questions.

    Args:
        scored: Type, document and figures of every question; a failed one has no figures.
    """
    everything = _group("all", [scores for _, _, scores in scored])
    names = list(dict.fromkeys(document for _, document, _ in scored if document))
    rows = {kind: [s for type_, _, s in scored if type_ == kind] for kind in TYPES}
    if len(names) > 1:
        rows |= {name: [s for _, document, s in scored if document == name] for name in names}
    return (everything, *(_group(name, found) for name, found in rows.items() if found))


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
