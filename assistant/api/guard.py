"""What stands before the application: keys, scopes, counts, and whether pages are served.

Plain ASGI, so that streams pass through untouched and mounted applications are guarded too.
"""

from collections.abc import Mapping

from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from assistant.access import Access, Caller
from assistant.api import errors, watch
from assistant.api.areas import Area, area_of_scope
from assistant.api.rates import Rates
from assistant.errors import AccessDenied, OutOfScope
from assistant.settings import Settings
from corpus.errors import TiaowenError

_READING = ("GET", "HEAD")


class Guard:
    """Lets a request through, or answers it with what is wrong."""

    def __init__(self, app: ASGIApp, settings: Settings, access: Access, rates: Rates) -> None:
        self._app = app
        self._settings = settings
        self._access = access
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        answer: ASGIApp = self._app
        if scope["type"] in ("http", "websocket"):
            answer = await self._refusal(HTTPConnection(scope)) or self._app
        await answer(scope, receive, send)

    async def _refusal(self, request: HTTPConnection) -> Response | WebSocketClose | None:
        try:
            await self._check(request, area_of_scope(request.scope))
        except TiaowenError as error:
            if request.scope["type"] == "websocket":
                return WebSocketClose(1008, str(error))
            return errors.of(error)
        return None

    async def _check(self, request: HTTPConnection, area: Area) -> None:
        if area.page and self._settings.page == "closed":
            raise errors.PageClosed
        address = request.client.host if request.client else ""
        try:
            caller = self._caller(request, area)
        except AccessDenied:
            await self._rates.count(None, address)  # guessing is counted too
            raise
        watch.note().key = caller.key_id if caller else ""
        if area.limited:
            await self._rates.count(caller, address)

    def _caller(self, request: HTTPConnection, area: Area) -> Caller | None:
        """Tell who asks. Reads SQLite right here: a tenth of a millisecond, less than a thread."""
        if self._settings.auth != "on" or not area.scopes:
            return None
        caller = self._access.identify(request.headers.get("authorization"), origin_of(request))
        if not caller.scopes & area.scopes:
            raise OutOfScope(area.scopes)
        return caller


def origin_of(request: HTTPConnection) -> str | None:
    """Return the origin of the page that sends a request; ``None`` if it says none.

    A browser leaves it out only where a page reads from its own server.
    """
    headers: Mapping[str, str] = request.headers
    if (said := headers.get("origin")) or request.scope.get("method") not in _READING:
        return said
    return f"{request.url.scheme}://{headers.get('host', '')}"
