"""Reading question sets, and what `validate` finds in them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from evals.cases import Case, QuestionSetError, load_cases, normalise, validate

TEXT = "　　（一）引进人才。有效期最高10年；可以续签。\n　　（二）保护产权。建立黑名单。"


@dataclass(frozen=True)
class FakeDocument:
    text: str = TEXT

    def labels(self) -> frozenset[str]:
        return frozenset({"（一）", "（二）"})


LAW = {"law": FakeDocument()}


def line(**changes: Any) -> str:
    fields = {
        "id": "q1",
        "type": "fact_literal",
        "question": "B证几年？",
        "answerable": True,
        "clauses": ["（一）"],
        "quotes": ["有效期最高10年"],
        "keys": [["10年", "十年"]],
    }
    return json.dumps(fields | changes, ensure_ascii=False)


def case(source: str = "a-dev.jsonl:1", **changes: Any) -> Case:
    return Case.model_validate_json(line(**changes)).model_copy(update={"source": source})


def test_normalise_folds_width_case_and_white_space() -> None:
    assert normalise(" １０ 年\n　ABC（一）") == "10年abc(一)"


def test_missing_keys_are_the_groups_without_an_alternative() -> None:
    found = case(keys=[["10年", "十年"], ["B证"], ["续签"]]).missing_keys("最高 １０年，ｂ证")
    assert found == [("续签",)]


def test_a_folder_is_read_by_file_name_and_knows_its_halves(tmp_path: Path) -> None:
    (tmp_path / "b-test.jsonl").write_text(line(id="t"), encoding="utf-8")
    lines = [line(id="d1"), "", line(id="d2", history=["一\u2028二"]), ""]
    (tmp_path / "a-dev.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "c.jsonl").write_text(line(id="c"), encoding="utf-8")
    found = [(read.id, read.source, read.split) for read in load_cases(tmp_path)]
    assert found == [
        ("d1", "a-dev.jsonl:1", "dev"),
        ("d2", "a-dev.jsonl:3", "dev"),
        ("t", "b-test.jsonl:1", "test"),
        ("c", "c.jsonl:1", None),
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "q.jsonl:1: Invalid JSON"),
        (line(id=" "), "q.jsonl:1: id: must not be blank."),
        (line(keys=[[]]), "q.jsonl:1: keys.0: Tuple should have at least 1 item"),
        (line(clause="（一）"), "q.jsonl:1: clause: Extra inputs are not permitted."),
        (line() + "\n" + line(type="fact"), "q.jsonl:2: type: Input should be 'fact_literal'"),
        (line(clauses=[]), "q.jsonl:1: an answerable question needs its clauses."),
        (line(answerable=False), "an unanswerable question has no clauses, quotes or keys."),
        (line(type="unanswerable_far"), "type unanswerable_far contradicts answerable: true."),
        ("\n", "holds no question."),
    ],
)
def test_a_malformed_set_is_refused_with_file_and_line(
    tmp_path: Path, content: str, message: str
) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(QuestionSetError) as caught:
        load_cases(file)
    assert message in str(caught.value)


def test_an_unreadable_file_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(QuestionSetError, match=r"none\.jsonl cannot be read"):
        load_cases(tmp_path / "none.jsonl")
    with pytest.raises(QuestionSetError, match="holds no question"):
        load_cases(tmp_path)
    (tmp_path / "gbk.jsonl").write_bytes("条".encode("gbk"))
    with pytest.raises(QuestionSetError, match=r"gbk\.jsonl is not UTF-8 text"):
        load_cases(tmp_path)


def test_a_sound_set_has_no_problem() -> None:
    refused = case(id="q2", answerable=False, clauses=[], quotes=[], keys=[])
    other_half = case("a-test.jsonl:1", id="q3", quotes=["建立黑名单"], keys=[["黑名单"]])
    assert validate([case(), refused, other_half], LAW) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"clauses": ["（三）"]}, "no clause （三） in the document."),
        ({"quotes": ["最高 10年"]}, "not a quote of the document: 最高 10年"),
        ({"keys": [["10年"], ["五年", "5年"]]}, "no quote contains 五年 | 5年."),
        ({"question": "是１０年吗？"}, "the question itself contains all keys."),
        ({"document": "act"}, "document act is none of law."),
    ],
)
def test_a_contradiction_is_found(changes: dict[str, Any], problem: str) -> None:
    assert validate([case(**changes)], LAW) == [f"a-dev.jsonl:1: {problem}"]


def test_the_document_must_be_named_among_several() -> None:
    two = {"law": FakeDocument(), "act": FakeDocument()}
    assert validate([case()], two) == ["a-dev.jsonl:1: document None is none of act, law."]
    assert validate([case(document="act")], two) == []


def test_a_repeated_id_is_found() -> None:
    assert validate([case(), case()], LAW) == ["id q1 is used 2 times."]


def test_halves_that_quote_parts_of_one_sentence_are_found() -> None:
    twin = case("a-test.jsonl:7", id="q2", quotes=["可以续签。"], keys=[["续签"]])
    problem = "a-test.jsonl:7: quotes a sentence of the dev half (q1)."
    assert validate([case(), twin], LAW) == [problem]


def test_a_quote_counts_for_every_sentence_it_touches() -> None:
    across = case("a-test.jsonl:7", id="q2", quotes=["引进人才。有效期"], keys=[["人才"]])
    before = case("a-test.jsonl:8", id="q3", quotes=["引进人才。"], keys=[["人才"]])
    problem = "a-test.jsonl:7: quotes a sentence of the dev half (q1)."
    assert validate([case(), across, before], LAW) == [problem]
