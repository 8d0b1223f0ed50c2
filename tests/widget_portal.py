"""What the browser tests of the widget share: a portal, the server's face, a visit."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

WAIT = 20_000  # milliseconds
KEY = "tws_test"
# Records the widget's events as they leave the page's last shadow root.
_LISTEN = """
window.heard = [];
for (const kind of ["answer", "error", "open", "close"]) {
  document.addEventListener(`tiaowen:${kind}`, (event) => window.heard.push([kind, event.detail]));
}
"""


class Portal:
    """A web site of another origin; its pages are set by the tests."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str, dict[str, str]]] = {}
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, text, headers = portal.pages.get(self.path, ("text/plain", "", {}))
                self.send_response(200)
                self.send_header("content-type", f"{kind}; charset=utf-8")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, body: str, *, head: str = "", language: str = "zh-CN", **headers: str) -> str:
        """Set a page and return its address."""
        self.pages["/page"] = (
            "text/html",
            f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>门户</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}'
            f"<body><main><h1>人才服务</h1><p>门户的正文。</p>{body}</main></body></html>",
            {name.replace("_", "-"): value for name, value in headers.items()},
        )
        return f"{self.origin}/page"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass(frozen=True)
class Server:
    """The question server, with what stands before it (see widget_server.py)."""

    origin: str

    def tag(self, site: str | None = KEY, **data: str) -> str:
        """One script tag."""
        given = {**({} if site is None else {"site": site}), **data}
        written = "".join(f' data-{name}="{value}"' for name, value in given.items())
        return f'<script src="{self.origin}/widget.js"{written}></script>'

    def change(self, **values: Any) -> None:
        body = json.dumps(values).encode()
        with urlopen(Request(f"{self.origin}/test/change", data=body), timeout=5):
            pass

    def state(self) -> dict[str, Any]:
        with urlopen(f"{self.origin}/test/state", timeout=5) as response:
            return dict(json.load(response))

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What was asked since the test began."""
        return list(self.state()["asked"])


@dataclass
class Visit:
    """A page with what it asked for and what it complained of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def box(self) -> Any:
        return self.page.locator("tiao-wen textarea")

    @property
    def button(self) -> Any:
        return self.page.locator("tiao-wen .open")

    @property
    def panel(self) -> Any:
        return self.page.locator("tiao-wen .panel")

    @property
    def error(self) -> Any:
        return self.page.locator("tiao-wen .error")

    def ask(self, question: str) -> None:
        """Ask, in the panel if there is a button."""
        if self.button.count() and self.button.is_visible():
            self.button.click()
        self.box.fill(question)
        self.box.press("Enter")

    def wait_for(self, selector: str, count: int = 1) -> Any:
        """What is in the conversation once nothing is being written there: until then each
        piece that arrives puts new elements in the place of the ones before."""
        still = self.page.locator('tiao-wen .log:not([aria-busy="true"])')
        found = still.locator(selector)
        found.nth(count - 1).wait_for(timeout=WAIT)
        return found

    def failed(self) -> str:
        """Wait for an error's sentence."""
        self.page.locator("tiao-wen .error:not(:empty)").wait_for(timeout=WAIT)
        return str(self.error.inner_text())

    def heard(self, kind: str) -> list[Any]:
        return [detail for name, detail in self.page.evaluate("window.heard") if name == kind]

    def focused(self) -> str:
        """The class or tag of what has the focus inside the widget; empty if nothing there has."""
        return str(
            self.page.evaluate(
                """() => {
                  const inside = document.querySelector("tiao-wen").shadowRoot.activeElement;
                  return inside?.className || inside?.localName || "";
                }"""
            )
        )


@contextmanager
def visit(
    browser: Any, url: str, width: int = 1280, height: int = 800, **how: Any
) -> Iterator[Visit]:
    still = {"reduced_motion": "reduce"}  # what moves is elsewhere when it is measured
    context = browser.new_context(
        viewport={"width": width, "height": height}, **{"locale": "zh-CN", **still, **how}
    )
    context.add_init_script(_LISTEN)
    page = context.new_page()
    opened = Visit(page)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    page.on(
        "console",
        lambda line: opened.complaints.append(line.text) if line.type == "error" else None,
    )
    page.goto(url, wait_until="load")
    yield opened
    context.close()
