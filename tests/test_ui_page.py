"""The chat's handlers, called as Gradio calls them: nothing of a visit stays on the server."""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import gradio as gr
import pytest
from pages import Html, assert_harmless, small_turn
from starlette.requests import Request
from support import (
    B_PERMIT,
    ONERROR,
    SCRIPT,
    assistant_of,
    hostile_document,
    shipped_assistant,
)

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.model import Document
from ui import page
from ui.book import Book
from ui.texts import EN, LANGUAGES, ZH

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
NO_ANSWER = "申请海外人才居住证要交多少钱工本费？"
SKIPPED = gr.skip()


def page_of(assistant: Assistant | None = None, language: str = "zh") -> "page._Page":
    return page._Page(assistant or shipped_assistant(), Settings(), language)


@pytest.fixture(scope="module")
def chat() -> "page._Page":
    return page_of()


def asked(chat: "page._Page", *questions: str, kept: Any = None) -> tuple[str, dict[str, Any]]:
    """Ask one question after the other; the conversation shown at the end, and what is kept."""
    html, kept = "", kept or {}
    for question in questions:
        *_, (_, html, _, kept, _) = chat._ask(question, kept)
    return str(html), json.loads(json.dumps(kept))


def questions_of(kept: dict[str, Any]) -> list[list[str]]:
    return [[turn["question"] for turn in c["turns"]] for c in kept["conversations"]]


def arriving(**query: str) -> gr.Request:
    scope = {"type": "http", "query_string": urlencode(query).encode(), "headers": []}
    return gr.Request(Request(scope))


def shown(listed: Any) -> list[str]:
    return [title for title, _ in listed.choices]


def test_a_question_is_shown_at_once_and_then_answered(chat: "page._Page") -> None:
    steps = list(chat._ask(B_PERMIT, {}))
    box, html, more, kept, listed = steps[0]
    assert (box, more) == ("", "")
    assert Html(html).one("div", "tw-pending").text == ZH.working
    assert B_PERMIT in Html(html).one("div", "tw-you").text
    assert kept == listed == SKIPPED
    box, html, more, kept, listed = steps[-1]
    assert box == SKIPPED
    assert "10年" in Html(html).one("div", "tw-answer").text
    assert not Html(html).all("div", "tw-pending")
    assert more == ""
    assert questions_of(kept) == [[B_PERMIT]]
    assert shown(listed) == [B_PERMIT]
    assert listed.value == kept["current"]


def test_an_answer_is_shown_as_it_comes(
    chat: "page._Page", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "_SHOWN_EVERY", -1)
    _, *between, (_, last, *_) = chat._ask("第八条和第九条讲什么", {})
    pictures = [Html(html).one("div", "tw-answer").text for _, html, *_ in between]
    assert len(set(pictures)) > 1
    assert "tw-chip" not in between[-1][1]
    assert "tw-chip" in last
    for earlier, later in pairwise(pictures):
        assert later.startswith(earlier)
    for box, _, *rest in between:
        assert [box, *rest] == [SKIPPED] * 4


@pytest.mark.parametrize("message", ["", "  ", "\n"])
def test_an_empty_question_changes_nothing(chat: "page._Page", message: str) -> None:
    ((box, html, *rest),) = chat._ask(message, {})
    assert box == message
    assert html == chat._start
    assert rest == [SKIPPED] * 3
    _, kept = asked(chat, "你好")
    ((_, html, *_),) = chat._ask(message, kept)
    assert len(Html(html).all("article", "tw-turn")) == 1


@pytest.mark.parametrize("message", ["问" * 501, "有效\x00期", "坏\udcff", "\u200b"])
def test_a_question_that_cannot_be_used_goes_back_into_the_box(
    chat: "page._Page", message: str
) -> None:
    _, kept = asked(chat, "你好")
    *_, (box, html, more, store, listed) = chat._ask(message, kept)
    assert box == message
    notice = Html(html).one("p", "tw-notice")
    assert notice.attributes["role"] == "alert"
    assert notice.text
    assert len(Html(html).all("article", "tw-turn")) == 1
    assert (more, store, listed) == ("", SKIPPED, SKIPPED)


def test_how_long_a_question_may_be_is_said(chat: "page._Page") -> None:
    *_, (_, html, *_) = chat._ask("问" * 501, {})
    notice = Html(html).one("p", "tw-notice").text
    assert "501" in notice
    assert "500" in notice


@pytest.mark.parametrize("message", ["今天天气怎么样？", "第三十条", NO_ANSWER])
def test_what_is_not_there_is_refused(chat: "page._Page", message: str) -> None:
    html, kept = asked(chat, message)
    assert Html(html).one("div", "tw-refusal").text.startswith(ZH.refused)
    assert not Html(html).all("a", "tw-chip")
    assert questions_of(kept) == [[message]]


