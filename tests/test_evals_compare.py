"""Paired comparison of two runs."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.__main__ import main
from evals.compare import ComparisonError, compare, read_result, to_text


def run_of(path: Path, right: dict[str, float | None]) -> Path:
    """Write a result file in which the questions named have the figure `right`."""
    rows: list[dict[str, Any]] = [
        {"id": name, "type": "list", "question": f"问{name}", "scores": {"right": value}}
        for name, value in right.items()
    ]
    path.write_text(json.dumps({"questions": rows}), encoding="utf-8")
    return path


def test_differences_are_paired_and_flips_named(tmp_path: Path) -> None:
    a = run_of(tmp_path / "a.json", {"1": 0, "2": 1, "3": 1, "4": None, "5": 1})
    b = run_of(tmp_path / "b.json", {"3": 1, "2": 0, "1": 1, "4": 1, "6": 0})
    found = compare(read_result(a), read_result(b))
    assert found.shared == 4
    assert found.differences["right"].mean == 0
    assert found.differences["right"].n == 3
    assert [(flip.id, flip.before, flip.after) for flip in found.flips] == [
        ("1", 0, 1),
        ("2", 1, 0),
    ]
    assert (found.only_before, found.only_after) == (("5",), ("6",))
    assert "right 0 → 1  1 (list)  问1" in to_text(found)


def test_a_run_against_itself_does_not_differ(tmp_path: Path) -> None:
    a = read_result(run_of(tmp_path / "a.json", {"1": 0, "2": 1}))
    found = compare(a, a)
    assert (found.differences["right"].low, found.differences["right"].high) == (0, 0)
    assert "No question flipped." in to_text(found)


def test_runs_without_a_common_question_are_refused(tmp_path: Path) -> None:
    a, b = run_of(tmp_path / "a.json", {"1": 0}), run_of(tmp_path / "b.json", {"2": 1})
    with pytest.raises(ComparisonError, match="no question in common"):
        compare(read_result(a), read_result(b))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"questions": [{"id": "1", "scores": {}}]}',
        '{"questions": [{"id": "1", "type": "list", "question": "问", "scores": 1}]}',
        None,
    ],
)
def test_what_is_no_result_is_named(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    if content is not None:
        bad.write_text(content, encoding="utf-8")
    good = run_of(tmp_path / "good.json", {"1": 1})
    assert main(["compare", str(good), str(bad)]) == 2
    assert f"evals: {bad}: " in capsys.readouterr().err


def test_the_command_prints_the_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = run_of(tmp_path / "a.json", {"1": 0}), run_of(tmp_path / "b.json", {"1": 1})
    assert main(["compare", str(a), str(b)]) == 0
    assert "right           +1.000" in capsys.readouterr().out
