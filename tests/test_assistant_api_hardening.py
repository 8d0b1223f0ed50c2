"""HTTP: bounds, request ids, the log, the figures, ETags, the OpenAPI document."""

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from support import B_PERMIT, ROOT, SHIPPED_ID, check_contract, running, shipped_assistant
from test_assistant_api import TEXTS, assert_error

from assistant.api import feedback, schemas, session, watch
from assistant.api.app import create_app
from assistant.settings import Settings


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(app_of(tmp_path), raise_server_exceptions=False) as opened:
        yield opened


def app_of(folder: Path, **values: Any) -> FastAPI:
    given = {"keys": folder / "keys.sqlite", "feedback": folder / "feedback.sqlite"} | values
    app = create_app(shipped_assistant(), Settings(**given))
    _add_slow_routes(app)
    return app


def _add_slow_routes(app: FastAPI) -> None:
    """Routes that behave as ours must not; they stand before what catches the rest of /v1."""
    routes = app.router.routes
    count = len(routes)

    @app.get("/v1/slow", include_in_schema=False)
    def slow() -> str:
        time.sleep(1.0)
        return "late"

    @app.get("/v1/slow-async", include_in_schema=False)
    async def slow_async() -> str:
        await asyncio.sleep(30)
        return "never"

    @app.get("/v1/slow-stream", include_in_schema=False)
    async def slow_stream() -> StreamingResponse:
        async def drops() -> AsyncIterator[str]:
            for number in range(4):
                yield f"data: {number}\n\n"
                await asyncio.sleep(0.2)

        return StreamingResponse(drops(), media_type="text/event-stream")

    @app.get("/v1/broken", include_in_schema=False)
    def broken() -> str:
        raise RuntimeError("secret path")

    added = routes[count:]
    del routes[count:]
    routes[:0] = added


# Bounds


