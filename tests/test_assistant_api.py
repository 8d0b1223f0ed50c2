"""HTTP: every route, every error in the one shape, the stream, the contract."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from support import (
    B_PERMIT,
    SHIPPED_ID,
    check_contract,
    shipped_assistant,
    without_times,
)

from assistant.api.app import create_app, package_version
from assistant.errors import BrokenCitation
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.store import shipped_documents

FEEDBACK = {
    "answer_id": "1", "rating": "up", "question": "问", "answerable": False, "answer": "",
}  # fmt: skip
TEXTS = {document.id: document.text for document in shipped_documents()}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_app(shipped_assistant(), Settings())
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def assert_error(response: Response, status: int, code: str) -> dict[str, Any]:
    """The one shape of an error, whatever went wrong and wherever."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "detail"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert "Traceback" not in response.text
    return dict(body["error"])


def ask(client: TestClient, question: str, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    values = response.json()
    check_contract(values, TEXTS)
    return dict(values)


def events(text: str) -> list[tuple[str, Any]]:
    """Parse a stream as a browser does: lines end with LF, an empty one ends the event."""
    found = []
    for block in text.replace("\r\n", "\n").strip("\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_an_answer(client: TestClient) -> None:
    values = ask(client, B_PERMIT)
    assert values["answerable"] is True
    assert values["mode"] == "extractive"
    assert "10年" in values["answer"]
    clause = values["citations"][0]["clause"]
    assert clause["label"] == "（八）"
    assert clause["path"] == ["三、建设创新创业人才高地", "（八）进一步引进海外高层次人才"]
    assert values["model"]["generator"] is None
    assert len(values["evidence"]) == 8


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("第三十条", "not_in_document"),
        ("今天天气怎么样？", "off_topic"),
        ("你好", "greeting"),
        ("是什么", "too_vague"),
    ],
)
def test_a_refusal(client: TestClient, question: str, reason: str) -> None:
    assert ask(client, question)["refusal"]["reason"] == reason


def test_top_k(client: TestClient) -> None:
    assert len(ask(client, B_PERMIT, top_k=2)["evidence"]) == 2


def test_history(client: TestClient) -> None:
    history = [
        {"role": "user", "content": "海外人才居住证（B证）有什么规定？"},
        {"role": "assistant", "content": "降低申请条件。[1]"},
    ]
    values = ask(client, "那最长几年呢？", history=history)
    assert "（八）" in [c["clause"]["label"] for c in values["citations"]]


def test_documents(client: TestClient) -> None:
    chosen = ask(client, B_PERMIT, documents=[SHIPPED_ID])
    assert without_times(chosen) == without_times(ask(client, B_PERMIT))


@pytest.mark.parametrize("value", [None, False])
def test_what_is_optional_may_be_left_out(client: TestClient, value: object) -> None:
    more = {"documents": None, "top_k": None} if value is None else {"stream": False, "history": []}
    assert without_times(ask(client, B_PERMIT, **more)) == without_times(ask(client, B_PERMIT))


@pytest.mark.parametrize(
    "question", [B_PERMIT, "第三部分有哪些条款", "第三十条", "你好", "What does article 8 say?"]
)
def test_a_stream_is_the_same_object_in_steps(client: TestClient, question: str) -> None:
    response = client.post("/v1/ask", json={"question": question, "stream": True})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    found = events(response.text)
    kinds = [kind for kind, _ in found]
    steps = len([kind for kind in kinds if kind == "delta"])
    assert kinds == ["retrieved", *["delta", "citation"] * steps, "done"]
    done = found[-1][1]
    check_contract(done, TEXTS)
    assert without_times(done) == without_times(ask(client, question))
    assert found[0][1] == done["evidence"]
    assert "".join(data for kind, data in found if kind == "delta") == done["answer"]
    assert [data for kind, data in found if kind == "citation"] == done["citations"]


