"""What other portals embed: the script, the page for iframes, the demonstration."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from support import (
    ONERROR,
    ROOT,
    SCRIPT,
    SHIPPED_ID,
    assistant_of,
    hostile_document,
    shipped_assistant,
)

from assistant.api.app import create_app
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.model import Document
from ui.embedding import add_embedding

_WIDGET = ROOT / "ui" / "widget" / "widget.js"
_MOST = 30_000  # bytes, as served without compression


def client_of(assistant: Assistant) -> TestClient:
    app = create_app(assistant, Settings())
    add_embedding(app, assistant)
    return TestClient(app)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with client_of(shipped_assistant()) as opened:
        yield opened


class Tags(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_script_is_small_and_kept_for_a_short_time(client: TestClient) -> None:
    response = client.get("/widget.js")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=300"
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.content == _WIDGET.read_bytes()
    assert len(response.content) <= _MOST


def test_an_unchanged_script_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/widget.js").headers["etag"]
    again = client.get("/widget.js", headers={"if-none-match": tag})
    assert again.status_code == 304
    assert again.content == b""
    assert client.get("/widget.js", headers={"if-none-match": '"other"'}).status_code == 200
    assert client.head("/widget.js").headers["etag"] == tag


def test_the_script_depends_on_nothing_and_sets_no_html() -> None:
    script = _WIDGET.read_text(encoding="utf-8")
    head, _, code = script.partition("*/")
    assert not re.search(r"https?://|\bimport\b|\brequire\(|@import|url\(", code)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)
    assert not re.search(r"localStorage|sessionStorage|cookie", code)  # tokens stay in memory
    used = set(re.findall(r"--tiaowen-[a-z-]+", code))
    assert used == set(re.findall(r"--tiaowen-[a-z-]+", head))


@pytest.mark.parametrize("path", ["/embed", "/demo"])
def test_a_page_loads_nothing_from_elsewhere(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    tags = Tags(response.text)
    addresses = [a.get("src") or a.get("href") for _, a in tags.found if "src" in a or "href" in a]
    assert addresses
    # Relative without a leading slash: the pages also stand under a sub-path.
    assert not [a for a in addresses if a and re.match(r"[a-z]+:|/", a)]


def test_the_page_for_iframes_carries_what_its_address_gives(client: TestClient) -> None:
    given = {
        "site": "tws_1",
        "question": "有效期最长几年？",
        "language": "en",
        "document": SHIPPED_ID,
        "theme": "dark",
    }
    html = client.get("/embed", params=given).text
    (element,) = Tags(html).of("tiao-wen")
    assert element == given
    assert '<html lang="en">' in html
    assert Tags(client.get("/embed").text).of("tiao-wen") == [{"language": "zh"}]


def test_what_an_address_gives_is_text(client: TestClient) -> None:
    hostile = f'">{SCRIPT}{ONERROR}'
    given = {"site": hostile, "question": hostile, "placeholder": hostile}
    html = client.get("/embed", params=given).text
    assert SCRIPT not in html
    assert ONERROR not in html
    (element,) = Tags(html).of("tiao-wen")
    assert element["question"] == hostile


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"language": "fr"}, 422, "invalid_request"),
        ({"theme": "blue"}, 422, "invalid_request"),
        ({"question": "问" * 501}, 422, "invalid_request"),
        ({"document": "nowhere"}, 404, "unknown_document"),
    ],
)
def test_an_address_that_cannot_work_is_said_at_once(
    client: TestClient, given: dict[str, str], status: int, code: str
) -> None:
    response = client.get("/embed", params=given)
    assert response.status_code == status
    assert response.json()["error"]["code"] == code


def test_the_demonstration_shows_all_three_with_questions_that_are_answered(
    client: TestClient,
) -> None:
    tags = Tags(client.get("/demo").text)
    assert {"src": "widget.js", "data-site": ""}.items() <= tags.of("script")[0].items()
    (element,) = tags.of("tiao-wen")
    (frame,) = tags.of("iframe")
    address = frame["src"]
    assert address is not None
    (framed,) = Tags(client.get(f"/{address}").text).of("tiao-wen")
    assert element["question"] != framed["question"]
    for question in (element["question"], framed["question"]):
        answer = client.post("/v1/ask", json={"question": question}).json()
        assert answer["answerable"], question


@pytest.mark.parametrize("document", [Document("a", "空", "一、没有问题\n"), hostile_document()])
def test_the_demonstration_of_any_document(document: Document) -> None:
    with client_of(assistant_of(document)) as opened:
        html = opened.get("/demo").text
        assert opened.get("/demo").text == html
    assert SCRIPT not in html
    assert ONERROR not in html
    assert len(Tags(html).of("tiao-wen")) == 1
