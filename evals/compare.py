"""Two runs over the same questions: paired differences with their doubt, and what flipped."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import TiaowenError
from evals.stats import Estimate, estimate

FLIPPING = ("right", "wrong_refusal", "wrong_answer")
"""Figures that are 0 or 1 for a question, so that a difference is a flip."""


class ComparisonError(TiaowenError):
    """A result file cannot be compared; the message names it and says what to do."""


@dataclass(frozen=True)
class Flip:
    """A question whose figure changed from one run to the other."""

    figure: str
    id: str
    type: str
    question: str
    before: float
    after: float


@dataclass(frozen=True)
class Comparison:
    """What changed from run A to run B, over the questions that both have.

    Attributes:
        shared: How many questions both runs have.
        differences: Figure to the mean of B - A over the questions that have it in both, with a
            95 % bootstrap interval over questions (paired).
        flips: Questions that changed, in the order of A.
        only_before: Ids that only A has.
        only_after: Ids that only B has.
    """

    shared: int
    differences: Mapping[str, Estimate]
    flips: tuple[Flip, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def read_result(path: Path) -> dict[str, dict[str, Any]]:
    """Return the questions of a result file of `python -m evals run`, by id.

    Raises:
        ComparisonError: The file is missing or is no such result.
    """
    try:
        questions = json.loads(path.read_text(encoding="utf-8"))["questions"]
        return {
            str(row["id"]): {
                "type": str(row["type"]),
                "question": str(row["question"]),
                "scores": dict(row["scores"]),
            }
            for row in questions
        }
    except OSError as error:
        reason = error.strerror or "it cannot be read"
    except (ValueError, KeyError, TypeError):
        reason = "it is no result of a run"
    raise ComparisonError(f"{path}: {reason}; write one with `python -m evals run`.")


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare two runs, as `read_result` returns them.

    Raises:
        ComparisonError: They have no question in common.
    """
    shared = [name for name in before if name in after]
    if not shared:
        raise ComparisonError("the two runs have no question in common; compare runs of one set.")
    figures = dict.fromkeys(figure for name in shared for figure in before[name]["scores"])
    pairs = {figure: _pairs(before, after, shared, figure) for figure in figures}
    differences = {
        figure: found
        for figure, values in pairs.items()
        if (found := estimate([b - a for _, a, b in values]))
    }
    flips = [
        Flip(figure, name, before[name]["type"], before[name]["question"], a, b)
        for figure in FLIPPING
        for name, a, b in pairs.get(figure, [])
        if a != b
    ]
    return Comparison(
        len(shared),
        differences,
        tuple(flips),
        tuple(name for name in before if name not in after),
        tuple(name for name in after if name not in before),
    )


def to_text(found: Comparison) -> str:
    """The differences, a line each, then the questions that flipped."""
    lines = [f"{found.shared} questions in both runs; B - A, 95 % paired bootstrap:"]
    lines += [
        f"  {figure:<15} {d.mean:+.3f}  [{d.low:+.3f}, {d.high:+.3f}]  n={d.n}"
        for figure, d in found.differences.items()
    ]
    lines.append(f"{len(found.flips)} flips:" if found.flips else "No question flipped.")
    lines += [
        f"  {flip.figure} {flip.before:.0f} → {flip.after:.0f}  {flip.id} ({flip.type})"
        f"  {' '.join(flip.question.split())}"
        for flip in found.flips
    ]
    for run, names in (("A", found.only_before), ("B", found.only_after)):
        if names:
            lines.append(f"Only in {run}, not compared: {len(names)} questions.")
    return "\n".join(lines)


def _pairs(
    before: Mapping[str, Any], after: Mapping[str, Any], names: list[str], figure: str
) -> list[tuple[str, float, float]]:
    """Return (id, A, B) of the questions that have the figure in both runs."""
    return [
        (name, a, b)
        for name in names
        if (a := before[name]["scores"].get(figure)) is not None
        and (b := after[name]["scores"].get(figure)) is not None
    ]
