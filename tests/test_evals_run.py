"""Running a set against a scripted system, and the three forms of its report."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from evals.__main__ import main
from evals.cases import Case, load_cases
from evals.report import faults, to_json, to_markdown, to_terminal, width
from evals.run import Failure, Report, evaluate
from evals.system import System, open_system

TEXT = "有效期最高10年。"


class FakeDocument:
    text = TEXT

    def labels(self) -> frozenset[str]:
        return frozenset({"（一）"})


def answer(text: str, start: int = 0) -> dict[str, Any]:
    clause = {"document_id": "law", "clause": {"label": "（一）"}, "text": TEXT}
    span = {"start_char_index": start, "end_char_index": len(TEXT), "cited_text": TEXT}
    return {
        "answerable": True,
        "answer": text,
        "citations": [clause | span],
        "evidence": [clause],
        "confidence": 0.9,
        "refusal": None,
    }


OFF_TOPIC = {"reason": "off_topic", "message": "与文件无关。"}
REFUSAL = answer("") | {"answerable": False, "citations": [], "refusal": OFF_TOPIC}

REPLIES = {
    "几年？": answer("**10年**。[1]"),
    "多久？": answer("<b>很久</b>", start=1),
    "长吗？": answer("长" * 301),
    "续签？": REFUSAL,
    "天气？": answer("晴"),
    "坏了？": {},
}


def ask(asked: Case) -> dict[str, Any]:
    if asked.question == "炸？":
        raise RuntimeError("index gone")
    return REPLIES[asked.question]


def case(question: str, **changes: Any) -> Case:
    gold = {"clauses": ("（一）",), "quotes": (TEXT,), "keys": (("10年", "十年"),)}
    fields = {"id": question, "type": "list", "question": question, "answerable": True}
    return Case.model_validate(fields | gold | changes)


CASES = [
    case("几年？"),
    case("多久？", type="followup", history=("B证呢？",)),
    case("长吗？"),
    case("续签？"),
    Case(id="天气？", type="unanswerable_far", question="天气？", answerable=False),
    case("炸？"),
    case("坏了？"),
]


@pytest.fixture(scope="module")
def report() -> Report:
    return evaluate(CASES, ask, {"law": TEXT})


def test_each_question_is_asked_and_reported_in_order() -> None:
    seen: list[tuple[int, int]] = []
    found = evaluate(CASES[:2], ask, {"law": TEXT}, lambda done, total: seen.append((done, total)))
    assert [outcome.case.id for outcome in found.outcomes] == ["几年？", "多久？"]
    assert [outcome.scores["right"] for outcome in found.outcomes] == [1, 0]
    assert seen == [(1, 2), (2, 2)]


def test_several_questions_at_a_time_are_reported_in_order(report: Report) -> None:
    found = evaluate(CASES, ask, {"law": TEXT}, jobs=3)
    assert [o.scores for o in found.outcomes] == [o.scores for o in report.outcomes]
    assert found.groups == report.groups


def test_every_document_that_ships_is_asked_in_an_index_of_its_own() -> None:
    with open_system(None) as opened:
        assert {"shanghai-innovation-centre-2015", "food-waste-law-2021"} <= set(opened.documents)
        found = opened.ask(
            case("第八条讲什么？", type="clause_number", document="food-waste-law-2021")
        )
        ours = opened.ask(case("第八条讲什么？", type="clause_number"))
    assert {c["document_id"] for c in found["citations"]} == {"food-waste-law-2021"}
    assert {c["document_id"] for c in ours["citations"]} == {"shanghai-innovation-centre-2015"}


def test_an_exception_is_a_failure_of_its_question_and_in_no_figure(report: Report) -> None:
    crashed, malformed = report.outcomes[5:]
    assert crashed.failure == Failure("RuntimeError", "index gone")
    assert malformed.failure == Failure("KeyError", "'evidence'")
    assert (crashed.scores, crashed.latency_ms) == ({}, None)
    assert report.failures == 2
    right = report.groups[0].figures["right"]
    assert right is not None
    assert (report.groups[0].n, right.n, right.mean) == (7, 4, 0.25)


def test_faults_say_what_was_wrong(report: Report) -> None:
    assert [faults(outcome) for outcome in report.outcomes] == [
        [],
        ["lacks 10年 | 十年", "a citation is not in the source"],
        ["answer of 301 characters"],
        ["wrong refusal"],
        ["wrong answer"],
        ["raised RuntimeError: index gone"],
        ["raised KeyError: 'evidence'"],
    ]


def test_width_counts_columns() -> None:
    assert (width("ab"), width("（八）a"), width("–")) == (2, 7, 1)


def test_the_terminal_table_is_aligned(report: Report) -> None:
    table, intervals, remarks = to_terminal(report).split("\n\n")
    header, *rows = table.splitlines()
    assert header.split()[:4] == ["n", "recall@1", "recall@5", "MRR"]
    assert [row.split()[:2] for row in rows] == [
        ["all", "7"],
        ["list", "5"],
        ["followup", "1"],
        ["unanswerable_far", "1"],
    ]
    assert len({len(text) for text in (header, *rows)}) == 1
    assert "right          0.250  0.000–0.750  4" in intervals.splitlines()
    assert remarks.endswith("2 of 7 questions raised; no figure counts them.")


def test_markdown_lists_what_failed(report: Report) -> None:
    text = to_markdown(report, "Figures")
    assert text.startswith("# Figures\n\n|  | n | recall@1 |")
    assert "| 0.250 [0.000–0.750] |" in text
    assert "## Failed questions (6)" in text
    entry = text[text.index("### 多久？") : text.index("### 长吗？")].splitlines()
    assert entry[2:-1] == [
        "- asked: B证呢？ → 多久？",
        "- fault: lacks 10年 | 十年; a citation is not in the source",
        "- given: &lt;b&gt;很久&lt;/b&gt;",
        "- cited: （一）",
        "- evidence: （一）",
        "- gold: （一）",
        "- keys: 10年 | 十年",
    ]
    assert "- given: refusal, off_topic" in text


def test_json_holds_every_question(report: Report) -> None:
    found = json.loads(to_json(report))
    assert found["groups"][0]["figures"]["right"]["n"] == 4
    assert [question["id"] for question in found["questions"]] == [c.id for c in CASES]
    assert found["questions"][3]["response"]["refusal"] == "off_topic"
    assert found["questions"][5]["failure"] == {"type": "RuntimeError", "message": "index gone"}
    assert "source" not in found["questions"][0]


@contextmanager
def system(_: Path | None) -> Iterator[System]:
    yield System(ask, {"law": FakeDocument()})


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    lines = [sample.model_dump_json() for sample in CASES]
    (tmp_path / "a-dev.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "a-test.jsonl").write_text(lines[0], encoding="utf-8")
    assert len(load_cases(tmp_path)) == len(CASES) + 1
    return tmp_path


def test_run_prints_and_writes_the_chosen_half(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = questions / "out"
    common = ["run", "--questions", str(questions), "--out", str(out)]
    assert main(common, system) == 0
    assert main([*common, "--split", "dev", "--types", "list", "followup"], system) == 1
    assert capsys.readouterr().out.count("recall@1") == 4
    stem = questions.name
    dev = json.loads((out / f"{stem}-dev-list-followup.json").read_text(encoding="utf-8"))
    assert len(dev["questions"]) == 6
    assert (
        (out / f"{stem}-test.md").read_text(encoding="utf-8").startswith(f"# Figures: {stem}-test")
    )


def test_validate_prints_the_problems(questions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--questions", str(questions / "a-dev.jsonl")], system) == 0
    assert main(["validate", "--questions", str(questions)], system) == 1
    valid, repeated, shared, summary = capsys.readouterr().out.splitlines()
    assert valid == "7 questions, 0 problems."
    assert repeated == "id 几年？ is used 2 times."
    assert shared.startswith("a-test.jsonl:1: quotes a sentence of the dev half (")
    assert summary == "8 questions, 2 problems."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--questions", "nowhere.jsonl"],
            "evals: nowhere.jsonl cannot be read: No such file or directory.",
        ),
        (["--types", "typo", "--questions"], "evals: no question is left by"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_code_2(
    arguments: list[str], message: str, questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(questions)] if arguments[-1] == "--questions" else []
    assert main(["run", *arguments, *paths], system) == 2
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_questions_about_documents_that_are_not_there_are_left_out(
    questions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = case("几年？", document="lost")
    mixed = questions / "b-test.jsonl"
    mixed.write_text(f"{lost.model_dump_json()}\n{CASES[0].model_dump_json()}", encoding="utf-8")
    call = ["run", "--questions", str(mixed), "--out", str(questions / "out")]
    assert main(call, system) == 0
    assert "evals: 1 questions about documents not in the index." in capsys.readouterr().err
    assert main([*call, "--documents", "lost"], system) == 2
    assert capsys.readouterr().err.endswith("no question is about a document of this index.\n")
