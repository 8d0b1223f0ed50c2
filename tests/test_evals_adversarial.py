"""The adversarial set: made by a seed, and what verification does with it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from support import shipped_encoder

from evals import adversarial
from evals.__main__ import main


def test_the_set_in_the_repository_is_what_the_seed_makes() -> None:
    made = [asdict(one) | {"quotes": list(one.quotes)} for one in adversarial.generate()["report"]]
    path = adversarial.FOLDER / "report.jsonl"
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == made


def test_it_is_large_and_of_every_kind() -> None:
    halves = adversarial.generate()
    altered = [one for one in halves["report"] if one.kind != "good"]
    assert len(altered) >= 200
    assert len({one.sentence for one in altered}) > 0.9 * len(altered)
    kinds = {"figure", "bound", "negation", "strength", "direction", "marker", "clause"}
    kinds |= {"institution", "added", "quote", "mixed"}
    assert {one.kind for one in altered} == kinds
    assert sum(one.kind == "good" for half in halves.values() for one in half) >= 120


@pytest.mark.parametrize(("half", "dropped"), [("tune", 0.03), ("report", 0.05)])
def test_what_is_made_up_is_caught_and_what_is_true_is_kept(half: str, dropped: float) -> None:
    results = adversarial.measure(adversarial.generate()[half], shipped_encoder())
    altered = [r.caught for r in results if r.sentence.kind != "good"]
    good = [r.caught for r in results if r.sentence.kind == "good"]
    assert sum(altered) / len(altered) >= 0.99
    assert sum(good) / len(good) <= dropped


def test_the_command_prints_both_halves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["adversarial", "--out", str(tmp_path), "--show"]) == 0
    printed = capsys.readouterr().out
    assert "| report | all altered |" in printed
    assert (tmp_path / "adversarial.md").read_text(encoding="utf-8") in printed
