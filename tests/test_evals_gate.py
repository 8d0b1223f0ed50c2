"""The gate: thresholds, and the shipped assistant held against them."""

from pathlib import Path

import pytest

from evals.__main__ import main
from evals.gate import THRESHOLDS, GateError, Verdict, judge, read_thresholds
from evals.run import Report
from evals.stats import aggregate

REPORT = Report((), aggregate([("list", None, {"right": 0.5, "wrong_refusal": 0.5})]), None)


def test_floors_and_ceilings() -> None:
    thresholds = {"list": {"right": 0.5, "wrong_refusal": 0.4}}
    floor, ceiling = judge(REPORT, thresholds, partial=False)
    assert floor.passed
    assert not ceiling.passed
    assert str(ceiling) == "FAIL list wrong_refusal 0.500 (≤ 0.4)"


def test_what_was_not_measured_fails_unless_it_was_not_asked() -> None:
    thresholds = {"all": {"right": 0.1}, "typo": {"right": 0.1}, "list": {"mrr": 0.1}}
    everything = judge(REPORT, thresholds, partial=False)
    assert [(v.group, v.passed) for v in everything] == [
        ("all", True),
        ("typo", False),
        ("list", False),
    ]
    assert judge(REPORT, thresholds, partial=True) == [Verdict("list", "mrr", 0.1, None)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[nobody]\nright = 0.5", "nobody"),
        ("[all]\nrihgt = 0.5", "rihgt"),
        ("[all]\nright = 5", "from 0 to 1"),
        ("right = 0.5", "no table"),
        ("[all", "bad.toml"),
        ("", "no threshold"),
    ],
)
def test_bad_thresholds_are_named(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(GateError, match=said):
        read_thresholds(path)
    with pytest.raises(GateError, match=r"gone\.toml"):
        read_thresholds(tmp_path / "gone.toml")


def test_the_shipped_assistant_passes_on_a_few_types(capsys: pytest.CaptureFixture[str]) -> None:
    types = ["fact_literal", "list", "typo", "clause_number", "unanswerable_far"]
    assert main(["gate", "--types", *types]) == 0
    assert "ok   list right" in capsys.readouterr().out


def test_a_threshold_that_is_missed_closes_the_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "strict.toml"
    path.write_text("[unanswerable_far]\nright = 1.0\n", encoding="utf-8")
    assert main(["gate", "--types", "unanswerable_far", "--thresholds", str(path)]) == 1
    assert "FAIL unanswerable_far right not measured" in capsys.readouterr().out
    assert read_thresholds(THRESHOLDS)
