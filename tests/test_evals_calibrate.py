"""The refusal's fit: on made questions whose answer is known."""

import json
from dataclasses import astuple, fields
from pathlib import Path

import pytest
from support import ROOT, shipped_encoder

from assistant.refusal import Calibration, Features
from corpus.store import shipped_documents
from evals import calibrate
from evals.calibrate import CurvePoint, Labelled
from evals.cases import load_cases


def features(dense: float) -> Features:
    values = dict.fromkeys((field.name for field in fields(Features)), 0.0)
    return Features(**{**values, "dense": dense})


def made() -> list[Labelled]:
    """Answerable questions are near, far ones are not, those on laws likewise."""
    near = [Labelled("dev", features(0.8 + i / 100), True) for i in range(14)]
    far = [Labelled("unanswerable_far", features(0.1 + i / 100), False) for i in range(7)]
    missed = [Labelled("unanswerable_near", features(0.7), False) for _ in range(3)]
    laws = [Labelled("law", features(0.9), True), Labelled("law", features(0.1), False)]
    return near + far + missed + laws * 5


def test_the_fit_tells_far_from_near() -> None:
    weights, intercept = calibrate.fit(made())
    fitted = Calibration(tuple(weights), intercept, 0.5)
    assert fitted.probability(features(0.9)) > 0.9
    assert fitted.probability(features(0.1)) < 0.1
    assert weights.shape == (len(astuple(features(0))),)


def test_the_curve_is_of_questions_not_fitted_on() -> None:
    points = calibrate.curve(made())
    assert [point.threshold for point in points] == sorted(point.threshold for point in points)
    middle = next(point for point in points if point.threshold == 0.5)
    assert (middle.wrong_refusals, middle.wrong_answers_far) == (0, 0)
    assert middle.wrong_answers_near == 1  # no feature but their kind tells near misses


@pytest.mark.parametrize(
    ("rates", "chosen"),
    [
        ([(0.0, 0.5), (0.02, 0.1), (0.04, 0.1), (0.2, 0.0)], 0.3),
        ([(0.0, 0.0), (0.0, 0.0)], 0.2),
        ([(0.9, 0.3), (0.95, 0.0)], 0.1),
    ],
)
def test_the_threshold_is_as_high_as_few_wrong_refusals_allow(
    rates: list[tuple[float, float]], chosen: float
) -> None:
    points = [CurvePoint(n / 10, refused, 1.0, far) for n, (refused, far) in enumerate(rates, 1)]
    assert calibrate.choose_threshold(points) == chosen


def test_what_is_written_is_what_the_assistant_reads(tmp_path: Path) -> None:
    path = tmp_path / "refusal.json"
    points = calibrate.write(made(), path)
    values = json.loads(path.read_text(encoding="utf-8"))
    assert list(values["coefficients"]) == [field.name for field in fields(Features)]
    assert values["threshold"] == calibrate.choose_threshold(points)
    table = calibrate.to_markdown(points, 24)
    assert table.count("←") == 1
    assert f"| {values['threshold']:.2f} ← |" in table


def test_development_questions_are_measured_on_the_shipped_documents() -> None:
    cases = load_cases(ROOT / "evals" / "questions" / "shanghai-2015-dev.jsonl")[::20]
    encoder = shipped_encoder()
    with calibrate.searchers(shipped_documents(), encoder) as opened:
        labelled = calibrate.collect(cases, opened)
    kinds = [case.type for case in cases if case.type != "clause_number"]
    assert len(labelled) == len(kinds)
    assert all(one.answerable == (one.group == "dev") for one in labelled)
