"""The chat page in a real Chromium, served by ``tiaowen serve``."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from support import B_PERMIT, ONERROR, SHIPPED_ID, shipped_index, squeeze, workspace

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_WAIT = 20_000  # milliseconds


def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None:
        why = "no chromium on the PATH: install it to test the chat page"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address of a server of its own."""
    chromium()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(port)]
    log = (workspace() / "serve.log").open("wb")
    environ = {**os.environ, "TIAOWEN_INDEX": str(shipped_index()), "PYTHONUTF8": "1"}
    with log, subprocess.Popen(command, stdout=log, stderr=log, env=environ) as server:
        try:
            _until_ready(f"http://127.0.0.1:{port}/readyz", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def _until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, (workspace() / "serve.log").read_text(encoding="utf-8")
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("tiaowen serve did not come up within a minute")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=_ARGUMENTS)
        yield opened
        opened.close()


@dataclass
class Visit:
    """A page with what it asked for and what it complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        box = self.page.locator("textarea").first
        box.fill(question)
        box.press("Enter")

    def wait_for(self, selector: str) -> Any:
        found = self.page.locator(selector)
        found.last.wait_for(state="attached", timeout=_WAIT)
        return found


@contextmanager
def visit(browser: Any, url: str, width: int = 1280, height: int = 800) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    opened = Visit(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: opened.complaints.append(line.text) if line.type == "error" else None,
    )
    page.goto(url, wait_until="load")
    if "/documents/" not in url:
        page.locator("textarea").first.wait_for(timeout=_WAIT)
    yield opened
    context.close()


def marks(page: Any) -> str:
    return squeeze(page.locator(".tw-clauses mark").all_text_contents())


def test_a_question_is_answered_with_its_quote_highlighted(
    browser: Any, origin: str, tmp_path: Path
) -> None:
    with visit(browser, origin) as opened:
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".tw-answer").last.inner_text()
        opened.wait_for(".tw-clauses mark")
        quotes = opened.page.locator(".tw-citations mark").all_text_contents()
        assert "最高到10年" in squeeze(quotes)
        assert marks(opened.page) == squeeze(quotes)
        assert squeeze(quotes) in squeeze(opened.page.locator(".tw-answer").last.inner_text())
        opened.page.screenshot(path=tmp_path / "answer.png")
        assert opened.complaints == []
        assert [url for url in opened.requests if not _is_local(url, origin)] == []


def _is_local(url: str, origin: str) -> bool:
    return url.startswith((origin + "/", "data:", "blob:"))


def test_an_example_can_be_clicked(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        opened.page.get_by_text("文件怎么说？").first.click()
        opened.wait_for(".tw-answer")
        opened.wait_for(".tw-clauses mark")
        assert opened.complaints == []


def test_a_refusal_is_shown_and_the_next_question_answered(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        opened.ask("第三十条讲什么")
        assert "22" in opened.wait_for(".tw-refusal").last.inner_text()
        assert opened.page.locator("mark").count() == 0
        opened.ask("第八条讲什么")
        opened.wait_for(".tw-answer")
        assert "（八）" in opened.wait_for(".tw-clause").last.inner_text()


def test_a_question_is_text_whatever_it_holds(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        opened.ask(f"居住证{ONERROR}有效期最长几年？")
        opened.wait_for(".tw-answer, .tw-refusal")
        assert opened.page.evaluate("window.hacked") is None


def test_two_visitors_share_nothing(browser: Any, origin: str) -> None:
    with visit(browser, origin) as first, visit(browser, origin) as second:
        first.ask(B_PERMIT)
        first.wait_for(".tw-clauses mark")
        assert second.page.locator(".tw-answer, mark").count() == 0
        second.ask("那最长几年呢？")
        second.wait_for(".tw-answer, .tw-refusal")
        assert B_PERMIT not in second.page.locator("body").inner_text()
    with visit(browser, origin) as third:
        assert third.page.locator(".tw-answer, mark").count() == 0


def test_a_phone_shows_all_without_scrolling_sideways(
    browser: Any, origin: str, tmp_path: Path
) -> None:
    with visit(browser, origin, 390, 844) as opened:
        opened.ask(B_PERMIT)
        opened.wait_for(".tw-clauses mark")
        opened.page.screenshot(path=tmp_path / "phone.png", full_page=True)
        width = opened.page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390


def test_a_citation_leads_to_its_paragraph(browser: Any, origin: str, tmp_path: Path) -> None:
    with visit(browser, origin) as opened:
        opened.ask(B_PERMIT)
        link = opened.wait_for(".tw-clause a").first.get_attribute("href")
        assert link.startswith(f"/documents/{SHIPPED_ID}#")
    with visit(browser, origin + link, height=600) as opened:
        target = opened.page.locator("p:target")
        assert "延长有效期限最高到10年" in target.inner_text()
        box = target.bounding_box()
        assert opened.page.evaluate("window.scrollY") > 0
        assert 0 <= box["y"] < 600
        opened.page.screenshot(path=tmp_path / "document.png")
        assert [url for url in opened.requests if not _is_local(url, origin)] == []


def test_a_document_page_fits_a_phone(browser: Any, origin: str) -> None:
    with visit(browser, f"{origin}/documents/{SHIPPED_ID}", 390, 844) as opened:
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
