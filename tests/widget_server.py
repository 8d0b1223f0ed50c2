"""The real server, and before it what guards one: CORS, session tokens, a sub-path.

Run as ``python widget_server.py PORT ALLOWED_ORIGIN``; speaks to the tests at ``/test/…``.
"""

import os
import sys
from typing import Any

import uvicorn
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api import errors
from assistant.opening import load_assistant
from assistant.settings import Settings
from ui.server import create_server

KEY = "tws_test"
PREFIX = "/policy"
LASTS = 1800  # seconds


class Guard:
    """Gives tokens for the site key, and refuses questions with a token that it does not know."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.tokens: list[str] = []
        self.valid: set[str] = set()
        self.asked: list[dict[str, Any]] = []
        self.wait = 0  # seconds that the next question is put off

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(PREFIX + "/"):
            scope = {**scope, "root_path": PREFIX}
        path = scope["path"].removeprefix(PREFIX)
        answer = {
            "/v1/session": self._session,
            "/v1/ask": self._ask,
            "/test/state": self._state,
            "/test/change": self._change,
        }.get(path)
        if answer is None:
            await self._app(scope, receive, send)
        else:
            await answer(scope, receive, send)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = await Request(scope, receive).json()
        if given.get("site_key") != KEY:
            refusal = errors.response(403, "forbidden", "没有这个站点密钥")
            await refusal(scope, receive, send)
            return
        token = f"token-{len(self.tokens) + 1}"
        self.tokens.append(token)
        self.valid.add(token)
        response = JSONResponse({"token": token, "expires_in": LASTS})
        await response(scope, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        given = request.headers.get("authorization")
        self.asked.append({"authorization": given, "body": await request.json()})
        if given is not None and given.removeprefix("Bearer ") not in self.valid:
            await errors.response(401, "unauthorized", "令牌已过期")(scope, receive, send)
        elif self.wait:
            busy = errors.response(429, "too_many_requests", "提问太频繁")
            busy.headers["retry-after"] = str(self.wait)
            await busy(scope, receive, send)
        else:
            await self._app(scope, _again(await request.body(), receive), send)

    async def _state(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = JSONResponse({"tokens": self.tokens, "asked": self.asked})
        await state(scope, receive, send)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = await Request(scope, receive).json()
        self.wait = given.get("wait", 0)
        if given.get("revoke"):
            self.valid.clear()
        if given.get("forget"):
            self.asked.clear()
        await JSONResponse({})(scope, receive, send)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body once more to whoever reads it; after it, what the client still says."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def main() -> None:
    origin, port = sys.argv[1], int(sys.argv[2])
    settings = Settings.from_environ(os.environ)
    app = CORSMiddleware(
        Guard(create_server(load_assistant(settings), settings)),
        allow_origins=[origin],
        allow_methods=["POST"],
        allow_headers=["authorization", "content-type"],
        expose_headers=["retry-after"],
    )
    uvicorn.run(app, port=port, log_level="warning", timeout_graceful_shutdown=3)


if __name__ == "__main__":
    main()
