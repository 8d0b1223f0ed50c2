"""Behind Debian's nginx under a sub-path, in two workers: everything works as at the root."""

import asyncio
import getpass
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from browser import chromium, citations_of, visit
from mcp import Client
from openai import OpenAI
from serving import free_port, tiaowen_serve, until_ready
from support import B_PERMIT, ROOT, SHIPPED_ID, check_contract, squeeze, workspace
from widget_portal import WAIT, Portal, Server
from widget_portal import visit as visit_portal

from assistant.keys import KeyStore, Scope
from corpus.store import shipped_documents

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
_AROUND = """daemon off;
user {user};
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{site}
}}
"""
TEXTS = {document.id: document.text for document in shipped_documents()}


def nginx() -> str:
    """Where nginx is; without one the test is skipped, or fails where tests must not be."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    if found is None:
        why = "no nginx: install nginx-light to test the proxy"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


@contextmanager
def proxied(name: str, **environ: str) -> Iterator[str]:
    """``tiaowen serve`` in two workers behind nginx; yields its address there, without a slash."""
    program = nginx()
    folder = workspace() / f"nginx-{name}"
    folder.mkdir()
    with tiaowen_serve("--workers", "2", "--root-path", "/policy", **environ) as behind:
        port = free_port()
        _configure(folder, behind.removeprefix("http://"), f"127.0.0.1:{port}")
        options = ["-p", str(folder), "-e", str(folder / "error.log"), "-c", "nginx.conf"]
        with subprocess.Popen([program, *options]) as proxy:
            try:
                address = f"http://127.0.0.1:{port}/policy"
                until_ready(f"{address}/readyz", proxy, folder / "error.log")
                yield address
            finally:
                proxy.terminate()
                proxy.wait(20)


def _configure(folder: Path, behind: str, before: str) -> None:
    """Write the documented configuration for other addresses, with paths of its own."""
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    # Chromium asks the portal for its icon before the page's script has named ours.
    listen = f"listen {before}; location = /favicon.ico {{ return 204; }}"
    for documented, ours in (("listen 80;", listen), ("127.0.0.1:8000", behind)):
        assert site.count(documented) == 1
        site = site.replace(documented, ours)
    written = _AROUND.format(user=getpass.getuser(), folder=folder, site=site)
    (folder / "nginx.conf").write_text(written, encoding="utf-8")


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    """A site of another origin."""
    opened = Portal()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def keys() -> KeyStore:
    return KeyStore(workspace() / "proxied-keys.sqlite")


@pytest.fixture(scope="module")
def site(keys: KeyStore, portal: Portal) -> str:
    """A site key of the portal."""
    return keys.create_site("门户", [portal.origin]).text


@pytest.fixture(scope="module")
def origin(site: str) -> Iterator[str]:
    """The address under which a browser finds us: nginx's, with the sub-path."""
    chromium()
    with proxied("open", TIAOWEN_KEYS=str(workspace() / "proxied-keys.sqlite")) as address:
        yield address


def test_the_chat(browser: Any, origin: str) -> None:
    with visit(browser, origin, permissions=["clipboard-read", "clipboard-write"]) as opened:
        for question in (B_PERMIT, "科研人员可以兼职吗？"):
            turn = opened.ask(question)
            cited = citations_of(turn)[0]["cited_text"]
            turn.locator(".tw-chip").first.click()
            opened.until_highlighted(cited)
        first = opened.turns.first  # it goes back to nothing, so its link is one question
        first.locator("[data-do=share]").click()
        shared = citations_of(first)
        opened.page.locator("#tw-live.tw-shown").wait_for()
        link = str(opened.page.evaluate("navigator.clipboard.readText()"))
        first.locator("[data-do=markdown]").click()
        holds = "navigator.clipboard.readText().then(text => text.startsWith('## '))"
        opened.page.wait_for_function(holds)
        markdown = str(opened.page.evaluate("navigator.clipboard.readText()"))
        assert f"]({origin}/documents/{SHIPPED_ID}?quote=" in markdown
        opened.page.reload()
        opened.turn(1)
        assert opened.questions == [B_PERMIT, "科研人员可以兼职吗？"]
        opened.until_highlighted(cited)
        assert opened.ask("第八条讲什么").locator(".tw-chip").count() > 0
    assert link.startswith(f"{origin}/?q=")
    with visit(browser, origin, link.removeprefix(origin)) as other:
        assert citations_of(other.turn()) == shared
        assert other.questions == [B_PERMIT]


def test_the_other_language(browser: Any, origin: str) -> None:
    with visit(browser, origin, f"/?q={quote(B_PERMIT)}", locale="en-US") as opened:
        cited = citations_of(opened.turn())[0]["cited_text"]
        assert opened.page.url.startswith(f"{origin}/en/")
        opened.turns.first.locator(".tw-chip").first.click()
        opened.until_highlighted(cited)
        opened.page.locator("[data-do=language]").click()
        opened.page.wait_for_url(f"{origin}/")
        opened.box.wait_for(timeout=WAIT)
        opened.arrive("/")  # the choice is remembered
        assert opened.page.url == f"{origin}/"


def test_the_document_page(browser: Any, origin: str) -> None:
    start, end = 4305, 4350
    with visit(browser, origin, f"/documents/{SHIPPED_ID}?quote={start}-{end}") as opened:
        marked = squeeze(opened.page.locator("mark").all_text_contents())
        assert marked == squeeze(TEXTS[SHIPPED_ID][start:end])
        opened.page.locator(".twd-bar a").click()
        opened.page.wait_for_url(f"{origin}/")


