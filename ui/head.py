"""What the chat page says of itself to those who show a link to it: ours, not Gradio's."""

import re
from collections.abc import Sequence
from html import escape

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from corpus.model import Document
from ui.frame import listed
from ui.rewriting import Rewritten
from ui.texts import EN, ZH, Texts

_PAGES = {"": ZH, "/": ZH, "/en": EN, "/en/": EN}
_GRADIOS = re.compile(r'<meta\s+(?:property="og:|name="(?:twitter:|description"))[^>]*>\s*')
_BEFORE = "window.gradio_config"  # what follows is data, not the page's head


class OwnHead:
    """Puts our name and description into the chat page's head in the place of Gradio's.

    Args:
        app: Serves the page; its template cannot be given anything else.
        documents: What is asked about.
    """

    def __init__(self, app: ASGIApp, documents: Sequence[Document]) -> None:
        self._app = app
        self._names = listed([document.name for document in documents])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; the chat page comes back with our head."""
        texts = _PAGES.get(get_route_path(scope)) if scope["type"] == "http" else None
        answer: ASGIApp = self._app
        if texts is not None and scope["method"] == "GET":
            tags = social(texts, self._names)
            answer = Rewritten(self._app, _is_page, lambda _, html: own(html, tags))
        await answer(scope, receive, send)


def own(html: str, tags: str) -> str:
    """Return a page with other tags for those who show a link to it."""
    head, marker, rest = html.partition(_BEFORE)
    return _GRADIOS.sub("", head).replace("<head>", f"<head>\n{tags}", 1) + marker + rest


def social(texts: Texts, names: str) -> str:
    """Write the tags: title and description, and no picture, which others would have to fetch.

    Args:
        texts: Of the page's language.
        names: What is asked about, as it is shown.
    """
    title, about = f"{texts.title} · {names}", f"{texts.tagline} {texts.limits}"
    said = (
        ("name", "description", about),
        ("property", "og:type", "website"),
        ("property", "og:site_name", texts.title),
        ("property", "og:title", title),
        ("property", "og:description", about),
        ("property", "og:locale", texts.html_language.replace("-", "_")),
        ("name", "twitter:card", "summary"),
        ("name", "twitter:title", title),
        ("name", "twitter:description", about),
    )
    return "\n".join(
        f'<meta {key}="{name}" content="{escape(value)}">' for key, name, value in said
    )


def _is_page(status: int, headers: Headers) -> bool:
    return status == 200 and headers.get("content-type", "").startswith("text/html")