def test_search(client: TestClient) -> None:
    response = client.post("/v1/search", json={"question": "外籍人才居留", "top_k": 3})
    hits = response.json()["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    for hit in hits:
        span = slice(hit["start_char_index"], hit["end_char_index"])
        assert TEXTS[hit["document_id"]][span] == hit["text"]


def test_documents_are_listed(client: TestClient) -> None:
    (listed,) = client.get("/v1/documents").json()
    assert (listed["id"], listed["year"]) == (SHIPPED_ID, 2015)
    assert listed["characters"] == len(TEXTS[SHIPPED_ID])
    assert listed["url"] == f"/documents/{SHIPPED_ID}"


def test_a_document_with_its_tree(client: TestClient) -> None:
    values = client.get(f"/v1/documents/{SHIPPED_ID}").json()
    assert values["text"] == TEXTS[SHIPPED_ID]
    labels: list[str] = []
    stack = list(values["tree"])
    while stack:
        node = stack.pop(0)
        stack[:0] = node["children"]
        labels.append(node["label"])
        at = slice(node["start_char_index"], node["end_char_index"])
        assert values["text"][at].startswith(node["label"]) or node["label"] == "前言"
    assert len([label for label in labels if label.startswith("（")]) >= 22


@pytest.mark.parametrize("label", ["（八）", "(八)", "第八条", "第8条", "(8)"])
def test_a_clause_by_label(client: TestClient, label: str) -> None:
    (clause,) = client.get(f"/v1/clauses/{SHIPPED_ID}/{quote(label)}").json()["clauses"]
    assert clause["clause"]["label"] == "（八）"
    span = slice(clause["start_char_index"], clause["end_char_index"])
    assert TEXTS[SHIPPED_ID][span] == clause["text"]
    assert "10年" in clause["text"]


@pytest.mark.parametrize("label", ["三、", "前言", "第三部分"])
def test_chapters_and_the_preamble_have_labels_too(client: TestClient, label: str) -> None:
    found = client.get(f"/v1/clauses/{SHIPPED_ID}/{quote(label)}").json()["clauses"]
    assert len(found) == 1
    assert found[0]["text"].strip()


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["documents"]) == ("ok", 1)
    assert ready["passages"] > 22


@pytest.mark.parametrize("route", ["/v1/ask", "/v1/search"])
@pytest.mark.parametrize(
    "question",
    ["", "   ", "\u3000", "问" * 10_000, "问" * 501, "有效\x00期", "有效\x1b[2J期", "\x7f问"],
)
def test_a_question_that_cannot_be_used(client: TestClient, route: str, question: str) -> None:
    assert_error(client.post(route, json={"question": question}), 422, "bad_question")


def test_a_bad_question_is_an_error_before_the_stream_begins(client: TestClient) -> None:
    body = {"question": "", "stream": True}
    assert_error(client.post("/v1/ask", json=body), 422, "bad_question")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", None),
        ("question", 7),
        ("question", ["问"]),
        ("history", "问"),
        ("history", ["问"]),
        ("history", [{"role": "system", "content": "问"}]),
        ("history", [{"role": "user"}]),
        ("history", [{"role": "user", "content": "问", "name": "x"}]),
        ("history", [{"role": "user", "content": "问" * 4001}]),
        ("history", [{"role": "user", "content": "问"}] * 21),
        ("documents", SHIPPED_ID),
        ("documents", [1]),
        ("top_k", 0),
        ("top_k", -1),
        ("top_k", 51),
        ("top_k", "many"),
        ("top_k", 10**30),
        ("top_k", 1.5),
        ("stream", "perhaps"),
        ("temperature", 1),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(client: TestClient, field: str, value: object) -> None:
    body = {"question": "问", field: value}
    error = assert_error(client.post("/v1/ask", json=body), 422, "invalid_request")
    assert field in error["message"]
    assert error["detail"][0]["where"][:2] == ["body", field]


