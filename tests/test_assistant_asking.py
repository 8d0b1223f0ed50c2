"""Questions that a model writes at build time: asked once, kept, harmless; over real HTTP."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import POLICY_TEXT
from llm_server import LLMServer, Script, serve

from assistant.asking import Asked, ask_for_index, portions
from assistant.errors import BadSettings
from assistant.settings import Settings
from corpus.model import Document
from index import layout
from index.build import build, keyed_passages
from index.encode import HashEncoder
from index.errors import DamagedIndex, NotAnIndex
from index.questions import ClauseQuestions, Generated
from index.search import Searcher
from ui.cli import main

POLICY = Document("policy", "某市关于建设创新中心的意见", POLICY_TEXT)
AMENDED = replace(POLICY, text=POLICY_TEXT.replace("最高延长到10年", "最高延长到8年"))
CLAUSES = len(list(portions(POLICY)))
ENCODER = HashEncoder(64)


@pytest.fixture
def server() -> Iterator[LLMServer]:
    with serve() as running:
        running.script = Script(writes)
        yield running


def writes(prompt: str) -> str:
    asked = json.loads(prompt)
    question = f"老百姓怎么问{asked['path'][-1][:4]}这件事"
    return json.dumps({"questions": [{"n": 1, "question": question}]}, ensure_ascii=False)


def settings_of(server: LLMServer) -> Settings:
    return Settings(llm_base_url=server.url, llm_model="scripted", llm_timeout=2.0)


def ask(server: LLMServer, directory: Path, *documents: Document) -> Asked:
    return ask_for_index(documents or (POLICY,), settings_of(server), directory, lambda *_: None)


def says(server: LLMServer, *questions: Any) -> None:
    reply = json.dumps({"questions": list(questions)}, ensure_ascii=False)
    server.script = Script(lambda _: reply)


def sent(server: LLMServer) -> list[str]:
    """The last headings of the clauses that were asked about."""
    bodies = [json.loads(r["messages"][-1]["content"]) for r in server.requests]
    return [body["path"][-1] for body in bodies]


def texts(records: Sequence[ClauseQuestions]) -> list[str]:
    return [question.text for record in records for question in record.questions]


def test_every_clause_is_asked_about_once(server: LLMServer, tmp_path: Path) -> None:
    first = ask(server, tmp_path / "index")
    assert (first.asked, first.missing, first.fault) == (CLAUSES, 0, "")
    assert len(server.requests) == len(first.records) == CLAUSES
    again = ask(server, tmp_path / "index")
    assert (again.asked, again.records) == (0, first.records)
    assert len(server.requests) == CLAUSES


def test_only_a_changed_clause_is_asked_about_again(server: LLMServer, tmp_path: Path) -> None:
    ask(server, tmp_path / "index")
    server.requests.clear()
    assert ask(server, tmp_path / "index", AMENDED).asked == 1
    (heading,) = sent(server)
    assert heading.startswith("（五）")


def test_a_copied_index_brings_its_questions(server: LLMServer, tmp_path: Path) -> None:
    written = ask(server, tmp_path / "index")
    build([POLICY], ENCODER, tmp_path / "copy" / "index", questions=written.records)
    assert ask(server, tmp_path / "copy" / "index").asked == 0


def test_a_stopped_build_goes_on(server: LLMServer, tmp_path: Path) -> None:
    ask(server, tmp_path / "index")
    cache = layout.cache_of(tmp_path / "index")
    lines = cache.read_text(encoding="utf-8").splitlines(keepends=True)
    cache.write_text("".join(lines[:3]) + lines[3][:20], encoding="utf-8")  # killed while writing
    server.requests.clear()
    assert ask(server, tmp_path / "index").asked == CLAUSES - 3
    assert ask(server, tmp_path / "index").asked == 0


def test_a_dead_model_is_not_asked_about_everything(server: LLMServer, tmp_path: Path) -> None:
    server.script = Script(status=401)
    written = ask(server, tmp_path / "index")
    assert written.missing == CLAUSES
    assert written.records == ()
    assert written.fault
    assert len(server.requests) < CLAUSES


@pytest.mark.parametrize(
    "reply", ["不写", "{}", '{"questions": 3}', '{"questions": [{"q": "几年"}]}']
)
def test_garbage_is_asked_about_again(server: LLMServer, tmp_path: Path, reply: str) -> None:
    server.script = Script(lambda _: reply)
    assert ask(server, tmp_path / "index").fault == "语言模型写的问题无法读取"
    server.script = Script(writes)
    assert ask(server, tmp_path / "index").asked == CLAUSES


def test_what_a_model_writes_is_cut_to_lines(server: LLMServer, tmp_path: Path) -> None:
    good = {"n": 1, "question": "居住证\u202e有效期\x00最长\n几年"}
    bad: list[Any] = [
        {"n": 99, "question": "没有这一段的问题"},
        {"n": "1", "question": "编号不是数"},
        {"n": 1, "question": "长" * 61},
        {"n": 1, "question": "吗？"},
        {"n": 1, "question": ["不是文字"]},
        "不是对象",
        good,
    ]
    says(server, good, *bad, *({"n": 1, "question": f"第{n}个居住证问题"} for n in range(20)))
    written = ask(server, tmp_path / "index")
    found = [q.text for q in written.records[0].questions]
    assert found[0] == "居住证 有效期 最长 几年"
    assert len(found) == len(set(found)) == 6
    assert not any("没有这一段" in text or "编号" in text for text in found)


def test_only_the_clause_is_sent(server: LLMServer, tmp_path: Path) -> None:
    ask(server, tmp_path / "index")
    body = json.loads(server.requests[-1]["messages"][-1]["content"])
    assert set(body) == {"title", "path", "paragraphs"}
    assert str(tmp_path) not in json.dumps(server.requests)


def test_no_model_is_no_questions(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="TIAOWEN_LLM_BASE_URL"):
        ask_for_index([POLICY], Settings(), tmp_path / "index", lambda *_: None)


def test_nothing_is_asked_for_a_folder_of_other_files(server: LLMServer, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "photo.jpg").write_bytes(b"x")
    with pytest.raises(NotAnIndex):
        ask(server, tmp_path / "index")
    assert server.requests == []


def test_a_question_leads_to_its_passage(tmp_path: Path) -> None:
    key, passage = keyed_passages(POLICY)[-1]
    question = "单位里谁搞出名堂谁拿钱吗"
    build([POLICY], ENCODER, tmp_path / "plain")
    record = ClauseQuestions("x", (Generated(key, question), Generated("gone", "没有段落的问题")))
    build([POLICY], ENCODER, tmp_path / "with", questions=[record])
    plain = Searcher.open(tmp_path / "plain", ENCODER)
    beside = Searcher.open(tmp_path / "with", ENCODER)
    assert plain.search(question, 1)[0].passage != passage
    assert beside.search(question, 1)[0].passage == passage
    (hit,) = [hit for hit in plain.search(question, 50) if hit.passage == passage]
    (other,) = [hit for hit in beside.search(question, 50) if hit.passage == passage]
    assert other.dense == hit.dense  # of the text: what is weighed later is the same
    assert beside.topicality(question) == plain.topicality(question)
    assert beside.search(question, 5, documents=["policy"])[0].passage == passage


def test_without_questions_the_index_is_what_it_was(tmp_path: Path) -> None:
    build([POLICY], ENCODER, tmp_path / "index")
    assert not list((tmp_path / "index").glob("questions*"))
    record = ClauseQuestions("x", (Generated(keyed_passages(POLICY)[0][0], "为什么要建创新中心"),))
    build([POLICY], ENCODER, tmp_path / "index", questions=[record])
    assert {p.name for p in (tmp_path / "index").glob("questions*")} == {
        layout.QUESTIONS,
        layout.QUESTION_VECTORS,
    }
    build([POLICY], ENCODER, tmp_path / "index")
    assert not list((tmp_path / "index").glob("questions*"))


def test_damaged_questions_are_noticed(tmp_path: Path) -> None:
    record = ClauseQuestions("x", (Generated(keyed_passages(POLICY)[0][0], "为什么要建创新中心"),))
    build([POLICY], ENCODER, tmp_path / "index", questions=[record])
    (tmp_path / "index" / layout.QUESTION_VECTORS).write_bytes(b"x")
    with pytest.raises(DamagedIndex, match=r"questions\.faiss"):
        Searcher.open(tmp_path / "index", ENCODER)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_text(POLICY_TEXT, encoding="utf-8")
    return path


def test_the_command_asks_once(
    server: LLMServer,
    policy_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TIAOWEN_LLM_BASE_URL", server.url)
    monkeypatch.setenv("TIAOWEN_LLM_MODEL", "scripted")
    command = ["build", str(policy_file), "--index", str(policy_file.parent / "i")]
    assert main([*command, "--with-questions"]) == 0
    asked = len(server.requests)
    assert f"这次问了 {asked} 条" in capsys.readouterr().out
    assert main(command) == 0  # without: they are kept beside the index
    assert main([*command, "--with-questions"]) == 0
    assert "这次问了 0 条" in capsys.readouterr().out
    assert len(server.requests) == asked
    server.script = Script(status=401)
    policy_file.write_text(POLICY_TEXT.replace("10年", "8年"), encoding="utf-8")
    assert main([*command, "--with-questions"]) == 1
    assert "有 1 条没有写成：语言模型拒绝了密钥" in capsys.readouterr().err
    assert main(["ask", "居住证有效期最长几年", *command[2:]]) == 0
    assert "8年" in capsys.readouterr().out


def test_the_command_without_a_model_says_what_to_set(
    policy_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("TIAOWEN_LLM_BASE_URL", raising=False)
    place = policy_file.parent / "i"
    assert main(["build", str(policy_file), "--with-questions", "--index", str(place)]) == 2
    assert "请先设置 TIAOWEN_LLM_BASE_URL" in capsys.readouterr().err
    assert not place.exists()
