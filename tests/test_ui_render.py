"""Outcome → text and HTML: everything escaped, the quote and nothing else highlighted."""

from html.parser import HTMLParser
from typing import Any

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from support import (
    HOSTILE_TEXT,
    ONERROR,
    SCRIPT,
    assistant_of,
    dev_questions,
    hostile_document,
    shipped_assistant,
    squeeze,
)

from assistant.answer import Answer, NearClause, Reason, Refusal
from assistant.compose import compose
from assistant.pipeline import Assistant
from assistant.question import Turn
from assistant.quotes import Quote
from corpus.model import ClauseAddress, Document, Span
from corpus.store import Library
from ui import render


class _Page(HTMLParser):
    """Collects tags, text and the text inside ``<mark>``; fails on what does not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.marks: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self._open.append(tag)
        if tag == "mark":
            self.marks.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marks[-1] += data


def assert_harmless(html: str) -> None:
    page = _Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "object", "link"}
    assert not [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert all(a.get("href", "/")[0] in "/#" for _, a in page.tags)


def answer_of(document: Document, *spans: Span) -> tuple[Answer, Library]:
    library = Library([document])
    text, citations = compose([Quote(document.id, span) for span in spans], library)
    return Answer(id="1", question="问", text=text, citations=citations), library


def answer_to(assistant: Assistant, question: str) -> Answer:
    outcome = assistant.ask(question)
    assert isinstance(outcome, Answer)
    return outcome


def span_of(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def test_everything_of_a_document_is_escaped() -> None:
    document = hostile_document()
    start = HOSTILE_TEXT.index("居住证<script>")
    answer, library = answer_of(document, Span(start, HOSTILE_TEXT.index("\n", start)))
    for html in (render.to_html(answer, library), render.cited_clauses(answer, library)):
        assert_harmless(html)
        assert SCRIPT in _Page(html).text
        assert ONERROR in _Page(html).text
    page = render.document_page(document, library.outline(document.id))
    assert_harmless(page)
    assert SCRIPT in _Page(page).text


def test_everything_of_a_refusal_is_escaped() -> None:
    address = ClauseAddress("（一）", (f"一、{SCRIPT}", f"（一）{ONERROR}"), 2, "1.")
    near = NearClause("hostile", address, f'/documents/x#"{ONERROR}')
    refusal = Refusal(
        id="1",
        question=SCRIPT,
        reason=Reason.NOT_IN_DOCUMENT,
        message=f"没有{SCRIPT}",
        nearest=(near,),
    )
    html = render.to_html(refusal, Library([]))
    assert_harmless(html)
    assert f"没有{SCRIPT}" in _Page(html).text


def test_a_notice_is_escaped() -> None:
    assert_harmless(render.notice(SCRIPT + ONERROR))
    assert SCRIPT in _Page(render.notice(SCRIPT)).text


def test_a_hostile_question_comes_to_no_harm() -> None:
    assistant = assistant_of(hostile_document())
    for question in (SCRIPT, f"居住证{ONERROR}有效期", f"第三十条{SCRIPT}"):
        outcome = assistant.ask(question)
        assert_harmless(render.to_html(outcome, assistant.library))


@pytest.mark.parametrize("values", dev_questions()[::4], ids=lambda v: v["id"])
def test_the_highlighted_text_is_the_quote(values: dict[str, Any]) -> None:
    assistant = shipped_assistant()
    history = [Turn("user", earlier) for earlier in values["history"]]
    outcome = assistant.ask(values["question"], history)
    if not isinstance(outcome, Answer):
        pytest.skip("refused")
    quotes = [squeeze(citation.cited_text) for citation in outcome.citations]
    html = render.to_html(outcome, assistant.library)
    assert squeeze(_Page(html).marks) == "".join(quotes)
    beside = render.cited_clauses(outcome, assistant.library)
    assert sorted(squeeze(_Page(beside).marks)) == sorted("".join(quotes))


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("第三部分有哪些条款", ["p"]),
        ("第二部分有哪些条款", ["p"]),
        ("第三条", ["l"]),
        ("第三条之一", ["l"]),
        ("第三条第二款", ["l"]),
        ("第三条第（二）项", ["l"]),
        ("第一编有哪些章", ["l"]),
        ("第二章讲什么", ["l"]),
        ("第六条讲什么", ["p"]),
    ],
)
def test_numbers_and_headings_that_are_quoted_are_highlighted(
    question: str, documents: list[str]
) -> None:
    assistant = assistant_of(Document("p", "意见", POLICY_TEXT), Document("l", "示范法", LAW_TEXT))
    outcome = assistant.ask(question, documents=documents)
    assert isinstance(outcome, Answer)
    quotes = [squeeze(citation.cited_text) for citation in outcome.citations]
    for html in (
        render.to_html(outcome, assistant.library),
        render.cited_clauses(outcome, assistant.library),
    ):
        assert squeeze(_Page(html).marks) == "".join(quotes)


def test_quotes_that_touch_or_overlap_are_marked_once() -> None:
    text = "第一条 甲乙丙丁戊己。"
    outline = Library([Document("d", "t", text)]).outline("d")
    start = outline.lines[0].span.start
    quotes = [Span(start, start + 3), Span(start + 2, start + 5), Span(start + 5, start + 6)]
    page = _Page(render.marked(text, outline.lines, quotes))
    assert "".join(page.marks) == "甲乙丙丁戊己"
    assert page.text.endswith("甲乙丙丁戊己。")


def test_markers_become_superscripts_but_brackets_of_the_source_do_not() -> None:
    text = "（一）依据。按照沪府[2015]9号文件执行。\n"
    answer, library = answer_of(
        Document("d", "t", text), span_of(text, "按照沪府[2015]9号文件执行。")
    )
    html = render.to_html(answer, library)
    assert html.count('<sup class="tw-mark">') == 1
    assert '<sup class="tw-mark">1</sup>' in html
    assert "沪府[2015]9号" in html


def test_clauses_cited_twice_are_shown_once() -> None:
    first, second = (
        span_of(POLICY_TEXT, "科研人员可以兼职。"),
        span_of(POLICY_TEXT, "职务发明应当奖励。"),
    )
    answer, library = answer_of(Document("p", "t", POLICY_TEXT), first, second)
    html = render.cited_clauses(answer, library)
    assert html.count("<article") == 1
    assert _Page(html).marks == ["科研人员可以兼职。", "职务发明应当奖励。"]


def test_an_answer_on_a_terminal() -> None:
    assistant = shipped_assistant()
    outcome = answer_to(assistant, "海外人才居住证（B证）的有效期最长几年？")
    text = render.to_terminal(outcome, assistant.library)
    assert text.startswith(outcome.text)
    assert "[1] 《科创22条》 三、建设创新创业人才高地 › （八）进一步引进海外高层次人才" in text
    assert f"“{squeeze(outcome.citations[0].cited_text)}”" in squeeze(text)


def test_a_refusal_on_a_terminal_names_the_nearest_clauses() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask("申请海外人才居住证要交多少钱工本费？")
    assert isinstance(outcome, Refusal)
    lines = render.to_terminal(outcome, assistant.library).splitlines()
    assert lines[0] == outcome.message
    assert len(lines) == 1 + len(outcome.nearest)
    assert all("《科创22条》" in line for line in lines[1:])


@pytest.mark.parametrize(
    ("address", "written"),
    [
        (ClauseAddress("第三条", ("第一章 总则", "第三条")), "第一章 总则 › 第三条"),
        (ClauseAddress("第三条", ("第三条",), 2), "第三条 › 第2款"),
        (ClauseAddress("第三条", ("第三条",), 1, "（二）"), "第三条 › （二）"),
        (ClauseAddress("前言", ("前言",)), "前言"),
    ],
)
def test_an_address_as_people_write_it(address: ClauseAddress, written: str) -> None:
    assert render.place(address) == written


@pytest.mark.parametrize("text", [POLICY_TEXT, LAW_TEXT])
def test_a_document_page_holds_all_its_text_and_an_anchor_for_every_paragraph(text: str) -> None:
    library = Library([Document("d", "某文件", text, issuer="某机关", number="某发1号", year=2015)])
    outline = library.outline("d")
    html = render.document_page(library.get("d"), outline)
    page = _Page(html)
    identities = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identities) == len(set(identities))
    assert {outline.anchor(line.address) for line in outline.lines} == set(identities)
    for line in outline.lines:
        assert squeeze(line.span.of(text)) in squeeze(page.text)
    for fact in ("某机关", "某发1号", "2015"):
        assert fact in page.text
    assert "http" not in html
