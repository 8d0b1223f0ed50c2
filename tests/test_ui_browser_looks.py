"""How the pages look, in a real Chromium: sizes, themes, languages, what axe-core finds, speed."""

import os
import statistics
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from browser import Visit, citations_of, in_view, turn_of, visit
from support import B_PERMIT, SHIPPED_ID, dev_questions

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

_BANK = "支持商业银行设立什么公司，与银行形成投贷利益共同体？"
_REFUSED = "第三十条讲什么？"
_FAR = "今天天气怎么样？"
_PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
_LOOKS: dict[str, dict[str, Any]] = {
    "desktop-light": {"color_scheme": "light"},
    "desktop-dark": {"color_scheme": "dark"},
    "phone": _PHONE,
}
_PAINTED_MS, _ANSWERED_MS = 2000, 300  # what is promised of a machine that does nothing else
_BUSY = {"painted": 2, "answered": 10 / 3}  # and how much more is allowed on one that does
# Before anything of the page runs: note when its start can be seen.
_NOTE_START = """new MutationObserver((_, observer) => {
  if (!document.querySelector('.tw-start h2')) return;
  observer.disconnect();
  requestAnimationFrame(() => { window.started = performance.now(); });
}).observe(document, { childList: true, subtree: true });"""
# From the key that sends a question to the frame in which its answer is shown.
_NOTE_ANSWER = """() => {
  const turns = () => document.querySelectorAll('.tw-turn[data-id]').length;
  const before = turns();
  let sent = 0;
  window.answered = new Promise((resolve) => {
    addEventListener('keydown', () => { sent = performance.now(); }, { capture: true, once: true });
    new MutationObserver((_, observer) => {
      if (turns() === before) return;
      observer.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - sent));
    }).observe(document.body, { childList: true, subtree: true });
  });
}"""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures of the pages go: ``TIAOWEN_SCREENSHOTS``, to be looked at afterwards."""
    folder = Path(os.environ.get("TIAOWEN_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def violations(page: Any) -> list[str]:
    """What axe-core finds, of any weight, with the first element it finds it in."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}" for v in found]


def is_dark(opened: Visit, selector: str = ".gradio-container, .twd-page") -> bool:
    script = "e => getComputedStyle(e).backgroundColor.match(/[0-9]+/g).map(Number)"
    red, green, blue = opened.page.locator(selector).first.evaluate(script)[:3]
    return bool(red + green + blue < 3 * 64)


@pytest.mark.parametrize("look", _LOOKS)
def test_every_view_fits_and_is_accessible(
    browser: Any, origin: str, pictures: Path, look: str
) -> None:
    width = _LOOKS[look].get("viewport", {"width": 1280})["width"]

    def check(name: str) -> None:
        opened.page.wait_for_timeout(150)
        opened.page.screenshot(path=pictures / f"{look}-{name}.png")
        assert violations(opened.page) == []
        assert opened.width() <= width

    with visit(browser, origin, **_LOOKS[look]) as opened:
        check("start")
        opened.ask(B_PERMIT)
        opened.page.locator("#tw-more .tw-question").first.wait_for()
        check("answer")
        turn = opened.ask(_BANK)
        turn.locator(".tw-chip").last.click()
        opened.until_highlighted(citations_of(turn)[-1]["cited_text"])
        check("quote")
        opened.ask(_REFUSED)
        check("refusal")
        opened.ask(_FAR)
        check("far")
        opened.open_conversations()
        check("conversations")
        address = turn.locator(".tw-chip").last.evaluate("link => link.href")
        opened.arrive(address.removeprefix(origin))
        check("document")
        opened.page.locator(".twd-tree summary").click()
        opened.page.evaluate("scrollTo(0, 0)")
        check("contents")
        opened.page.goto(f"{origin}/documents/nowhere")
        check("missing")
        (said,) = opened.complaints
        assert "404" in said
        opened.complaints.clear()


