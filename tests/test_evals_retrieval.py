"""Retrieval alone: recall worked by hand, sets made of questions and documents."""

import pytest
from support import shipped_encoder

from corpus.model import Document
from evals.cases import Case
from evals.retrieval import WAYS, measure, question_sets, to_markdown
from index.encode import HashEncoder
from index.training.benchmarks import TestSet as Pool

POOL = Pool(
    name="by hand",
    questions=["生育津贴怎么领", "永久居留证"],
    passages=["生育津贴由基金支付。", "外国人永久居留证有效期十年。", "天使投资引导基金。"],
    gold=[frozenset({0}), frozenset({1, 0})],
    groups=[0, 1, 0],
)


def case(kind: str, question: str, clauses: list[str], *, answerable: bool = True) -> Case:
    return Case(
        id=question, type=kind, question=question, answerable=answerable, clauses=tuple(clauses)
    )


def test_recall_is_of_units_and_of_as_many_as_fit() -> None:
    row = measure(HashEncoder(512), POOL, (1, 2))
    assert set(row.recall) == {"words", "vectors", "both"}
    assert row.recall["words"] == (1.0, 1.0)  # two gold units, one looked at: one is all
    assert row.questions == "by hand (2)"
    assert row.depths == (1, 2)
    assert min(row.encode_s, row.query_ms, row.search_ms) >= 0


def test_a_static_encoder_is_measured_with_everyday_words_too() -> None:
    assert set(measure(shipped_encoder(), POOL, (1,)).recall) == set(WAYS)


def test_question_sets_hold_what_meaning_must_find() -> None:
    document = Document(id="d", title="办法", text="第一条 甲事。\n第二条 乙事。\n　　丙事。")
    cases = [
        case("fact_literal", "乙事如何？", ["第二条"]),
        case("fact_literal", "丁事如何？", [], answerable=False),
        case("clause_number", "第一条讲什么", ["第一条"]),
    ]
    (found,) = question_sets(cases, [document])
    assert found.name == "fact_literal"
    assert found.questions == ["乙事如何？"]
    assert found.groups == [0, 1, 1]
    assert found.gold == [frozenset({1})]


def test_the_table_shows_every_way_and_a_dash_for_what_was_not_measured() -> None:
    table = to_markdown([measure(HashEncoder(512), POOL, (1, 2))])
    line = table.splitlines()[2]
    assert line.startswith("| hash-512 | by hand (2) | @1 / @2 | 1.000 / 1.000 |")
    assert "| – |" in line
    assert len({row.count("|") for row in table.splitlines()}) == 1


@pytest.mark.parametrize("depths", [(1,), (1, 3)])
def test_a_deeper_look_never_finds_less(depths: tuple[int, ...]) -> None:
    for shares in measure(HashEncoder(512), POOL, depths).recall.values():
        assert list(shares) == sorted(shares)
