"""The commands that measure parts, as a person runs them."""

import json
from pathlib import Path

import pytest
from support import ROOT
from test_evals_foreign import SQUAD, beir

from assistant import reader, refusal
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
    assert (tmp_path / "retrieval-dev-own.md").read_text(encoding="utf-8") in printed.out


def test_calibrate_writes_the_fit_and_the_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, weights = tmp_path / "refusal.json", tmp_path / "reader.json"
    monkeypatch.setattr(refusal, "MODEL", fit)
    monkeypatch.setattr(reader, "MODEL", weights)
    options = ["--questions", str(DEV), "--shared", str(tmp_path / "none"), "--out", str(tmp_path)]
    assert main(["calibrate", *options]) == 0
    assert fit.exists()
    assert reader.Reader.from_json(weights.read_text(encoding="utf-8"))
    assert "fact_colloquial" in (tmp_path / "reader.md").read_text(encoding="utf-8")
    assert "←" in (tmp_path / "refusal.md").read_text(encoding="utf-8")


def test_reading_of_a_squad_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(SQUAD, ensure_ascii=False), encoding="utf-8")
    assert main(["reading", "--squad", str(path), "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "| mine | 1 | 1.000 | 1.000 | 1.000 | 1.000 |" in printed
    assert (tmp_path / "reading-mine.md").exists()


def test_reading_without_the_shared_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reading", "--shared", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "is not there" in capsys.readouterr().err


def test_retrieval_over_a_beir_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = beir(tmp_path / "set")
    options = ["--beir", str(folder), "--encoder", "hash", "--out", str(tmp_path)]
    assert main(["retrieval", *options]) == 0
    assert "| hash-256 | set (1) | @1 / @5 / @10 |" in capsys.readouterr().out


def test_bench_prints_every_step(few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "--questions", str(few)]) == 0
    printed = capsys.readouterr().out
    for step in ("build an index", "open it", "answer, warm", "cold process", "times as long"):
        assert step in printed
