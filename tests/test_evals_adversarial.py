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


def test_whole_answers_rest_on_many_questions_and_no_question_is_in_both_parts() -> None:
    parts = adversarial.generate()
    good = {part: [s for s in parts[part] if s.kind == "good"] for part in adversarial.WRITTEN}
    asked = {part: {one.question for one in found} for part, found in good.items()}
    assert all(len(found) >= 120 for found in good.values())
    assert all(len(questions) >= 35 for questions in asked.values())
    assert not asked["development"] & (asked["held-out"] | asked["second-held-out"])
    shipped = {one.document for one in good["held-out"]}
    assert shipped == {one.document for one in good["development"]}
    assert len(shipped) == 6


@pytest.mark.parametrize(
    ("part", "dropped", "caught"),
    # What is wanted is 3 % and 99 %; the parts held out are held to what is reached, short
    # of it (evals/adversarial/README.md).
    [
        ("tune", 0.03, 0.99),
        ("report", 0.03, 0.99),
        ("development", 0.04, 0.99),
        ("held-out", 0.12, 0.99),
        ("second-held-out", 0.12, 0.99),
        ("graded-close", 0.05, 0.0),
        ("graded-rephrased", 0.19, 0.91),
    ],
)
def test_what_is_made_up_is_caught_and_what_is_true_is_kept(
    part: str, dropped: float, caught: float
) -> None:
    results = adversarial.measure(adversarial.generate()[part], shipped_encoder())
    altered = [r.caught for r in results if r.sentence.kind != "good"]
    good = [r.caught for r in results if r.sentence.kind == "good"]
    assert sum(altered) >= caught * len(altered)
    assert sum(good) / len(good) <= dropped


def test_the_command_prints_the_parts_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = ["--part", "report", "--part", "development"]
    assert main(["adversarial", "--out", str(tmp_path), "--show", *parts]) == 0
    printed = capsys.readouterr().out
    assert "| report | all altered |" in printed
    assert "| development | good |" in printed
    assert "| tune |" not in printed
    assert (tmp_path / "adversarial.md").read_text(encoding="utf-8") in printed