def test_a_chip_on_a_phone_leads_to_the_mark_and_back(browser: Any, origin: str) -> None:
    with visit(browser, origin, **_PHONE) as opened:
        opened.ask("“五个坚持”分别是哪五个？")
        turn = opened.ask(_BANK)
        chip = turn.locator(".tw-chip").last
        assert in_view(chip)
        chip.tap()
        opened.until_highlighted(citations_of(turn)[-1]["cited_text"])
        assert in_view(opened.page.locator("#tw-paper mark.twd-now"))
        opened.page.locator("[data-do=back]").tap()
        opened.page.wait_for_timeout(200)
        assert in_view(chip)
        assert in_view(opened.box)


def test_the_api_documentation_keeps_to_a_phones_width(browser: Any, origin: str) -> None:
    with visit(browser, origin, **_PHONE) as opened:
        opened.page.goto(f"{origin}/docs")
        route = opened.page.locator(".opblock-summary").first
        route.wait_for()
        assert opened.width() <= 390
        route.click()
        opened.page.locator(".opblock-body").first.wait_for()
        assert opened.width() <= 390


def _report(capsys: pytest.CaptureFixture[str], what: str, took: list[float]) -> None:
    """Print figures whatever pytest does with output: they are what the test is for."""
    with capsys.disabled():
        each = ", ".join(f"{ms:.0f}" for ms in took)
        print(f"\n{what}: median {statistics.median(took):.0f} ms ({each})")  # noqa: T201


def test_dark_is_chosen_by_the_system_or_by_hand_and_kept(browser: Any, origin: str) -> None:
    with visit(browser, origin, color_scheme="dark") as opened:
        assert is_dark(opened)
        opened.page.locator("[data-do=theme]").click()
        assert not is_dark(opened)
        opened.page.reload()
        opened.box.wait_for()
        assert not is_dark(opened)
        opened.arrive(f"/documents/{SHIPPED_ID}")
        assert not is_dark(opened)
    with visit(browser, origin) as opened:
        assert not is_dark(opened)
        opened.page.locator("[data-do=theme]").click()
        opened.arrive()
        assert is_dark(opened)
        opened.arrive(f"/documents/{SHIPPED_ID}")
        assert is_dark(opened)


def test_the_language_is_the_browsers_until_another_is_chosen(browser: Any, origin: str) -> None:
    with visit(browser, origin, locale="en-US") as opened:
        page = opened.page
        assert page.url == f"{origin}/en/"
        assert page.locator("#tw-ask").inner_text() == "Ask"
        assert page.evaluate("document.documentElement.lang") == "en"
        turn = opened.ask("How long is a B permit valid at most?")
        assert "10年" in turn.inner_text()
        turn.locator(".tw-chip").first.click()
        opened.until_highlighted(citations_of(turn)[0]["cited_text"])
        page.locator("[data-do=language]").click()
        page.wait_for_url(f"{origin}/")
        opened.turn()
        assert turn_of(opened.turns.first)["question"].startswith("How long")
        assert page.locator("#tw-ask").inner_text() == "提问"
        opened.arrive()
        assert page.url == f"{origin}/"
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        page.locator("[data-do=language]").click()
        page.wait_for_url(f"{origin}/en/")
        opened.box.wait_for()
        opened.arrive()
        assert page.url == f"{origin}/en/"


def test_the_page_is_painted_soon(
    browser: Any, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    painted, started = [], []
    for _ in range(3):  # each with an empty cache
        with visit(browser, origin, noted=_NOTE_START) as opened:
            opened.page.wait_for_function("window.started")
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            painted.append(opened.page.evaluate(paint))
            started.append(opened.page.evaluate("window.started"))
    _report(capsys, "first contentful paint", painted)
    _report(capsys, "start of the conversation shown", started)
    assert statistics.median(painted) <= statistics.median(started)
    assert statistics.median(started) <= _PAINTED_MS * _BUSY["painted"]


def test_an_answer_is_shown_soon(
    browser: Any, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [row["question"] for row in dev_questions() if row["type"] == "fact_literal"][:6]
    took = []
    with visit(browser, origin) as opened:
        opened.ask(B_PERMIT)
        for question in asked:
            opened.page.evaluate(_NOTE_ANSWER)
            opened.ask(question)
            took.append(opened.page.evaluate("window.answered"))
            opened.page.wait_for_timeout(300)  # suggestions are found out
    _report(capsys, "answer shown after Enter", took)
    assert statistics.median(took) <= _ANSWERED_MS * _BUSY["answered"]
