"""Asking and reading in a real Chromium, served by ``tiaowen serve``."""

from collections.abc import Iterator
from typing import Any

import pytest
from browser import SLOW, Visit, citations_of, in_view, serving, turn_of, visit
from support import B_PERMIT, dev_questions, squeeze

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

# Of every kind: several quotes, several clauses, a whole clause, headings, English, typos.
_TEN = ("001", "014", "017", "038", "047", "056", "093", "101", "106", "108")
_REFUSED = "第三十条讲什么？"


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """The address of a server that takes seconds for an answer."""
    with serving(command=SLOW) as address:
        yield address


def ten_questions() -> list[str]:
    asked = {row["id"].removeprefix("sh15-dev-"): row["question"] for row in dev_questions()}
    return [asked[number] for number in _TEN]


def follow_every_chip(opened: Visit, turn: Any) -> int:
    """Click each chip of a turn: what is marked then is the quote, and nothing else."""
    citations = citations_of(turn)
    chips = turn.locator(".tw-chip")
    assert chips.all_inner_texts() == [str(citation["index"]) for citation in citations]
    for place, citation in enumerate(citations):
        chips.nth(place).click()
        opened.until_highlighted(citation["cited_text"])
        assert in_view(opened.page.locator("#tw-paper mark.twd-now"))
    return len(citations)


def test_every_chip_of_ten_answers_leads_to_exactly_its_quote(browser: Any, origin: str) -> None:
    questions = ten_questions()
    followed = []
    with visit(browser, origin) as opened:
        for question in questions:
            turn = opened.ask(question)
            assert turn_of(turn)["question"] == question
            followed.append(follow_every_chip(opened, turn))
            quotes = [citation["cited_text"] for citation in citations_of(turn)]
            assert squeeze(quotes[0]) in squeeze(turn.inner_text())
        follow_every_chip(opened, opened.turns.first)  # earlier answers still lead there
    assert len(set(questions)) == len(followed) == 10
    assert min(followed) >= 1
    assert max(followed) >= 3


