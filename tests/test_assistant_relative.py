"""下一条 and 第二款 after 第八条讲什么: which clause is meant, and where nothing is made of it."""

from functools import partial

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from hypothesis import given
from hypothesis import strategies as st
from support import shipped_assistant, two_document_assistant

from assistant.answer import Answer, Outcome, Reason, Refusal
from assistant.question import Turn
from assistant.relative import absolute
from corpus.model import Document
from corpus.store import Library
from index.address import find_references, look_up

POLICY = Document("policy", "某市关于建设创新中心的意见", POLICY_TEXT, short_title="创新九条")
LAW = Document("law", "中华人民共和国示范法", LAW_TEXT)
ANEW = Document(
    "anew", "示范章程", "一、总则\n（一）甲。\n（二）乙。\n二、分则\n（一）丙。\n（二）丁。\n"
)


def resolved(*questions: str, documents: tuple[Document, ...] = (POLICY,)) -> str:
    library = Library(documents)
    history = [Turn("user", earlier) for earlier in questions[:-1]]
    return absolute(questions[-1], history, library, partial(look_up, library=library))


def asked(*questions: str) -> Outcome:
    history = [Turn("user", earlier) for earlier in questions[:-1]]
    return shipped_assistant().ask(questions[-1], history)


def labels(*questions: str) -> set[str]:
    outcome = asked(*questions)
    assert isinstance(outcome, Answer), outcome
    return {citation.address.label for citation in outcome.citations}


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("下一条呢", "第五条呢"),
        ("那么下一条讲什么？", "第五条讲什么?"),
        ("上一条讲什么", "第三条讲什么"),
        ("前一条", "第三条"),
        ("後一條呢", "第五条呢"),
        ("接下来的一条呢", "第五条呢"),
        ("下下条", "第六条"),
        ("下一条里关于人才怎么说", "第五条里关于人才怎么说"),
        ("下一款", "第四条第二款"),
        ("第二款呢", "第四条第二款呢"),
        ("那第三项呢", "第四条第(三)项呢"),
        ("第一款第二项", "第四条第一款第(二)项"),
        ("下一章", "第三章"),
        ("上一部分有哪些条款", "第一部分有哪些条款"),
        ("the next article", "第五条"),
        ("And what does the previous clause say?", "第三条 say?"),
        ("what about paragraph 2?", "第四条第二款?"),
        ("the next chapter", "第三章"),
    ],
)
def test_an_address_goes_back_to_the_clause_named_before(question: str, meant: str) -> None:
    assert resolved("第四条讲什么", question).replace("（", "(").replace("）", ")") == meant


@pytest.mark.parametrize(
    "question",
    [
        "下一步怎么走",
        "上一年度",
        "下一条地铁什么时候开",
        "上一款产品",
        "下一项工作是什么",
        "下一章程",
        "上一节课讲什么",
        "第二款产品是什么",
        "下一条例",
        "下一条和第六条讲什么",
        "第五条呢",
        "第2十款",
        "第（三）项",  # of one without items it is （三）
        "上一款",
        "下一点",
        "the next train",
        "next article 5",
        "有效期呢",
        "",
    ],
)
def test_what_is_no_relative_address_is_left_alone(question: str) -> None:
    assert resolved("第四条讲什么", question) == question


@pytest.mark.parametrize(
    "question", ["下一条呢", "第二款呢", "the next article", "下一项工作是什么"]
)
def test_without_a_clause_named_before_nothing_is_made_of_it(question: str) -> None:
    assert resolved(question) == question
    assert resolved("海外人才居住证的有效期最长几年？", question) == question
    assert resolved("第四条讲什么", "海外人才居住证的有效期最长几年？", question) == question


FRAGMENTS = [
    *("第", "二", "2十", "零", "万", "9999", "一百二十", "条", "款", "项", "章", "（三）", "之一"),
    *("下一", "上", "的", "呢", "那", " ", "《专利法》", "示范法", "创新九条", "有什么补贴政策"),
    *(
        "第三条",
        "第一编",
        "第二部分",
        "第二款",
        "下一条",
        "下一章",
        "the next article ",
        "paragraph 2 ",
    ),
]


@given(st.lists(st.lists(st.sampled_from(FRAGMENTS), max_size=4).map("".join), min_size=1))
def test_any_conversation_can_be_read(questions: list[str]) -> None:
    meant = resolved(*questions, documents=(POLICY, LAW))
    assert meant == questions[-1] or find_references(meant)
    assert resolved(questions[-1], documents=(POLICY, LAW)) == questions[-1]


def test_an_elliptical_question_between_keeps_the_clause() -> None:
    assert resolved("第四条讲什么", "那期限呢？", "下一条呢") == "第五条呢"


def test_only_what_the_reader_said_counts() -> None:
    library = Library([POLICY])
    history = [Turn("user", "第四条讲什么"), Turn("assistant", "第一条说……")]
    meant = absolute("下一条呢", history, library, partial(look_up, library=library))
    assert meant == "第五条呢"


