"""Which pages may read answers (CORS) and show ours in a frame: those that site keys allow."""

import logging
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api import errors
from assistant.api.areas import area_of_scope
from assistant.errors import KeysUnavailable, OriginNotAllowed
from assistant.keys import KeyStore

_LOG = logging.getLogger("tiaowen.api")
_FRESH = 3.0  # seconds that the list is kept
_METHODS = ("GET", "HEAD", "POST", "DELETE")  # the last ends an MCP session
_REQUEST_HEADERS = (
    "Authorization",
    "If-None-Match",
    "Last-Event-ID",
    "Mcp-Protocol-Version",
    "Mcp-Session-Id",
    "X-Request-ID",
)
_RESPONSE_HEADERS = ("ETag", "Mcp-Session-Id", "Retry-After", "X-Request-ID")


class Origins:
    """The origins of all site keys, looked up anew every few seconds.

    Args:
        store: Where the keys are.
        clock: Seconds, only ever rising.
    """

    def __init__(self, store: KeyStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._until = float("-inf")
        self._known: frozenset[str] = frozenset()

    def __call__(self) -> frozenset[str]:
        """Return the origins; those known last where the keys cannot be read."""
        if self._clock() >= self._until:
            self._until = self._clock() + _FRESH
            try:
                self._known = self._store.origins()
            except KeysUnavailable as error:
                _LOG.error("%s", error)
        return self._known


class Cors(CORSMiddleware):
    """CORS for the API; the pages are for their own origin only."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        super().__init__(
            app,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_RESPONSE_HEADERS,
        )
        self._origins = origins

    def is_allowed_origin(self, origin: str) -> bool:
        """Say whether a site key allows an origin."""
        return origin in self._origins()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with what its page may read said in the answer."""
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is None:
            await self.app(scope, receive, send)
        elif area_of_scope(scope).page:
            await self.app(scope, receive, _without_cors(send))
        else:
            await super().__call__(scope, receive, send)

    async def simple_response(
        self, scope: Scope, receive: Receive, send: Send, request_headers: Headers
    ) -> None:
        """Answer; an origin that is not allowed gets no header at all."""
        if self.is_allowed_origin(request_headers["origin"]):
            await super().simple_response(scope, receive, send, request_headers)
        else:
            await self.app(scope, receive, send)

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer a browser's question; a refusal has the one error shape."""
        if not self.is_allowed_origin(request_headers["origin"]):
            return errors.of(OriginNotAllowed(request_headers["origin"]))
        response = super().preflight_response(request_headers)
        if response.status_code == 200:
            return response
        kept = {k: v for k, v in response.headers.items() if not k.startswith("content-")}
        return errors.response(400, "preflight_failed", "不允许这样的方法或请求头", None, kept)


def _without_cors(send: Send) -> Send:
    """Take away what Gradio would allow every page of the world."""

    async def bare(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [
                (name, value)
                for name, value in message.get("headers", ())
                if not name.lower().startswith(b"access-control-")
            ]
        await send(message)

    return bare


class Framing:
    """Says on every HTML page which pages may show it in a frame."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; its HTML says who may frame it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", [])
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Content-Security-Policy", self._policy())
            await send(message)

        await self._app(scope, receive, framed)

    def _policy(self) -> str:
        return " ".join(["frame-ancestors", "'self'", *sorted(self._origins())])