def test_the_chat_follows_up(chat: "page._Page") -> None:
    html, kept = asked(chat, "海外人才居住证（B证）有什么规定？", "那最长几年呢？")
    last = Html(html).all("article", "tw-turn")[-1]
    assert "（八）" in last.text
    assert "年" in last.text
    assert len(questions_of(kept)[0]) == 2


def test_a_question_is_kept_trimmed(chat: "page._Page") -> None:
    _, kept = asked(chat, f"  {B_PERMIT}\n")
    assert questions_of(kept) == [[B_PERMIT]]


def test_a_long_conversation_goes_on(chat: "page._Page") -> None:
    book = Book()
    for _ in range(100):
        book.add(small_turn(B_PERMIT))
    html, _ = asked(chat, B_PERMIT, kept=book.to_browser())
    assert "10年" in Html(html).all("article", "tw-turn")[-1].text


def test_visitors_share_nothing(chat: "page._Page") -> None:
    first, second = chat._ask(B_PERMIT, {}), chat._ask("你好", {})
    next(first)
    next(second)
    *_, (_, _, _, one, _) = first
    *_, (_, html, _, other, _) = second
    assert questions_of(one) == [[B_PERMIT]]
    assert questions_of(other) == [["你好"]]
    assert B_PERMIT not in html
    assert chat._arrive({}, arriving())[0] == chat._start


def test_chapters_of_a_law_can_be_listed_in_the_chat() -> None:
    text = "第一编 通则\n第一章 总则\n第一条 为了示范。\n第二章 主体\n第二条 谁都是。\n"
    html, _ = asked(page_of(assistant_of(Document("l", "示范法", text))), "第一编有哪些章")
    assert "总则" in Html(html).one("div", "tw-answer").text


@pytest.mark.parametrize("message", [SCRIPT, f"居住证{ONERROR}有效期", "第一条讲什么"])
def test_a_hostile_document_and_question_come_to_no_harm(message: str) -> None:
    chat = page_of(assistant_of(hostile_document()))
    for _, html, *_ in chat._ask(message, {}):
        assert_harmless(html)
    assert_harmless(chat._arrive({}, arriving(q=message))[0])


@pytest.mark.parametrize("garbage", [None, 7, "x", [], {"conversations": [{"turns": [7]}]}])
def test_garbage_in_a_browser_begins_anew(chat: "page._Page", garbage: Any) -> None:
    assert chat._arrive(garbage, arriving())[0] == chat._start
    _, kept = asked(chat, "你好", kept=garbage)
    assert questions_of(kept) == [["你好"]]
    assert chat._open(garbage, "x")[0] == chat._delete(garbage)[0] == chat._start
    assert chat._go_on(garbage) == ""


def test_a_reload_shows_the_open_conversation(chat: "page._Page") -> None:
    html, kept = asked(chat, B_PERMIT, "你好")
    again, more, store, listed = chat._arrive(kept, arriving())
    assert again == html
    assert more == ""
    assert store == kept
    assert listed.value == kept["current"]


def test_a_stopped_question_leaves_what_was_there(chat: "page._Page") -> None:
    html, kept = asked(chat, "你好")
    running = chat._ask(B_PERMIT, kept)
    next(running)
    assert isinstance(running, Iterator)
    assert chat._stopped(kept)[0] == html


def test_a_shared_question_is_answered_on_arriving(chat: "page._Page") -> None:
    html, _, kept, listed = chat._arrive({}, arriving(q=f" {B_PERMIT} "))
    assert "10年" in Html(html).one("div", "tw-answer").text
    assert questions_of(kept) == [[B_PERMIT]]
    assert shown(listed) == [B_PERMIT]


def test_a_shared_question_leaves_the_visitors_own_conversation_alone(chat: "page._Page") -> None:
    _, kept = asked(chat, "你好", "第八条讲什么")
    html, _, kept, _ = chat._arrive(kept, arriving(q=B_PERMIT))
    assert questions_of(kept) == [[B_PERMIT], ["你好", "第八条讲什么"]]
    assert len(Html(html).all("article", "tw-turn")) == 1


def test_a_shared_question_is_not_asked_again_on_reloading(chat: "page._Page") -> None:
    html, _, kept, _ = chat._arrive({}, arriving(q=B_PERMIT))
    assert chat._arrive(kept, arriving(q=B_PERMIT))[0] == html
    assert chat._arrive(kept, arriving(q=" "))[0] == html


def test_a_shared_question_that_cannot_be_used(chat: "page._Page") -> None:
    _, before = asked(chat, "你好")
    html, _, kept, _ = chat._arrive(before, arriving(q="问" * 501))
    assert "501" in Html(html).one("p", "tw-notice").text
    assert questions_of(kept) == [["你好"]]