@pytest.mark.parametrize("route", ["/v1/ask", "/v1/search", "/v1/feedback", "/v1/session"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_long(client: TestClient, route: str, announced: bool) -> None:
    body = b'{"question": "' + b"a" * 262_144 + b'"}'
    content = body if announced else (body[at : at + 50_000] for at in range(0, len(body), 50_000))
    headers = {"content-type": "application/json"}
    response = client.post(route, content=content, headers=headers)
    assert_error(response, 413, "body_too_large")


def test_the_longest_history_still_fits(client: TestClient) -> None:
    history = [{"role": "user", "content": "问" * 4000}] * 20
    body = {"question": B_PERMIT, "history": history}
    assert client.post("/v1/ask", json=body).status_code == 200


def test_the_bound_is_a_setting(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, max_body=30)) as opened:
        assert opened.post("/v1/ask", json={"question": "第八条"}).status_code == 200
        response = opened.post("/v1/ask", json={"question": "第八条第八条第八条"})
        assert_error(response, 413, "body_too_large")


@pytest.mark.parametrize("path", ["/v1/slow", "/v1/slow-async"])
def test_what_takes_too_long_is_ended(tmp_path: Path, path: str) -> None:
    with TestClient(app_of(tmp_path, timeout=0.2)) as opened:
        begun = time.perf_counter()
        response = opened.get(path)
        assert_error(response, 503, "timeout")
        assert time.perf_counter() - begun < 0.9
        assert response.headers["x-request-id"]
        assert opened.get("/healthz").status_code == 200


def test_a_stream_may_take_longer(tmp_path: Path) -> None:
    with TestClient(app_of(tmp_path, timeout=0.3)) as opened:
        response = opened.get("/v1/slow-stream")
    assert response.status_code == 200
    assert response.text.count("data:") == 4


def test_an_unexpected_fault_has_an_id_and_no_traceback(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/v1/broken")
    assert_error(response, 500, "internal")
    assert "secret" not in response.text
    assert response.headers["x-request-id"]
    assert "secret path" in caplog.text


# Request ids and the log


@pytest.mark.parametrize("given", ["abc-123", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f0-01"])
def test_a_sane_request_id_is_kept(client: TestClient, given: str) -> None:
    response = client.get("/healthz", headers={"X-Request-ID": given})
    assert response.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, '{"a":1}', "\x80"])
def test_any_other_is_replaced(client: TestClient, given: str) -> None:
    headers = {"X-Request-ID": given.encode("latin-1")}
    made = [client.get("/healthz", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert made[0] != made[1]
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [r for r in caplog.records if r.name == "tiaowen.requests"]
    return [json.loads(watch.JsonLines().format(record)) for record in records]


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_is_one_line_without_its_question(
    client: TestClient, caplog: pytest.LogCaptureFixture, stream: bool
) -> None:
    with caplog.at_level(logging.INFO, "tiaowen.requests"):
        body = {"question": B_PERMIT, "stream": stream}
        client.post("/v1/ask?x=secret", json=body, headers={"X-Request-ID": "mine"})
    (line,) = logged(caplog)
    assert (line["request_id"], line["method"], line["route"]) == ("mine", "POST", "/v1/ask")
    assert (line["status"], line["outcome"], line["event"]) == (200, "answered", "request")
    assert line["ms"] > 0
    assert "居住证" not in json.dumps(line, ensure_ascii=False)
    assert "secret" not in json.dumps(line)


def test_questions_are_logged_where_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = app_of(tmp_path, log_questions=True)
    with TestClient(app) as opened, caplog.at_level(logging.INFO, "tiaowen.requests"):
        opened.post("/v1/ask", json={"question": "第三十条"})
        opened.post("/v1/search", json={"question": "居住证"})
    asked, searched = logged(caplog)
    assert (asked["question"], asked["outcome"]) == ("第三十条", "not_in_document")
    assert searched["question"] == "居住证"


def test_a_clause_asked_for_is_not_logged_either(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "tiaowen.requests"):
        client.get(f"/v1/clauses/{SHIPPED_ID}/（八）")
        client.get("/v1/居住证")
    found, missed = logged(caplog)
    assert found["route"] == "/v1/clauses/{document_id}/{label}"
    assert (missed["route"], missed["status"]) == ("other", 404)


def test_a_fault_is_one_line_of_json_as_well() -> None:
    try:
        raise RuntimeError("what\nhappened")
    except RuntimeError:
        record = logging.LogRecord("tiaowen.api", 40, "", 1, "bad", (), sys.exc_info())
    written = watch.JsonLines().format(record)
    assert "\n" not in written
    assert "happened" in json.loads(written)["exception"]


# Figures


def figures(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_figures_count_routes_and_outcomes(client: TestClient) -> None:
    before = figures(client.get("/metrics").text)
    for question in (B_PERMIT, B_PERMIT, "第三十条", "你好"):
        client.post("/v1/ask", json={"question": question})
    client.post("/v1/ask", json={"question": ""})
    client.get(f"/v1/documents/{SHIPPED_ID}")
    client.get("/v1/documents/nowhere")
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    after = figures(response.text)

    def grown(name: str, **labels: str) -> float:
        key = (name, frozenset(labels.items()))
        return after[key] - before.get(key, 0.0)

    ask = {"method": "POST", "route": "/v1/ask"}
    assert grown("tiaowen_requests_total", status="200", **ask) == 4
    assert grown("tiaowen_requests_total", status="422", **ask) == 1
    one = {"method": "GET", "route": "/v1/documents/{document_id}"}
    assert grown("tiaowen_requests_total", status="200", **one) == 1
    assert grown("tiaowen_requests_total", status="404", **one) == 1
    assert grown("tiaowen_outcomes_total", outcome="answered") == 2
    assert grown("tiaowen_outcomes_total", outcome="not_in_document") == 1
    assert grown("tiaowen_outcomes_total", outcome="greeting") == 1
    assert grown("tiaowen_request_seconds_count", route="/v1/ask") == 5
    assert grown("tiaowen_request_seconds_sum", route="/v1/ask") > 0


def test_what_callers_invent_makes_no_new_series(client: TestClient) -> None:
    client.get("/metrics")
    before = set(figures(client.get("/metrics").text))
    for number in range(5):
        client.get(f"/v1/nothing-{number}")
        client.request(f"X{number}", "/healthz")
        client.get(f"/page-{number}")
    assert len(set(figures(client.get("/metrics").text)) - before) < 40
    assert "nothing-" not in client.get("/metrics").text


def test_workers_share_their_figures(tmp_path: Path) -> None:
    work = (
        "from assistant.api import metrics\n"
        "metrics.count('GET', '/v1/ask', 200, 0.5)\n"
        "print(metrics.exposition().decode())"
    )
    environ = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for expected in (1, 2):
        command = [sys.executable, "-c", work]
        done = subprocess.run(
            command, check=True, cwd=ROOT, env=environ, capture_output=True, encoding="utf-8"
        )
        found = figures(done.stdout)
        labels = frozenset({"method": "GET", "route": "/v1/ask", "status": "200"}.items())
        assert found["tiaowen_requests_total", labels] == expected


# ETags


def test_a_document_that_the_caller_has_is_not_sent_again(client: TestClient) -> None:
    path = f"/v1/documents/{SHIPPED_ID}"
    first = client.get(path)
    tag = first.headers["etag"]
    for known in (tag, f'"x", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    for known in ('"x"', "", tag[:-2] + '"'):
        again = client.get(path, headers={"If-None-Match": known})
        assert again.json() == first.json()


def test_another_document_has_another_tag(client: TestClient) -> None:
    assert client.get("/v1/documents/nowhere", headers={"If-None-Match": "*"}).status_code == 404


# The OpenAPI document


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    with TestClient(app_of(tmp_path, auth="on")) as opened:
        return dict(opened.get("/openapi.json").json())


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def test_every_error_is_documented_with_the_one_shape_and_an_example(
    document: dict[str, Any],
) -> None:
    for path, operation in operations(document):
        found = {s: r for s, r in operation["responses"].items() if s >= "400"}
        assert {"405", "500", "503"} <= set(found), path
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= set(found), path
        if path.startswith("/v1"):
            assert {"401", "403", "429"} <= set(found) or path == "/v1/session", path
        for response in found.values():
            content = response["content"]["application/json"]
            assert content["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}
            schemas.ErrorResponse.model_validate(content["example"])


def test_keys_are_documented_where_they_are_asked_for(
    document: dict[str, Any], client: TestClient
) -> None:
    scheme = document["components"]["securitySchemes"]["HTTPBearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    guarded = {path for path, operation in operations(document) if "security" in operation}
    assert {"/v1/ask", "/v1/documents", "/metrics"} <= guarded
    assert not {"/v1/session", "/healthz", "/readyz"} & guarded
    open_document = client.get("/openapi.json").json()
    assert not any("security" in operation for _, operation in operations(open_document))


MODELS = {
    model.__name__: model
    for module in (schemas, feedback, session)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, schemas.BaseModel)
}


def test_every_request_and_response_has_an_example_that_is_one(document: dict[str, Any]) -> None:
    found = document["components"]["schemas"]
    for name in (
        "AskRequest", "AskResponse", "SearchRequest", "SearchResponse", "DocumentOut",
        "DocumentDetail", "ClauseList", "Health", "FeedbackRequest", "FeedbackResponse",
        "SessionRequest", "SessionResponse",
    ):  # fmt: skip
        for example in found[name]["examples"]:
            MODELS[name].model_validate(example)


def test_the_example_of_an_answer_is_true(document: dict[str, Any]) -> None:
    (example,) = document["components"]["schemas"]["AskResponse"]["examples"]
    check_contract(example, TEXTS)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/v1/ask", "POST"), ("/v1/documents", "GET"), ("/healthz", "GET"), ("/metrics", "GET")],
)
def test_another_method_is_told_which_are_allowed(
    client: TestClient, path: str, allowed: str
) -> None:
    response = client.request("DELETE", path)
    assert_error(response, 405, "method_not_allowed")
    assert response.headers["allow"] == allowed


# Over a real socket


def test_a_slow_answer_does_not_keep_a_real_server(tmp_path: Path) -> None:
    with (
        running(app_of(tmp_path, timeout=0.3)) as address,
        httpx.Client(base_url=address) as opened,
    ):
        assert_error(opened.get("/v1/slow"), 503, "timeout")
        assert opened.get("/v1/slow-stream").text.count("data:") == 4
        assert opened.post("/v1/ask", json={"question": B_PERMIT}).json()["answerable"]
