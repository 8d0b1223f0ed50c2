"""Keys, tokens and origins in a real Chromium: a real server with keys on, two other origins."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from browser import chromium
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from openai import AuthenticationError, OpenAI
from serving import tiaowen_serve, uvicorn_of
from support import B_PERMIT, SHIPPED_ID, assert_error, shipped_assistant, squeeze
from widget_portal import WAIT, Portal, Server, Visit, visit

from assistant.api.app import create_app
from assistant.keys import KeyStore
from assistant.sessions import LIFETIME
from assistant.settings import Settings
from corpus.store import shipped_documents
from ui.embedding import add_embedding

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
TEXTS = {document.id: document.text for document in shipped_documents()}
ASKED: Any = {"model": "tiaowen", "messages": [{"role": "user", "content": B_PERMIT}]}
# The browser lets no page know which of the two it is.
SENTENCES = {
    "zh": "连不上问答服务，或本网站未获授权；请检查后再试。",
    "en": "The service cannot be reached, or this site may not ask; please check and try again.",
}
# What a page's own script gets: a status, or the browser's reason.
FETCH = """async ([url, credential]) => {
  try {
    const response = await fetch(url, {
      method: "POST", body: JSON.stringify({question: "第八条讲什么"}),
      headers: {"content-type": "application/json", authorization: `Bearer ${credential}`},
    });
    return response.status;
  } catch (error) { return String(error); }
}"""


@dataclass(frozen=True)
class Keys:
    """What ``tiaowen keys create`` printed, and the file it is in."""

    path: Path
    site: str
    api: str


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
def keys(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A site key of the portal and an API key, made by the command line."""
    path = tmp_path_factory.mktemp("keys") / "keys.sqlite"
    site = created(path, "--site", "--origin", portal.origin)
    assert site.startswith("tws_")
    return Keys(path, site, created(path, "--name", "测试", "--scope", "ask"))


def created(path: Path, *options: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "ui.cli", "keys", "create", *options],
        check=True,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "TIAOWEN_KEYS": str(path), "PYTHONUTF8": "1"},
    )
    return made.stdout.strip()


@pytest.fixture(scope="module")
def server(keys: Keys) -> Iterator[Server]:
    chromium()
    with tiaowen_serve(TIAOWEN_KEYS=str(keys.path), TIAOWEN_AUTH="on") as address:
        yield Server(address)


def exchange(server: Server, site_key: str, origin: str) -> httpx.Response:
    return httpx.post(
        f"{server.origin}/v1/session", json={"site_key": site_key}, headers={"Origin": origin}
    )


def ask(server: Server, token: str, origin: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} | ({"Origin": origin} if origin else {})
    return httpx.post(f"{server.origin}/v1/ask", json={"question": B_PERMIT}, headers=headers)


def complained(opened: Visit, word: str) -> list[str]:
    """Wait for what the browser itself says in the console."""
    for _ in range(WAIT // 50):
        if found := [line for line in opened.complaints if word in line]:
            return found
        opened.page.wait_for_timeout(50)
    pytest.fail(f"nothing about {word} in {opened.complaints}")


def test_an_allowed_page_asks_with_one_tag_and_opens_the_citation(
    browser: Any, server: Server, portal: Portal, keys: Keys
) -> None:
    with visit(browser, portal.page(server.tag(keys.site))) as opened:
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".answer").inner_text()
        (said,) = opened.heard("answer")
        (cited, *_) = said["citations"]
        assert cited["cited_text"] in TEXTS[SHIPPED_ID]
        with opened.page.context.expect_page() as tab:
            opened.wait_for(".chip").first.click()
        document = tab.value
        document.wait_for_load_state("load")
        span = f"{cited['start_char_index']}-{cited['end_char_index']}"
        assert document.url.startswith(f"{server.origin}/documents/{SHIPPED_ID}?quote={span}")
        marks = document.locator("mark")
        assert squeeze(marks.all_text_contents()) == squeeze(cited["cited_text"])
        document.wait_for_function(
            """() => {
              const box = document.querySelector("mark").getBoundingClientRect();
              return box.top >= 0 && box.bottom <= innerHeight;
            }"""
        )
        assert opened.complaints == []


