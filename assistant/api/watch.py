"""A request's id, its line in the log, its place in the figures."""

import json
import logging
import re
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from starlette._utils import get_route_path
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answer import Outcome, Refusal
from assistant.api import metrics
from assistant.api.areas import area_of

_LOG = logging.getLogger("tiaowen.requests")
_SANE_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


@dataclass
class Note:
    """What is learnt about a request while it is answered; empty: nothing."""

    key: str = ""
    question: str = ""
    outcome: str = ""


_NOTE: ContextVar[Note] = ContextVar("tiaowen_note")


def note() -> Note:
    """Return the note of the request being answered; outside of one, a note nobody reads."""
    return _NOTE.get(None) or Note()


def asked(question: str) -> None:
    """Note the question; it is logged only where the settings say so."""
    note().question = question


def concluded(outcome: Outcome) -> None:
    """Note and count an answer or a refusal."""
    name = outcome.reason.value if isinstance(outcome, Refusal) else "answered"
    metrics.OUTCOMES.labels(name).inc()
    note().outcome = name


class Watch:
    """Gives every request an id, logs it in one line, counts it. Plain ASGI: streams pass."""

    def __init__(self, app: ASGIApp, log_questions: bool) -> None:
        self._app = app
        self._log_questions = log_questions
        self._templates: list[tuple[re.Pattern[str], str]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and write down what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        route = self._route(scope)  # before a mount rewrites the scope
        written = Note()
        _NOTE.set(written)
        begun, status = time.perf_counter(), 500

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                MutableHeaders(scope=message)["X-Request-ID"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, named)
        finally:
            seconds = time.perf_counter() - begun
            metrics.count(scope["method"], route, status, seconds)
            fields = {
                "request_id": request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 1),
            }
            _LOG.info("request", extra={"fields": fields | self._learnt(written)})

    def _learnt(self, written: Note) -> dict[str, str]:
        learnt = {"key": written.key, "outcome": written.outcome}
        if self._log_questions:
            learnt["question"] = written.question
        return {name: value for name, value in learnt.items() if value}

    def _route(self, scope: Scope) -> str:
        """Return a documented route's template; never what a caller wrote."""
        path = get_route_path(scope)
        if area_of(path).page:
            return "page"
        if self._templates is None:
            self._templates = _templates(scope["app"])
        matching = (name for pattern, name in self._templates if pattern.match(path))
        return next(matching, "/mcp" if path.startswith("/mcp") else "other")


def _templates(app: FastAPI) -> list[tuple[re.Pattern[str], str]]:
    return [(compile_path(path)[0], path) for path in app.openapi()["paths"]]


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex


class JsonLines(logging.Formatter):
    """A record as one line of JSON: its ``fields``, if it has any, beside the usual."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)
        return json.dumps(values, ensure_ascii=False)


def log_to_stderr() -> None:
    """Write what the server has to say to standard error, one line of JSON each."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("tiaowen")
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False
