"""HTTP: keys, tokens, origins and counts in front of every route."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from serving import uvicorn_of
from support import SHIPPED_ID, shipped_assistant

from assistant.api.app import create_app
from assistant.api.areas import area_of
from assistant.api.origins import Origins
from assistant.api.rates import Rates
from assistant.errors import BadSettings
from assistant.keys import KeyStore, Scope
from assistant.settings import Settings

PORTAL = "https://portal.example"
OTHER = "https://other.example"
QUESTION = {"question": "第八条"}
CLAUSE = f"/v1/clauses/{SHIPPED_ID}/（八）"
ASKING = [("POST", "/v1/ask"), ("POST", "/v1/search"), ("POST", "/v1/feedback")]
READING = [("GET", "/v1/documents"), ("GET", f"/v1/documents/{SHIPPED_ID}"), ("GET", CLAUSE)]
FREE = [("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/docs"), ("GET", "/openapi.json")]
FEEDBACK = {
    "answer_id": "1", "rating": "up", "question": "问", "answerable": False, "answer": "",
}  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.sqlite")


def app_of(folder: Path, **values: Any) -> FastAPI:
    given = {"keys": folder / "keys.sqlite", "feedback": folder / "feedback.sqlite"} | values
    return create_app(shipped_assistant(), Settings(**given))


@pytest.fixture
def client(tmp_path: Path, store: KeyStore) -> Iterator[TestClient]:
    """An application that asks for keys."""
    with TestClient(app_of(tmp_path, auth="on")) as opened:
        yield opened


def bearer(credential: str, origin: str | None = None) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {credential}"}
    return headers | ({"Origin": origin} if origin else {})


def call(client: TestClient, method: str, path: str, headers: dict[str, str]) -> Response:
    body = FEEDBACK if path.endswith("feedback") else QUESTION
    return client.request(method, path, headers=headers, json=body if method == "POST" else None)


def error_of(response: Response, status: int) -> str:
    assert response.status_code == status, response.text
    error = response.json()["error"]
    assert set(error) == {"code", "message", "detail"}
    assert error["message"]
    return str(error["code"])


def token_of(client: TestClient, site_key: str, origin: str = PORTAL) -> str:
    response = client.post("/v1/session", json={"site_key": site_key}, headers={"Origin": origin})
    assert response.status_code == 200, response.text
    values = response.json()
    assert values["expires_in"] == 1800
    return str(values["token"])


@pytest.mark.parametrize(("method", "path"), [*ASKING, *READING, ("GET", "/metrics")])
def test_without_a_key_nothing(client: TestClient, method: str, path: str) -> None:
    response = call(client, method, path, {})
    assert error_of(response, 401) == "key_required"
    assert response.headers["www-authenticate"] == "Bearer"
    assert error_of(call(client, method, path, bearer("tw_guess")), 401) == "bad_key"


@pytest.mark.parametrize(("method", "path"), FREE)
def test_health_and_description_are_free(client: TestClient, method: str, path: str) -> None:
    assert call(client, method, path, {}).status_code == 200


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.ASK, [*ASKING, *READING]),
        (Scope.DOCUMENTS, READING),
        (Scope.ADMIN, [("GET", "/metrics")]),
    ],
)
def test_a_scope_opens_its_routes_and_no_other(
    client: TestClient, store: KeyStore, scope: Scope, allowed: list[tuple[str, str]]
) -> None:
    headers = bearer(store.create("门户", [scope]).text)
    for method, path in [*ASKING, *READING, ("GET", "/metrics")]:
        response = call(client, method, path, headers)
        if (method, path) in allowed:
            assert response.is_success, (path, response.text)
        else:
            assert error_of(response, 403) == "out_of_scope", path


def test_several_scopes(client: TestClient, store: KeyStore) -> None:
    headers = bearer(store.create("门户", [Scope.DOCUMENTS, Scope.ADMIN]).text)
    assert call(client, "GET", "/metrics", headers).status_code == 200
    assert call(client, "GET", "/v1/documents", headers).status_code == 200


def test_a_revoked_key_is_refused_at_once(client: TestClient, store: KeyStore) -> None:
    made = store.create("门户", [Scope.ASK])
    assert call(client, "POST", "/v1/ask", bearer(made.text)).status_code == 200
    store.revoke(made.key.id)
    assert error_of(call(client, "POST", "/v1/ask", bearer(made.text)), 401) == "bad_key"


def test_an_unknown_route_needs_a_key_as_well(client: TestClient, store: KeyStore) -> None:
    assert error_of(client.get("/v1/nothing"), 401) == "key_required"
    headers = bearer(store.create("门户", [Scope.ASK]).text)
    assert error_of(client.get("/v1/nothing", headers=headers), 404) == "not_found"


@pytest.mark.parametrize("path", ["/v1/ask/", "//v1/ask", "/v1/./ask", "/v1//ask", "/V1/ask"])
def test_no_spelling_of_a_path_goes_around_the_guard(client: TestClient, path: str) -> None:
    assert client.post(path, json=QUESTION).status_code in (401, 404)


def test_under_a_sub_path_the_guard_stands_too(tmp_path: Path, store: KeyStore) -> None:
    with TestClient(app_of(tmp_path, auth="on"), root_path="/policy") as opened:
        for prefix in ("", "/policy"):
            assert error_of(opened.post(f"{prefix}/v1/ask", json=QUESTION), 401) == "key_required"
            assert opened.get(f"{prefix}/healthz").status_code == 200


def test_a_page_asks_with_a_token(client: TestClient, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    headers = bearer(token_of(client, site.text), PORTAL)
    for method, path in [*ASKING, *READING]:
        assert call(client, method, path, headers).is_success, path
    assert error_of(call(client, "GET", "/metrics", headers), 403) == "out_of_scope"


def test_a_token_streams(client: TestClient, store: KeyStore) -> None:
    headers = bearer(token_of(client, store.create_site("网站", [PORTAL]).text), PORTAL)
    response = client.post("/v1/ask", json=QUESTION | {"stream": True}, headers=headers)
    assert "event: done" in response.text
    assert response.headers["access-control-allow-origin"] == PORTAL


@pytest.mark.parametrize("origin", [OTHER, "null", None])
def test_an_origin_that_is_not_listed_gets_no_token(
    client: TestClient, store: KeyStore, origin: str | None
) -> None:
    body = {"site_key": store.create_site("网站", [PORTAL]).text}
    headers = {"Origin": origin} if origin else {}
    response = client.post("/v1/session", json=body, headers=headers)
    assert error_of(response, 403) == "origin_not_allowed"
    assert "access-control-allow-origin" not in response.headers


def test_what_is_no_site_key_gets_no_token(client: TestClient, store: KeyStore) -> None:
    store.create_site("网站", [PORTAL])
    for text in ("tws_guess", store.create("门户", [Scope.ASK]).text):
        response = client.post("/v1/session", json={"site_key": text}, headers={"Origin": PORTAL})
        assert error_of(response, 401) == "bad_key"
    assert error_of(client.post("/v1/session", json={}), 422) == "invalid_request"


@pytest.mark.parametrize("origin", [OTHER, "https://evil.example", None])
def test_a_stolen_token_fails_from_another_origin(
    client: TestClient, store: KeyStore, origin: str | None
) -> None:
    token = token_of(client, store.create_site("网站", [PORTAL, OTHER]).text)
    for method, path in (("POST", "/v1/ask"), ("GET", "/v1/documents")):
        response = call(client, method, path, bearer(token, origin))
        assert error_of(response, 401) == "bad_token"


def test_a_page_of_our_own_reads_without_saying_its_origin(
    client: TestClient, store: KeyStore
) -> None:
    own = str(client.base_url)
    token = token_of(client, store.create_site("网站", [own]).text, own)
    assert call(client, "GET", "/v1/documents", bearer(token)).status_code == 200
    assert error_of(call(client, "POST", "/v1/ask", bearer(token)), 401) == "bad_token"


def test_our_own_page_in_a_frame_asks_with_a_token_of_its_own(
    client: TestClient, store: KeyStore
) -> None:
    own = str(client.base_url)
    token = token_of(client, store.create_site("网站", [PORTAL]).text, own)
    assert call(client, "POST", "/v1/ask", bearer(token, own)).status_code == 200
    assert call(client, "GET", "/v1/documents", bearer(token)).status_code == 200
    for origin in (PORTAL, OTHER, "null", None):
        response = call(client, "POST", "/v1/ask", bearer(token, origin))
        assert error_of(response, 401) == "bad_token"


@pytest.mark.parametrize(
    "origin", ["https://testserver", "http://testserver:8000", "http://testserver.evil.example"]
)
def test_an_origin_like_ours_is_not_ours(client: TestClient, store: KeyStore, origin: str) -> None:
    body = {"site_key": store.create_site("网站", [PORTAL]).text}
    response = client.post("/v1/session", json=body, headers={"Origin": origin})
    assert error_of(response, 403) == "origin_not_allowed"


def test_our_own_origin_is_what_the_proxy_before_us_says(tmp_path: Path, store: KeyStore) -> None:
    body = {"site_key": store.create_site("网站", [PORTAL]).text}
    app = app_of(tmp_path, auth="on")
    said = {"Host": "policy.example:8443", "X-Forwarded-Proto": "https"}
    with uvicorn_of(app, root_path="/policy") as address:
        for own, status in (
            ("https://policy.example:8443", 200),
            ("http://policy.example:8443", 403),
            ("https://policy.example", 403),
            (address, 403),
        ):
            headers = {**said, "Origin": own}
            response = httpx.post(f"{address}/v1/session", json=body, headers=headers)
            assert (own, response.status_code) == (own, status)


def test_a_token_fails_after_its_time(tmp_path: Path, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    now = 1_700_000_000.0
    settings = Settings(keys=tmp_path / "keys.sqlite", auth="on")
    with TestClient(create_app(shipped_assistant(), settings, clock=lambda: now)) as opened:
        headers = bearer(token_of(opened, site.text), PORTAL)
        now += 1800
        assert call(opened, "POST", "/v1/ask", headers).status_code == 200
        now += 1
        response = call(opened, "POST", "/v1/ask", headers)
    assert error_of(response, 401) == "token_expired"
    assert response.headers["access-control-allow-origin"] == PORTAL  # the page may read why


def test_a_token_fails_once_its_site_key_is_revoked(client: TestClient, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    headers = bearer(token_of(client, site.text), PORTAL)
    store.revoke(site.key.id)
    assert error_of(call(client, "POST", "/v1/ask", headers), 401) == "bad_token"


def test_a_token_is_good_at_every_worker(tmp_path: Path, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    with (
        TestClient(app_of(tmp_path, auth="on")) as one,
        TestClient(app_of(tmp_path, auth="on")) as two,
    ):
        headers = bearer(token_of(one, site.text), PORTAL)
        assert call(two, "POST", "/v1/ask", headers).status_code == 200


def test_a_damaged_key_file_is_our_fault_and_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite").write_bytes(b"no database" * 100)
    with TestClient(app_of(tmp_path, auth="on")) as opened:
        response = call(opened, "POST", "/v1/ask", bearer("tw_x", PORTAL))
        assert error_of(response, 503) == "keys_unavailable"
        assert opened.get("/healthz", headers={"Origin": PORTAL}).status_code == 200


def test_without_keys_everything_is_free(tmp_path: Path, store: KeyStore) -> None:
    with TestClient(app_of(tmp_path, auth="off")) as opened:
        for method, path in [*ASKING, *READING, *FREE, ("GET", "/metrics")]:
            assert call(opened, method, path, bearer("old")).is_success, path


# Origins


def preflight(client: TestClient, origin: str, path: str = "/v1/ask") -> Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    headers["Access-Control-Request-Headers"] = "authorization, content-type"
    return client.options(path, headers=headers)


def test_a_listed_origin_may_read(client: TestClient, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    asked = preflight(client, PORTAL)
    assert asked.status_code == 200
    assert asked.headers["access-control-allow-origin"] == PORTAL
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    answer = call(client, "POST", "/v1/ask", bearer(token_of(client, site.text), PORTAL))
    assert answer.headers["access-control-allow-origin"] == PORTAL
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "Origin" in answer.headers["vary"]


def cors(response: Response) -> list[str]:
    return [name for name in response.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("sites", [0, 1])
def test_another_origin_may_not(client: TestClient, store: KeyStore, sites: int) -> None:
    for _ in range(sites):
        store.create_site("网站", [PORTAL])
    asked = preflight(client, OTHER)
    assert error_of(asked, 403) == "origin_not_allowed"
    key = store.create("门户", [Scope.ASK])
    answer = call(client, "POST", "/v1/ask", bearer(key.text, OTHER))
    assert answer.status_code == 200
    assert cors(asked) == cors(answer) == []


def test_a_preflight_for_too_much(client: TestClient, store: KeyStore) -> None:
    store.create_site("网站", [PORTAL])
    headers = {"Origin": PORTAL, "Access-Control-Request-Method": "PATCH"}
    assert error_of(client.options("/v1/ask", headers=headers), 400) == "preflight_failed"


def test_pages_may_be_framed_by_listed_origins_only(tmp_path: Path, store: KeyStore) -> None:
    with TestClient(app_of(tmp_path)) as opened:
        before = opened.get("/docs").headers["content-security-policy"]
    assert before == "frame-ancestors 'self'"
    store.create_site("一", [PORTAL])
    store.create_site("二", [OTHER])
    with TestClient(app_of(tmp_path)) as opened:
        after = opened.get("/docs").headers["content-security-policy"]
        assert "content-security-policy" not in opened.get("/healthz").headers
    assert after == f"frame-ancestors 'self' {OTHER} {PORTAL}"


def test_new_site_keys_count_without_a_restart(store: KeyStore) -> None:
    now = 0.0
    origins = Origins(store, lambda: now)
    assert origins() == frozenset()
    site = store.create_site("网站", [PORTAL])
    now = 3.5
    assert origins() == {PORTAL}
    store.revoke(site.key.id)
    assert origins() == {PORTAL}
    now = 7.0
    assert origins() == frozenset()


def test_origins_outlive_a_key_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite"
    store, now = KeyStore(path), 0.0
    store.create_site("网站", [PORTAL])
    origins = Origins(store, lambda: now)
    assert origins() == {PORTAL}
    path.write_bytes(b"no database" * 100)
    now = 10.0
    assert origins() == {PORTAL}


# Counts


def test_the_third_of_two_a_minute_waits(tmp_path: Path, store: KeyStore) -> None:
    keys = [store.create("门户", [Scope.ASK]).text for _ in range(2)]
    with TestClient(app_of(tmp_path, auth="on", rate="2/minute")) as opened:
        for _ in range(2):
            assert call(opened, "POST", "/v1/ask", bearer(keys[0])).status_code == 200
        response = call(opened, "POST", "/v1/ask", bearer(keys[0]))
        assert error_of(response, 429) == "rate_limited"
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert call(opened, "POST", "/v1/ask", bearer(keys[1])).status_code == 200
        assert opened.get("/healthz").status_code == 200


def test_after_the_window_it_goes_on(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, rate="1/second")) as opened:
        assert opened.get("/v1/documents").status_code == 200
        response = opened.get("/v1/documents")
        assert response.status_code == 429
        time.sleep(int(response.headers["retry-after"]) + 0.1)
        assert opened.get("/v1/documents").status_code == 200


def test_new_tokens_do_not_help_an_address(tmp_path: Path, store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    with TestClient(app_of(tmp_path, auth="on", rate="3/minute")) as opened:
        tokens = [token_of(opened, site.text) for _ in range(2)]  # counted, too
        assert call(opened, "POST", "/v1/ask", bearer(tokens[0], PORTAL)).status_code == 200
        response = call(opened, "POST", "/v1/ask", bearer(tokens[1], PORTAL))
        assert error_of(response, 429) == "rate_limited"
        assert response.headers["access-control-allow-origin"] == PORTAL


def test_guessing_keys_is_counted(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, auth="on", rate="2/minute")) as opened:
        for number in range(2):
            assert call(opened, "POST", "/v1/ask", bearer(f"tw_{number}")).status_code == 401
        assert call(opened, "POST", "/v1/ask", bearer("tw_x")).status_code == 429


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("192.0.2.1", "192.0.2.2", 200),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 200),
    ],
)
def test_an_address_is_what_one_caller_has(
    tmp_path: Path, first: str, second: str, status: int
) -> None:
    app = app_of(tmp_path, rate="1/minute")
    assert TestClient(app, client=(first, 1)).get("/v1/documents").status_code == 200
    assert TestClient(app, client=(second, 1)).get("/v1/documents").status_code == status


def test_counting_is_off_on_loopback_and_where_told(tmp_path: Path) -> None:
    assert not Rates(Settings()).on
    assert Rates(Settings(auth="on")).on
    assert not Rates(Settings(auth="on", rate="off")).on


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("RATE", {"rate": "often"}),
        ("RATE", {"rate": "0 per"}),
        ("RATE_STORAGE", {"rate": "1/second", "rate_storage": "nowhere://"}),
        ("RATE_STORAGE", {"rate": "1/second", "rate_storage": ""}),
    ],
)
def test_a_rate_that_cannot_be_used_names_its_variable(name: str, values: dict[str, str]) -> None:
    with pytest.raises(BadSettings, match=f"TIAOWEN_{name} "):
        Rates(Settings(**values))  # type: ignore[arg-type]


# Pages


def test_closed_pages_are_not_there(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, page="closed")) as opened:
        for path in ("/", "/en", "/documents/x", "/gradio_api/queue/join", "/export/docx"):
            assert error_of(opened.get(path), 404) == "not_found"
        assert opened.get("/v1/documents").status_code == 200
        assert opened.get("/docs").status_code == 200


@pytest.mark.parametrize(
    ("path", "page", "free"),
    [
        ("/v1/ask", False, False),
        ("/v1/whatever/comes", False, False),
        ("/mcp", False, False),
        ("/metrics", False, False),
        ("/metricsx", True, True),
        ("/v1x", True, True),
        ("/embed", False, True),
        ("/widget.js", False, True),
        ("/", True, True),
        ("", True, True),
    ],
)
def test_what_a_path_asks_for(path: str, page: bool, free: bool) -> None:
    assert area_of(path).page is page
    assert (not area_of(path).scopes) is free
