"""``python -m evals run --llm``: both ways of answering side by side."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from llm_server import LLMServer, Script, number_of, serve
from support import ROOT, shipped_index

from evals.__main__ import main

DEV = ROOT / "evals" / "questions" / "shanghai-2015-dev.jsonl"
WORDS = "延长有效期限最高到10年"
GOOD = "海外人才居住证（B证）的有效期限最高可以延长到10年。"


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A question that the model answers, one that it is not asked, one that is refused."""
    lines = DEV.read_text(encoding="utf-8").splitlines()
    wanted = ("sh15-dev-001", "sh15-dev-106", "sh15-dev-003")
    path = tmp_path / "few-dev.jsonl"
    chosen = [line for line in lines if any(f'"{name}"' in line for name in wanted)]
    path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LLMServer]:
    with serve() as running:
        monkeypatch.setenv("TIAOWEN_LLM_BASE_URL", running.url)
        monkeypatch.setenv("TIAOWEN_LLM_MODEL", "scripted")
        yield running


def options(few: Path, tmp_path: Path) -> list[str]:
    given = ["--questions", str(few), "--split", "dev", "--index", str(shipped_index())]
    return [*given, "--out", str(tmp_path)]


def test_both_modes_side_by_side(
    server: LLMServer, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(prompt: str) -> str:
        if WORDS not in prompt:
            return "收益归研发团队的比例不低于90%。[1]"
        return f"{GOOD}[{number_of(prompt, WORDS)}]另外免费。[1]"

    server.script = Script(reply)
    assert main(["run", "--llm", *options(few, tmp_path)]) == 0
    printed = capsys.readouterr().out
    assert "quoted  written" in printed
    assert "asked 2 of 3 questions: 1 answered in its words, 0 refused by it" in printed
    assert "not shown: 2/3 (0.667)" in printed
    assert "Quoted instead, 1 times: 模型写的句子都没有通过核对" in printed
    assert (tmp_path / "few-dev-llm.json").exists()


def test_without_a_model_it_says_what_is_missing(
    few: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TIAOWEN_LLM_BASE_URL", raising=False)
    assert main(["run", "--llm", *options(few, tmp_path)]) == 2
    assert "TIAOWEN_LLM_BASE_URL" in capsys.readouterr().err