@pytest.mark.parametrize(
    ("route", "body", "message"),
    [
        ("/v1/ask", {}, "请求体里的 question 没有给出"),
        ("/v1/ask", {"question": 7}, "请求体里的 question 应为字符串"),
        ("/v1/ask", {"question": "问", "top_k": 51}, "请求体里的 top_k 不能大于 50"),
        ("/v1/ask", {"question": "问", "temperature": 1}, "请求体里的 temperature 不认识，请删去"),
        ("/v1/ask", {"question": "问", "stream": "x"}, "请求体里的 stream 应为 true 或 false"),
        (
            "/v1/ask",
            {"question": "问", "history": [{"role": "system", "content": "问"}]},
            "请求体里的 history.0.role 只能是 'user' 或 'assistant'",
        ),
        ("/v1/ask", {"top_k": 0}, "请求体里的 question 没有给出（共 2 处）"),
        ("/v1/session", {"site_key": ""}, "请求体里的 site_key 至少 1 个字符"),
        ("/v1/chat/completions", {"model": "tiaowen", "messages": []}, "messages 至少 1 项"),
        ("/v1/ask", [], "请求体 应为 JSON 对象"),
        ("/v1/ask", "{", "请求体 不是合法的 JSON"),
        (
            "/v1/feedback",
            FEEDBACK
            | {"citations": [{"document_id": "x", "start_char_index": 0, "end_char_index": 1}]},
            "拒答没有引文",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence_in_chinese(
    client: TestClient, route: str, body: Any, message: str
) -> None:
    content = body if isinstance(body, str) else json.dumps(body)
    sent = client.post(route, content=content, headers={"content-type": "application/json"})
    error = assert_error(sent, 422, "invalid_request")
    assert message in error["message"]
    assert error["message"].endswith("请对照 /docs 修改")
    english = re.compile("[a-z]+ [a-z]+")  # names and values stand alone
    assert not english.search(error["message"])
    assert not any(english.search(one["problem"]) for one in error["detail"])
    assert all(set(one) == {"where", "type", "problem"} for one in error["detail"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"question": "\xff\xfe"}',
        b"null",
        b"[]",
        b'"question"',
        b'{"question": }',
        b"[" * 100_000,
        b'{"question": "\\ud800"}',
        b'{"question": "x", "\\ud800": 1}',
        b'{"question": "x", "documents": ["\\udfff"]}',
        b'{"question": "x", "top_k": NaN}',
        b'{"question": "x", "top_k": ' + b"9" * 5_000 + b"}",
    ],
    ids=range(13),
)
@pytest.mark.parametrize("route", ["/v1/ask", "/v1/search"])
def test_a_malformed_body_is_the_callers_fault(client: TestClient, route: str, body: bytes) -> None:
    response = client.post(route, content=body, headers={"content-type": "application/json"})
    codes = {"invalid_request", "http_error", "bad_question", "unknown_document"}
    code = response.json()["error"]["code"]
    assert code in codes
    assert_error(response, response.status_code, code)
    assert 400 <= response.status_code < 500


def test_a_body_of_another_type(client: TestClient) -> None:
    assert_error(client.post("/v1/ask", data={"question": "问"}), 422, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/ask", {"question": B_PERMIT, "documents": ["nowhere"]}),
        ("POST", "/v1/ask", {"question": B_PERMIT, "documents": ["nowhere"], "stream": True}),
        ("POST", "/v1/ask", {"question": "第八条", "documents": [SHIPPED_ID, "nowhere"]}),
        ("POST", "/v1/search", {"question": B_PERMIT, "documents": ["nowhere"]}),
        ("GET", "/v1/documents/nowhere", None),
        ("GET", "/v1/clauses/nowhere/%EF%BC%88%E5%85%AB%EF%BC%89", None),
    ],
)
def test_an_unknown_document(client: TestClient, method: str, path: str, body: object) -> None:
    error = assert_error(client.request(method, path, json=body), 404, "unknown_document")
    assert "nowhere" in error["message"]
    assert SHIPPED_ID in error["message"]


@pytest.mark.parametrize(
    "label", ["第三十条", "（三十）", "别的", "第八条第九款", "0", "%00", "<b>"]
)
def test_an_unknown_clause(client: TestClient, label: str) -> None:
    path = f"/v1/clauses/{SHIPPED_ID}/{label if label == '%00' else quote(label)}"
    assert_error(client.get(path), 404, "unknown_clause")


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1/", "/v1/ask/x", "/v1/clauses/x", "/nothing", "/v1/documents/a/b"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_address(client: TestClient, method: str, path: str) -> None:
    assert_error(client.request(method, path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/ask"),
        ("PUT", "/v1/ask"),
        ("GET", "/v1/search"),
        ("POST", "/v1/documents"),
        ("DELETE", f"/v1/documents/{SHIPPED_ID}"),
        ("PATCH", f"/v1/clauses/{SHIPPED_ID}/x"),
        ("POST", "/healthz"),
        ("POST", "/readyz"),
    ],
)
def test_another_method(client: TestClient, method: str, path: str) -> None:
    assert_error(client.request(method, path), 405, "method_not_allowed")


@pytest.mark.parametrize(
    ("fault", "said"),
    [(BrokenCitation("引文 [1] 与原文不符"), "引文"), (RuntimeError("secret path"), "内部错误")],
)
@pytest.mark.parametrize("stream", [False, True])
def test_our_own_faults_are_500(
    client: TestClient, fault: Exception, said: str, stream: bool
) -> None:
    with patch.object(Assistant, "ask", side_effect=fault):
        body = {"question": B_PERMIT, "stream": stream}
        error = assert_error(client.post("/v1/ask", json=body), 500, "internal")
    assert said in error["message"]
    assert "secret" not in json.dumps(error)


def test_settings_of_the_assistant_are_kept() -> None:
    settings = Settings(top_k=2, max_question=5)
    short = Assistant(shipped_assistant().searcher, settings)
    with TestClient(create_app(short, settings)) as opened:
        assert_error(opened.post("/v1/ask", json={"question": "一二三四五六"}), 422, "bad_question")
        body = {"question": "一二三四五六"}
        assert_error(opened.post("/v1/search", json=body), 422, "bad_question")
        assert len(opened.post("/v1/search", json={"question": "居住证"}).json()["hits"]) == 2


def test_openapi_describes_every_route_with_examples(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert set(schema["paths"]) == {
        "/v1/ask",
        "/v1/search",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/clauses/{document_id}/{label}",
        "/v1/chat/completions",
        "/v1/models",
        "/v1/models/{model_id}",
        "/v1/feedback",
        "/v1/session",
        "/metrics",
        "/healthz",
        "/readyz",
    }
    models = schema["components"]["schemas"]
    for name in ("AskRequest", "SearchRequest", "ChatRequest", "ClauseRef"):
        assert models[name]["examples"], name
    assert "ErrorResponse" in json.dumps(schema["paths"]["/v1/ask"]["post"]["responses"]["422"])
    assert "ErrorResponse" in json.dumps(schema["paths"]["/v1/ask"]["post"]["responses"]["404"])
    assert "HTTPValidationError" not in json.dumps(schema["paths"])


def test_the_examples_of_openapi_work(client: TestClient) -> None:
    models = client.get("/openapi.json").json()["components"]["schemas"]
    for name, route in (
        ("AskRequest", "/v1/ask"),
        ("SearchRequest", "/v1/search"),
        ("ChatRequest", "/v1/chat/completions"),
    ):
        for example in models[name]["examples"]:
            assert client.post(route, json=example).status_code == 200


def test_docs_need_no_other_host(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "swagger" in page
    for address in ("http://", "https://", "//cdn", "fonts.g"):
        assert address not in page


def test_the_version_is_the_packages(client: TestClient) -> None:
    version = client.get("/openapi.json").json()["info"]["version"]
    assert version == package_version()
    with patch("assistant.settings.version", side_effect=PackageNotFoundError):
        assert package_version() == "0"
