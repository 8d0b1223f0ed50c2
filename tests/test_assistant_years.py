"""Years that a document means and does not name."""

import pytest
from support import shipped_assistant

from assistant.answer import Answer, Refusal
from assistant.years import meant, reword
from corpus.model import Document

PLAN = Document(
    id="plan",
    title="规划",
    text="一、目标\n2020年前，建成基本框架。再用10年时间，建成中心。\n二、其他\n再过三年评估。\n",
)


def test_a_year_is_reckoned_from_the_one_named_before_it_in_the_line() -> None:
    assert [(m.since, m.count, m.year, m.words) for m in meant([PLAN])] == [
        (2020, 10, 2030, "再用10年时间")
    ]


@pytest.mark.parametrize("question", ["2030年的目标是什么", "到2030年底要做到什么", "2030怎么样"])
def test_it_is_put_in_the_documents_words_and_said_so(question: str) -> None:
    reworded, note = reword(question, [PLAN])
    assert "再用10年时间" in reworded
    assert "2030" not in reworded
    assert note == "2030年是按文件的“2020年”和“再用10年时间”推算的。"


@pytest.mark.parametrize("question", ["2025年的目标", "2020年的目标", "目标是什么", "第2030号"])
def test_any_other_year_is_left_alone(question: str) -> None:
    assert reword(question, [PLAN]) == (question, "")


def test_so_many_years_later() -> None:
    assert reword("之后10年呢", [PLAN]) == ("再用10年时间呢", "")
    assert reword("之后5年呢", [PLAN]) == ("之后5年呢", "")


def test_an_answer_says_how_the_year_was_reckoned() -> None:
    outcome = shipped_assistant().ask("2030年的目标是什么？")
    assert isinstance(outcome, Answer)
    assert "再用10年时间" in outcome.text
    assert "推算" in outcome.text
    assert isinstance(shipped_assistant().ask("2035年的目标是什么？"), Refusal)
