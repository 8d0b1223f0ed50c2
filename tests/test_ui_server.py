"""The whole application: API, documents, export and chat together; what stands before it."""

import io
import json
from collections.abc import Iterator
from html import unescape
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import docx
import pytest
from fastapi.testclient import TestClient
from pages import Html, assert_harmless, small_turn, turn_of
from support import (
    B_PERMIT,
    ONERROR,
    SCRIPT,
    SHIPPED_ID,
    assert_error,
    assistant_of,
    check_contract,
    hostile_document,
    shipped_assistant,
    shipped_index,
)

from assistant.settings import Settings
from corpus.store import shipped_documents
from ui import server
from ui.server import create_server
from ui.texts import EN, ZH

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
(SHIPPED,) = shipped_documents()
PAGE = f"/documents/{SHIPPED_ID}"


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_server(shipped_assistant(), Settings())
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def chat_page(client: TestClient, path: str) -> tuple[str, str]:
    """What Gradio is told to put into the page's head, and the HTML around the conversation."""
    response = client.get(path)
    assert response.status_code == 200
    written = response.text.split("window.gradio_config = ", 1)[1]
    config, _ = json.JSONDecoder().raw_decode(written)
    html = [c["props"]["value"] for c in config["components"] if c["type"] == "html"]
    return config["head"], "".join(html)


def test_the_chat_page_opens(client: TestClient) -> None:
    head, html = chat_page(client, "/")
    assert "document.documentElement.lang = 'zh-CN'" in head
    assert ZH.tagline in html
    assert "《科创22条》" in html
    assert "延长有效期限最高到10年" in html  # the document stands beside it


def test_the_english_page_opens(client: TestClient) -> None:
    head, html = chat_page(client, "/en/")
    assert "document.documentElement.lang = 'en'" in head
    assert EN.tagline in html
    assert ZH.tagline not in html


ENGLISH = {"accept-language": "en-GB,en;q=0.9,zh;q=0.5"}
CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.8"}


@pytest.mark.parametrize(
    ("headers", "english"),
    [
        (ENGLISH, True),
        ({"accept-language": "FR"}, True),
        (CHINESE, False),
        ({"accept-language": "ZH-TW"}, False),
        ({"accept-language": "*"}, False),
        ({}, False),
        (CHINESE | {"cookie": "tiaowen-language=en"}, True),
        (ENGLISH | {"cookie": "tiaowen-language=zh"}, False),
        (ENGLISH | {"cookie": "tiaowen-language=garbage"}, False),
    ],
)
def test_a_visitor_gets_the_language_of_the_browser_or_the_one_chosen(
    client: TestClient, headers: dict[str, str], english: bool
) -> None:
    response = client.get("/", headers=headers)
    assert response.status_code == (307 if english else 200)
    assert response.headers.get("location") == ("en/" if english else None)
    if english:
        assert {"accept-language", "cookie"} <= set(response.headers["vary"].split(", "))


def test_a_shared_question_goes_along_to_the_other_language(client: TestClient) -> None:
    response = client.get("/?q=%E9%97%AE%20a", headers=ENGLISH)
    assert response.headers["location"] == "en/?q=%E9%97%AE%20a"


@pytest.mark.parametrize("path", ["/en/", "/docs", PAGE, "/healthz"])
def test_only_the_chat_is_moved_to_another_language(client: TestClient, path: str) -> None:
    assert client.get(path, headers=ENGLISH).status_code == 200


@pytest.mark.parametrize("root", ["", "/en"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/info"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/run/predict"),
        ("POST", "/gradio_api/call/_ask"),
        ("POST", "/gradio_api/component_server"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/proxy=https://elsewhere.example/"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("POST", "/login"),
        ("GET", "/logout"),
    ],
)
def test_gradio_offers_no_more_than_the_page_needs(
    client: TestClient, root: str, method: str, path: str
) -> None:
    assert_error(client.request(method, root + path), 404, "not_found")


def test_the_description_of_gradios_routes_is_hidden(client: TestClient) -> None:
    assert_error(client.get("/en/openapi.json"), 404, "not_found")
    assert client.get("/openapi.json").json()["info"]["title"].startswith("Tiaowen")


