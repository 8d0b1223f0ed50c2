"""What the chat page says of itself to those who show a link to it."""

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from support import SCRIPT, shipped_assistant

from assistant.settings import Settings
from ui.head import own, social
from ui.server import create_server
from ui.texts import EN, ZH, Texts

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
CHINESE = {"accept-language": "zh-CN"}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_server(shipped_assistant(), Settings())) as opened:
        yield opened


class Metas(HTMLParser):
    """The ``<meta>`` of a page, by name or property; each may stand there once."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or given.get("property")
        if tag == "meta" and name:
            assert name not in self.found
            self.found[name] = given.get("content") or ""


@pytest.mark.parametrize(("path", "texts"), [("/", ZH), ("/en/", EN)])
def test_a_link_to_the_chat_is_shown_as_ours(client: TestClient, path: str, texts: Texts) -> None:
    response = client.get(path, headers=CHINESE)
    found = Metas(response.text).found
    for name in ("og:title", "twitter:title"):
        assert found[name] == f"{texts.title} · 《科创22条》"
    for name in ("description", "og:description", "twitter:description"):
        assert texts.tagline in found[name]
    social_ = {name: value for name, value in found.items() if name.startswith(("og:", "twitter:"))}
    assert not [name for name in social_ if "image" in name or "creator" in name]
    assert not [value for value in social_.values() if "radio" in value or "://" in value]
    assert int(response.headers["content-length"]) == len(response.content) or (
        response.headers["content-encoding"] == "gzip"
    )


def test_only_the_head_is_written_anew() -> None:
    page = '<head><meta property="og:title"\n content="Gradio" /></head>'
    data = 'window.gradio_config = {"html": "<head><meta name=\'x\'><meta name=\\"twitter:x\\">"}'
    assert own(page + data, "<ours>") == "<head>\n<ours></head>" + data


def test_what_documents_are_called_is_escaped() -> None:
    assert SCRIPT not in social(ZH, SCRIPT)
