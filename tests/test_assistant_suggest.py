"""Questions to begin and to go on with: each is asked before it is shown."""

import json
from collections.abc import Callable

import pytest
from support import (
    B_PERMIT,
    ROOT,
    SHIPPED_ID,
    assistant_of,
    shipped_assistant,
    squeeze,
    two_document_assistant,
)

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.suggest import MOST, asked_by, follow_ups, openings
from corpus.model import Document

QUESTIONS = ROOT / "evals" / "questions"


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
    assert places == sorted(places)
    assert len(set(places)) >= 3
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


# What the shipped document's examples must be answered with, in its own words.
RIGHT = {
    "企业投资创新项目还要备案审批吗？": "对企业创新投资项目，取消备案审批",
    "外国留学生毕业后能直接留在上海工作吗？": "开展在沪外国留学生毕业后直接留沪就业试点",
    "高校老师出去创业，几年内还能回原单位？": "创业孵化期3至5年内返回原单位的",
    "银行能给创业公司又投钱又放贷吗？": "实行投贷联动",
    "小公司用不起大型仪器，能借用吗？": "加快财政投入的科研基础设施向创新创业中小企业开放",
    "除了张江，还重点发展哪些区域？": "紫竹、杨浦、漕河泾、嘉定、临港等重点区域",
    "Does the government buy new products from small companies?": "实施政府采购首购政策",
    "Can university staff start a company and come back?": "科研人员可保留人事关系离岗创业",
    "Can a bank invest in start-ups?": "支持商业银行设立全资控股的投资管理公司",
    "Do small firms get access to public research equipment?": "向创新创业中小企业开放",
}


def test_every_example_of_the_shipped_document_is_answered_rightly() -> None:
    assistant = shipped_assistant()
    assert assistant.library.get(SHIPPED_ID).examples == tuple(RIGHT)
    for question, words in RIGHT.items():
        first = answer_to(assistant, question).citations[0]
        assert words in first.cited_text, (question, first.cited_text)
    asked = [question for _, question in openings(assistant)]
    in_english = [question for _, question in openings(assistant, english=True)]
    assert asked + in_english == list(RIGHT)


def test_no_example_is_a_question_of_the_question_sets() -> None:
    files = [path.read_text(encoding="utf-8") for path in QUESTIONS.glob("*.jsonl")]
    rows = [json.loads(line) for file in files for line in file.splitlines() if line.strip()]
    asked = {squeeze(q) for row in rows for q in (row["question"], *row.get("history", ()))}
    assert len(asked) > 400
    assert not asked & set(map(squeeze, RIGHT))


def test_an_example_that_is_not_answered_is_not_shown() -> None:
    text = "第一条　鼓励职工错峰出行游览。\n"
    examples = ("鼓励错峰出行吗？", "第九条讲什么？", "Is staggered travel encouraged?")
    noted = Document("d", "放假通知", text, examples=examples)
    assert openings(assistant_of(noted)) == [("放假通知", "鼓励错峰出行吗？")]


def test_without_english_examples_there_are_none_in_english() -> None:
    text = "关于放假的通知。\n鼓励职工错峰出行游览。\n"
    assert openings(assistant_of(Document("d", "放假通知", text)), english=True) == []
