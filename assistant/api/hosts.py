"""Which names the server answers under: a page must not reach it by a name of its own.

Without keys, on an address of this machine alone, nothing else stands between an open page whose
name suddenly points here (DNS rebinding) and what the documents say. As Starlette's
``TrustedHostMiddleware``, with the one error shape and the ``[::1]`` of browsers.
"""

from collections.abc import Sequence

from starlette._utils import parse_host_header
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assistant.api import errors

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANY = "*"


class Hosts:
    """Answers only what is addressed to this machine or to a name it was given."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str]) -> None:
        """Take names without port; ``*`` stands for any."""
        self._app = app
        self._allowed = frozenset(name.lower().strip("[]") for name in (*LOOPBACK, *allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        answer: ASGIApp = self._app
        if scope["type"] in ("http", "websocket") and not self._knows(Headers(scope=scope)):
            refused = errors.UnknownHost()
            web_socket = scope["type"] == "websocket"
            answer = WebSocketClose(1008, str(refused)) if web_socket else errors.of(refused)
        await answer(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        if ANY in self._allowed:
            return True
        parsed = parse_host_header(headers.get("host"))
        return parsed is not None and parsed.host.lower().strip("[]") in self._allowed
