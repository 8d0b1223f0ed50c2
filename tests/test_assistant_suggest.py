"""Questions to begin and to go on with: each is asked before it is shown."""

from collections.abc import Callable

import pytest
from support import (
    B_PERMIT,
    SHIPPED_ID,
    assistant_of,
    shipped_assistant,
    two_document_assistant,
)

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.suggest import MOST, asked_by, follow_ups, openings
from corpus.model import Document


def answer_to(assistant: Assistant, question: str) -> Answer:
    outcome = assistant.ask(question)
    assert isinstance(outcome, Answer), question
    return outcome


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("鼓励高校科研人员离岗创业。", "是否鼓励高校科研人员离岗创业？"),
        ("支持企业设立研发机构；", "是否支持企业设立研发机构？"),
        ("积极支持企业设立研发机构。", "是否支持企业设立研发机构？"),
        ("市人民政府鼓励企业设立研发机构。", "是否鼓励企业设立研发机构？"),
        ("简化外国专家证办理程序。", "外国专家证办理程序有什么变化？"),
        ("进一步降低科技创新人才申请条件，延长期限。", "科技创新人才申请条件有什么变化？"),
        ("建立统一的科技管理信息平台。", "统一的科技管理信息平台是怎么安排的？"),
        ("对长期在沪工作的，优先办理。", "对长期在沪工作的怎么办？"),
        ("示范人不得收费。", "示范人不得做什么？"),
        ("用人单位应当公示。", "用人单位应当做什么？"),
        ("　　支持企业\n设立研发机构。", "是否支持企业设立研发机构？"),
    ],
)
def test_a_sentence_becomes_a_question(sentence: str, question: str) -> None:
    assert asked_by(sentence) == question


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "居住证（B证）有效期限最高延长到10年。",
        "支持人才。",
        "支持" + "很" * 25 + "。",
        "支持企业、高校和科研院所设立研发机构。",
        "完善与市场相适应的机制。",
        "支持企业设立研发机构",
        "<script>alert(1)</script>",
    ],
)
def test_a_sentence_of_another_form_becomes_none(sentence: str) -> None:
    assert asked_by(sentence) == ""


@pytest.mark.parametrize(
    "question",
    [B_PERMIT, "科研人员可以兼职吗？", "第三部分有哪些条款", "怎么加大创业人才激励力度？"],
)
def test_what_follows_is_answered_by_the_cited_clauses(question: str) -> None:
    assistant = shipped_assistant()
    answer = answer_to(assistant, question)
    made = follow_ups(answer, assistant)
    assert len(made) == len(set(made)) <= MOST
    assert question not in made
    cited = {citation.address.path for citation in answer.citations}
    quoted = {citation.span for citation in answer.citations}
    for follow_up in made:
        first = answer_to(assistant, follow_up).citations[0]
        assert first.address.path in cited
        assert first.span not in quoted


def test_there_is_something_to_go_on_with() -> None:
    assistant = shipped_assistant()
    answer = answer_to(assistant, B_PERMIT)
    assert follow_ups(answer, assistant)
    assert follow_ups(answer, assistant) == follow_ups(answer, assistant)


def test_a_clause_that_is_quoted_as_a_whole_leaves_nothing_to_ask() -> None:
    assistant = shipped_assistant()
    assert follow_ups(answer_to(assistant, "第八条讲什么"), assistant) == []


def test_what_follows_stays_in_its_document() -> None:
    text = "第一条 鼓励企业设立研发机构。支持高校开放实验设施。\n"
    assistant = assistant_of(Document("a", "甲办法", text), Document("b", "乙办法", text))
    outcome = assistant.ask("是否鼓励企业设立研发机构？", documents=["b"])
    assert isinstance(outcome, Answer)
    assert {citation.document_id for citation in outcome.citations} == {"b"}
    assert follow_ups(outcome, assistant) == ["是否支持高校开放实验设施？"]


def test_openings_are_of_several_chapters_in_order() -> None:
    assistant = shipped_assistant()
    listed = openings(assistant)
    assert 2 <= len(listed) <= 6
    outline = assistant.library.outline(SHIPPED_ID)
    titles = [clause.title(outline.text) for clause in outline.clauses]
    places = [titles.index(chapter) for chapter, _ in listed]
    assert places == sorted(set(places))
    assert openings(assistant) == listed


@pytest.mark.parametrize("assistant", [shipped_assistant, two_document_assistant])
def test_openings_are_answered_from_their_chapter(assistant: Callable[[], Assistant]) -> None:
    opened = assistant()
    listed = openings(opened)
    assert listed
    names = {document.name for document in opened.documents}
    for chapter, question in listed:
        citation = answer_to(opened, question).citations[0]
        assert chapter in (*citation.address.path, *names)


def test_only_so_many_openings() -> None:
    assistant = shipped_assistant()
    assert openings(assistant, 2) == openings(assistant)[:2]


def test_a_document_without_chapters_is_named() -> None:
    text = "关于放假的通知。\n鼓励职工错峰出行游览。\n"
    listed = openings(assistant_of(Document("d", "放假通知", text)))
    assert listed == [("放假通知", "是否鼓励职工错峰出行游览？")]


def test_nothing_fit_to_be_asked_is_no_fault() -> None:
    assert openings(assistant_of(Document("d", "表", "1 2 3\n4 5 6\n"))) == []
