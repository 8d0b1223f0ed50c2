"""An application's answer, held back and written anew. Plain ASGI: what is not wanted passes."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Rewritten:
    """An application of which some answers are sent as HTML that is made of them.

    Args:
        app: Answers the request.
        wanted: Status and headers → whether the answer is to be written anew.
        write: Status and body → the HTML that is sent under the same status.
    """

    def __init__(
        self,
        app: ASGIApp,
        wanted: Callable[[int, Headers], bool],
        write: Callable[[int, str], str],
    ) -> None:
        self._app = app
        self._wanted = wanted
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back."""
        begun: Message | None = None
        body = b""

        async def held(message: Message) -> None:
            nonlocal begun, body
            if message["type"] == "http.response.start" and self._wants(message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await self._made_of(begun, body)(scope, receive, send)

        await self._app(scope, receive, held)

    def _wants(self, begun: Message) -> bool:
        return self._wanted(begun["status"], Headers(raw=begun.get("headers", [])))

    def _made_of(self, begun: Message, body: bytes) -> HTMLResponse:
        response = HTMLResponse(self._write(begun["status"], body.decode()), begun["status"])
        of_old_body = (b"content-", b"etag")
        kept = [pair for pair in begun["headers"] if not pair[0].lower().startswith(of_old_body)]
        response.raw_headers += kept
        return response
