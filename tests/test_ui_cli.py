"""``tiaowen ask | serve | build | documents | feedback``: output, exit codes, errors."""

import io
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import (
    B_PERMIT,
    SHIPPED_ID,
    check_contract,
    shipped_encoder,
    shipped_index,
    workspace,
)

from assistant.feedback import Feedback, FeedbackStore, Quoted
from corpus.store import shipped_documents
from evals.cases import load_cases
from ui import cli
from ui.cli import main

TEXTS = {document.id: document.text for document in shipped_documents()}
LAW = """中华人民共和国河湖示范法
第一章 总则
""" + "".join(
    f"第{number}条 关于第{number}项事务的规定，由主管部门负责。\n"
    for number in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一")
)
LAW += """第十二条 禁止在河道内倾倒垃圾。
违反前款规定的，由水务部门处五百元以上二千元以下罚款；拒不改正的，加倍处罚。
罚款应当上缴国库。
第十三条 在河边钓鱼应当取得钓鱼证，钓鱼证有效期为三年。
"""
PARAGRAPH = "违反前款规定的，由水务部门处五百元以上二千元以下罚款；拒不改正的，加倍处罚。"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped index, whatever the user's cache holds; the encoder is loaded once."""
    for name in os.environ:
        if name.startswith("TIAOWEN_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TIAOWEN_INDEX", str(shipped_index()))
    monkeypatch.setattr("assistant.opening.load_encoder", lambda _: shipped_encoder())
    monkeypatch.setattr("index.encode.load_encoder", lambda _: shipped_encoder())


def tiaowen(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("TIAOWEN_")}
    home = {"XDG_CACHE_HOME": str(workspace() / "cache"), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        check=False,
        capture_output=True,
        encoding="utf-8",
        env={**inherited, **home, **environ},
        timeout=60,
    )


def one_line(error: str) -> str:
    """What goes wrong is said in one line."""
    assert error.count("\n") == 1, error
    assert error.startswith("tiaowen: ")
    assert "Traceback" not in error
    return error


def question_file(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "questions.jsonl"
    written = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(written) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def law_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("law")
    (folder / "河湖示范法.txt").write_text(LAW, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.encode.load_encoder", lambda _: shipped_encoder())
        assert main(["build", str(folder / "河湖示范法.txt"), "--index", str(folder / "索引")]) == 0
    return folder / "索引"


def test_an_answer_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", B_PERMIT]) == 0
    out, err = capsys.readouterr()
    assert "10年" in out
    assert "三、建设创新创业人才高地 › （八）" in out
    assert "延长有效期限最高到10年" in out
    assert err == ""


def test_a_refusal_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "第三十条"]) == 0
    assert "22" in capsys.readouterr().out


def test_json_is_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", B_PERMIT, "--json", "--top-k", "3", "--document", SHIPPED_ID]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    values = json.loads(out)
    check_contract(values, TEXTS)
    assert "question_id" not in values
    assert len(values["evidence"]) == 3


def test_a_question_set_is_answered_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = ["海外人才居住证（B证）有什么规定？"]
    path = question_file(
        tmp_path,
        {"id": "c", "question": "第八条讲什么", "type": "clause_number", "keys": []},
        {"id": "a", "question": "那最长几年呢？", "history": history},
        "",
        {"question": "你好", "document": SHIPPED_ID},
        {
            "id": "m",
            "question": "那最长几年呢？",
            "history": [{"role": "user", "content": history[0]}],
        },
    )
    assert main(["ask", "--questions", str(path), "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["question_id"] for line in lines] == ["c", "a", 4, "m"]
    for line in lines:
        check_contract(line, TEXTS)
    assert lines[1]["answer"] == lines[3]["answer"]


def test_questions_may_come_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"question": "第八条讲什么"}\n'))
    assert main(["ask", "--questions", "-"]) == 0
    assert capsys.readouterr().out.startswith("# 第八条讲什么\n")


def test_a_bad_question_in_a_set_keeps_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = question_file(tmp_path, {"question": " "}, {"question": B_PERMIT}, {"question": "\x00"})
    assert main(["ask", "--questions", str(path), "--json"]) == 2
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) & {"error", "answer"} for line in lines] == [{"error"}, {"answer"}, {"error"}]
    assert set(lines[0]["error"]) == {"code", "message", "detail"}
    assert main(["ask", "--questions", str(path)]) == 2
    assert "问题是空的" in capsys.readouterr().out