@pytest.mark.parametrize("language", SENTENCES)
def test_another_page_gets_no_token(
    browser: Any, server: Server, stranger: Portal, keys: Keys, language: str
) -> None:
    with visit(browser, stranger.page(server.tag(keys.site, language=language))) as opened:
        opened.ask(B_PERMIT)
        assert opened.failed() == SENTENCES[language]
        assert opened.heard("answer") == []
        assert opened.box.input_value() == B_PERMIT  # it is not lost
        assert complained(opened, "/v1/session")
        assert f"{server.origin}/v1/ask" not in opened.requests
    refused = exchange(server, keys.site, stranger.origin)
    error = assert_error(refused, 403, "origin_not_allowed")
    assert stranger.origin in error["message"]
    assert "access-control-allow-origin" not in refused.headers


def test_another_pages_script_may_not_read_an_answer(
    browser: Any, server: Server, portal: Portal, stranger: Portal, keys: Keys
) -> None:
    token = exchange(server, keys.site, portal.origin).json()["token"]
    url = f"{server.origin}/v1/ask"
    for credential in (keys.api, token):
        with visit(browser, portal.page("")) as opened:
            assert opened.page.evaluate(FETCH, [url, credential]) == 200
        with visit(browser, stranger.page("")) as opened:
            assert "Failed to fetch" in opened.page.evaluate(FETCH, [url, credential])
            assert complained(opened, "blocked by CORS policy")


def test_a_frame_on_an_allowed_page_asks_from_our_own_origin(
    browser: Any, server: Server, portal: Portal, keys: Keys
) -> None:
    frame = f'<iframe src="{server.origin}/embed?site={keys.site}" height="500"></iframe>'
    with visit(browser, portal.page(frame)) as opened:
        inside = opened.page.frame_locator("iframe")
        box = inside.locator("tiao-wen textarea")
        box.fill(B_PERMIT)
        with opened.page.expect_request(f"{server.origin}/v1/session") as exchanged:
            box.press("Enter")
        answer = inside.locator("tiao-wen .answer").first
        inside.locator("tiao-wen .chip").first.wait_for(timeout=WAIT)
        assert "10年" in answer.inner_text()
        assert exchanged.value.all_headers()["origin"] == server.origin
        assert exchanged.value.response().status == 200
        assert opened.complaints == []


def test_no_other_page_may_frame_the_embedded_one(
    browser: Any, server: Server, portal: Portal, stranger: Portal, keys: Keys
) -> None:
    url = f"{server.origin}/embed?site={keys.site}"
    policy = httpx.get(url).headers["content-security-policy"]
    assert policy == f"frame-ancestors 'self' {portal.origin}"
    with visit(browser, stranger.page(f'<iframe src="{url}" height="500"></iframe>')) as opened:
        (said,) = complained(opened, "frame-ancestors")
        assert portal.origin in said
        opened.page.locator("iframe").wait_for()
        assert opened.page.frame_locator("iframe").locator("tiao-wen").count() == 0
        assert f"{server.origin}/widget.js" not in opened.requests


def test_a_stolen_token_is_of_no_use_elsewhere(
    server: Server, portal: Portal, stranger: Portal, keys: Keys
) -> None:
    token = exchange(server, keys.site, portal.origin).json()["token"]
    assert ask(server, token, portal.origin).status_code == 200
    for origin in (stranger.origin, server.origin, "null", None):
        assert_error(ask(server, token, origin), 401, "bad_token")
    embedded = exchange(server, keys.site, server.origin).json()["token"]
    assert ask(server, embedded, server.origin).status_code == 200
    for origin in (portal.origin, stranger.origin, None):
        assert_error(ask(server, embedded, origin), 401, "bad_token")


