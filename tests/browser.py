"""What the tests in a real Chromium share: servers of their own, visits that note what goes on."""

import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from serving import run_server
from support import squeeze, workspace

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVE = ("-m", "ui.cli", "serve", "--port")
SLOW = (str(Path(__file__).with_name("slow_server.py")),)
FEEDBACK = "feedback.sqlite"  # in the session's workspace
WAIT = 20_000  # milliseconds
_IN_VIEW = """element => {
  const box = element.getClientRects()[0];
  const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return element.contains(seen) || Boolean(seen?.contains(element));
}"""
# What Gradio says when a page is left while something is still on its way to it.
_LEAVING = ("AbortError: signal is aborted", "Unexpected error Connection errored out")


def chromium() -> str:
    """Where Chromium is; without one the test is skipped, or fails where tests must not be."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if found is None:
        why = "no chromium on the PATH: install it to test the chat page"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@contextmanager
def serving(directory: Path | None = None, command: Sequence[str] = SERVE) -> Iterator[str]:
    """The address of a server over an index (the shipped one), stopped at the end."""
    chromium()
    environ = {"TIAOWEN_FEEDBACK": str(workspace() / FEEDBACK)}
    if directory:
        environ["TIAOWEN_INDEX"] = str(directory)
    with run_server(command, **environ) as (address, _):
        yield address


@dataclass
class Visit:
    """A page of a visitor's own browser, with what it asked for and what it complained of."""

    page: Any
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def box(self) -> Any:
        return self.page.locator("#tw-box textarea")

    @property
    def turns(self) -> Any:
        """Questions with their answer or refusal; not the one that is being worked on."""
        return self.page.locator(".tw-turn[data-id]")

    @property
    def questions(self) -> list[str]:
        return [json.loads(turn)["question"] for turn in self._kept()]

    def _kept(self) -> list[str]:
        turns: list[str] = self.turns.evaluate_all("turns => turns.map(t => t.dataset.turn)")
        return turns

    def ask(self, question: str) -> Any:
        """Ask as a visitor does; return the turn once it is there."""
        before = self.turns.count()
        self.box.fill(question)
        self.box.press("Enter")
        return self.turn(before)

    def turn(self, place: int = 0) -> Any:
        """A turn by its place from 0, once it is there."""
        turn = self.turns.nth(place)
        turn.wait_for(timeout=WAIT)
        return turn

    def arrive(self, path: str = "/") -> None:
        """Go to an address of the server, or come back to it."""
        self.page.goto(self.origin + path, wait_until="load")
        if "/documents/" not in path:
            self.box.wait_for(timeout=WAIT)

    def highlighted(self) -> str:
        """What is marked as the quote in question, without white space."""
        return squeeze(self.page.locator("#tw-paper mark.twd-now").all_text_contents())

    def until_highlighted(self, text: str) -> None:
        """Wait until exactly a text is marked; fail with what is marked instead."""
        deadline = time.monotonic() + 5
        while self.highlighted() != squeeze(text) and time.monotonic() < deadline:
            self.page.wait_for_timeout(30)
        assert self.highlighted() == squeeze(text)

    def width(self) -> int:
        """How wide the page is, with what can only be seen by scrolling sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def open_conversations(self) -> None:
        self.page.locator(".toggle-button").first.click()
        self.page.locator("#tw-new").wait_for()
        self.page.wait_for_timeout(400)  # it slides in

    def check(self) -> None:
        """Nothing was asked of anybody else, and nothing went wrong."""
        own = (self.origin + "/", "data:", "blob:" + self.origin)
        foreign = [url for url in self.requests if not url.startswith(own)]
        assert not foreign, foreign
        complaints = [c for c in self.complaints if not c.startswith(_LEAVING)]
        assert not complaints, complaints


@contextmanager
def visit(
    browser: Any, origin: str, path: str = "/", noted: str = "", **options: Any
) -> Iterator[Visit]:
    """A visitor with a browser of their own, Chinese unless ``options`` say otherwise.

    ``noted`` is a script that runs before anything of a page does.
    """
    still = {"reduced_motion": "reduce"}  # what moves is elsewhere when it is measured
    given = {"locale": "zh-CN", "viewport": {"width": 1280, "height": 800}, **still, **options}
    context = browser.new_context(**given)
    context.set_default_timeout(WAIT)
    page = context.new_page()
    opened = Visit(page, origin)
    page.add_init_script(noted)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on("dialog", lambda dialog: (opened.complaints.append(dialog.message), dialog.dismiss()))
    page.on(
        "console",
        lambda line: opened.complaints.append(line.text) if line.type == "error" else None,
    )
    try:
        opened.arrive(path)
        yield opened
        opened.check()
    finally:
        context.close()


def in_view(element: Any) -> bool:
    """Say whether the beginning of an element is in the window, covered by nothing."""
    return bool(element.first.evaluate(_IN_VIEW))


def turn_of(turn: Any) -> dict[str, Any]:
    """What a page keeps of a turn: question and response."""
    kept: dict[str, Any] = json.loads(turn.get_attribute("data-turn"))
    return kept


def citations_of(turn: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = turn_of(turn)["response"]["citations"]
    return found
