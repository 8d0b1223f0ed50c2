"""Behind Debian's nginx under a sub-path, in two workers: everything works as at the root."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from browser import WAIT, chromium
from openai import OpenAI
from support import B_PERMIT, ROOT, SHIPPED_ID, check_contract, shipped_index, squeeze, workspace
from widget_portal import Portal, Server, visit

from corpus.store import shipped_documents

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
_AROUND = """daemon off;
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


def nginx() -> str:
    """Where nginx is; without one the test is skipped, or fails where tests must not be."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
    if found is None:
        why = "no nginx: install nginx-light to test the proxy"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return found


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The address under which a browser finds us: nginx's, with the sub-path and its slash."""
    chromium()
    program, behind, before = nginx(), free_port(), free_port()
    folder = workspace() / "nginx"
    folder.mkdir()
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "listen 80;" in site
    assert "127.0.0.1:8000" in site
    site = site.replace("listen 80;", f"listen 127.0.0.1:{before};")
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, site=site), encoding="utf-8")
    serve = [sys.executable, "-m", "ui.cli", "serve", "--port", behind]
    environ = {**os.environ, "TIAOWEN_INDEX": str(shipped_index()), "PYTHONUTF8": "1"}
    log = (workspace() / "proxied.log").open("wb")
    with (
        log,
        subprocess.Popen(
            [*serve, "--workers", "2", "--root-path", "/policy"],
            stdout=log,
            stderr=log,
            env=environ,
        ) as server,
        subprocess.Popen([program, "-c", str(folder / "nginx.conf")], stderr=log) as proxy,
    ):
        try:
            address = f"http://127.0.0.1:{before}/policy/"
            _until_ready(f"{address}readyz", server)
            yield address
        finally:
            proxy.terminate()
            server.terminate()
            proxy.wait(20)
            server.wait(20)


def _until_ready(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        assert server.poll() is None, (workspace() / "proxied.log").read_text(encoding="utf-8")
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    pytest.fail("the proxied server did not come up within a minute")


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    opened = Portal()
    yield opened
    opened.close()


def test_the_chat(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        page = opened.page
        box = page.locator("#tw-box textarea")
        for number, question in enumerate([B_PERMIT, "科研人员可以兼职吗？", "第八条讲什么"], 1):
            box.fill(question)
            box.press("Enter")
            page.locator(".tw-turn[data-id]").nth(number - 1).wait_for(timeout=WAIT)
        chip = page.locator(".tw-chip").first
        chip.click()
        marked = page.locator("#tw-paper mark.twd-now")
        marked.first.wait_for(timeout=WAIT)
        assert squeeze(marked.all_text_contents()) == squeeze(chip.get_attribute("data-quote-text"))
        page.reload()
        page.locator(".tw-turn[data-id]").nth(2).wait_for(timeout=WAIT)
        host = origin.removesuffix("policy/")
        assert [url for url in opened.requests if url.startswith(("http", "ws"))] != []
        outside = [url for url in opened.requests if not url.startswith((origin, "data:", "blob:"))]
        assert outside == [], host
    with visit(browser, f"{origin}?q={B_PERMIT}") as shared:
        shared.page.locator(".tw-chip").first.wait_for(timeout=WAIT)


def test_the_other_language(browser: Any, origin: str) -> None:
    with visit(browser, origin, locale="en-US") as opened:
        assert opened.page.url == f"{origin}en/"
        opened.page.locator("#tw-box textarea").fill("Can researchers take a second job?")
        opened.page.locator("#tw-box textarea").press("Enter")
        opened.page.locator(".tw-chip").first.wait_for(timeout=WAIT)
        opened.page.locator("[data-do=language]").click()
        opened.page.wait_for_url(origin)


def test_the_document_page(browser: Any, origin: str) -> None:
    url = f"{origin}documents/{SHIPPED_ID}?quote=4305-4350#（八）"
    with visit(browser, url) as opened:
        quoted = shipped_documents()[0].text[4305:4350]
        assert squeeze(opened.page.locator("mark").all_text_contents()) == squeeze(quoted)
        opened.page.locator(".twd-bar a").click()
        opened.page.wait_for_url(origin)


def test_widget_embed_and_demo(browser: Any, origin: str, portal: Portal) -> None:
    server = Server(origin.removesuffix("/"))
    for url in (f"{origin}embed", f"{origin}demo"):
        with visit(browser, url) as opened:
            opened.page.locator("tiao-wen").first.wait_for(state="attached", timeout=WAIT)
            box = opened.page.locator("tiao-wen:not([floating]) textarea >> visible=true").first
            box.fill(B_PERMIT)
            box.press("Enter")
            chip = opened.page.locator("tiao-wen .chip").first
            chip.wait_for(timeout=WAIT)
            assert str(chip.get_attribute("href")).startswith(f"{origin}documents/{SHIPPED_ID}")
    with visit(browser, portal.page(server.tag(""))) as opened:
        opened.page.locator("tiao-wen .open").wait_for(timeout=WAIT)


def test_the_api(origin: str) -> None:
    asked = {"question": B_PERMIT}
    values = httpx.post(f"{origin}v1/ask", json=asked).json()
    check_contract(values, {d.id: d.text for d in shipped_documents()})
    with httpx.stream("POST", f"{origin}v1/ask", json={**asked, "stream": True}) as streamed:
        lines = list(streamed.iter_lines())
    done = json.loads(lines[lines.index("event: done") + 1].removeprefix("data: "))
    assert done["answer"] == values["answer"]
    with OpenAI(base_url=f"{origin}v1", api_key="none") as client:
        said = client.chat.completions.create(
            model="tiaowen", messages=[{"role": "user", "content": B_PERMIT}]
        )
    assert f"{origin}documents/{SHIPPED_ID}" in str(said.choices[0].message.content)
    listed = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Accept": "application/json, text/event-stream"}
    answered = httpx.post(f"{origin}mcp", json=listed, headers=headers)
    assert "ask_document" in answered.text
    assert httpx.get(f"{origin}docs").status_code == 200


def test_a_running_answer_is_finished_when_the_server_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, str(ROOT / "tests" / "slow_server.py"), port]
    environ = {**os.environ, "TIAOWEN_INDEX": str(shipped_index()), "PYTHONUTF8": "1"}
    environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log, env=environ) as server,
    ):
        try:
            _until_ready(f"http://127.0.0.1:{port}/readyz", server)
            body = {"question": B_PERMIT, "stream": True}
            url = f"http://127.0.0.1:{port}/v1/ask"
            with httpx.stream("POST", url, json=body, timeout=20) as streamed:
                lines = streamed.iter_lines()
                first = next(lines)
                server.send_signal(signal.SIGTERM)
                rest = [first, *lines]
            assert "event: done" in rest
            assert server.wait(15) in (0, -signal.SIGTERM)
        finally:
            server.kill()