def test_several_conversations(chat: "page._Page") -> None:
    _, kept = asked(chat, "你好")
    html, more, kept, listed = chat._new(kept)
    assert html == chat._start
    assert more == ""
    assert listed.value is None
    _, kept = asked(chat, B_PERMIT, kept=kept)
    assert questions_of(kept) == [[B_PERMIT], ["你好"]]
    html, _, kept, listed = chat._open(kept, kept["conversations"][1]["id"])
    assert "你好" in Html(html).one("div", "tw-you").text
    assert listed.value == kept["conversations"][1]["id"]
    html, _, kept, listed = chat._delete(kept)
    assert html == chat._start
    assert shown(listed) == [B_PERMIT]
    html, _, kept, listed = chat._clear()
    assert html == chat._start
    assert kept == {"current": "", "conversations": []}
    assert shown(listed) == []


@pytest.mark.parametrize("identity", [None, "", "nowhere"])
def test_a_conversation_that_is_not_there_begins_anew(
    chat: "page._Page", identity: str | None
) -> None:
    _, kept = asked(chat, "你好")
    html, _, store, listed = chat._open(kept, identity)
    assert html == chat._start
    assert listed.value is None
    assert questions_of(store) == [["你好"]]


def suggested(html: str) -> Sequence[str]:
    return [card.text for card in Html(html).all("button", "tw-question")]


def test_what_to_ask_next_can_be_answered(chat: "page._Page") -> None:
    _, kept = asked(chat, B_PERMIT)
    questions = suggested(chat._go_on(kept))
    assert 1 <= len(questions) <= 3
    for question in questions:
        html, _ = asked(chat, question, kept=kept)
        assert Html(html).all("article", "tw-turn")[-1].text.count("（八）") == 1


@pytest.mark.parametrize("message", ["你好", NO_ANSWER])
def test_after_a_refusal_nothing_is_suggested(chat: "page._Page", message: str) -> None:
    _, kept = asked(chat, B_PERMIT, message)
    assert chat._go_on(kept) == ""
    assert chat._go_on({}) == ""


@pytest.mark.parametrize("changed", ["", "问" * 501])
def test_a_question_that_is_no_longer_accepted_suggests_nothing(
    chat: "page._Page", changed: str
) -> None:
    _, kept = asked(chat, B_PERMIT)
    kept["conversations"][0]["turns"][0]["question"] = changed
    assert chat._go_on(kept) == ""


def test_questions_are_chinese_so_the_english_page_suggests_none() -> None:
    chat = page_of(language="en")
    html, kept = asked(chat, B_PERMIT)
    assert Html(html).one("ol", "tw-sources").attributes["aria-label"] == EN.sources
    assert Html(html).one("a", "tw-chip").attributes["href"].startswith("../documents/")
    assert chat._go_on(kept) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_keeps_its_handlers_private(language: str) -> None:
    blocks = page.build_page(shipped_assistant(), Settings(), language)
    assert blocks.get_api_info() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    components = {c.elem_id: c for c in blocks.blocks.values() if getattr(c, "elem_id", None)}
    # A longer question is refused with a sentence, never cut.
    assert components["tw-box"].max_length is None
    assert components["tw-box"].placeholder == LANGUAGES[language].placeholder
    assert components["tw-ask"].value == LANGUAGES[language].ask
    assert blocks.title == LANGUAGES[language].title


def test_the_head_names_the_language() -> None:
    assert "document.documentElement.lang = 'en';" in page.head(EN)
    assert page.head(ZH).count("<script>") == page.head(ZH).count("</script>") == 1


def test_the_theme_asks_no_font_from_elsewhere() -> None:
    theme = page.theme()
    assert theme._stylesheets == []
    assert "http" not in page.CSS


def test_a_shared_follow_up_comes_with_what_it_goes_back_to(chat: "page._Page") -> None:
    _, kept = asked(chat, "海外人才居住证（B证）有什么规定？", "那最长几年呢？")
    shared = arriving(q="那最长几年呢？", after="海外人才居住证（B证）有什么规定？\n")
    html, _, arrived, _ = chat._arrive({}, shared)
    assert questions_of(arrived) == questions_of(json.loads(json.dumps(kept)))
    answers = [turn["response"]["answer"] for turn in arrived["conversations"][0]["turns"]]
    assert answers == [turn["response"]["answer"] for turn in kept["conversations"][0]["turns"]]
    assert "10年" in str(html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_suggested_after_a_refusal_is_answered(language: str) -> None:
    html, _ = asked(page_of(language=language), "今天天气怎么样？")
    suggested = [button.text for button in Html(html).all("button", "tw-question")]
    assert len(suggested) == 3
    for question in suggested:
        assert isinstance(shipped_assistant().ask(question), Answer)
