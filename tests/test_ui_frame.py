"""What stands around a conversation: bar, start, suggestions, the document's pane."""

import re
from pathlib import Path

import pytest
from fakes import LAW_TEXT, POLICY_TEXT
from pages import Html, assert_harmless, small_turn
from support import ONERROR, SCRIPT, hostile_document

import ui
from corpus.model import Document
from corpus.store import Library
from ui import frame
from ui.conversation import Writer, signature
from ui.texts import EN, LANGUAGES, ZH, Texts

POLICY = Document("policy", "某市关于建设创新中心的意见", POLICY_TEXT, short_title="创新九条")
LAW = Document("law", "中华人民共和国示范法", LAW_TEXT)
SCRIPTED = (Path(ui.__file__).parent / "page.js").read_text(encoding="utf-8")


def test_the_bar_names_what_is_asked_about() -> None:
    page = Html(frame.header([POLICY, LAW], ZH))
    assert page.one("h1").text == "条问"
    assert page.one("p", "tw-about").text == "《创新九条》、《中华人民共和国示范法》"


def test_many_documents_are_not_all_named() -> None:
    many = [Document(str(n), f"第{n}号文", "甲。\n") for n in range(4)]
    assert Html(frame.header(many[:3], ZH)).one("p", "tw-about").text.endswith("《第2号文》")
    about = Html(frame.header(many, ZH)).one("p", "tw-about").text
    assert about == "《第0号文》、《第1号文》、《第2号文》等"


@pytest.mark.parametrize("texts", [ZH, EN])
def test_the_bar_has_a_named_button_for_every_tool(texts: Texts) -> None:
    buttons = Html(frame.header([POLICY], texts)).all("button")
    assert [b.attributes["data-do"] for b in buttons] == [
        "export-md",
        "export-docx",
        "theme",
        "language",
    ]
    labels = [b.attributes["aria-label"] for b in buttons]
    assert labels[2:] == [texts.theme, texts.other_language]
    assert all(label.startswith(texts.export) for label in labels[:2])
    assert all(b.text.strip() for b in buttons)


@pytest.mark.parametrize("texts", [ZH, EN])
def test_the_bar_holds_all_that_the_script_says(texts: Texts) -> None:
    bar = Html(frame.header([POLICY], texts)).one("div", "tw-bar")
    said = set(re.findall(r"texts\(\)\.(\w+)", SCRIPTED))
    assert {"copied", "signature", "htmlLanguage"} <= said
    for name in said:
        attribute = "data-" + re.sub("([A-Z])", r"-\1", name).lower()
        assert bar.attributes[attribute], name
    assert bar.attributes["data-signature"] == signature(texts)
    assert bar.attributes["id"] == "tw-bar"


def test_the_script_knows_every_button() -> None:
    library = Library([POLICY])
    turn = Writer(ZH, {}).turn(small_turn("问"))
    html = frame.header([POLICY], ZH) + frame.pane(library, ZH, "") + turn
    doings = SCRIPTED[SCRIPTED.index("const doings") :]
    for button in Html(html).all("button"):
        assert re.search(rf'^    "?{button.attributes["data-do"]}"?: ', doings, re.MULTILINE)


def test_the_start_says_what_this_is_and_asks_by_chapter() -> None:
    page = Html(
        frame.start([("一、总体", "甲是怎么安排的？"), ("二、机制", "乙呢？")], ["某意见"], ZH)
    )
    assert page.one("h2").text == ZH.tagline
    assert ZH.limits in page.text
    cards = page.all("button", "tw-question")
    assert [card.text for card in cards] == ["一、总体甲是怎么安排的？", "二、机制乙呢？"]
    assert [small.text for small in page.all("small")] == ["一、总体", "二、机制"]
    assert [span.text for span in page.all("span")] == ["甲是怎么安排的？", "乙呢？"]


def test_in_english_clauses_are_asked_for_by_number() -> None:
    asked = frame.by_number([("一、总体", "甲呢？"), ("二、机制", "乙呢？")])
    page = Html(frame.start(asked, [], EN))
    assert page.one("h2").text == EN.tagline
    assert [span.text for span in page.all("span")] == [
        "What does clause 1 say?",
        "What does clause 2 say?",
    ]


def test_going_on() -> None:
    page = Html(frame.go_on(["甲？", "乙？"], ZH))
    assert [card.text for card in page.all("button", "tw-question")] == ["甲？", "乙？"]
    assert page.one("div", "tw-go-on").text.startswith(ZH.go_on)
    assert frame.go_on([], ZH) == ""


def test_one_document_leaves_no_choice() -> None:
    page = Html(frame.pane(Library([POLICY]), ZH, ""))
    assert "hidden" in page.one("select").attributes
    assert page.one("h1").text == POLICY.title
    paper = page.one("div", "tw-paper")
    assert "居住证（B证）有效期限最高延长到10年。" in paper.text
    assert paper.attributes["aria-label"] == "创新九条"
    assert paper.attributes["tabindex"] == "0"  # it scrolls, so the keyboard must reach it


@pytest.mark.parametrize(("language", "root"), [("zh", ""), ("en", "../")])
def test_several_documents_can_be_chosen(language: str, root: str) -> None:
    page = Html(frame.pane(Library([LAW, POLICY]), LANGUAGES[language], root))
    assert "hidden" not in page.one("select").attributes
    options = [(o.attributes["value"], o.text) for o in page.all("option")]
    assert options == [("law", "中华人民共和国示范法"), ("policy", "创新九条")]
    assert page.one("div", "twd").attributes["data-document"] == "law"
    (alone,) = [a for a in page.all("a") if a.attributes.get("id") == "tw-alone"]
    assert alone.attributes["href"] == f"{root}documents/law"
    assert page.one("section").attributes["aria-label"] == LANGUAGES[language].document


@pytest.mark.parametrize("texts", [ZH, EN])
def test_everything_around_a_conversation_is_escaped(texts: Texts) -> None:
    library = Library([hostile_document(), Document('x"><script>', SCRIPT, "第一条 甲。\n")])
    for html in (
        frame.header(list(library), texts),
        frame.start([(SCRIPT, ONERROR)], [SCRIPT], texts),
        frame.go_on([SCRIPT, ONERROR], texts),
        frame.pane(library, texts, "../"),
    ):
        assert_harmless(html)
        assert SCRIPT in Html(html).text
