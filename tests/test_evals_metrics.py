"""Figures of single questions, worked by hand."""

from typing import Any

import pytest

from evals.cases import Case
from evals.metrics import (
    answer_right,
    citation_precision,
    citation_recall,
    clause_recall,
    exact_spans,
    plain,
    reciprocal_rank,
    score,
    wrong_answer,
    wrong_refusal,
)

GOLD = Case(
    id="q",
    type="multi_clause",
    question="几年？谁批？",
    answerable=True,
    clauses=("（一）", "（三）"),
    keys=(("10年", "十年"), ("市科委",)),
)
OFF = Case(id="u", type="unanswerable_far", question="天气？", answerable=False)


def hit(label: str, document: str = "law") -> dict[str, Any]:
    return {"document_id": document, "clause": {"label": label}}


def cite(label: str, start: int = 0, end: int = 2, text: str = "有效") -> dict[str, Any]:
    span = {"start_char_index": start, "end_char_index": end, "cited_text": text}
    return hit(label) | span


def response(**changes: Any) -> dict[str, Any]:
    return {"answerable": True, "answer": "", "citations": [], "evidence": []} | changes


REFUSAL = response(answerable=False)


def test_plain_drops_markers_and_bold() -> None:
    assert plain("**10年**。[1][12] \n") == "10年。"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("最高**１０ 年**[1]，由市科[2]委批。", 1),
        ("最高十年。", 0),
        ("", 0),
        ("10年市科委" + "。" * 294 + "[1]", 1),
        ("10年市科委" + "。" * 295, 0),
    ],
)
def test_a_right_answer_has_every_key_group_and_is_short(answer: str, expected: int) -> None:
    assert answer_right(GOLD, response(answer=answer)) == expected


def test_a_refusal_is_not_right_even_if_its_text_holds_the_keys() -> None:
    assert answer_right(GOLD, response(answerable=False, answer="10年市科委")) == 0


def test_hits_of_one_clause_share_a_rank() -> None:
    found = response(
        evidence=[hit("（二）"), hit("（二）"), hit("（一）"), hit("（二）"), hit("（三）")]
    )
    assert clause_recall(GOLD, found, 1) == 0
    assert clause_recall(GOLD, found, 2) == 0.5
    assert clause_recall(GOLD, found, 3) == 1
    assert reciprocal_rank(GOLD, found) == 0.5


def test_nothing_found_has_rank_zero() -> None:
    assert reciprocal_rank(GOLD, response(evidence=[hit("（九）")])) == 0


def test_a_clause_of_another_document_is_not_gold_but_takes_its_rank() -> None:
    gold = GOLD.model_copy(update={"document": "law"})
    found = response(evidence=[hit("（一）", "act"), hit("（一）")])
    assert (clause_recall(gold, found, 1), clause_recall(gold, found, 2)) == (0, 0.5)
    assert clause_recall(GOLD, found, 1) == 0.5  # no document asked for: labels alone count


def test_citations_are_judged_by_their_clause() -> None:
    cited = response(citations=[cite("（一）"), cite("（一）"), cite("（二）")])
    assert citation_precision(GOLD, cited) == pytest.approx(2 / 3)
    assert citation_recall(GOLD, cited) == 0.5


def test_who_cites_nothing_has_no_precision_and_no_recall() -> None:
    assert citation_precision(GOLD, REFUSAL) is None
    assert citation_recall(GOLD, REFUSAL) == 0


@pytest.mark.parametrize(
    ("citation", "expected"),
    [
        (cite("（一）"), 1),
        (cite("（一）", 1, 3), 0),
        (cite("（一）", -4, -2), 0),
        (cite("（一）", 0, 0, ""), 0),
        (cite("（一）") | {"document_id": "act"}, 0),
    ],
)
def test_a_span_is_exact_or_not(citation: dict[str, Any], expected: int) -> None:
    assert exact_spans(response(citations=[citation]), {"law": "有效期限"}) == expected


def test_wrong_outcomes() -> None:
    assert (wrong_refusal(GOLD, REFUSAL), wrong_refusal(GOLD, response())) == (1, 0)
    assert (wrong_answer(OFF, response()), wrong_answer(OFF, REFUSAL)) == (1, 0)


def test_what_does_not_apply_is_none() -> None:
    found = score(OFF, response(evidence=[hit("（一）")]), {})
    assert {name for name, value in found.items() if value is not None} == {"wrong_answer"}
    found = score(GOLD, response(), {})
    assert {n for n, value in found.items() if value is None} == {
        "cite_precision",
        "exact",
        "wrong_answer",
    }
