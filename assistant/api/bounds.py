"""How long a body may be and how long an answer may take; what goes wrong inside is a 500."""

import asyncio
import logging

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api import errors
from assistant.api.areas import area_of_scope

_LOG = logging.getLogger("tiaowen.api")
_PAGE_FACTOR = 16  # the chat page sends its conversation along


class _TooLarge(HTTPException):
    """Raised out of ``receive``; FastAPI lets this kind through."""

    def __init__(self) -> None:
        super().__init__(413)


class Bounds:
    """Ends what is too long or too slow. An answer that has begun may go on: streams do.

    Args:
        app: What is bounded.
        max_body: Bytes.
        timeout: Seconds until the answer must have begun.
    """

    def __init__(self, app: ASGIApp, max_body: int, timeout: float) -> None:
        self._app = app
        self._max_body = max_body
        self._timeout = timeout
        self._late: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, if need be in the application's stead."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reply = _Reply(send)
        failure = await self._run(scope, receive, reply)
        if failure is not None:
            await failure(scope, receive, send)

    async def _run(self, scope: Scope, receive: Receive, reply: "_Reply") -> Response | None:
        """Run the application; return what is to be said in its stead, if anything."""
        limit = self._max_body * (_PAGE_FACTOR if area_of_scope(scope).page else 1)
        if _announced(scope) > limit:
            return errors.of_status(413)
        # A task of its own: a worker thread cannot be stopped, but need not be waited for.
        running = asyncio.create_task(_call(self._app, scope, _counted(receive, limit), reply))
        try:
            await asyncio.wait({running}, timeout=self._timeout)
            if not running.done() and not reply.started:
                reply.closed = True
                self._abandon(running)
                return errors.response(503, "timeout", "没能在时限内答复，请稍后再试")
            await running
        except asyncio.CancelledError:
            running.cancel()
            raise
        except _TooLarge:
            if reply.started:
                raise
            return errors.of_status(413)
        except Exception as error:
            if reply.started:  # half an answer: the connection must break
                raise
            _LOG.error("unexpected error on %s", scope["path"], exc_info=error)
            return errors.of_status(500)
        return None

    def _abandon(self, running: "asyncio.Task[None]") -> None:
        running.cancel()
        self._late.add(running)
        running.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._late.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _LOG.error("failed after its time was up", exc_info=error)


class _Reply:
    """What goes out: whether it has begun, and nothing once it is closed."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.closed = False

    async def __call__(self, message: Message) -> None:
        if not self.closed:
            self.started = True
            await self._send(message)


async def _call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def _counted(receive: Receive, limit: int) -> Receive:
    """Count what comes in, for a body may not say how long it is."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise _TooLarge
        return message

    return counted


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0
