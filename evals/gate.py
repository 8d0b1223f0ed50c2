"""Does a run reach its thresholds? The editor's last look before a text or a model goes live."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import TiaowenError
from evals.cases import TYPES
from evals.report import HEADINGS
from evals.run import Report

THRESHOLDS = Path(__file__).with_name("gate.toml")
AT_MOST = frozenset({"wrong_refusal", "wrong_answer"})
"""Figures of which less is better: their threshold is a ceiling, the others' a floor."""

Thresholds = Mapping[str, Mapping[str, float]]


class GateError(TiaowenError):
    """The file of thresholds cannot be used; the message says which entry, and why."""


@dataclass(frozen=True)
class Verdict:
    """One threshold and what the run reached; `value` is None if no question has the figure."""

    group: str
    figure: str
    threshold: float
    value: float | None

    @property
    def passed(self) -> bool:
        """Whether the threshold is reached. A figure that was not measured does not pass."""
        if self.value is None:
            return False
        if self.figure in AT_MOST:
            return self.value <= self.threshold
        return self.value >= self.threshold

    def __str__(self) -> str:
        sign = "≤" if self.figure in AT_MOST else "≥"
        value = "not measured" if self.value is None else f"{self.value:.3f}"
        mark = "ok  " if self.passed else "FAIL"
        return f"{mark} {self.group} {self.figure} {value} ({sign} {self.threshold:g})"


def read_thresholds(path: Path) -> Thresholds:
    """Read a TOML file of tables named `all` or a question type, figure = threshold.

    Raises:
        GateError: The file is missing, is no TOML, or names an unknown group or figure.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GateError(f"{path}: {error.strerror or 'it cannot be read'}.") from error
    except ValueError as error:
        raise GateError(f"{path}: {error}.") from error
    for group, figures in tables.items():
        if group not in ("all", *TYPES) or not isinstance(figures, dict):
            raise GateError(f"{path}: [{group}] is no table named all or a question type.")
        for figure, value in figures.items():
            known = figure in HEADINGS and type(value) in (int, float) and 0 <= value <= 1
            if not known:
                raise GateError(
                    f"{path}: [{group}] {figure} must be one of {', '.join(HEADINGS)}, from 0 to 1."
                )
    if not any(tables.values()):
        raise GateError(f"{path}: it holds no threshold.")
    return tables


def judge(report: Report, thresholds: Thresholds, *, partial: bool) -> list[Verdict]:
    """Hold the figures of a run against the thresholds.

    Args:
        report: What the run found.
        thresholds: As `read_thresholds` returns them.
        partial: Only some types were asked: `all` and the types left out are not judged.
    """
    groups = {group.name: group.figures for group in report.groups}
    judged = [name for name in thresholds if not partial or (name in groups and name != "all")]
    verdicts = []
    for name in judged:
        for figure, threshold in thresholds[name].items():
            found = groups.get(name, {}).get(figure)
            verdicts.append(Verdict(name, figure, threshold, found.mean if found else None))
    return verdicts
