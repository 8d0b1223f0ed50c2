"""The OpenAPI document: what FastAPI knows, and the errors and examples that every route shares."""

import json
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from assistant.api import samples
from assistant.api.areas import area_of

_EXAMPLES = Path(__file__).with_name("examples.json")
_SCHEMA = {"$ref": "#/components/schemas/ErrorResponse"}
# Status → what it means, the code and the message of its example.
_ERRORS = {
    400: ("the body cannot be read", "http_error", "请求体无法读取"),
    401: ("no key or token, or a bad one", "token_expired", "会话令牌已过期"),
    403: ("the key does not allow this", "out_of_scope", "这个密钥不能用于此处，需要权限 ask"),
    404: ("no such document or clause", "unknown_document", "没有编号为 'x' 的文件；现有：law"),
    405: ("another method", "method_not_allowed", "这个地址不支持该方法"),
    413: ("the body is too long", "body_too_large", "请求体太长，请缩短问题或历史"),
    421: ("another name of the host; see TIAOWEN_HOSTS", "unknown_host", "不认识这个主机名"),
    422: ("the request cannot be used", "invalid_request", "请求有误：body.question"),
    429: ("too many requests; see Retry-After", "rate_limited", "请求过于频繁，请 7 秒后再试"),
    500: ("our fault", "internal", "服务器内部错误，请稍后再试"),
    503: ("too slow, or something is missing just now", "timeout", "没能在时限内答复，请稍后再试"),
}  # fmt: skip
TAGS = [
    {"name": "ask", "description": "Questions about the documents."},
    {"name": "documents", "description": "What the documents say, whole and by clause."},
    {"name": "feedback", "description": "Whether an answer helped."},
    {"name": "openai", "description": "The same answers for clients of OpenAI's."},
    {"name": "access", "description": "Session tokens for the pages of a site key."},
    {"name": "health", "description": "For whoever runs the server."},
]
_SESSION = "/v1/session"
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key (`tw_…`), or the token that a page gets from `POST /v1/session`.",
}


def install(app: FastAPI, *, keys: bool, counted: bool, named: bool) -> None:
    """Make an application describe its shared errors, also of routes that are added later.

    Args:
        app: The application.
        keys: Whether keys are asked for.
        counted: Whether requests are.
        named: Whether only known names of the host are answered.
    """
    plain = app.openapi

    def complete() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _Completed(plain(), keys, counted, named).document
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


class _Completed:
    """A document with what every route shares written into it."""

    def __init__(self, document: dict[str, Any], keys: bool, counted: bool, named: bool) -> None:
        self.document = document
        self._keys = keys
        self._counted = counted
        self._named = named
        components = document.setdefault("components", {})
        if self._keys:
            components["securitySchemes"] = {"HTTPBearer": _BEARER}
        schemas = components.get("schemas", {})
        examples = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
        for name, example in examples.items():
            if name in schemas:
                schemas[name].setdefault("examples", [example])
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                self._complete(path, operation)
                sample = samples.curl(path, method, operation, schemas)
                operation["description"] += f"\n\n```bash\n{sample}\n```"

    def _complete(self, path: str, operation: dict[str, Any]) -> None:
        responses = operation["responses"]
        statuses = {int(status) for status in responses if status.isdigit()}
        for status in sorted(self._statuses(path, operation) | statuses & _ERRORS.keys()):
            responses[str(status)] = _error(status, responses.get(str(status), {}))
        if self._keys and area_of(path).scopes:
            operation["security"] = [{"HTTPBearer": []}]

    def _statuses(self, path: str, operation: dict[str, Any]) -> set[int]:
        """Return what can go wrong on any such route."""
        area = area_of(path)
        found = {405, 500, 503}
        found |= {400, 413} if "requestBody" in operation else set()
        found |= {401, 403} if (self._keys and area.scopes) or path == _SESSION else set()
        found |= {421} if self._named else set()
        found |= {429} if self._counted and area.limited else set()
        return found


def _error(status: int, known: dict[str, Any]) -> dict[str, Any]:
    description, code, message = _ERRORS[status]
    example = {"error": {"code": code, "message": message, "detail": None}}
    content = {"application/json": {"schema": _SCHEMA, "example": example}}
    written: dict[str, Any] = {"description": known.get("description", description)}
    if status == 429:
        written["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "s"}}
    return written | {"content": content}