def test_an_unknown_document_in_a_set_is_named_as_in_the_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = question_file(tmp_path, {"question": B_PERMIT, "document": "nowhere"})
    assert main(["ask", "--questions", str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "unknown_document"


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_half_a_character_in_a_set_does_not_stop_it(tmp_path: Path, arguments: list[str]) -> None:
    lines = ['{"id": "\\ud800", "question": "\\ud800"}', '{"question": "第八条讲什么"}']
    path = question_file(tmp_path, *lines)
    done = tiaowen("ask", "--questions", str(path), *arguments, TIAOWEN_INDEX=str(shipped_index()))
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "外籍高层次人才" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "7",
        "{}",
        '{"question": 7}',
        '{"question": "问", "history": [7]}',
        '{"question": "问", "history": [{"role": "user"}]}',
        '{"question": "问", "history": 7}',
        '{"question": "问", "document": 7}',
        '{"question": "问", "id": ["x"]}',
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = question_file(tmp_path, {"question": B_PERMIT}, line)
    assert main(["ask", "--questions", str(path), "--json"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "第 2 行" in one_line(err)
    assert str(path) in err


@pytest.mark.parametrize("content", [None, b"", b"\n\n", b"\xff\xfe\x00"])
def test_a_file_without_questions(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "q.jsonl"
    if content is not None:
        path.write_bytes(content)
    assert main(["ask", "--questions", str(path)]) == 2
    assert str(path) in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "question", ["", "  ", "问" * 10_000, "有效\x01期", "\x1b[31m红", "坏\udcff"]
)
def test_a_bad_question_is_the_callers_fault(
    question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", question]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    one_line(err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask"],
        ["ask", B_PERMIT, "--questions", "q.jsonl"],
        ["ask", B_PERMIT, "--top-k", "0"],
        ["ask", B_PERMIT, "--top-k", "51"],
        ["ask", B_PERMIT, "--document", "nowhere"],
        ["build", "/nowhere/at/all.txt"],
    ],
)
def test_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main([*arguments, "--index", str(tmp_path / "i")][: len(arguments)]) == 2
    one_line(capsys.readouterr().err)


def test_a_bad_setting_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIAOWEN_MAX_QUESTION", "long")
    assert main(["ask", B_PERMIT]) == 2
    assert "TIAOWEN_MAX_QUESTION" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("command", [["ask", B_PERMIT], ["documents"]])
def test_an_unknown_index_names_the_command_that_builds_it(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--index", str(tmp_path / "none")]) == 1
    error = one_line(capsys.readouterr().err)
    assert "tiaowen build" in error
    assert str(tmp_path / "none") in error
    assert list(tmp_path.iterdir()) == []


def test_documents_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["documents"]) == 0
    out = capsys.readouterr().out
    assert SHIPPED_ID in out
    assert "2015" in out
    assert main(["documents", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["characters"] == len(TEXTS[SHIPPED_ID])


def test_a_folder_is_built(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, target = tmp_path / "文件", tmp_path / "索引"
    folder.mkdir()
    (folder / "law.txt").write_text(LAW, encoding="utf-8")
    (folder / "办法.md").write_text(
        "# 停车办法\n\n## 第一条\n\n停车费每小时五元。\n", encoding="utf-8"
    )
    (folder / "empty.txt").write_text("", encoding="utf-8")
    assert main(["build", str(folder), "--index", str(target)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("2 份文件")
    assert "empty.txt" in err
    assert main(["documents", "--index", str(target), "--json"]) == 0
    ids = {listed["id"] for listed in json.loads(capsys.readouterr().out)}
    assert ids == {"law", "办法"}
    assert main(["build", str(folder), "--index", str(target)]) == 0
    assert "新编码 0" in capsys.readouterr().out


def test_the_shipped_documents_are_built_by_default(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--index", str(tmp_path / "i")]) == 0
    assert str(tmp_path / "i") in capsys.readouterr().out
    assert main(["ask", B_PERMIT, "--index", str(tmp_path / "i")]) == 0


def test_a_folder_with_other_files_is_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("keep me", encoding="utf-8")
    assert main(["build", "--index", str(tmp_path)]) == 1
    one_line(capsys.readouterr().err)
    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "keep me"


def ask_law(question: str, index: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["ask", question, "--index", str(index), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


def test_a_paragraph_of_a_law_is_quoted_exactly(
    law_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = ask_law("第十二条第二款是怎么规定的？", law_index, capsys)
    check_contract(values, {"河湖示范法": LAW})
    (citation,) = values["citations"]
    assert citation["cited_text"] == PARAGRAPH
    assert citation["clause"]["label"] == "第十二条"
    assert citation["clause"]["paragraph"] == 2


def test_an_everyday_question_is_answered_from_a_law(
    law_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = ask_law("钓鱼证的有效期是几年？", law_index, capsys)
    assert "三年" in values["answer"]
    assert values["citations"][0]["clause"]["label"] == "第十三条"


def test_an_article_a_law_does_not_have(
    law_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    values = ask_law("第九十九条讲什么", law_index, capsys)
    assert values["refusal"]["reason"] == "not_in_document"
    assert "13" in values["refusal"]["message"]


def test_a_damaged_index_names_the_file_and_the_repair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--index", str(tmp_path / "i")]) == 0
    (tmp_path / "i" / "passages.jsonl").write_text("{}", encoding="utf-8")
    capsys.readouterr()
    assert main(["ask", B_PERMIT, "--index", str(tmp_path / "i")]) == 1
    error = one_line(capsys.readouterr().err)
    assert "passages.jsonl" in error
    assert "tiaowen build" in error


def test_a_taken_port_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert str(port) in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments", [["--port", "99999"], ["--port", "-1"], ["--host", "256.0.0.1"]]
)
def test_an_address_that_is_none(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", *arguments]) == 2
    one_line(capsys.readouterr().err)


def test_interruption_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_documents", interrupted)
    assert main(["documents"]) == 130


def test_help_is_instant() -> None:
    code = (
        "import sys, ui.cli\n"
        "try: ui.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'faiss', 'gradio', 'fastapi', 'model2vec', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    for command in ("ask", "serve", "build", "documents", "feedback"):
        assert command in done.stdout


def test_a_process_of_its_own_builds_its_index_on_first_use() -> None:
    first = tiaowen("ask", B_PERMIT)
    assert first.returncode == 0, first.stderr
    assert "10年" in first.stdout
    assert "（八）" in first.stdout
    assert first.stderr == ""
    assert (workspace() / "cache" / "tiaowen" / "index" / "manifest.json").exists()


@pytest.mark.parametrize("question", ["", "问" * 10_000, "有效\x01期"])
def test_a_process_ends_with_2_and_one_line(question: str) -> None:
    done = tiaowen("ask", question, TIAOWEN_INDEX=str(shipped_index()))
    assert done.returncode == 2
    assert done.stdout == ""
    one_line(done.stderr)


def test_answers_go_to_stdout_and_progress_to_stderr(tmp_path: Path) -> None:
    path = question_file(tmp_path, *[{"id": n, "question": B_PERMIT} for n in range(3)])
    index = str(shipped_index())
    done = tiaowen("ask", "--questions", str(path), "--json", TIAOWEN_INDEX=index)
    assert done.returncode == 0
    assert [json.loads(line)["question_id"] for line in done.stdout.splitlines()] == [0, 1, 2]


def test_progress_is_shown_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = question_file(tmp_path, {"question": B_PERMIT})
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(["ask", "--questions", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert "1/1" in err
    assert "1/1" not in out


def test_a_build_without_paths_leaves_other_documents_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "规定.txt", tmp_path / "index"
    source.write_text("第一条 甲事。\n第二条 乙事。\n", encoding="utf-8")
    assert main(["build", str(source), "--index", str(target)]) == 0
    (target / "manifest.json").unlink()
    assert main(["build", "--index", str(target)]) == 1
    assert "规定.txt" in capsys.readouterr().err
    assert main(["build", str(source), "--index", str(target)]) == 0
    assert main(["ask", "第二条", "--index", str(target)]) == 0
    assert "乙事" in capsys.readouterr().out


def test_a_build_without_paths_builds_the_shipped_document_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--index", str(tmp_path / "index")]) == 0
    assert capsys.readouterr().out.startswith(f"{len(shipped_documents())} 份文件")


QUOTE = "延长有效期限最高到10年。"


@pytest.fixture
def feedback_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where feedback is kept: an answer that helped and a refusal that did not."""
    path = tmp_path / "feedback.sqlite"
    monkeypatch.setenv("TIAOWEN_FEEDBACK", str(path))
    store = FeedbackStore(path)
    quoted = Quoted(SHIPPED_ID, "（八）", QUOTE, 4000, 4013)
    store.save(Feedback("a1", "up", "", B_PERMIT, (), True, f"{QUOTE}[1]", (quoted,), {"e": "1"}))
    store.save(Feedback("a2", "down", "有写的", "能兼职吗？", (), False, "没有", (), {"e": "1"}))
    return path


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [([], ["a1", "a2"]), (["--rating", "up"], ["a1"]), (["--rating", "down"], ["a2"])],
)
def test_feedback_is_exported(
    feedback_file: Path,
    arguments: list[str],
    ids: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["feedback", "export", *arguments]) == 0
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["answer_id"] for row in rows] == ids
    assert err == ""
    for row in rows:
        assert {"rating", "reason", "question", "answer", "citations", "versions", "at"} <= set(row)


def test_exported_feedback_is_written_as_it_was_said(
    feedback_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "export", "--rating", "up"]) == 0
    out = capsys.readouterr().out
    assert B_PERMIT in out
    assert json.loads(out)["citations"] == [
        {
            "document_id": SHIPPED_ID,
            "label": "（八）",
            "cited_text": QUOTE,
            "start_char_index": 4000,
            "end_char_index": 4013,
        }
    ]


def test_exported_cases_can_be_read_as_a_question_set(
    feedback_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "export", "--cases"]) == 0
    written = tmp_path / "feedback.jsonl"
    written.write_text(capsys.readouterr().out, encoding="utf-8")
    good, bad = load_cases(written)
    assert (good.id, good.clauses, good.keys) == ("feedback-0001", ("（八）",), (("10年",),))
    assert (bad.id, bad.answerable) == ("feedback-0002", False)


def test_no_feedback_yet_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIAOWEN_FEEDBACK", str(tmp_path / "none.sqlite"))
    assert main(["feedback", "export"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert str(tmp_path / "none.sqlite") in one_line(err)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_holds_no_feedback_is_named(
    feedback_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback_file.write_text("no database " * 99, encoding="utf-8")
    assert main(["feedback", "export", "--cases"]) == 2
    assert str(feedback_file) in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("arguments", [[], ["export", "--rating", "sideways"], ["import"]])
def test_wrong_usage_of_feedback(
    feedback_file: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["feedback", *arguments])
    assert caught.value.code == 2
    assert "tiaowen feedback" in capsys.readouterr().err


def test_feedback_goes_where_it_is_read_from(tmp_path: Path) -> None:
    path = tmp_path / "data" / "tiaowen" / "feedback.sqlite"
    FeedbackStore(path).save(Feedback("a1", "up", "", "问", (), False, "没有", (), {}))
    done = tiaowen("feedback", "export", XDG_DATA_HOME=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["question"] == "问"
