"""再详细一点: the clause that the answer before rests on, at length."""

import pytest
from support import B_PERMIT, assistant_of, shipped_assistant

from assistant.answer import Answer, Outcome, Reason, Refusal
from assistant.compose import CUT
from assistant.more import END, END_ENGLISH, wants_more
from assistant.question import Turn
from corpus.model import Document


def asked(*questions: str) -> Outcome:
    history = [Turn("user", earlier) for earlier in questions[:-1]]
    return shipped_assistant().ask(questions[-1], history)


def answered(*questions: str) -> Answer:
    outcome = asked(*questions)
    assert isinstance(outcome, Answer), outcome
    return outcome


@pytest.mark.parametrize(
    "question",
    [
        "再详细一点",
        "说具体点",
        "说得更清楚一点好吗？",
        "还有吗",
        "還有嗎？",
        "继续",
        "继续说下去",
        "展开讲讲",
        "能详细说说吗",
        "细说",
        "tell me more",
        "More details, please.",
        "Go on",
        "Can you elaborate on that?",
    ],
)
def test_asks_for_more(question: str) -> None:
    assert wants_more(question.replace(",", ""))


@pytest.mark.parametrize(
    "question",
    [
        "还有哪些",
        "还有多少",
        "继续教育有补贴吗",
        "具体条件是什么",
        "具体说说居住证",
        "展开试点的地方",
        "清楚",
        "一点",
        "更多人才",
        "tell me more about permits",
        "more money",
        "",
    ],
)
def test_asks_for_something(question: str) -> None:
    assert not wants_more(question)


@pytest.mark.parametrize("more", ["再详细一点", "说具体点", "还有吗", "继续", "展开讲讲"])
def test_the_clause_of_the_answer_before_is_quoted_at_length(more: str) -> None:
    before, after = answered(B_PERMIT), answered(B_PERMIT, more)
    assert {c.address.label for c in after.citations} == {"（八）"}
    assert len(after.text) > len(before.text)
    assert after.text.startswith("进一步引进海外高层次人才。")
    assert "10年" in after.text
    assert after.text.endswith(END)
    assert after.confidence == before.confidence
    assert after.question == more


def test_in_english() -> None:
    outcome = answered("How long is the overseas talent residence permit valid?", "tell me more")
    assert outcome.text.startswith("The document says in clause 8")
    assert outcome.text.endswith(END_ENGLISH)


def test_what_was_cut_is_gone_on_with() -> None:
    first, second = answered("第九条讲什么"), answered("第九条讲什么", "继续")
    assert first.text.endswith(CUT)
    assert second.citations[0].span.start >= first.citations[-1].span.end
    assert second.citations[0].address.label == "（九）"
    assert second.text.endswith(END)
    third = answered("第九条讲什么", "继续", "继续")  # at its end it begins anew
    assert third.citations[0].span == first.citations[0].span


def test_a_relative_address_before_is_followed() -> None:
    assert {c.address.label for c in answered("第八条", "下一条", "继续").citations} == {"（九）"}


def test_thanks_between_change_nothing() -> None:
    assert answered(B_PERMIT, "谢谢", "还有吗").text == answered(B_PERMIT, "还有吗").text


def test_a_clause_with_a_heading_and_items_is_quoted_with_its_text() -> None:
    items = "1.现金。每人一万元。\n2.实物。每人一台电脑。\n"
    text = f"一、总则\n（一）奖励。发给：\n{items}（二）其他。无。\n"
    assistant = assistant_of(Document("d", "示范意见", text))
    outcome = assistant.ask("详细说说", [Turn("user", "（一）奖励每人多少钱")])
    assert isinstance(outcome, Answer)
    assert "每人一万元" in outcome.text
    assert "每人一台电脑" in outcome.text


@pytest.mark.parametrize("question", ["再详细一点", "还有吗", "继续", "tell me more"])
def test_without_an_earlier_question_it_is_too_vague(question: str) -> None:
    for outcome in (asked(question), asked("你好", question), asked("", question)):
        assert isinstance(outcome, Refusal)
        assert outcome.reason is Reason.TOO_VAGUE


def test_what_was_refused_stays_refused() -> None:
    before, after = asked("今天天气怎么样？"), asked("今天天气怎么样？", "继续")
    assert isinstance(before, Refusal)
    assert isinstance(after, Refusal)
    assert (after.reason, after.message) == (before.reason, before.message)
    assert after.question == "继续"
