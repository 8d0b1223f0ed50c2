"""What is asked: usable questions, follow-ups, content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.asked import Asked
from assistant.errors import BadQuestion
from assistant.question import (
    MAX_HISTORY,
    Turn,
    check,
    content,
    content_terms,
    gone_on,
    is_elliptical,
    is_english,
    is_greeting,
    is_vague,
    understand,
    wants_summary,
)

LIMIT = 500


@pytest.mark.parametrize("empty", ["", " ", "\n\t\r", "\u3000", "\ufeff", "\u200b", " \ufeff "])
def test_an_empty_question_is_refused(empty: str) -> None:
    with pytest.raises(BadQuestion, match="空"):
        check(empty, (), LIMIT)


@pytest.mark.parametrize("size", [LIMIT + 1, 10_000])
def test_a_long_question_is_refused_with_both_lengths(size: int) -> None:
    with pytest.raises(BadQuestion, match=f"{size}.*{LIMIT}"):
        check("问" * size, (), LIMIT)


def test_the_longest_question_is_accepted() -> None:
    assert check("问" * LIMIT, (), LIMIT) == "问" * LIMIT


@pytest.mark.parametrize("char", ["\0", "\x01", "\x07", "\x08", "\x1b", "\x7f", "\ud800", "\udfff"])
def test_control_characters_are_refused(char: str) -> None:
    with pytest.raises(BadQuestion, match="控制字符"):
        check(f"有效期{char}几年", (), LIMIT)


def test_white_space_is_made_plain() -> None:
    assert check("  有效期\n\t几年？\r\n", (), LIMIT) == "有效期 几年？"


def test_too_many_turns_are_refused() -> None:
    turn = Turn("user", "问")
    assert check("问", [turn] * MAX_HISTORY, LIMIT) == "问"
    with pytest.raises(BadQuestion, match=str(MAX_HISTORY)):
        check("问", [turn] * (MAX_HISTORY + 1), LIMIT)


@given(st.text(max_size=600))
def test_check_returns_a_usable_question_or_says_why_not(text: str) -> None:
    try:
        usable = check(text, (), LIMIT)
    except BadQuestion as error:
        assert "\n" not in str(error)
    else:
        assert usable
        assert len(usable) <= LIMIT
        assert check(usable, (), LIMIT) == usable


@given(st.text(max_size=80))
def test_any_text_can_be_understood(text: str) -> None:
    query = understand(text, [Turn("user", text), Turn("assistant", text)])
    assert query.own == text
    assert query.parts


@pytest.mark.parametrize(
    "question",
    [
        "那期限呢？",
        "它有多久？",
        "其中哪些有奖励？",
        "那么多少钱",
        "what about it?",
        "多久？",
        "那個呢",
    ],
)
def test_what_leans_on_the_question_before_is_elliptical(question: str) -> None:
    assert is_elliptical(question)


@pytest.mark.parametrize(
    "question",
    [
        "海外人才居住证的有效期最长几年？",
        "科研人员离岗创业的孵化期是几年？",
        "How long is the residence permit valid?",
    ],
)
def test_a_whole_question_is_not_elliptical(question: str) -> None:
    assert not is_elliptical(question)


def test_a_followup_goes_back_to_the_last_whole_question() -> None:
    history = [
        Turn("user", "天使投资股权几年内可以原值转让？"),
        Turn("assistant", "5年内。[1]"),
        Turn("user", "海外人才居住证怎么申请？"),
        Turn("assistant", "降低申请条件。[1]"),
    ]
    query = understand("那有效期呢？", history)
    assert "海外人才居住证" in query.text
    assert "天使投资" not in query.text
    assert "降低申请条件" not in query.text  # the answers are no question
    assert query.own == "那有效期呢？"


def test_a_chain_of_followups_reaches_its_beginning() -> None:
    history = [Turn("user", "海外人才居住证怎么申请？"), Turn("user", "那有效期呢？")]
    assert "海外人才居住证" in understand("它最长呢？", history).text


def test_a_whole_question_does_not_look_back() -> None:
    history = [Turn("user", "海外人才居住证怎么申请？")]
    asked = "国有企业股权激励试点的对象是什么？"
    assert understand(asked, history).text == asked


def test_a_followup_without_history_stands_alone() -> None:
    assert understand("那有效期呢？").text == "那有效期呢？"
    assert understand("那有效期呢？", [Turn("assistant", "你好")]).text == "那有效期呢？"


def test_a_followup_wants_what_it_asks_for_else_what_was_asked_before() -> None:
    history = [Turn("user", "海外人才居住证最长几年？")]
    assert understand("那外国专家证呢？", history).asked is Asked.DURATION
    assert understand("那由哪个部门负责？", history).asked is Asked.WHO


def test_a_followup_for_a_value_of_any_kind_wants_that_of_the_question_before() -> None:
    history = [Turn("user", "海外人才居住证最长几年？")]
    assert understand("那最低是多少？", history).asked is Asked.DURATION
    assert understand("那是多少？", [Turn("user", "重点建设有哪些平台？")]).asked is Asked.COUNT


def test_several_questions_are_taken_apart() -> None:
    parts = understand("居住证的有效期最长几年？科技服务企业减按多少税率？").parts
    assert [p for p in parts if "居住证" in p]
    assert [p for p in parts if "税率" in p]
    assert len(parts) == 2


def test_one_question_is_one_part() -> None:
    asked = "居住证的有效期最长几年？"
    assert understand(asked).parts == (asked,)


@pytest.mark.parametrize(
    "question",
    [
        *("你好", "您好！", "谢谢", "hello", "Hi!", "ＨＥＬＬＯ", "你是谁？", "再见。", "謝謝"),
        *(
            "多谢！",
            "谢谢你",
            "好的，谢谢您啦",
            "非常感谢！",
            "谢谢，再见",
            "thank you very much",
            "Bye.",
        ),
    ],
)
def test_greetings(question: str) -> None:
    assert is_greeting(question)


@pytest.mark.parametrize(
    "question",
    [
        *("你好，居住证最长几年？", "hi-tech 企业有什么优惠", "谢谢你的居住证"),
        *(
            "谢谢，居住证几年",
            "感谢信写给谁",
            "多谢几年",
            "Thanks, how long is it valid?",
            "好的",
            "ok",
        ),
    ],
)
def test_a_question_that_begins_politely_is_no_greeting(question: str) -> None:
    assert not is_greeting(question)


@pytest.mark.parametrize(
    "question", ["怎么样", "是什么？", "请问有哪些", "what is it?", "???", "。。。"]
)
def test_vague(question: str) -> None:
    assert is_vague(question)


@pytest.mark.parametrize("question", ["居住证", "10年", "税率是多少", "tax", "搬到哪里"])
def test_not_vague(question: str) -> None:
    assert not is_vague(question)


@pytest.mark.parametrize(
    ("question", "english"),
    [
        ("How long is the permit valid?", True),
        ("海外人才居住证几年", False),
        ("B证几年", False),
        ("PPP项目有哪些支持政策", False),
        ("What does 条 8 say?", True),
        ("", False),
        ("12", False),
    ],
)
def test_english(question: str, english: bool) -> None:
    assert is_english(question) is english
    assert understand(question).english is english


def test_content_drops_what_every_question_is_made_of() -> None:
    assert "居住证" in content("请问居住证的有效期限是多少？")
    for empty in ("请问", "多少", "的", "是"):
        assert empty not in content("请问居住证的有效期限是多少？")
    assert content("What is the permit?") == "permit"


def test_content_terms_hold_pairs_and_words() -> None:
    terms = content_terms("居住证 permit")
    assert {"居住", "住证", "permit"} <= terms
    assert content_terms("居住證") == content_terms("居住证")


@pytest.mark.parametrize("question", ["要多久？", "多长时间", "需要几年呢", "大概几个月？"])
def test_a_bare_value_is_asked_of_what_was_talked_about(question: str) -> None:
    query = understand(question, [Turn("user", "外国专家证怎么办理？")])
    assert query.text == "外国专家证怎么办理？"
    assert query.asked is Asked.DURATION


def test_what_may_go_on_is_read_so_on_demand() -> None:
    query = understand("特别严重的话还会怎样", [Turn("user", "转让许可证的怎么处理？")])
    going_on = gone_on(query)
    assert query.text == "特别严重的话还会怎样"
    assert going_on
    assert going_on.text.startswith("转让许可证的怎么处理？ ")
    assert gone_on(understand("特别严重的话还会怎样")) is None


@pytest.mark.parametrize(
    "question", ["全文总结一下", "请概括这个文件", "帮我归纳一下全文的主要内容"]
)
def test_a_summary_is_wanted(question: str) -> None:
    assert wants_summary(question)
    assert is_vague(question)


@pytest.mark.parametrize("question", ["年度总结怎么交", "总结经验的要求", "主要内容包括哪些"])
def test_no_summary_is_wanted(question: str) -> None:
    assert not wants_summary(question)
