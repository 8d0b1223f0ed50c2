"""Errors as people see them in a browser: a page, with the way back; JSON for everybody else."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pages import Html
from support import (
    SCRIPT,
    SHIPPED_ID,
    assert_error,
    assistant_of,
    hostile_document,
    shipped_assistant,
    two_document_assistant,
)

from assistant.access import settle
from assistant.settings import Settings
from ui.error_page import Place, page
from ui.server import create_server
from ui.texts import EN, ZH

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
CHINESE = BROWSER | {"accept-language": "zh-CN,zh;q=0.9"}
ENGLISH = BROWSER | {"accept-language": "en-GB,en;q=0.9"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    app = create_server(shipped_assistant(), Settings())
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def shown(client: TestClient, path: str, status: int, headers: dict[str, str] = CHINESE) -> Html:
    """The page that a browser gets; a program gets the same error as JSON."""
    response = client.get(path, headers=headers)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "accept" in response.headers["vary"].lower().split(", ")
    assert "frame-ancestors" in response.headers["content-security-policy"]
    plain = client.get(path, headers={"accept-language": headers["accept-language"]})
    assert_error(plain, status, plain.json()["error"]["code"])
    return Html(response.text)


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/documents/nowhere", 404, ZH.no_document),
        ("/embed?document=nowhere", 404, ZH.no_document),
        ("/nowhere", 404, ZH.no_page),
        ("/demo/nowhere", 404, ZH.no_page),
        ("/en/nowhere?language=zh", 404, ZH.no_page),
        ("/login", 404, ZH.no_page),
        (f"/documents/{SHIPPED_ID}?quote=x", 422, ZH.bad_address),
        ("/embed?theme=pink", 422, ZH.bad_address),
        ("/documents/nowhere?language=en", 404, EN.no_document),
        ("/en/nowhere", 404, EN.no_page),
    ],
)
def test_a_browser_gets_a_page(client: TestClient, path: str, status: int, title: str) -> None:
    html = shown(client, path, status)
    texts = EN if title in (EN.no_document, EN.no_page) else ZH
    assert html.one("html").attributes["lang"] == texts.html_language
    assert html.one("h1").text == title
    assert html.one("header").text.strip() == texts.back_to_chat
    assert "{" not in html.one("main").text


def test_the_page_is_in_the_visitors_language(client: TestClient) -> None:
    assert shown(client, "/nowhere", 404, ENGLISH).one("h1").text == EN.no_page
    chosen = CHINESE | {"cookie": "tiaowen-language=en"}
    assert shown(client, "/nowhere", 404, chosen).one("h1").text == EN.no_page


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("/nowhere", "./"),
        ("/documents/nowhere", "../"),
        ("/a/b/c", "../../"),
        ("/documents/a%2Fb", "../"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/policy"])
def test_the_links_lead_back_under_a_sub_path_too(path: str, root: str, prefix: str) -> None:
    app = create_server(shipped_assistant(), Settings(root_path=prefix))
    with TestClient(app, raise_server_exceptions=False, root_path=prefix) as opened:
        for asked in {path, prefix + path}:  # proxies cut the sub-path off, or leave it
            html = Html(opened.get(asked, headers=CHINESE).text)
            links = [a.attributes["href"] for a in html.all("a")]
            assert links == [root, root, f"{root}documents/{SHIPPED_ID}"], asked


@pytest.mark.parametrize(
    "path", ["/v1/nowhere", "/v1/documents/nowhere", "/openapi.json/nowhere", "/mcp/nowhere"]
)
def test_the_api_answers_browsers_as_all_others(client: TestClient, path: str) -> None:
    response = client.get(path, headers=CHINESE)
    assert_error(response, response.status_code, response.json()["error"]["code"])


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/html", ""])
def test_who_does_not_ask_for_a_page_gets_json(client: TestClient, accept: str) -> None:
    response = client.get("/documents/nowhere", headers={"accept": accept})
    assert_error(response, 404, "unknown_document")
    assert "accept" in response.headers["vary"].lower()


def test_what_is_posted_is_answered_as_json(client: TestClient) -> None:
    assert_error(client.post("/export/docx", headers=CHINESE, json={}), 422, "invalid_request")


def test_what_is_there_is_shown_as_ever(client: TestClient) -> None:
    for path in ("/", f"/documents/{SHIPPED_ID}", "/demo", "/embed", "/docs"):
        assert client.get(path, headers=CHINESE).status_code == 200
    found = client.get(f"/documents/{SHIPPED_ID}", headers={"accept-encoding": ""})
    assert found.headers["vary"] == "Accept-Encoding"


def test_in_a_frame_the_way_back_leaves_the_frame_alone(client: TestClient) -> None:
    for link in shown(client, "/embed?document=nowhere", 404).all("a"):
        assert link.attributes["target"] == "_blank"
    for link in shown(client, "/documents/nowhere", 404).all("a"):
        assert "target" not in link.attributes


def test_documents_are_named_where_the_address_is_wrong() -> None:
    with TestClient(create_server(two_document_assistant(), Settings())) as opened:
        html = Html(opened.get("/documents/nowhere", headers=CHINESE).text)
    assert len(html.all("li")) == 2


def test_where_pages_are_closed_nothing_leads_to_them() -> None:
    app = create_server(shipped_assistant(), Settings(page="closed"))
    with TestClient(app, raise_server_exceptions=False) as opened:
        html = Html(opened.get("/embed?document=nowhere", headers=CHINESE).text)
    assert html.one("h1").text == ZH.no_document
    assert html.all("a") == []


@pytest.mark.parametrize("path", ["/", "/en/", f"/documents/{SHIPPED_ID}", "/embed", "/docs"])
def test_a_host_name_not_served_is_told_on_a_page(tmp_path: Path, path: str) -> None:
    settings = Settings(keys=tmp_path / "keys.sqlite", feedback=tmp_path / "feedback.sqlite")
    app = create_server(shipped_assistant(), settle(settings, "127.0.0.1"))
    with TestClient(app, base_url="http://policy.example") as opened:
        html = shown(opened, path, 421)
        assert "localhost" in html.one("main").text
        assert "TIAOWEN_HOSTS" in html.one("main").text
        assert html.all("a") == []  # a way back would bear the same name
        assert shown(opened, path, 421, ENGLISH).one("h1").text == EN.strange_host
        response = opened.post("/v1/ask", json={"question": "第八条"}, headers=CHINESE)
        assert_error(response, 421, "unknown_host")


def test_a_fault_of_ours_says_what_the_api_says() -> None:
    error = {
        "error": {"code": "timeout", "message": "没能在时限内答复，请稍后再试", "detail": None}
    }
    chinese = Html(page(503, json.dumps(error), (), Place(ZH)))
    assert (chinese.one("h1").text, chinese.one("p").text) == (
        ZH.not_now,
        error["error"]["message"],
    )
    assert Html(page(503, json.dumps(error), (), Place(EN))).one("p").text == EN.not_now_why
    assert Html(page(500, "not json", (), Place(ZH))).one("p").text == ZH.not_now_why


def test_everything_on_the_page_is_escaped() -> None:
    error = json.dumps({"error": {"code": "x", "message": SCRIPT, "detail": None}})
    (hostile,) = assistant_of(hostile_document()).documents
    assert SCRIPT not in page(503, error, (), Place(ZH))
    assert SCRIPT not in page(404, error, [hostile], Place(ZH))
