"""``python -m evals run --judge``: a second opinion by a model, beside the keys."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from llm_server import LLMServer, Script, number_of, serve
from support import ROOT, shipped_index

from evals import judge
from evals.__main__ import main

DEV = ROOT / "evals" / "questions" / "shanghai-2015-dev.jsonl"
WORDS = "延长有效期限最高到10年"
GOOD = "海外人才居住证（B证）的有效期限最高可以延长到10年。"
ANSWERED = ("sh15-dev-001", "sh15-dev-002", "sh15-dev-003")


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """Three questions that are answered right, and one that is refused and so never judged."""
    lines = DEV.read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    refused = next(case["id"] for case in cases if case["type"] == "unanswerable_far")
    wanted = (*ANSWERED, refused)
    path = tmp_path / "few-dev.jsonl"
    chosen = [line for line in lines if any(f'"{name}"' in line for name in wanted)]
    path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LLMServer]:
    for name in ("LLM_BASE_URL", "LLM_MODEL", "LLM_API_KEY"):
        monkeypatch.delenv(f"TIAOWEN_{name}", raising=False)
    with serve() as running:
        monkeypatch.setenv("TIAOWEN_JUDGE_BASE_URL", running.url)
        monkeypatch.setenv("TIAOWEN_JUDGE_MODEL", "judge")
        yield running


def run(few: Path, *more: str) -> int:
    given = ["--questions", str(few), "--split", "dev", "--index", str(shipped_index())]
    return main(["run", "--judge", *more, *given, "--out", str(few.parent)])


def opinion(verdict: str, reason: str = "与原文一致") -> str:
    return json.dumps({"verdict": verdict, "reason": reason}, ensure_ascii=False)


def test_each_answer_is_judged_and_compared_with_the_keys(
    server: LLMServer, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def reply(prompt: str) -> str:
        if "B证" in prompt:
            return opinion("partly", "漏了<条件>")
        return opinion("right")

    server.script = Script(reply)
    assert run(few) == 0
    printed = capsys.readouterr().out
    assert "Judged by scripted, prompt judge@" in printed
    assert "3 answers, 0 without a judgement" in printed
    assert "on 3 answers: accuracy 0.667, Cohen's kappa 0.000" in printed
    assert "你核对政策问答" in printed
    report = (few.parent / "few-dev.md").read_text(encoding="utf-8")
    assert "sh15-dev-001: judge partly, keys right: 漏了&lt;条件>" in report
    assert "你核对政策问答" in report
    kept = json.loads((few.parent / "few-dev-judge.json").read_text(encoding="utf-8"))
    assert [item["case"] for item in kept["judgements"]] == list(ANSWERED)
    assert kept["judgements"][0]["opinion"]["verdict"] == "partly"
    assert kept["prompt"]["text"] == judge.PROMPT.read_text(encoding="utf-8")
    assert kept["agreement"] == {"n": 3, "accuracy": pytest.approx(2 / 3), "kappa": 0.0}


def test_what_the_judge_is_sent(server: LLMServer, few: Path) -> None:
    server.script = Script(lambda _: opinion("right"))
    assert run(few) == 0
    system, user = server.requests[0]["messages"]
    assert system["content"] == judge.PROMPT.read_text(encoding="utf-8")
    assert f"，{WORDS}" in user["content"].partition("</标准依据>")[0]
    assert "[1]" not in user["content"]
    wanted = server.requests[0]["response_format"]["json_schema"]["schema"]
    assert wanted["properties"]["verdict"]["enum"] == ["right", "partly", "wrong"]


@pytest.mark.parametrize(
    "garbage",
    ["", "right", "{}", opinion("perfect"), opinion("right")[:-2], "[" * 5000, "```json\n```"],
    ids=range(7),
)
def test_garbage_is_a_counted_failure(
    server: LLMServer, few: Path, capsys: pytest.CaptureFixture[str], garbage: str
) -> None:
    server.script = Script(lambda prompt: garbage if "B证" in prompt else opinion("right"))
    assert run(few) == 0
    printed = capsys.readouterr().out
    assert "3 answers, 1 without a judgement" in printed
    assert "No judgement, 1 times: the reply is not the JSON object asked for" in printed
    assert "on 2 answers: accuracy 1.000, Cohen's kappa undefined (all alike)" in printed


def test_a_judge_that_is_down_is_a_counted_failure(
    server: LLMServer, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(status=401)
    assert run(few) == 0
    printed = capsys.readouterr().out
    assert "3 answers, 3 without a judgement" in printed
    assert "Agreement with the keys: no answer has both." in printed


def test_thoughts_and_fences_are_no_garbage(
    server: LLMServer, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(lambda _: f"<think>{{</think>\n```json\n{opinion('right')}\n```")
    server.script.refuses = 400
    assert run(few) == 0
    assert "3 answers, 0 without a judgement" in capsys.readouterr().out


def test_written_answers_are_judged_by_the_same_endpoint_unless_told(
    server: LLMServer,
    few: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TIAOWEN_LLM_BASE_URL", server.url)
    monkeypatch.setenv("TIAOWEN_LLM_MODEL", "writer")
    monkeypatch.setenv("TIAOWEN_LLM_API_KEY", "sk-writer")
    monkeypatch.delenv("TIAOWEN_JUDGE_BASE_URL")
    monkeypatch.delenv("TIAOWEN_JUDGE_MODEL")

    def reply(prompt: str) -> str:
        if "<答复>" in prompt:
            return opinion("right")
        return f"{GOOD}[{number_of(prompt, WORDS)}]" if WORDS in prompt else "编造。[1]"

    server.script = Script(reply)
    assert run(few, "--llm") == 0
    assert "3 answers, 0 without a judgement" in capsys.readouterr().out
    last = server.requests[-1]
    assert (last["model"], last["key"]) == ("writer", "Bearer sk-writer")
    judged = [r["messages"][1]["content"] for r in server.requests if r["model"] == "writer"]
    assert any(f"<答复>\n{GOOD}\n</答复>" in body for body in judged)
    monkeypatch.setenv("TIAOWEN_JUDGE_BASE_URL", server.url)
    monkeypatch.setenv("TIAOWEN_JUDGE_MODEL", "judge")
    assert run(few, "--llm") == 0
    last = server.requests[-1]
    assert (last["model"], last["key"]) == ("judge", "Bearer none")


@pytest.mark.parametrize("missing", ["BASE_URL", "MODEL"])
def test_what_is_missing_is_said_before_anything_is_asked(
    server: LLMServer,
    few: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
) -> None:
    monkeypatch.delenv(f"TIAOWEN_JUDGE_{missing}")
    if missing == "BASE_URL":
        monkeypatch.delenv("TIAOWEN_JUDGE_MODEL")
    assert run(few) == 2
    captured = capsys.readouterr()
    assert f"TIAOWEN_JUDGE_{missing}" in captured.err
    assert captured.out == ""


def test_agreement_agrees_with_the_formula() -> None:
    pairs = [(True, True)] * 5 + [(True, False)] * 2 + [(False, True)] + [(False, False)] * 4
    items = [
        judge.Judged(str(n), keys, judge.Opinion(verdict="right" if said else "wrong", reason=""))
        for n, (said, keys) in enumerate(pairs)
    ]
    items.append(judge.Judged("no keys", None, judge.Opinion(verdict="right", reason="")))
    items.append(judge.Judged("failed", True, failure="down"))
    found = judge.Judgement("m", "", "p", tuple(items)).agreement
    assert found is not None
    observed, chance = 9 / 12, (7 * 6 + 5 * 6) / 144
    assert (found.n, found.accuracy) == (12, pytest.approx(observed))
    assert found.kappa == pytest.approx((observed - chance) / (1 - chance))
