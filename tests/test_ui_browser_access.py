"""Keys, tokens and origins in a real Chromium: a real server with keys on, two other origins."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import httpx
import pytest
from browser import chromium
from openai import AuthenticationError, OpenAI
from support import B_PERMIT, SHIPPED_ID, shipped_index, squeeze, workspace
from widget_portal import WAIT, Portal, Server, visit

from assistant.keys import KeyStore, Scope

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A site whose origin a site key allows."""
    opened = Portal()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def stranger() -> Iterator[Portal]:
    """A site that no key allows."""
    opened = Portal()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def keys(portal: Portal) -> dict[str, str]:
    """A site key for the portal, made by the command line, and an API key."""
    path = workspace() / "browser-keys.sqlite"
    command = [sys.executable, "-m", "ui.cli", "keys", "create", "--site"]
    made = subprocess.run(
        [*command, "--origin", portal.origin],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "TIAOWEN_KEYS": str(path), "PYTHONUTF8": "1"},
    )
    site = next(word for word in made.stdout.split() if word.startswith("tws_"))
    api = KeyStore(path).create("测试", [Scope.ASK]).text
    return {"path": str(path), "site": site, "api": api}


@pytest.fixture(scope="module")
def server(keys: dict[str, str]) -> Iterator[Server]:
    chromium()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    environ = {
        **os.environ,
        "TIAOWEN_INDEX": str(shipped_index()),
        "TIAOWEN_KEYS": keys["path"],
        "TIAOWEN_AUTH": "on",
        "PYTHONUTF8": "1",
    }
    log = workspace() / "access.log"
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", port]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env=environ) as process,
    ):
        try:
            _until_ready(f"http://127.0.0.1:{port}/readyz", process, log)
            yield Server(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(20)


def _until_ready(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not come up within a minute")


def test_an_allowed_page_asks_with_one_tag_and_opens_the_citation(
    browser: Any, server: Server, portal: Portal, keys: dict[str, str]
) -> None:
    with visit(browser, portal.page(server.tag(keys["site"]))) as opened:
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".answer").inner_text()
        with opened.page.context.expect_page() as tab:
            opened.wait_for(".chip").first.click()
        document = tab.value
        document.wait_for_load_state("load")
        assert document.url.startswith(f"{server.origin}/documents/{SHIPPED_ID}?quote=")
        marked = squeeze(document.locator("mark").all_text_contents())
        (said,) = opened.heard("answer")
        assert marked == squeeze(said["citations"][0]["cited_text"])


def test_another_page_gets_no_token(
    browser: Any, server: Server, stranger: Portal, keys: dict[str, str]
) -> None:
    with visit(browser, stranger.page(server.tag(keys["site"]))) as opened:
        opened.ask(B_PERMIT)
        assert opened.failed()
        assert opened.heard("answer") == []
        assert opened.box.input_value() == B_PERMIT
    refused = httpx.post(
        f"{server.origin}/v1/session",
        json={"site_key": keys["site"]},
        headers={"Origin": stranger.origin},
    )
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "origin_not_allowed"
    assert "access-control-allow-origin" not in refused.headers


def test_another_pages_script_may_not_read_an_answer(
    browser: Any, server: Server, portal: Portal, stranger: Portal, keys: dict[str, str]
) -> None:
    asking = """async ([url, key]) => {
      try {
        const response = await fetch(url, {
          method: "POST", body: JSON.stringify({question: "第八条讲什么"}),
          headers: {"content-type": "application/json", authorization: `Bearer ${key}`},
        });
        return response.status;
      } catch (error) { return String(error); }
    }"""
    given = [f"{server.origin}/v1/ask", keys["api"]]
    with visit(browser, portal.page("")) as opened:
        assert opened.page.evaluate(asking, given) == 200
    with visit(browser, stranger.page("")) as opened:
        assert "Failed to fetch" in opened.page.evaluate(asking, given)
        assert any("CORS" in line for line in opened.complaints)


def test_only_an_allowed_page_may_frame_the_embedded_one(
    browser: Any, server: Server, portal: Portal, stranger: Portal, keys: dict[str, str]
) -> None:
    frame = f'<iframe src="{server.origin}/embed?site={keys["site"]}" height="500"></iframe>'
    with visit(browser, portal.page(frame)) as opened:
        inside = opened.page.frame_locator("iframe")
        box = inside.locator("tiao-wen textarea")
        box.wait_for(timeout=WAIT)
        box.fill(B_PERMIT)
        box.press("Enter")
        answer = inside.locator("tiao-wen .answer").first
        answer.wait_for(timeout=WAIT)
        assert "10年" in answer.inner_text()
    with visit(browser, stranger.page(frame)) as opened:
        opened.page.wait_for_timeout(500)
        assert opened.page.frame_locator("iframe").locator("tiao-wen").count() == 0
        assert any("frame-ancestors" in line for line in opened.complaints)


def test_a_stolen_token_is_of_no_use_elsewhere(
    server: Server, portal: Portal, stranger: Portal, keys: dict[str, str]
) -> None:
    token = httpx.post(
        f"{server.origin}/v1/session",
        json={"site_key": keys["site"]},
        headers={"Origin": portal.origin},
    ).json()["token"]

    def ask(origin: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
        return httpx.post(
            f"{server.origin}/v1/ask", json={"question": "第八条讲什么"}, headers=headers
        )

    assert ask(portal.origin).status_code == 200
    for origin in (stranger.origin, server.origin, None):
        refused = ask(origin)
        assert refused.status_code == 401
        assert refused.json()["error"]["code"] == "bad_token"


def test_openai_clients_send_the_key_as_they_do(server: Server, keys: dict[str, str]) -> None:
    asked = {"model": "tiaowen", "messages": [{"role": "user", "content": B_PERMIT}]}
    with OpenAI(base_url=f"{server.origin}/v1", api_key=keys["api"]) as client:
        completion = client.chat.completions.create(**asked)  # type: ignore[call-overload]
        assert "10年" in completion.choices[0].message.content
    with (
        OpenAI(base_url=f"{server.origin}/v1", api_key="none") as client,
        pytest.raises(AuthenticationError),
    ):
        client.chat.completions.create(**asked)  # type: ignore[call-overload]


def test_agents_need_a_key(server: Server, keys: dict[str, str]) -> None:
    called = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask_document", "arguments": {"question": B_PERMIT}},
    }
    headers = {"Accept": "application/json, text/event-stream"}
    refused = httpx.post(f"{server.origin}/mcp", json=called, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "key_required"
    headers["Authorization"] = f"Bearer {keys['api']}"
    answered = httpx.post(f"{server.origin}/mcp", json=called, headers=headers)
    assert answered.status_code == 200
    assert "10年" in answered.text