def test_an_expired_token_is_refused_and_the_widget_gets_another(
    browser: Any, portal: Portal, keys: Keys
) -> None:
    now = 1_700_000_000.0
    settings = Settings(auth="on", keys=keys.path)
    app = create_app(shipped_assistant(), settings, clock=lambda: now)
    add_embedding(app, shipped_assistant())
    with uvicorn_of(app) as address:
        server = Server(address)
        stolen = exchange(server, keys.site, portal.origin).json()["token"]
        with visit(browser, portal.page(server.tag(keys.site))) as opened:
            seen: list[tuple[str, int]] = []
            opened.page.on("response", lambda found: seen.append((found.url, found.status)))
            opened.ask(B_PERMIT)
            opened.wait_for(".chip")
            assert ask(server, stolen, portal.origin).status_code == 200
            now += LIFETIME + 1
            assert_error(ask(server, stolen, portal.origin), 401, "token_expired")
            assert_error(ask(server, stolen, server.origin), 401, "token_expired")
            seen.clear()
            opened.ask("科研人员可以兼职吗？")
            opened.wait_for(".answer", 2)
            opened.wait_for(".turn:nth-child(2) .chip")
            assert [found for found in seen if "/v1/" in found[0]] == [
                (f"{address}/v1/ask", 401),
                (f"{address}/v1/session", 200),
                (f"{address}/v1/ask", 200),
            ]
            assert opened.error.inner_text() == ""
            assert len(opened.heard("answer")) == 2


def test_a_revoked_site_key_is_said_in_one_sentence(
    browser: Any, server: Server, portal: Portal, keys: Keys
) -> None:
    store = KeyStore(keys.path)
    second = store.create_site("又一个", [portal.origin])
    with visit(browser, portal.page(server.tag(second.text))) as opened:
        opened.ask(B_PERMIT)
        opened.wait_for(".chip")
        store.revoke(second.key.id)
        opened.ask("科研人员可以兼职吗？")
        assert opened.failed() == "网站密钥无效或已吊销，请联系网站管理员"
        assert len(opened.heard("answer")) == 1


def test_openai_clients_send_the_key_as_they_do(server: Server, keys: Keys) -> None:
    base = f"{server.origin}/v1"
    assert_error(httpx.post(f"{base}/chat/completions", json=ASKED), 401, "key_required")
    with OpenAI(base_url=base, api_key=keys.api) as client:
        whole = client.chat.completions.create(**ASKED).choices[0].message.content
        with client.chat.completions.create(**ASKED, stream=True) as stream:
            pieces = [piece.choices[0].delta.content or "" for piece in stream if piece.choices]
    assert "10年" in whole
    assert "".join(pieces) == whole
    for wrong, code in (("none", "bad_token"), ("tw_guess", "bad_key"), (keys.site, "bad_key")):
        with (
            OpenAI(base_url=base, api_key=wrong) as client,
            pytest.raises(AuthenticationError) as e,
        ):
            client.chat.completions.create(**ASKED)
        assert e.value.code == code


def test_agents_send_the_key_as_a_header(server: Server, keys: Keys) -> None:
    statuses: list[int] = []

    async def note(response: httpx2.Response) -> None:
        statuses.append(response.status_code)

    async def use(headers: dict[str, str]) -> Any:
        async with (
            httpx2.AsyncClient(headers=headers, event_hooks={"response": [note]}) as http,
            Client(streamable_http_client(f"{server.origin}/mcp", http_client=http)) as client,
        ):
            return await client.call_tool("ask_document", {"question": B_PERMIT})

    def used(headers: dict[str, str]) -> Any:
        with ThreadPoolExecutor(1) as other:  # in this thread Chromium's driver has its event loop
            return other.submit(lambda: asyncio.run(use(headers))).result()

    with pytest.RaisesGroup(MCPError, flatten_subgroups=True):
        used({})
    assert set(statuses) == {401}
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    assert_error(httpx.post(f"{server.origin}/mcp", json=listed), 401, "key_required")
    found = used({"Authorization": f"Bearer {keys.api}"})
    assert "10年" in found.structured_content["answer"]
    assert f"{server.origin}/documents/{SHIPPED_ID}?quote=" in found.content[0].text
