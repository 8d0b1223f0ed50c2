"""``tiaowen prompt`` and ``tiaowen doctor``."""

import sys
from collections.abc import Iterator

import pytest
from llm_server import LLMServer, Script, serve
from support import B_PERMIT, shipped_index

from assistant.llm import install_command
from ui.cli import main

IN_JSON = '{"sentences": [{"text": "你好。", "citations": [1]}]}'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LLMServer]:
    with serve() as running:
        monkeypatch.setenv("TIAOWEN_LLM_BASE_URL", running.url)
        monkeypatch.setenv("TIAOWEN_LLM_MODEL", "scripted")
        monkeypatch.setenv("TIAOWEN_LLM_API_KEY", "sk-secret")
        monkeypatch.setenv("TIAOWEN_LLM_TIMEOUT", "2")
        yield running


def test_prompt_shows_all_that_would_be_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIAOWEN_LLM_BASE_URL", raising=False)
    assert main(["prompt", B_PERMIT, "--index", str(shipped_index())]) == 0
    printed = capsys.readouterr().out
    assert "=== system ===" in printed
    assert "没有规定" in printed
    assert "[1] 《科创22条》三、建设创新创业人才高地 › （八）" in printed
    assert B_PERMIT in printed
    assert '"required": ["sentences"]' in printed
    monkeypatch.setenv("TIAOWEN_LLM_STRUCTURED", "off")
    assert main(["prompt", B_PERMIT, "--index", str(shipped_index())]) == 0
    assert "sentences" not in capsys.readouterr().out


@pytest.mark.parametrize("question", ["第八条讲什么", "今天天气怎么样？"])
def test_prompt_where_no_model_would_be_asked(
    capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert main(["prompt", question, "--index", str(shipped_index())]) == 0
    assert "不用语言模型" in capsys.readouterr().out


def test_doctor_without_a_model(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIAOWEN_LLM_BASE_URL", raising=False)
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "未设置" in printed
    assert "安装" not in printed
    monkeypatch.setattr("ui.llm_commands.find_spec", lambda _: None)
    assert main(["doctor"]) == 0
    assert "安装客户端：.venv/bin/pip install -c constraints.txt" in capsys.readouterr().out


def test_a_model_without_the_client_is_told_how_to_install_it(
    server: LLMServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    assert main(["doctor"]) == 2
    assert f"请运行 {install_command()}" in capsys.readouterr().err


def test_doctor_of_a_model_that_answers(
    server: LLMServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(lambda _: "你好")
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "可用：首字" in printed
    assert "它说：你好" in printed
    assert "那里有：scripted" in printed
    assert "实际作答的模型" not in printed
    assert "sk-secret" not in printed


def test_doctor_names_the_model_that_was_served(
    server: LLMServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(lambda _: "你好", served="scripted-0.5b-q4")
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert "实际作答的模型：scripted-0.5b-q4，设置的是 scripted" in printed


@pytest.mark.parametrize(
    "case",
    [
        ("auto", Script(structured=lambda _: IN_JSON), "结构化输出：可用"),
        ("auto", Script(structured=lambda _: "你好"), "结构化输出：服务器接受，但没有照做"),
        ("auto", Script(structured=lambda _: "{}"), "结构化输出：服务器接受，但没有照做"),
        ("auto", Script(refuses=400), "结构化输出：服务器不支持，改用编号标记"),
        ("on", Script(refuses=422), "不可用：语言模型返回错误（HTTP 422），它可能不支持结构化输出"),
        ("off", Script(), "结构化输出：已关闭"),
    ],
)
def test_doctor_says_whether_structured_output_works(
    server: LLMServer,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, Script, str],
) -> None:
    mode, server.script, said = case
    monkeypatch.setenv("TIAOWEN_LLM_STRUCTURED", mode)
    assert main(["doctor"]) == int(mode == "on")
    assert said in capsys.readouterr().out


def test_doctor_of_a_model_that_does_not(
    server: LLMServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(status=401)
    assert main(["doctor"]) == 1
    assert "不可用：语言模型拒绝了密钥" in capsys.readouterr().out


def test_an_answer_with_a_note_in_the_terminal(
    server: LLMServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script = Script(status=401)
    assert main(["ask", B_PERMIT, "--index", str(shipped_index())]) == 0
    printed = capsys.readouterr().out
    assert "10年。[1]" in printed
    assert "密钥" in printed


def test_an_endpoint_without_a_model_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIAOWEN_LLM_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.delenv("TIAOWEN_LLM_MODEL", raising=False)
    assert main(["ask", B_PERMIT, "--index", str(shipped_index())]) == 2
    assert "TIAOWEN_LLM_MODEL" in capsys.readouterr().err


def test_what_rewriting_would_send_is_shown_too(
    server: LLMServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIAOWEN_LLM_HELP", "followup,wording")
    assert main(["prompt", B_PERMIT, "--index", str(shipped_index())]) == 0
    printed = capsys.readouterr().out
    assert "检索之前" in printed
    assert '"keys": ["wording"]' in printed
    assert server.requests == []
    server.script = Script(lambda _: "你好")
    assert main(["doctor"]) == 0
    assert "检索前的改写：followup、wording，最长 3 秒" in capsys.readouterr().out
