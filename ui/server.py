"""Composition root: settings → assistant → API → document pages → agents → widget → chat."""

import os
import socket
from math import ceil
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, Field
from starlette._utils import get_route_path
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api import errors, watch
from assistant.api.app import create_app
from assistant.api.etag import IfNoneMatch, conditional
from assistant.opening import load_assistant
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.model import Span
from ui import document_page, export
from ui.conversation import Writer, read_turns, signature
from ui.embedding import add_embedding
from ui.error_page import ErrorPages
from ui.head import OwnHead
from ui.language import wants_english
from ui.texts import LANGUAGES

if TYPE_CHECKING:
    import uvicorn

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SPAN = r"^\d{1,9}-\d{1,9}$"
# What the chat page needs of Gradio: its own assets, and the queue that carries questions.
_GRADIO_NEEDS = (
    "queue/join",
    "queue/data",
    "heartbeat/",
    "cancel",
    "startup-events",
    "reset",
)
# Beside that API: logging in, what was asked how often, the API's own description.
_HIDDEN = ("/login", "/logout", "/monitoring", "/en/openapi.json")

Language = Literal["zh", "en"]


class Conversation(BaseModel):
    """Turns to be exported, as a browser keeps them; ``base`` is the address it knows us by."""

    turns: list[Any]
    language: Language = "zh"
    base: Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s/][^\s]*/$")] | None = None


def create_server(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the whole application: API at /v1, its page at /docs, documents, /mcp, chat at /."""
    from assistant.api import mcp_http  # noqa: PLC0415 (half a second; not for the API alone)

    # Gradio reads these on import; it must not report home nor look for a newer release.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")

    around = [
        Middleware(GZipMiddleware, minimum_size=1024),
        Middleware(ErrorPages, assistant.documents, closed=settings.page == "closed"),
    ]
    before = [
        Middleware(OwnHead, assistant.documents),
        Middleware(_Gate, several=settings.workers > 1),
    ]
    app = create_app(assistant, settings, before, around)
    _add_pages(app, assistant)
    mcp_http.mount(app, assistant, settings)
    add_embedding(app, assistant)
    _add_chat(app, assistant, settings)
    return app


def _add_pages(app: FastAPI, assistant: Assistant) -> None:
    library = assistant.library
    names = {document.id: document.name for document in library}

    @app.get("/documents/{document_id}", include_in_schema=False)
    def document(
        document_id: str,
        quote: Annotated[
            list[Annotated[str, Query(pattern=_SPAN)]] | None, Query(max_length=50)
        ] = None,
        part: Literal["page", "article"] = "page",
        language: Language = "zh",
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        found, outline = library.get(document_id), library.outline(document_id)
        quotes = [span for text in quote or () if (span := _span(text, len(found.text)))]
        write = document_page.page if part == "page" else document_page.article
        html = write(found, outline, quotes, LANGUAGES[language])
        return conditional(html.encode("utf-8"), HTMLResponse.media_type, if_none_match)

    @app.post("/export/docx", include_in_schema=False)
    def docx(body: Conversation, request: Request) -> Response:
        texts = LANGUAGES[body.language]
        writer = Writer(texts, names)
        base = body.base or str(request.base_url)
        data = export.to_docx(read_turns(body.turns), writer, signature(texts), base)
        headers = {"content-disposition": 'attachment; filename="tiaowen.docx"'}
        return Response(data, media_type=_DOCX, headers=headers)


def _span(text: str, length: int) -> Span | None:
    """Read ``start-end``; nothing if it does not lie in the text (an older edition's link)."""
    start, _, end = text.partition("-")
    return Span(int(start), int(end)) if int(start) < int(end) <= length else None


def _add_chat(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    import gradio as gr  # noqa: PLC0415 (two seconds; not for the other commands)

    from ui.page import CSS, build_page, head, theme  # noqa: PLC0415

    for language, path in (("en", "/en"), ("zh", "/")):  # the last is mounted over all the rest
        gr.mount_gradio_app(
            app,
            build_page(assistant, settings, language),
            path=path,
            theme=theme(),
            css=CSS,
            head=head(LANGUAGES[language]),
            footer_links=[],
            run_history=False,
            show_error=False,
            ssr_mode=False,
            mcp_server=False,
        )
    for route in app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            errors.install_misses(route.app)


class _Gate:
    """What stands before the application: the visitor's language, and less of Gradio.

    Plain ASGI, so that streams pass through untouched.
    """

    def __init__(self, app: ASGIApp, several: bool = False) -> None:
        self._app = app
        # Several workers have no queue in common: the page asks each of them at run/.
        self._needs = (*_GRADIO_NEEDS, "run/") if several else _GRADIO_NEEDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self._app
        if scope["type"] == "http":
            answer = _turned_away(Request(scope), self._needs) or self._app
        await answer(scope, receive, send)


def _turned_away(request: Request, needs: tuple[str, ...]) -> Response | None:
    """Return what a request gets instead of the application's answer, if anything."""
    path = get_route_path(request.scope)
    _, gradio, call = path.partition("/gradio_api/")
    beside = path.startswith(_HIDDEN) or path.removeprefix("/en").startswith(_HIDDEN)
    if beside or (gradio and not call.startswith(needs)):
        return errors.response(404, "not_found", "没有这个地址")
    if path in ("", "/") and request.method == "GET" and wants_english(request):
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"en/{query}", 307, {"vary": "accept-language, cookie"})
    return None


def _last_words(settings: Settings) -> int:
    """Return how many seconds a running answer has to come to its end.

    No longer: an open chat page holds a connection for good.
    """
    return max(3, ceil(settings.llm_timeout) if settings.llm_base_url else 0)


def application() -> FastAPI:
    """Return the application of the environment's settings: what each of several workers runs."""
    watch.log_to_stderr()
    settings = Settings.from_environ(os.environ)
    return create_server(load_assistant(settings), settings)


def serve(settings: Settings, host: str, port: int) -> None:
    """Answer over HTTP until interrupted; what is being answered then is finished first."""
    import uvicorn  # noqa: PLC0415 (only this command needs it)

    assistant = load_assistant(settings)  # builds the index, if need be, before anybody reads it
    options: dict[str, Any] = {
        "host": host,
        "port": port,
        "root_path": settings.root_path,
        "log_level": "warning",
        "timeout_graceful_shutdown": _last_words(settings),
    }
    if settings.workers == 1:
        watch.log_to_stderr()
        uvicorn.run(create_server(assistant, settings), **options)
        return
    del assistant
    with TemporaryDirectory(prefix="tiaowen-metrics-") as counts:
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", counts)
        os.environ.update(settings.to_environ())
        _serve_side_by_side(
            uvicorn.Config(
                "ui.server:application", factory=True, workers=settings.workers, **options
            )
        )


def _serve_side_by_side(config: "uvicorn.Config") -> None:
    """Run several workers on one socket that sends at once.

    asyncio says so only for sockets that name their protocol, which uvicorn's shared one does not:
    every answer would wait 40 ms for the caller's acknowledgement. Connections inherit it.
    """
    from uvicorn.supervisors import Multiprocess  # noqa: PLC0415

    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    Multiprocess(config, sockets=[listening]).run()
