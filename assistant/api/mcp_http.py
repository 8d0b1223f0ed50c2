"""The Model Context Protocol at ``/mcp``: streamable HTTP, stateless, answered with JSON."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.api import errors
from assistant.api.hosts import ANY, LOOPBACK
from assistant.mcp import create_mcp_server
from assistant.pipeline import Assistant
from assistant.settings import PREFIX, Settings

PATH = "/mcp"
MAX_BODY = 64 * 1024  # bytes
_REFUSED = {
    421: ("unknown_host", str(errors.UnknownHost())),
    403: ("unknown_origin", f"不接受来自这个网页的请求，请把它的主机名加进 {PREFIX}HOSTS 再启动"),
    400: ("invalid_request", "请求有误：Content-Type 应为 application/json"),
}


def mount(app: FastAPI, assistant: Assistant, settings: Settings) -> None:
    """Serve the protocol at ``/mcp`` for as long as the application runs.

    Mount it before whatever swallows every path.
    """
    endpoint = _Endpoint(create_mcp_server(assistant, settings), security(settings.hosts))
    for path in (PATH, f"{PATH}/"):
        app.router.routes.append(Route(path, endpoint=endpoint, include_in_schema=False))
    outer = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(running: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        async with outer(running) as state, endpoint.running():
            yield state or {}

    app.router.lifespan_context = lifespan


def security(hosts: Sequence[str]) -> TransportSecuritySettings:
    """Return which hosts and origins are served: those of this machine, and the given.

    Keeps a web page that has its own name point here from talking to a server nobody else can
    reach (DNS rebinding).

    Args:
        hosts: Names without port, or ``*`` for any.
    """
    names = [*LOOPBACK, *hosts]
    origins = [f"{scheme}://{name}" for scheme in ("http", "https") for name in names]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=ANY not in hosts,
        allowed_hosts=_any_port(names),
        allowed_origins=_any_port(origins),
    )


def _any_port(names: Sequence[str]) -> list[str]:
    return [*names, *(f"{name}:*" for name in names)]


class _Endpoint:
    """The ASGI application at ``/mcp``; everything it refuses has the one error shape."""

    def __init__(self, server: Server[Any], allowed: TransportSecuritySettings) -> None:
        self._server = server
        self._allowed = allowed
        self._manager: StreamableHTTPSessionManager | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve while this is open; a manager can run but once, so each run has its own."""
        manager = StreamableHTTPSessionManager(
            self._server,
            stateless=True,
            json_response=True,
            security_settings=self._allowed,
            max_request_body_size=MAX_BODY,
        )
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp | None = await self._turned_away(Request(scope))
        if answer is None and self._manager is None:
            answer = errors.response(503, "not_running", "服务正在启动或停止，请稍后再试")
        if answer is None and self._manager:
            answer = self._manager.handle_request
        if answer:
            await answer(scope, receive, send)

    async def _turned_away(self, request: Request) -> Response | None:
        if request.method != "POST":  # stateless: no stream to open with GET, no session to DELETE
            refused = errors.response(405, "method_not_allowed", "这个地址只接受 POST")
            refused.headers["allow"] = "POST"
            return refused
        length = request.headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length[:18]) > MAX_BODY:
            return errors.response(413, "too_large", f"请求体最多 {MAX_BODY} 字节，请缩短后再发")
        found = await TransportSecurityMiddleware(self._allowed).validate_request(request, True)
        if found is None:
            return None
        return errors.response(found.status_code, *_REFUSED[found.status_code])
