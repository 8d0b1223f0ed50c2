"""The whole application: API, documents and chat together."""

import gc
import warnings
from collections.abc import Iterator
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from support import (
    B_PERMIT,
    ONERROR,
    SCRIPT,
    SHIPPED_ID,
    assistant_of,
    check_contract,
    hostile_document,
    shipped_assistant,
    shipped_index,
)

from assistant.settings import Settings
from corpus.store import shipped_documents
from ui import page, server
from ui.server import create_server

# Gradio leaves event loops open: they are collected here, not in some later test.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _gradio_leftovers() -> Iterator[None]:
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_server(shipped_assistant(), Settings())) as opened:
        yield opened


def test_the_chat_page_opens(client: TestClient) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert "条问" in response.text


def test_the_api_answers_beside_the_chat(client: TestClient) -> None:
    values = client.post("/v1/ask", json={"question": B_PERMIT}).json()
    check_contract(values, {d.id: d.text for d in shipped_documents()})
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/docs").status_code == 200


def test_every_citation_leads_to_an_anchor_of_the_document_page(client: TestClient) -> None:
    for question in (
        B_PERMIT,
        "第三部分有哪些条款",
        "第八条和第九条讲什么",
        "（十二）里关于股权激励怎么说",
    ):
        for citation in client.post("/v1/ask", json={"question": question}).json()["citations"]:
            path, _, anchor = citation["url"].partition("#")
            html = client.get(path).text
            assert f'id="{unquote(anchor)}"' in unescape(html)


def test_a_document_page(client: TestClient) -> None:
    response = client.get(f"/documents/{SHIPPED_ID}")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "延长有效期限最高到10年" in response.text


@pytest.mark.parametrize(
    ("path", "status"), [("/documents/nowhere", 404), ("/v1/nowhere", 404), ("/v1/ask", 405)]
)
def test_errors_keep_their_one_shape_beside_the_chat(
    client: TestClient, path: str, status: int
) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message", "detail"}


def chat(
    assistant: Any, message: str, history: list[dict[str, Any]] | None = None
) -> tuple[str, str]:
    html, beside = page._handler(assistant)(message, history or [])
    return str(html), str(beside)


def test_the_chat_answers_with_the_clause_beside_it() -> None:
    html, beside = chat(shipped_assistant(), B_PERMIT)
    assert "10年" in html
    assert "<mark>" in beside
    assert "（八）" in beside


@pytest.mark.parametrize(
    "message", ["", "问" * 10_000, "有效\x00期", "今天天气怎么样？", "第三十条"]
)
def test_the_chat_says_what_is_wrong_or_not_there(message: str) -> None:
    html, beside = chat(shipped_assistant(), message)
    assert "tw-refusal" in html
    assert "<mark>" not in beside


def test_the_chat_follows_up() -> None:
    history = [
        {
            "role": "user",
            "content": [{"type": "text", "text": "海外人才居住证（B证）有什么规定？"}],
        },
        {"role": "assistant", "content": "…"},
    ]
    html, _ = chat(shipped_assistant(), "那最长几年呢？", history)
    assert "（八）" in html


def test_a_long_conversation_goes_on() -> None:
    history = [{"role": "user", "content": B_PERMIT}] * 100
    html, _ = chat(shipped_assistant(), B_PERMIT, history)
    assert "10年" in html


def test_chapters_of_a_law_can_be_listed_in_the_chat() -> None:
    from corpus.model import Document  # noqa: PLC0415

    text = "第一编 通则\n第一章 总则\n第一条 为了示范。\n第二章 主体\n第二条 谁都是。\n"
    html, beside = chat(assistant_of(Document("l", "示范法", text)), "第一编有哪些章")
    assert "总则" in html
    assert "总则" in beside


def test_examples_are_of_the_document_and_can_be_answered() -> None:
    assistant = shipped_assistant()
    questions = page.examples(assistant)
    assert 2 <= len(questions) <= 6
    for question in questions:
        html, _ = chat(assistant, question)
        assert "tw-answer" in html, question


def test_a_hostile_document_makes_a_harmless_page() -> None:
    with TestClient(create_server(assistant_of(hostile_document()), Settings())) as opened:
        html = opened.get("/documents/hostile").text
    assert SCRIPT not in html
    assert ONERROR not in html
    assert SCRIPT not in page._header(SCRIPT)


def test_serve_runs_the_application_where_it_is_told() -> None:
    with patch("uvicorn.run") as run:
        server.serve(Settings(index=shipped_index()), "127.0.0.1", 1234)
    assert run.call_args.kwargs["host"] == "127.0.0.1"
    assert run.call_args.kwargs["port"] == 1234


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/healthz", 405), ("GET", "/v1/nowhere", 404)],
)
def test_every_miss_has_the_one_error_shape(
    client: TestClient, method: str, path: str, status: int
) -> None:
    response = client.request(method, path)
    assert response.status_code == status
    assert set(response.json()["error"]) == {"code", "message", "detail"}
