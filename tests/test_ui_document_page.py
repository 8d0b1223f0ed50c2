"""A document's page: all its text, an anchor for every paragraph, the quote and nothing else."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from pages import Html, assert_harmless
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

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.question import Turn
from corpus.model import Document, Span
from corpus.store import Library, further_documents, shipped_documents
from ui.document_page import ICON, article, link, page
from ui.texts import EN, ZH, Texts

DOCUMENTS = [
    Document("policy", "意见", POLICY_TEXT),
    Document("law", "示范法", LAW_TEXT),
    *shipped_documents(),
    *further_documents(),
]
NUMBERED_ANEW = """一、甲事
（一）甲乙。甲乙丙。
（二）丙丁。丙丁戊。
二、乙事
（一）戊己。戊己庚。
"""


def read(document: Document, *quotes: Span, texts: Texts = ZH) -> Html:
    return Html(article(document, Library([document]).outline(document.id), quotes, texts))


def read_text(text: str, *quotes: Span) -> Html:
    return read(Document("d", "某文件", text), *quotes)


def span_of(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


def after(html: Html, identity: str) -> str:
    """The text of the first heading or paragraph at or after an anchor."""
    place = next(n for n, e in enumerate(html.elements) if e.attributes.get("id") == identity)
    return next(e.text for e in html.elements[place:] if e.tag in ("p", "h2", "h3", "h4", "h5"))


def quoted(assistant: Assistant, outcome: Answer) -> None:
    """Check that exactly what is cited is marked, by document."""
    for document_id in {citation.document_id for citation in outcome.citations}:
        citations = [c for c in outcome.citations if c.document_id == document_id]
        document = assistant.library.get(document_id)
        html = read(document, *[c.span for c in citations])
        expected = [c.cited_text for c in sorted(citations, key=lambda c: c.span)]
        assert squeeze(html.marks) == squeeze(expected)
        for citation in citations:
            name = f"{citation.span.start}-{citation.span.end}"
            own = [m.text for m in html.all("mark") if m.attributes["data-quote"] == name]
            assert squeeze(own) == squeeze(citation.cited_text)


@pytest.mark.parametrize("values", dev_questions()[::4], ids=lambda v: v["id"])
def test_the_highlighted_text_is_the_quote(values: dict[str, Any]) -> None:
    assistant = shipped_assistant()
    history = [Turn("user", earlier) for earlier in values["history"]]
    outcome = assistant.ask(values["question"], history)
    if not isinstance(outcome, Answer):
        pytest.skip("refused")
    quoted(assistant, outcome)


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("第三部分有哪些条款", "p"),
        ("第二部分有哪些条款", "p"),
        ("第三条", "l"),
        ("第三条之一", "l"),
        ("第三条第二款", "l"),
        ("第三条第（二）项", "l"),
        ("第一编有哪些章", "l"),
        ("第二章讲什么", "l"),
        ("第六条讲什么", "p"),
    ],
)
def test_numbers_and_headings_that_are_quoted_are_highlighted(question: str, document: str) -> None:
    assistant = assistant_of(Document("p", "意见", POLICY_TEXT), Document("l", "示范法", LAW_TEXT))
    outcome = assistant.ask(question, documents=[document])
    assert isinstance(outcome, Answer)
    quoted(assistant, outcome)


def test_an_items_number_is_marked_only_if_it_is_quoted() -> None:
    words = "有自己的名称；\n（二）有固定的场所；"
    assert squeeze(read_text(LAW_TEXT, span_of(LAW_TEXT, words)).marks) == squeeze(words)
    alone = read_text(LAW_TEXT, span_of(LAW_TEXT, "有固定的场所；"))
    assert alone.marks == ["有固定的场所；"]
    assert "（二）有固定的场所；" in alone.text


def test_quotes_that_touch_or_overlap_are_marked_once() -> None:
    text = "第一条 甲乙丙丁戊己。"
    start = text.index("甲")
    quotes = [Span(start + 5, start + 6), Span(start, start + 3), Span(start + 2, start + 5)]
    html = read_text(text, *quotes)
    assert "".join(html.marks) == "甲乙丙丁戊己"
    assert "甲乙丙丁戊己。" in html.text


def test_without_quotes_nothing_is_marked() -> None:
    assert read_text(POLICY_TEXT).marks == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.id)
def test_a_page_holds_all_the_text(document: Document) -> None:
    html = read(document)
    outline = Library([document]).outline(document.id)
    text, place = squeeze(html.text), 0
    for line in outline.lines:
        place = text.index(squeeze(line.span.of(document.text)), place)
    for path in outline.walk():
        if path[-1].heading:
            assert squeeze(path[-1].heading.of(document.text)) in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.id)
def test_every_paragraph_has_an_anchor_of_its_own(document: Document) -> None:
    html = read(document)
    outline = Library([document]).outline(document.id)
    assert len(html.identities) == len(set(html.identities))
    for line in outline.lines:
        assert outline.anchor(line.address) in html.identities
    paragraphs = {(line.address.path, line.address.paragraph) for line in outline.lines}
    assert len(html.all("a", "twd-here")) == len(paragraphs)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.id)
def test_every_link_of_a_page_leads_to_its_own_place(document: Document) -> None:
    html = read(document)
    targets = [unquote(a.attributes["href"].removeprefix("#")) for a in html.all("a") if a.text]
    assert set(targets) <= set(html.identities)
    nested = [unquote(a.attributes["href"]) for a in html.all("a") if a.text not in ("", "¶")]
    assert len(nested) == len(set(nested)) > 1


def test_the_tree_nests_as_the_clauses_do() -> None:
    html = read(DOCUMENTS[1])
    assert [a.text for a in html.all("a") if a.text not in ("", "¶")] == [
        "第一编 通则",
        "第一章 总则",
        "第一条",
        "第二条",
        "第二章 示范",
        "第三条",
        "第三条之一",
        "第二编 责任",
        "第一章 处罚",
        "第四条",
    ]
    assert html.one("details", "twd-tree").text.startswith(ZH.contents)
    assert html.one("nav").attributes["aria-label"] == ZH.contents
    assert html.all("li")[0].text.endswith("第三条之一")  # all of 第一编 is inside


def test_chapters_that_are_counted_anew_are_told_apart() -> None:
    html = read(DOCUMENTS[1])
    assert after(html, "第一编-第一章") == "第一章 总则"
    assert after(html, "第二编-第一章") == "第一章 处罚"
    assistant = assistant_of(DOCUMENTS[1])
    outcome = assistant.ask("第二编有哪些章")
    assert isinstance(outcome, Answer)
    assert unquote(outcome.citations[0].url).endswith("#第二编-第一章")


def test_a_document_without_clauses_has_no_tree() -> None:
    html = read_text("关于放假的通知。\n春节放假七天。\n")
    assert not html.all("details")
    assert html.identities == ["正文", "正文-2"]


@pytest.mark.parametrize(
    ("alias", "text"),
    [
        ("第八条", "进一步引进海外高层次人才。"),
        ("第二十二条", "（二十二）"),
        ("第三部分", "三、建设创新创业人才高地"),
    ],
)
def test_a_clause_is_found_under_what_people_call_it(alias: str, text: str) -> None:
    (document,) = shipped_documents()
    html = read(document)
    assert text in after(html, alias)
    assert after(html, "（八）").startswith("（八）")


def test_an_alias_takes_no_name_that_is_in_use_or_means_two_clauses() -> None:
    assert "第一条" not in read_text(NUMBERED_ANEW).identities
    both = "第一条 甲。\n第二条 乙：\n（一）丙；\n（二）丁。\n"
    html = read_text(both)
    assert html.identities.count("第一条") == 1
    assert "甲。" in after(html, "第一条")


def test_facts_of_the_document_are_named() -> None:
    document = Document("d", "某文件", POLICY_TEXT, issuer="某机关", number="某发1号", year=2015)
    html = read(document)
    assert html.one("p", "twd-facts").text == "某机关 · 某发1号 · 2015"
    assert html.one("h1").text == "某文件"
    assert not read_text(POLICY_TEXT).all("p", "twd-facts")


@pytest.mark.parametrize("texts", [ZH, EN])
def test_a_page_of_its_own(texts: Texts) -> None:
    document = Document("d", "某文件", POLICY_TEXT, short_title="创新九条")
    outline = Library([document]).outline("d")
    source = page(document, outline, [], texts)
    html = Html(source)
    assert html.one("html").attributes["lang"] == texts.html_language
    assert html.one("title").text == "创新九条 · 条问"
    assert html.one("button").text == texts.print_document
    assert html.one("button").attributes["id"] == "twd-print"
    assert 'getElementById("twd-print")?.addEventListener("click", () => print())' in source
    assert html.one("body").attributes["data-copied"] == texts.copied
    assert html.one("header", "twd-bar").text.startswith(texts.back_to_chat)
    assert article(document, outline, [], texts) in source
    assert len(html.identities) == len(set(html.identities))
    # Nothing is loaded from elsewhere; the picture of the tab only names its format.
    assert "http" not in source.replace(ICON, "")


def test_paper_is_printed_without_the_buttons() -> None:
    style = Html(page(DOCUMENTS[0], Library(DOCUMENTS[:1]).outline("policy"), [], ZH)).one("style")
    printed = style.text[style.text.index("@media print") :]
    assert ".twd-bar" in printed
    assert re.search(r"display:\s*none", printed)


def test_everything_of_a_document_is_escaped() -> None:
    document = hostile_document()
    start = HOSTILE_TEXT.index("居住证<script>")
    quote = Span(start, HOSTILE_TEXT.index("\n", start))
    outline = Library([document]).outline(document.id)
    source = article(document, outline, [quote], ZH)
    assert_harmless(source)
    html = Html(source)
    assert html.marks == [quote.of(HOSTILE_TEXT)]
    assert html.one("h1").text == f"标题{SCRIPT}"
    assert ONERROR in html.one("nav").text
    whole = page(document, outline, [quote], ZH)
    assert SCRIPT not in whole
    assert ONERROR not in whole
    assert Html(whole).one("title").text == f"短{ONERROR} · 条问"


def test_what_looks_like_a_template_stays_as_it_is() -> None:
    text = "第一条 {title}与{0}与%s与{{}}。\n"
    document = Document("d", "{style}", text)
    source = page(document, Library([document]).outline("d"), [], ZH)
    assert "{title}与{0}与%s与{{}}。" in Html(source).text
    assert Html(source).one("h1").text == "{style}"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "documents/d"),
        ({"root": "../"}, "../documents/d"),
        ({"anchor": "（八）"}, "documents/d#%EF%BC%88%E5%85%AB%EF%BC%89"),
        ({"quotes": [Span(3, 5)]}, "documents/d?quote=3-5"),
        (
            {"quotes": [Span(3, 5), Span(9, 12)], "anchor": "a"},
            "documents/d?quote=3-5&quote=9-12#a",
        ),
    ],
)
def test_a_link_keeps_the_quote(arguments: dict[str, Any], expected: str) -> None:
    assert link("d", **arguments) == expected


def test_an_id_in_a_link_cannot_leave_the_path() -> None:
    assert link('某?"#') == "documents/%E6%9F%90%3F%22%23"
