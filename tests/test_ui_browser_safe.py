"""A hostile document and hostile questions in a real Chromium: all of it is text, nothing runs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from browser import Visit, citations_of, serving, visit
from support import ONERROR, SCRIPT, hostile_document, shipped_encoder, workspace

from index.build import build

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

_LINK = "[点这里](javascript:window.hacked=1)"
_IMAGE = "![图](https://example.com/x.png)"
_QUESTIONS = (
    f"居住证{ONERROR}的有效期限最高几年？",
    f"{SCRIPT}居住证有效期限",
    f"{_LINK}{_IMAGE}",
    "</script><script>window.hacked=1</script>\"'><b onclick=x>",
)


@pytest.fixture(scope="module")
def hostile() -> Iterator[str]:
    """The address of a server over a document that tries everything."""
    document = hostile_document()
    text = document.text + f"（三）补贴办法。补贴{_LINK}的标准是每年{_IMAGE}五万元。\n"
    directory = workspace() / "hostile"
    build([replace(document, text=text)], shipped_encoder(), directory)
    with serving(directory) as address:
        yield address


def assert_nothing_ran(opened: Visit) -> None:
    page = opened.page
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x], img[src*=example], [onerror]").count() == 0
    assert page.locator("a[href^='javascript'], iframe").count() == 0
    scripts = page.locator("script").all_text_contents()
    assert not [script for script in scripts if script.strip() == "alert(1)"]
    assert not [url for url in opened.requests if url.endswith(("/x", "/x.png"))]


@pytest.mark.parametrize("question", ["居住证的有效期限最高几年？", "补贴的标准是每年多少？"])
def test_a_hostile_document_is_text_in_the_chat(browser: Any, hostile: str, question: str) -> None:
    with visit(browser, hostile) as opened:
        turn = opened.ask(question)
        cited = citations_of(turn)[0]["cited_text"]
        assert any(text in cited for text in (SCRIPT, _LINK))
        assert cited.strip() in turn.locator(".tw-answer").inner_text()
        turn.locator(".tw-chip").first.click()
        opened.until_highlighted(cited)
        turn.locator(".tw-chip").first.hover()
        assert cited.strip() in opened.page.locator("#tw-tip").inner_text()
        paper = opened.page.locator("#tw-paper").inner_text()
        for hostile_text in (SCRIPT, ONERROR, _LINK, _IMAGE):
            assert hostile_text in paper
        assert ONERROR in opened.page.locator(".tw-about").inner_text()
        assert_nothing_ran(opened)
        opened.page.reload()
        opened.turn()
        assert_nothing_ran(opened)


def test_a_hostile_document_is_text_on_its_own_page(browser: Any, hostile: str) -> None:
    with visit(browser, hostile, "/documents/hostile?quote=0-40") as opened:
        shown = opened.page.locator("body").inner_text()
        for hostile_text in (SCRIPT, ONERROR, _LINK, _IMAGE):
            assert hostile_text in shown
        assert opened.page.title() == f"短{ONERROR} · 条问"
        assert_nothing_ran(opened)


def test_a_hostile_question_is_text_asked_or_shared(browser: Any, hostile: str) -> None:
    with visit(browser, hostile) as opened:
        for question in _QUESTIONS:
            opened.arrive(f"/?q={quote(question)}")
            opened.page.locator(".tw-turn[data-last]", has_text=question).wait_for()
            assert_nothing_ran(opened)
            turn = opened.ask(question)
            assert question in turn.locator(".tw-you").inner_text()
            assert_nothing_ran(opened)
        opened.open_conversations()
        assert ONERROR[:10] in opened.page.locator("#tw-conversations").inner_text()
        assert_nothing_ran(opened)
