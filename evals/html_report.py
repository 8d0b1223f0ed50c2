"""A report to open in a browser: one file, no network, every failed question beside its gold."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from assistant.refusal import calibration
from evals.curves import DEPTH, Curve, calibration_curve, depth_curve, refusal_curves
from evals.report import HEADINGS, faults
from evals.run import Outcome, Report

TEMPLATE = Path(__file__).parent / "report.html.j2"

# The plotting area of a chart, in units of its SVG.
_LEFT, _TOP, _WIDTH, _HEIGHT = 34, 10, 300, 170


def to_html(report: Report, title: str) -> str:
    """Draw the figures and list every question that went wrong, with its evidence and gold quote.

    Everything that a document or a model wrote is escaped.
    """
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    calibrated, counts = calibration_curve(report.outcomes)
    return template.render(
        title=title,
        report=report,
        headings=HEADINGS,
        failed=[(outcome, faults(outcome)) for outcome in report.outcomes if faults(outcome)],
        refusal=[(curve.name, _line(curve)) for curve in refusal_curves(report.outcomes)],
        threshold=calibration().threshold,
        calibration=_line(calibrated),
        calibration_points=list(zip(_places(calibrated), calibrated.points, counts, strict=True)),
        depth=_line(depth_curve(report.outcomes), DEPTH),
        depth_points=depth_curve(report.outcomes).points,
        deepest=DEPTH,
        area={"left": _LEFT, "top": _TOP, "width": _WIDTH, "height": _HEIGHT},
        in_evidence=_in_evidence,
    )


def _places(curve: Curve, most: float = 1) -> list[tuple[float, float]]:
    return [
        (round(_LEFT + _WIDTH * x / most, 1), round(_TOP + _HEIGHT * (1 - y), 1))
        for x, y in curve.points
    ]


def _line(curve: Curve, most: float = 1) -> str:
    """The points of a polyline."""
    return " ".join(f"{x},{y}" for x, y in _places(curve, most))


def _in_evidence(outcome: Outcome, quote: str) -> bool:
    """Say whether retrieval found the passage that holds the gold quote."""
    texts: Sequence[str] = [item["text"] for item in outcome.response.get("evidence", [])]
    return any(quote in text for text in texts)