@pytest.mark.parametrize("root", ["", "/en"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/startup-events"),
        ("GET", "/theme.css"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/cancel"),
    ],
)
def test_what_the_page_needs_is_there(
    client: TestClient, root: str, method: str, path: str
) -> None:
    assert client.request(method, root + path).status_code in (200, 422)


def test_the_api_answers_beside_the_chat(client: TestClient) -> None:
    values = client.post("/v1/ask", json={"question": B_PERMIT}).json()
    check_contract(values, {SHIPPED_ID: SHIPPED.text})
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/docs").status_code == 200


def test_pages_are_compressed_and_streams_are_not(client: TestClient) -> None:
    assert client.get(PAGE).headers["content-encoding"] == "gzip"
    body = {"question": B_PERMIT, "stream": True}
    streamed = client.post("/v1/ask", json=body)
    assert "event: done" in streamed.text


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
    response = client.get(PAGE)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert "延长有效期限最高到10年" in response.text
    assert Html(response.text).marks == []


def test_a_chips_link_highlights_the_quote(client: TestClient) -> None:
    turn = turn_of(shipped_assistant(), B_PERMIT)
    (citation,) = turn.response.citations
    quote = f"{citation.start_char_index}-{citation.end_char_index}"
    assert Html(client.get(f"{PAGE}?quote={quote}").text).marks == [citation.cited_text]
    other = f"quote={quote}&quote=0-3"
    assert Html(client.get(f"{PAGE}?{other}").text).marks == [SHIPPED.text[:3], citation.cited_text]


def test_a_part_to_stand_beside_the_conversation(client: TestClient) -> None:
    response = client.get(f"{PAGE}?quote=0-3&part=article&language=en")
    assert response.text.startswith('<div class="twd"')
    assert_harmless(response.text)
    html = Html(response.text)
    assert html.marks == [SHIPPED.text[:3]]
    assert html.one("details").text.startswith(EN.contents)
    whole = Html(client.get(f"{PAGE}?language=en").text)
    assert whole.one("html").attributes["lang"] == "en"


@pytest.mark.parametrize(
    "query",
    [
        "quote=3",
        "quote=",
        "quote=3-",
        "quote=-3-5",
        "quote=a-b",
        "quote=0-3&quote=x",
        f"quote=0-{'9' * 10}",
        "&".join(["quote=0-3"] * 51),
        "part=whole",
        "language=fr",
    ],
)
def test_a_bad_query_has_the_one_error_shape(client: TestClient, query: str) -> None:
    response = client.get(f"{PAGE}?{query}")
    assert assert_error(response, 422, "invalid_request")["detail"]


@pytest.mark.parametrize(
    "quote", ["5-3", "0-0", f"0-{len(SHIPPED.text) + 1}", "999999998-999999999"]
)
def test_a_quote_of_an_older_edition_is_ignored(client: TestClient, quote: str) -> None:
    response = client.get(f"{PAGE}?quote={quote}&quote=0-3")
    assert response.status_code == 200
    assert Html(response.text).marks == [SHIPPED.text[:3]]


def exported(client: TestClient, turns: list[Any], **more: str) -> Any:
    response = client.post("/export/docx", json={"turns": turns, **more})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].endswith("wordprocessingml.document")
    assert response.headers["content-disposition"] == 'attachment; filename="tiaowen.docx"'
    return [paragraph.text for paragraph in docx.Document(io.BytesIO(response.content)).paragraphs]


def test_a_conversation_is_exported(client: TestClient) -> None:
    turns = [turn_of(shipped_assistant(), B_PERMIT), small_turn("你好")]
    found = exported(client, [turn.model_dump(mode="json") for turn in turns])
    assert found[0] == B_PERMIT
    assert "《科创22条》" in found[-4]
    assert found[-3:-1] == ["你好", "你好"]
    assert found[-1].startswith("由条问")


def test_an_export_in_english_and_without_what_cannot_be_read(client: TestClient) -> None:
    bad = small_turn("甲\x00\uffff乙").model_dump(mode="json")
    found = exported(client, [None, 7, {"question": "问"}, bad], language="en")
    assert found[0] == "甲乙"
    assert len(found) == 3
    assert found[-1].startswith("Answered by Tiaowen")


@pytest.mark.parametrize("base", ["https://here.example/policy/", "http://127.0.0.1:1/", None])
def test_an_export_leads_back_to_where_the_visitor_was(
    client: TestClient, base: str | None
) -> None:
    kept = turn_of(shipped_assistant(), B_PERMIT).model_dump(mode="json")
    response = client.post("/export/docx", json={"turns": [kept], "base": base})
    file = docx.Document(io.BytesIO(response.content))
    (link,) = [link for paragraph in file.paragraphs for link in paragraph.hyperlinks]
    at = f"{base or 'http://testserver/'}documents/"
    assert link.url.startswith(at)
    assert Html(client.get("/documents/" + link.url.removeprefix(at)).text).marks


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"turns": 7},
        {"turns": [], "language": "fr"},
        {"turns": [], "base": "javascript:alert(1)/"},
        {"turns": [], "base": "https://a b/"},
        [],
    ],
)
def test_an_export_of_nothing_usable(client: TestClient, body: Any) -> None:
    response = client.post("/export/docx", content=json.dumps(body))
    assert_error(response, 422, "invalid_request")


def test_a_hostile_document_makes_a_harmless_page() -> None:
    with TestClient(create_server(assistant_of(hostile_document()), Settings())) as opened:
        html = opened.get("/documents/hostile").text
        article = opened.get("/documents/hostile?part=article").text
        _, chat = chat_page(opened, "/")
    assert SCRIPT not in html
    assert ONERROR not in html
    for source in (article, chat):
        assert_harmless(source)
        assert SCRIPT in Html(source).text


def test_serve_runs_the_application_where_it_is_told() -> None:
    with patch("uvicorn.run") as run:
        server.serve(Settings(index=shipped_index()), "127.0.0.1", 1234)
    assert run.call_args.kwargs["host"] == "127.0.0.1"
    assert run.call_args.kwargs["port"] == 1234


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/en/nowhere", 404, "not_found"),
        ("GET", "/documents/nowhere", 404, "unknown_document"),
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("GET", "/v1/ask", 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
    ],
)
def test_every_miss_has_the_one_error_shape(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    assert_error(client.request(method, path), status, code)
