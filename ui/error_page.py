"""What a person sees in a browser where a program gets an error: a sentence, and the way back."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from html import escape

from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.areas import area_of
from corpus.model import Document
from ui.document_page import ICON, SCRIPT, STYLE, link
from ui.language import wants_english
from ui.rewriting import Rewritten
from ui.texts import EN, LANGUAGES, ZH, Texts

_READING = ("GET", "HEAD")
_LISTED = 6  # documents named on the page
_STRANGE_HOST = 421
_API_PAGE = "/docs"  # read by people, too


@dataclass(frozen=True)
class Place:
    """Where an error is shown.

    Attributes:
        texts: Of the visitor's language.
        root: The way from the page to the server's root.
        home: Where questions are asked; empty: nowhere.
        framed: Whether it stands in a frame of another page, which links must leave alone.
    """

    texts: Texts
    root: str = "./"
    home: str = ""
    framed: bool = False

    def link(self, href: str, text: str) -> str:
        """Write a link, within the frame or out of it."""
        target = ' target="_blank" rel="noopener"' if self.framed else ""
        return f'<a href="{escape(href)}"{target}>{escape(text)}</a>'


class ErrorPages:
    """Shows errors of the pages as pages, to browsers; all others get the one JSON shape.

    Args:
        app: What is asked; its errors have that shape.
        documents: What can be read here.
        closed: Whether the chat and the documents are not served: then nothing leads there.
    """

    def __init__(self, app: ASGIApp, documents: Sequence[Document], closed: bool = False) -> None:
        self._app = app
        self._documents = () if closed else tuple(documents[:_LISTED])
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; where it fails, say so to whoever asks."""
        if scope["type"] != "http" or not _of_a_page(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        browser = scope["method"] in _READING and _reads_html(request)
        place = self._place(request)

        def wanted(status: int, headers: Headers) -> bool:
            return browser and status >= 400 and _is_json(headers)

        def write(status: int, body: str) -> str:
            return page(status, body, self._documents, place)

        await Rewritten(self._app, wanted, write)(scope, receive, partial(_varied, send))

    def _place(self, request: Request) -> Place:
        """Note it before a mount rewrites the scope."""
        texts, root = LANGUAGES[_language(request)], _root(request.scope)
        home = root + ("en/" if texts is EN else "")
        return Place(texts, root, "" if self._closed else home, _framed(request.scope))


def page(status: int, body: str, documents: Sequence[Document], place: Place) -> str:
    """Write an error as a page.

    Args:
        status: Of HTTP.
        body: The error in the one shape.
        documents: What can be read instead, if the address is wrong.
        place: Where it is shown.
    """
    texts = place.texts
    title, sentence = _said(status, *_error(body), texts)
    home = "" if status == _STRANGE_HOST else place.home  # the way back bears the same name
    back = place.link(home, texts.back_to_chat) if home else ""
    items = "".join(
        f"<li>{place.link(link(document.id, root=place.root), f'《{document.name}》')}</li>"
        for document in (documents if status == 404 else ())
    )
    return _PAGE.format(
        language=texts.html_language,
        icon=ICON,
        title=escape(title),
        sentence=escape(sentence),
        style=STYLE,
        script=SCRIPT,
        ask=f"<p>{place.link(home, texts.ask_here)}</p>" if home else "",
        home=back or f"<span>{escape(texts.title)}</span>",
        read=f"<h2>{escape(texts.read_instead)}</h2><ul>{items}</ul>" if items else "",
    )


def _said(status: int, code: str, message: str, texts: Texts) -> tuple[str, str]:
    """Return a heading and a sentence for a person, who does not care what a program is told."""
    if code == "unknown_document":
        return texts.no_document, texts.no_document_why
    if status == 404:
        return texts.no_page, texts.no_page_why
    if status == 422:
        return texts.bad_address, texts.bad_address_why
    if status == _STRANGE_HOST:
        return texts.strange_host, texts.strange_host_why
    why = message if texts is ZH and message else texts.not_now_why
    return texts.not_now, why


def _error(body: str) -> tuple[str, str]:
    """Return code and message; empty for what is not of the one shape."""
    try:
        error = json.loads(body)["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def _of_a_page(scope: Scope) -> bool:
    path = get_route_path(scope)
    return area_of(path).page or _framed(scope) or path == _API_PAGE


def _framed(scope: Scope) -> bool:
    return get_route_path(scope).split("/")[1:2] == ["embed"]


def _reads_html(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and "application/json" not in accepted


def _is_json(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("application/json")


def _language(request: Request) -> str:
    """Return the language that the address names, or else the visitor's."""
    given = request.query_params.get("language")
    if given in LANGUAGES:
        return given
    english = get_route_path(request.scope).startswith("/en/") or wants_english(request)
    return "en" if english else "zh"


def _root(scope: Scope) -> str:
    """Return the relative way to the server's root, which a proxy may show under any path."""
    path = scope.get("raw_path", b"").partition(b"?")[0].decode("ascii", "replace")
    whole, route = scope["path"], get_route_path(scope)
    slashes = path.count("/") if path else whole.count("/")  # %2F is none
    before = whole.removesuffix(route).count("/")
    return "../" * (slashes - before - 1) or "./"


async def _varied(send: Send, message: Message) -> None:
    """Say of an error that not everybody gets the same."""
    if message["type"] == "http.response.start" and message["status"] >= 400:
        headers = MutableHeaders(scope=message)
        for name in ("accept", "accept-language", "cookie"):
            headers.add_vary_header(name)
    await send(message)


_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
{icon}<title>{title} · 条问</title><style>{style}</style></head>
<body class="twd-page">
<header class="twd-bar">{home}</header>
<main class="twd-error"><h1>{title}</h1>
<p>{sentence}</p>
{ask}{read}</main>
<script>{script}</script>
</body></html>
"""
