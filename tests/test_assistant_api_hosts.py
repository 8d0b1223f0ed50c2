"""A page must not reach a server without keys by pointing its own name at it (DNS rebinding)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from support import assert_error, shipped_assistant

from assistant.access import settle
from assistant.api.app import create_app
from assistant.keys import KeyStore, Scope
from assistant.settings import Settings

ROUTES = [
    ("POST", "/v1/session", {"site_key": "tws_x"}),
    ("POST", "/v1/ask", {"question": "第八条"}),
    ("GET", "/v1/documents", None),
    ("GET", "/openapi.json", None),
    ("GET", "/healthz", None),
    ("GET", "/nothing", None),
]
STRANGE = ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"]
STRANGE += ["localhost@evil.example", "", "portal.example.", "[::1", "a:b:c"]
OURS = ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]", "[::1]:8000"]


def client_of(settings: Settings) -> TestClient:
    app = create_app(shipped_assistant(), settings)
    return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[TestClient]:
    """A server as ``tiaowen serve`` makes it on this machine."""
    settings = Settings(
        keys=tmp_path / "keys.sqlite", feedback=tmp_path / "feedback.sqlite", hosts=("a.example",)
    )
    with client_of(settle(settings, "127.0.0.1")) as opened:
        yield opened


@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
@pytest.mark.parametrize("host", STRANGE)
def test_other_names_are_refused_on_every_route(
    here: TestClient, method: str, path: str, body: object, host: str
) -> None:
    refused = here.request(method, path, json=body, headers={"host": host})
    error = assert_error(refused, 421, "unknown_host")
    assert "TIAOWEN_HOSTS" in error["message"]


@pytest.mark.parametrize("host", [*OURS, "a.example", "A.example:8443"])
def test_this_machine_and_names_that_were_given_are_served(here: TestClient, host: str) -> None:
    assert here.post("/v1/ask", json={"question": "第八条"}, headers={"host": host}).is_success


def test_web_sockets_are_refused_too(here: TestClient) -> None:
    strange = here.websocket_connect("/queue", headers={"host": "evil.example"})
    with pytest.raises(WebSocketDisconnect) as refused, strange:
        pytest.fail("it was let in")
    assert refused.value.code == 1008
    assert "TIAOWEN_HOSTS" in refused.value.reason


@pytest.mark.parametrize(
    "settings", [Settings(auth="on"), Settings(hosts=("*",)), Settings(host_check="off")]
)
def test_keys_or_being_told_so_let_any_name_in(tmp_path: Path, settings: Settings) -> None:
    keys = tmp_path / "keys.sqlite"
    KeyStore(keys).create("门户", [Scope.ASK])
    settled = settle(replace(settings, keys=keys), "127.0.0.1")
    with client_of(settled) as client:
        assert client.get("/healthz", headers={"host": "portal.example"}).is_success


def test_the_openapi_document_says_so(here: TestClient) -> None:
    described = here.get("/openapi.json").json()["paths"]
    assert all("421" in op["responses"] for path in described.values() for op in path.values())
    with client_of(Settings()) as unchecked:
        assert '"421"' not in unchecked.get("/openapi.json").text