def test_a_wrong_address(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        opened.page.goto(f"{origin}/documents/nowhere")
        assert opened.page.locator("h1").inner_text() == "没有这份文件"
        opened.page.locator(".twd-bar a").click()
        opened.page.wait_for_url(f"{origin}/")
        (said,) = opened.complaints
        assert "404" in said
        opened.complaints.clear()


def test_a_widget_by_one_tag_on_another_origin(
    browser: Any, origin: str, portal: Portal, site: str
) -> None:
    with visit_portal(browser, portal.page(Server(origin).tag(site))) as opened:
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".answer").inner_text()
        (said,) = opened.heard("answer")
        with opened.page.context.expect_page() as tab:
            opened.wait_for(".chip").first.click()
        document = tab.value
        document.wait_for_load_state("load")
        assert document.url.startswith(f"{origin}/documents/{SHIPPED_ID}?quote=")
        marked = squeeze(document.locator("mark").all_text_contents())
        assert marked == squeeze(said["citations"][0]["cited_text"])
        assert opened.complaints == []


def test_the_page_for_frames(browser: Any, origin: str, portal: Portal, site: str) -> None:
    frame = f'<iframe src="{origin}/embed?site={site}" width="600" height="500"></iframe>'
    with visit_portal(browser, portal.page(frame)) as opened:
        inside = opened.page.frame_locator("iframe")
        inside.locator("tiao-wen textarea").fill(B_PERMIT)
        inside.locator("tiao-wen textarea").press("Enter")
        chip = inside.locator("tiao-wen .chip").first
        chip.wait_for(timeout=WAIT)
        assert str(chip.get_attribute("href")).startswith(f"{origin}/documents/{SHIPPED_ID}")


def test_the_demonstration(browser: Any, origin: str) -> None:
    with visit_portal(browser, f"{origin}/demo") as opened:
        box = opened.page.locator("tiao-wen:not([floating]) textarea >> visible=true").first
        box.fill(B_PERMIT)
        box.press("Enter")
        opened.wait_for(".chip")
        strange = [url for url in opened.requests if not url.startswith((f"{origin}/", "data:"))]
        assert strange == []


def test_the_api(origin: str) -> None:
    asked = {"question": B_PERMIT}
    values = httpx.post(f"{origin}/v1/ask", json=asked).json()
    check_contract(values, TEXTS)
    with httpx.stream("POST", f"{origin}/v1/ask", json={**asked, "stream": True}) as streamed:
        lines = list(streamed.iter_lines())
    done = json.loads(lines[lines.index("event: done") + 1].removeprefix("data: "))
    assert (done["answer"], done["citations"]) == (values["answer"], values["citations"])
    docs = httpx.get(f"{origin}/docs")
    assert docs.status_code == 200
    assert "/policy/openapi.json" in docs.text
    described = httpx.get(f"{origin}/openapi.json").json()
    assert described["servers"] == [{"url": "/policy"}]


def test_openai_clients(origin: str) -> None:
    messages: Any = [{"role": "user", "content": B_PERMIT}]
    with OpenAI(base_url=f"{origin}/v1", api_key="none") as client:
        said = client.chat.completions.create(model="tiaowen", messages=messages)
        whole = str(said.choices[0].message.content)
        with client.chat.completions.create(
            model="tiaowen", messages=messages, stream=True
        ) as stream:
            pieces = [piece.choices[0].delta.content or "" for piece in stream if piece.choices]
    assert f"{origin}/documents/{SHIPPED_ID}?quote=" in whole
    assert "".join(pieces) == whole


def test_agents(origin: str) -> None:
    async def use() -> Any:
        async with Client(f"{origin}/mcp") as client:
            assert "ask_document" in [tool.name for tool in (await client.list_tools()).tools]
            return await client.call_tool("ask_document", {"question": B_PERMIT})

    with ThreadPoolExecutor(1) as other:  # in this thread Chromium's driver has its event loop
        found: Any = other.submit(lambda: asyncio.run(use())).result()
    assert "10年" in found.content[0].text
    assert f"{origin}/documents/{SHIPPED_ID}?quote=" in found.content[0].text


def test_a_body_too_long_for_memory_is_ours_to_refuse(origin: str) -> None:
    refused = httpx.post(f"{origin}/v1/ask", json={"question": "长" * 300_000})
    assert refused.status_code == 413
    assert refused.json()["error"]["code"] == "body_too_large"


def test_as_documented_with_keys_and_under_its_own_name(keys: KeyStore) -> None:
    key = keys.create("测试", [Scope.ASK]).text
    store = str(workspace() / "proxied-keys.sqlite")
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Host": "portal.example", "Accept": "application/json, text/event-stream"}
    with proxied(
        "keys", TIAOWEN_KEYS=store, TIAOWEN_AUTH="on", TIAOWEN_HOSTS="portal.example"
    ) as address:
        for path, method in (("/v1/ask", "POST"), ("/metrics", "GET"), ("/mcp", "POST")):
            refused = httpx.request(method, f"{address}{path}", headers=headers, json=listed)
            assert (path, refused.status_code) == (path, 401)
        headers["Authorization"] = f"Bearer {key}"
        assert "ask_document" in httpx.post(f"{address}/mcp", headers=headers, json=listed).text
        moved = httpx.get(address, headers=headers)
        assert (moved.status_code, moved.headers["location"]) == (301, "/policy/")
