"""The commands that measure parts, as a person runs them."""

from pathlib import Path

import pytest
from support import ROOT

from assistant import refusal
from evals.__main__ import main

DEV = ROOT / "evals" / "questions" / "shanghai-2015-dev.jsonl"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    path = tmp_path / "few-dev.jsonl"
    lines = DEV.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[::7]) + "\n", encoding="utf-8")
    return path


def test_retrieval_without_the_shared_data(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--questions", str(few), "--split", "dev", "--shared", str(tmp_path / "none")]
    assert main(["retrieval", *options, "--encoder", "hash", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert "hash-256" in printed.out
    assert "no STARD" in printed.err
    assert (tmp_path / "retrieval-dev.md").read_text(encoding="utf-8") in printed.out


def test_calibrate_writes_the_fit_and_the_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = tmp_path / "refusal.json"
    monkeypatch.setattr(refusal, "MODEL", fit)
    options = ["--questions", str(DEV), "--shared", str(tmp_path / "none"), "--out", str(tmp_path)]
    assert main(["calibrate", *options]) == 0
    assert fit.exists()
    assert "←" in (tmp_path / "refusal.md").read_text(encoding="utf-8")


def test_questions_of_one_kind_cannot_be_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "one-dev.jsonl"
    path.write_text(DEV.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    options = ["--questions", str(path), "--shared", str(tmp_path / "none")]
    assert main(["calibrate", *options]) == 2
    assert "unanswerable_far" in capsys.readouterr().err


def test_bench_prints_every_step(few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--questions", str(few)]) == 0
    printed = capsys.readouterr().out
    for step in ("build an index", "open it", "answer, warm", "cold process", "times as long"):
        assert step in printed
