"""Other people's question sets, and figures that agree with those of an independent library."""

import json
from pathlib import Path
from typing import Any

import ir_measures
import pytest
from ir_measures import RR, R
from test_evals_run import REPLIES, case

from evals.cases import QuestionSetError
from evals.foreign import read_beir, read_squad
from evals.metrics import clause_recall, reciprocal_rank

CONTEXT = "居住证由公安机关签发。有效期为十年。"
SQUAD: dict[str, Any] = {
    "version": "v1",
    "data": [
        {
            "title": "居住证",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "1",
                            "question": "居住证的有效期为几年？",
                            "answers": [{"text": "十年", "answer_start": 15}],
                        },
                        {"id": "2", "question": "费用？", "answers": [], "is_impossible": True},
                    ],
                },
                {"context": "天使投资由引导基金参股。", "qas": []},
            ],
        }
    ],
}


def squad(folder: Path, content: object) -> Path:
    path = folder / "set.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def beir(folder: Path, judgements: str = "q1\td2\t1\nq1\td1\t0\n") -> Path:
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": "d1", "title": "甲", "text": "生育津贴"}, {"_id": "d2", "text": "居住证"}]
    lines = "\n".join(json.dumps(row) for row in corpus)
    (folder / "corpus.jsonl").write_text(lines, encoding="utf-8")
    queries = [{"_id": "q1", "text": "居住证"}, {"_id": "q2", "text": "没有判断"}]
    lines = "\n".join(json.dumps(row) for row in queries)
    (folder / "queries.jsonl").write_text(lines, encoding="utf-8")
    table = "query-id\tcorpus-id\tscore\n" + judgements
    (folder / "qrels" / "test.tsv").write_text(table, encoding="utf-8")
    return folder


def test_contexts_become_documents_and_answers_keys(tmp_path: Path) -> None:
    read = read_squad(squad(tmp_path, SQUAD))
    assert [document.text for document in read.documents] == [CONTEXT, "天使投资由引导基金参股。"]
    asked, impossible = read.cases
    assert (asked.keys, asked.clauses, asked.document) == ((("十年",),), ("正文",), "set-0")
    assert (impossible.answerable, impossible.type) == (False, "unanswerable_near")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"data": [{"title": "x"}]}, "SQuAD"),
        ({}, "SQuAD"),
        ({"data": []}, "no question"),
        (3, "is"),
    ],
)
def test_what_is_no_squad_file_is_said_so(tmp_path: Path, content: object, says: str) -> None:
    with pytest.raises(QuestionSetError, match=says):
        read_squad(squad(tmp_path, content))


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match="cannot be read"):
        read_squad(tmp_path / "none.json")


def test_a_beir_folder_keeps_judged_questions(tmp_path: Path) -> None:
    read = read_beir(beir(tmp_path / "set"))
    assert read.questions == ["居住证"]
    assert read.passages == ["甲 生育津贴", "居住证"]
    assert read.gold == [frozenset({1})]


@pytest.mark.parametrize(
    ("judgements", "says"),
    [("q1\td9\t1\n", "not there"), ("q1\td2\t0\n", "no judged"), ("q1 d2\n", "no table")],
)
def test_a_beir_folder_with_faults(tmp_path: Path, judgements: str, says: str) -> None:
    with pytest.raises(QuestionSetError, match=says):
        read_beir(beir(tmp_path / "set", judgements))


def test_a_beir_folder_without_files(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match="cannot be read"):
        read_beir(tmp_path)


@pytest.mark.parametrize(
    "ranked", [["（二）", "（一）", "（三）"], ["（三）"], ["（一）", "（二）"]]
)
def test_recall_and_reciprocal_rank_agree_with_ir_measures(ranked: list[str]) -> None:
    evidence = [{"document_id": "law", "clause": {"label": label}} for label in ranked]
    asked = case("几年？", clauses=("（一）", "（三）"))
    response = REPLIES["几年？"] | {"evidence": evidence}
    judged = [ir_measures.Qrel("q", label, 1) for label in asked.clauses]
    run = [ir_measures.ScoredDoc("q", label, -float(n)) for n, label in enumerate(ranked)]
    theirs = ir_measures.calc_aggregate([R @ 1, R @ 5, RR], judged, run)
    assert clause_recall(asked, response, 1) == pytest.approx(theirs[R @ 1])
    assert clause_recall(asked, response, 5) == pytest.approx(theirs[R @ 5])
    assert reciprocal_rank(asked, response) == pytest.approx(theirs[RR])