def test_several_in_a_row() -> None:
    assert resolved("第二条", "下一条呢", "再下一条呢") == "第四条呢"
    assert resolved("第二条", "下一条呢", "上一条呢", "上一条呢") == "第一条呢"
    assert resolved("第四条", "第二款呢", "下一条", "第三款") == "第五条第三款"
    assert resolved("第二条第一款", "下一款", "下一款") == "第二条第三款"


def test_the_level_stays() -> None:
    assert resolved("（四）讲什么", "下一条呢") == "（五）呢"
    assert resolved("（四）讲什么", "下一点") == "（五）"
    assert resolved("（四）讲什么", "第二款呢") == "第四条第二款呢"
    assert resolved("第二部分讲什么", "下一部分") == "第三部分"


def test_the_document_named_stays() -> None:
    assert resolved("《专利法》第三条", "下一条") == "《专利法》第四条"  # not one of these
    both = POLICY, LAW
    assert resolved("创新九条第三条", "下一条", documents=both) == "《创新九条》第四条"
    named = resolved("《示范法》第二条讲什么", "下一条", documents=both)
    assert named == "《中华人民共和国示范法》第三条"
    assert resolved("第二条", "下一条", documents=both) == "第三条"  # of both


def test_an_article_inserted_later_is_not_skipped() -> None:
    assert resolved("第三条", "下一条呢", documents=(LAW,)) == "第三条之一呢"
    assert resolved("第三条之一", "下一条呢", documents=(LAW,)) == "第四条呢"
    assert resolved("第四条", "上一条呢", documents=(LAW,)) == "第三条之一呢"


def test_clauses_counted_anew_are_told_apart_by_their_part() -> None:
    assert resolved("第一部分第（二）条", "下一条", documents=(ANEW,)) == "第二部分（一）"
    assert resolved("第二部分第（二）条", "上一条", documents=(ANEW,)) == "第二部分（一）"


def test_items_stay_in_their_paragraph() -> None:
    law = (LAW,)
    assert resolved("第三条第一款第一项", "下一项", documents=law) == "第三条第一款第（二）项"
    assert (
        resolved("第三条第一款第一项", "第（三）项呢", documents=law) == "第三条第一款第（三）项呢"
    )
    assert resolved("第三条第一款第一项", "下一款", documents=law) == "第三条第二款"


def test_a_step_too_far_leads_to_no_clause() -> None:
    assert resolved("第六条", "下一条") == "第七条"
    assert resolved("第一条", "上一条") == "第零条"
    assert resolved("第四条第一款", "上一款") == "第四条第零款"
    assert resolved("第三十条", "上一条") == "第二十九条"


def test_a_conversation_goes_from_clause_to_clause() -> None:
    assert labels("第八条讲什么", "下一条呢") == {"（九）"}
    assert labels("第八条讲什么", "下一条呢", "再下一条呢") == {"（十）"}
    assert labels("第八条讲什么", "上一条讲什么") == {"（七）"}
    assert labels("What does article 8 say?", "and the next article?") == {"（九）"}
    chapter = labels("第八条讲什么", "下一章")
    assert chapter == {"（十四）", "（十五）", "（十六）", "（十七）", "（十八）"}


def test_an_answer_says_what_was_typed() -> None:
    assert asked("第八条讲什么", "下一条呢").question == "下一条呢"


@pytest.mark.parametrize(
    ("questions", "missing"),
    [
        (("第二十二条", "下一条"), "第二十三条"),
        (("第一条", "上一条"), "第零条"),
        (("第八条讲什么", "第二款呢"), "第八条第二款"),
        (("第八条第一款", "上一款"), "第八条第零款"),
    ],
)
def test_a_step_too_far_is_told(questions: tuple[str, ...], missing: str) -> None:
    outcome = asked(*questions)
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert outcome.message.startswith(f"文件里没有{missing}。")
    assert "22 条" in outcome.message or "1 款" in outcome.message


def test_a_complete_question_between_ends_the_walk() -> None:
    outcome = asked("第八条讲什么", "科研人员可以保留人事关系离岗创业吗？", "下一条呢")
    assert isinstance(outcome, Answer)
    assert {c.address.label for c in outcome.citations} == {"（十二）"}  # after what answered it


def test_a_document_named_is_stayed_in_and_is_no_subject() -> None:
    both = two_document_assistant()
    outcome = both.ask("下一条呢", [Turn("user", "示范法第二条讲什么")])
    assert isinstance(outcome, Answer)
    assert {c.document_id for c in outcome.citations} == {"law"}
    assert outcome.text.startswith("示范人应当具备下列条件")
    assert "（三）有必要的经费" in outcome.text
    named = both.ask("创新九条第二条讲什么")
    assert isinstance(named, Answer)
    assert named.citations[0].cited_text == "总体要求。深化改革，破除体制障碍。"
