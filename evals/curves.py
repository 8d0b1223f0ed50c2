"""The curves of a run: refusal by threshold, calibration, recall by depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from evals.metrics import clause_recall
from evals.run import Outcome

Point = tuple[float, float]

DEPTH = 10
_STEPS = 50
_BINS = 5
_LOOKED_UP = "clause_number"


@dataclass(frozen=True)
class Curve:
    """A named line of points (x, y), both from 0 to 1 unless said otherwise, x rising."""

    name: str
    points: tuple[Point, ...]


def refusal_curves(outcomes: Sequence[Outcome]) -> tuple[Curve, ...]:
    """Error rates if another confidence had been the threshold of refusal.

    Every check of the refusal shows in the confidence, so it alone decides here. Follow-ups are in
    use held against a third of the threshold; here they count like the others. Questions for a
    clause by its number are looked up, not weighed, and left out.

    Returns:
        Share of answerable questions refused, then share of near and of far unanswerable ones
        answered; a curve without questions is left out.
    """
    asked = _weighed(outcomes)
    thresholds = [step / _STEPS for step in range(_STEPS + 1)]
    groups = {
        "wrong refusals": [o for o in asked if o.case.answerable],
        "wrong answers, near": [o for o in asked if o.case.type == "unanswerable_near"],
        "wrong answers, far": [o for o in asked if o.case.type == "unanswerable_far"],
    }
    return tuple(
        Curve(
            name,
            tuple(
                (t, fmean((_confidence(o) >= t) != o.case.answerable for o in members))
                for t in thresholds
            ),
        )
        for name, members in groups.items()
        if members
    )


def calibration_curve(outcomes: Sequence[Outcome]) -> tuple[Curve, tuple[int, ...]]:
    """Share of answerable questions against the mean confidence, in bins of equal width.

    Returns:
        The curve, empty bins left out, and how many questions each of its points stands for.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(_BINS)]
    for outcome in _weighed(outcomes):
        confidence = _confidence(outcome)
        place = min(int(confidence * _BINS), _BINS - 1)
        bins[place].append((confidence, outcome.case.answerable))
    filled = [members for members in bins if members]
    points = tuple((fmean(c for c, _ in m), fmean(a for _, a in m)) for m in filled)
    return Curve("answerable", points), tuple(map(len, filled))


def depth_curve(outcomes: Sequence[Outcome]) -> Curve:
    """Mean clause recall over the first k passages of evidence, k from 1 to `DEPTH`."""
    points = []
    for k in range(1, DEPTH + 1):
        found = [clause_recall(o.case, o.response, k) for o in outcomes if not o.failure]
        counted = [recall for recall in found if recall is not None]
        if counted:
            points.append((float(k), fmean(counted)))
    return Curve("recall", tuple(points))


def _weighed(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [
        o
        for o in outcomes
        if o.response.get("confidence") is not None and o.case.type != _LOOKED_UP
    ]


def _confidence(outcome: Outcome) -> float:
    return float(outcome.response["confidence"])