def test_the_quotes_of_a_new_answer_are_marked_at_once(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        turn = opened.ask("支持商业银行设立什么公司，与银行形成投贷利益共同体？")
        quotes = [citation["cited_text"] for citation in citations_of(turn)]
        opened.until_highlighted(quotes[0])
        marked = opened.page.locator("#tw-paper mark").all_text_contents()
        assert squeeze(marked) == squeeze(quotes)
        turn.locator(".tw-place").last.click()
        opened.until_highlighted(quotes[-1])


def test_the_whole_answer_can_be_seen_above_the_box(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        for question in (B_PERMIT, "“五个坚持”分别是哪五个？", _REFUSED, B_PERMIT):
            turn = opened.ask(question)
        opened.page.locator("#tw-more .tw-question").first.wait_for()
        opened.page.wait_for_timeout(200)
        bottom = turn.locator(".tw-actions").bounding_box()
        below = opened.page.locator("#tw-more").bounding_box()
        assert bottom["y"] + bottom["height"] <= below["y"]
        assert below["y"] + below["height"] <= opened.page.viewport_size["height"]


def test_a_refusal_looks_different_and_the_next_question_is_answered(
    browser: Any, origin: str
) -> None:
    with visit(browser, origin) as opened:
        opened.ask(B_PERMIT)
        opened.page.locator("#tw-paper mark").first.wait_for()
        turn = opened.ask(_REFUSED)
        card = turn.locator(".tw-refusal")
        assert "22" in card.inner_text()
        assert turn.locator(".tw-answer, .tw-chip").count() == 0
        assert opened.page.locator("#tw-paper mark").count() == 0
        assert opened.page.locator("#tw-more .tw-question").count() == 0
        near = card.locator(".tw-near").first
        near.click()
        opened.page.wait_for_timeout(100)
        anchor = near.get_attribute("data-anchor")
        script = "anchor => document.getElementById(decodeURIComponent(anchor)).dataset.near = 1"
        opened.page.evaluate(script, anchor)
        assert in_view(opened.page.locator("[data-near]"))
        assert opened.page.locator("#tw-alone").get_attribute("href").endswith(f"#{anchor}")
        assert "（八）" in opened.ask("第八条讲什么").locator(".tw-sources").inner_text()


def test_questions_that_are_offered_can_be_clicked(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        card = opened.page.locator(".tw-start .tw-question").first
        opening = card.locator("span").inner_text()
        card.click()
        assert opened.turn().locator(".tw-chip").count() >= 1
        opened.ask(B_PERMIT)
        suggestion = opened.page.locator("#tw-more .tw-question").first
        next_one = suggestion.inner_text()
        suggestion.click()
        assert opened.turn(2).locator(".tw-chip").count() >= 1
        assert opened.questions == [opening, B_PERMIT, next_one]


def test_the_quote_of_a_chip_is_shown_on_hovering_and_on_reaching_it_by_keyboard(
    browser: Any, origin: str
) -> None:
    with visit(browser, origin) as opened:
        turn = opened.ask(B_PERMIT)
        quote, tip = citations_of(turn)[0]["cited_text"], opened.page.locator("#tw-tip")
        turn.locator(".tw-chip").hover()
        assert squeeze(quote) in squeeze(tip.inner_text())
        opened.page.mouse.move(2, 400)
        assert not tip.is_visible()
        focused = "document.activeElement.classList.contains('tw-chip')"
        opened.page.locator("[data-do=language]").focus()
        for _ in range(20):
            opened.page.keyboard.press("Tab")
            if opened.page.evaluate(focused):
                break
        assert squeeze(quote) in squeeze(tip.inner_text())
        opened.page.keyboard.press("Enter")
        opened.until_highlighted(quote)
        opened.page.keyboard.press("Tab")
        assert not tip.is_visible()


def test_keys_and_an_empty_question(browser: Any, origin: str) -> None:
    focused = "document.activeElement.matches('#tw-box textarea')"
    with visit(browser, origin) as opened:
        opened.box.fill("  ")
        opened.box.press("Enter")
        opened.page.wait_for_timeout(400)
        assert opened.page.locator(".tw-turn, .tw-notice").count() == 0
        assert opened.page.locator(".tw-start").is_visible()
        opened.box.fill("")
        opened.page.keyboard.type("居住证/B证")
        opened.page.keyboard.press("Shift+Enter")
        opened.page.keyboard.type("最长几年？")
        assert opened.box.input_value() == "居住证/B证\n最长几年？"
        assert opened.turns.count() == 0
        opened.page.keyboard.press("Enter")
        opened.turn()
        assert opened.box.input_value() == ""
        opened.page.keyboard.press("Escape")
        assert not opened.page.evaluate(focused)
        opened.page.keyboard.press("/")
        assert opened.page.evaluate(focused)
        assert opened.box.input_value() == ""


def test_a_slow_answer_can_be_stopped_by_button_and_by_key(browser: Any, slow: str) -> None:
    with visit(browser, slow) as opened:
        pending = opened.page.locator(".tw-pending")
        stop = opened.page.locator("#tw-stop")
        opacity = "element => getComputedStyle(element).opacity"
        for way in (stop.click, lambda: opened.page.keyboard.press("Escape")):
            opened.box.fill(B_PERMIT)
            opened.box.press("Enter")
            pending.wait_for()
            assert pending.evaluate(opacity) == "0"  # nothing flickers where answers are quick
            opened.page.wait_for_timeout(400)
            assert pending.evaluate(opacity) == "1"
            with opened.page.expect_response("**/gradio_api/reset"):
                way()
                pending.wait_for(state="detached")
            assert not stop.is_visible()
            assert opened.page.locator("#tw-ask").is_visible()
        opened.page.wait_for_timeout(2500)  # longer than an answer takes
        assert opened.turns.count() == 0


def test_a_slow_answer_is_shown_as_it_comes(browser: Any, slow: str) -> None:
    with visit(browser, slow) as opened:
        opened.box.fill(B_PERMIT)
        opened.box.press("Enter")
        opened.page.locator(".tw-turn:not([data-id]) .tw-answer").wait_for()
        assert "10年" in opened.turn().inner_text()
