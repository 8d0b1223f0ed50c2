"""``tiaowen keys`` and what ``tiaowen serve`` makes of keys; the pages beside the guarded API."""

import gc
import json
import os
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from support import SHIPPED_ID, shipped_assistant, shipped_index
from test_ui_cli import one_line

from assistant.keys import KeyStore, Scope
from assistant.settings import Settings
from ui.cli import main
from ui.server import create_server

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

PORTAL = "https://portal.example"


@pytest.fixture(scope="module", autouse=True)
def _gradio_leftovers() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyStore:
    monkeypatch.setenv("TIAOWEN_KEYS", str(tmp_path / "keys.sqlite"))
    return KeyStore(tmp_path / "keys.sqlite")


def test_a_key_is_made_and_shown_once(store: KeyStore, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["keys", "create", "--name", "门户", "--scope", "ask", "--scope", "documents"]
    assert main(command) == 0
    shown = capsys.readouterr()
    key = store.find(shown.out.strip())
    assert key
    assert (key.name, key.scopes) == ("门户", {Scope.ASK, Scope.DOCUMENTS})
    assert key.id in shown.err
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert shown.out.strip() not in listed
    for part in (key.id, key.hint, "门户", "ask", "documents"):
        assert part in listed


def test_a_site_key_is_made_for_its_origins(
    store: KeyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["keys", "create", "--site", "--origin", PORTAL, "--origin", "http://localhost:8080/"]
    assert main(command) == 0
    shown = capsys.readouterr()
    key = store.find(shown.out.strip())
    assert key
    assert key.origins == (PORTAL, "http://localhost:8080")
    assert shown.out.startswith("tws_")
    assert main(["keys", "list", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    values = json.loads(line)
    assert (values["site"], values["origins"]) == (True, [PORTAL, "http://localhost:8080"])


def test_a_key_is_revoked(store: KeyStore, capsys: pytest.CaptureFixture[str]) -> None:
    made = store.create("门户", [Scope.ASK])
    assert main(["keys", "revoke", made.key.id]) == 0
    assert store.find(made.text) is None
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    assert "吊销" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["create", "--scope", "ask"], "--name"),
        (["create", "--name", "x"], "--scope"),
        (["create", "--name", "x", "--scope", "ask", "--origin", PORTAL], "--site"),
        (["create", "--site"], "--origin"),
        (["create", "--site", "--origin", PORTAL, "--scope", "admin"], "--scope"),
        (["create", "--site", "--origin", "portal.example/x"], "portal.example/x"),
        (["revoke", "nothing"], "nothing"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    store: KeyStore, arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", *arguments]) == 2
    assert named in one_line(capsys.readouterr().err)
    assert store.all() == []


def test_nothing_is_listed_before_the_first_key(
    store: KeyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "list"]) == 0
    assert capsys.readouterr().out == ""


def test_a_public_address_is_not_served_without_keys(
    store: KeyStore, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert main(["serve", "--host", "0.0.0.0", "--port", str(port)]) == 2
    said = one_line(capsys.readouterr().err)
    assert "tiaowen keys create" in said
    assert "--open" in said


# The pages beside the guarded API


def server(tmp_path: Path, **values: Any) -> TestClient:
    given: dict[str, Any] = {"keys": tmp_path / "keys.sqlite", "auth": "on"} | values
    return TestClient(create_server(shipped_assistant(), Settings(**given)))


def test_open_pages_need_no_key_and_say_who_may_frame_them(tmp_path: Path, store: KeyStore) -> None:
    store.create_site("网站", [PORTAL])
    with server(tmp_path) as opened:
        for path in ("/", "/en/", f"/documents/{SHIPPED_ID}", "/docs"):
            response = opened.get(path, headers={"accept-language": "zh"})
            assert response.status_code == 200, path
            policy = response.headers["content-security-policy"]
            assert policy == f"frame-ancestors 'self' {PORTAL}"
            assert response.headers["x-request-id"]
        assert opened.post("/v1/ask", json={"question": "第八条"}).status_code == 401


def test_the_queue_of_the_page_is_for_the_page(tmp_path: Path, store: KeyStore) -> None:
    store.create_site("网站", [PORTAL])
    with server(tmp_path, rate="2/minute") as opened:
        body = {"data": [None], "fn_index": 0, "session_hash": "x"}
        statuses = []
        for _ in range(3):
            headers = {"Origin": "https://evil.example"}
            response = opened.post("/gradio_api/queue/join", json=body, headers=headers)
            assert not [n for n in response.headers if n.startswith("access-control-")]
            statuses.append(response.status_code)
    assert statuses[2] == 429
    assert 429 not in statuses[:2]


def test_closed_pages_are_not_there(tmp_path: Path, store: KeyStore) -> None:
    made = store.create("门户", [Scope.ASK])
    with server(tmp_path, page="closed") as opened:
        for path in ("/", "/en/", f"/documents/{SHIPPED_ID}", "/gradio_api/queue/data", "/config"):
            assert opened.get(path).status_code == 404, path
            assert opened.get(path).json()["error"]["code"] == "not_found"
        headers = {"Authorization": f"Bearer {made.text}"}
        asked = opened.post("/v1/ask", json={"question": "第八条"}, headers=headers)
        assert asked.json()["answerable"]


def test_a_document_page_is_not_sent_again(tmp_path: Path) -> None:
    with server(tmp_path) as opened:
        path = f"/documents/{SHIPPED_ID}"
        tag = opened.get(path).headers["etag"]
        again = opened.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        other = opened.get(path, params={"quote": "10-20"}, headers={"If-None-Match": tag})
        assert other.status_code == 200


# The process


def test_serve_asks_for_keys_logs_json_and_counts(tmp_path: Path, store: KeyStore) -> None:
    key = store.create("门户", [Scope.ASK, Scope.ADMIN])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    environ = {
        **os.environ,
        "TIAOWEN_INDEX": str(shipped_index()),
        "TIAOWEN_AUTH": "on",
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-m", "ui.cli", "serve", "--port", str(port)]
    with (
        log.open("wb") as written,
        subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=written, env=environ
        ) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as opened,
    ):
        try:
            until_ready(opened, process)
            assert opened.post("/v1/ask", json={"question": "第八条"}).status_code == 401
            headers = {"Authorization": f"Bearer {key.text}", "X-Request-ID": "mine"}
            asked = opened.post("/v1/ask", json={"question": "第八条"}, headers=headers)
            assert asked.json()["answerable"]
            figures = opened.get("/metrics", headers=headers).text
        finally:
            process.terminate()
            process.wait(20)
    assert 'tiaowen_requests_total{method="POST",route="/v1/ask",status="401"} 1.0' in figures
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    mine = [line for line in lines if line.get("request_id") == "mine"]
    assert [line["route"] for line in mine] == ["/v1/ask", "/metrics"]
    assert mine[0]["key"] == key.key.id
    assert "第八条" not in log.read_text(encoding="utf-8")


def until_ready(opened: httpx.Client, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            if opened.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the server does not answer")
