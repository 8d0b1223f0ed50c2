"""Errors → the one shape: ``{"error": {"code", "message", "detail"}}``, 4xx theirs, 5xx ours."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assistant import problems
from assistant.api.schemas import ErrorBody, ErrorResponse
from assistant.errors import (
    BadKey,
    BadQuestion,
    BadToken,
    KeysUnavailable,
    NoCredential,
    OriginNotAllowed,
    OutOfScope,
    TokenExpired,
    TooManyRequests,
)
from assistant.feedback import FeedbackUnavailable
from assistant.settings import PREFIX
from corpus.errors import TiaowenError, UnknownDocument

_LOG = logging.getLogger("tiaowen.api")


class UnknownClause(TiaowenError):
    """The document has no clause of that label."""

    def __init__(self, document_id: str, label: str) -> None:
        super().__init__(f"文件 {document_id} 没有条款 {label}")


class UnknownModel(TiaowenError):
    """No model has that id; a model is all documents or one."""

    def __init__(self, model_id: str, known: Iterable[str]) -> None:
        super().__init__(f"没有模型 {model_id!r}；现有：{'、'.join(known)}")


class PageClosed(TiaowenError):
    """The chat and document pages are not served."""

    def __init__(self) -> None:
        super().__init__(_BY_STATUS[404][1])


class UnknownHost(TiaowenError):
    """A request names a host that is not ours."""

    def __init__(self) -> None:
        super().__init__(f"不认识这个主机名，请把它加进 {PREFIX}HOSTS 再启动（逗号分隔）")


# The most specific class wins.
_KNOWN: dict[type[Exception], tuple[int, str]] = {
    BadQuestion: (422, "bad_question"),
    UnknownDocument: (404, "unknown_document"),
    UnknownClause: (404, "unknown_clause"),
    UnknownModel: (404, "model_not_found"),  # as OpenAI calls it
    UnknownHost: (421, "unknown_host"),
    FeedbackUnavailable: (503, "feedback_unavailable"),
    NoCredential: (401, "key_required"),
    BadKey: (401, "bad_key"),
    BadToken: (401, "bad_token"),
    TokenExpired: (401, "token_expired"),
    OutOfScope: (403, "out_of_scope"),
    OriginNotAllowed: (403, "origin_not_allowed"),
    TooManyRequests: (429, "rate_limited"),
    KeysUnavailable: (503, "keys_unavailable"),
    PageClosed: (404, "not_found"),
    TiaowenError: (500, "internal"),
}
_BY_STATUS = {
    400: ("http_error", "请求体无法读取，请检查它是不是完整的 UTF-8 JSON"),
    404: ("not_found", "没有这个地址"),
    405: ("method_not_allowed", "这个地址不支持该方法"),
    413: ("body_too_large", "请求体太长，请缩短问题或历史"),
    500: ("internal", "服务器内部错误，请稍后再试"),
}


def response(
    status: int,
    code: str,
    message: str,
    detail: Any = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error in the one shape."""
    body = ErrorResponse(error=ErrorBody(code=code, message=message, detail=detail))
    return JSONResponse(body.model_dump(mode="json"), status, headers)


def of(error: TiaowenError) -> JSONResponse:
    """Return an error of ours in the one shape; with what HTTP wants beside it."""
    status, code = classify(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if isinstance(error, TooManyRequests):
        headers = {"Retry-After": str(error.retry_after)}
    return response(status, code, str(error), None, headers)


def of_status(status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return in the one shape what a status says."""
    return response(status, *_BY_STATUS.get(status, ("http_error", "请求无法处理")), None, headers)


def install(app: FastAPI) -> None:
    """Answer every error of an application in the one shape."""
    app.add_exception_handler(TiaowenError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def install_misses(app: FastAPI) -> None:
    """Answer what an application mounted beside the API does not have in the one shape, too."""

    async def missed(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException) or "/gradio_api" in request.url.path:
            return await http_exception_handler(request, error)  # type: ignore[arg-type]
        return await _http(request, error)

    app.add_exception_handler(HTTPException, missed)


def classify(error: TiaowenError) -> tuple[int, str]:
    """Return the HTTP status and the code of an error."""
    return next(_KNOWN[kind] for kind in type(error).__mro__ if kind in _KNOWN)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    return of(error) if isinstance(error, TiaowenError) else of_status(500)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return response(422, "invalid_request", problems.sentence(found), problems.detail(found))


async def _http(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, HTTPException):
        return of_status(error.status_code, error.headers)
    return of_status(500)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("unexpected error on %s", request.url.path, exc_info=error)
    return of_status(500)
