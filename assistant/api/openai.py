"""OpenAI-compatible routes, so that its package and the chat pages made for it work unchanged.

Citations survive twice: in the text, as markers with a source list, and as ``citations``.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from assistant.answer import Outcome
from assistant.api import watch
from assistant.api.errors import UnknownModel
from assistant.api.openai_schemas import (
    MODEL,
    AnswerMessage,
    ChatChunk,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChunkChoice,
    Extra,
    ModelList,
    ModelOut,
    Usage,
)
from assistant.api.schemas import ErrorResponse
from assistant.events import Event
from assistant.pipeline import Assistant
from assistant.plain import to_plain
from assistant.question import Turn
from corpus.store import Library

_ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorResponse, "description": "the request or the question cannot be used"},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorResponse, "description": "no such model"},
}
_UNREADABLE: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorResponse, "description": "the body cannot be decoded"},
}


def create_router(assistant: Assistant) -> APIRouter:
    """Return the routes of an assistant."""
    router = APIRouter(tags=["openai"], responses=_ERRORS)
    models = _models(assistant.library)

    @router.get("/v1/models", summary="List what can be asked")
    def list_models() -> ModelList:
        """List the models: `tiaowen` for all documents, `tiaowen/<document id>` for one."""
        return ModelList(data=list(models.values()))

    @router.get("/v1/models/{model_id:path}", summary="Read one model", responses=_NOT_FOUND)
    def get_model(model_id: Annotated[str, Path(examples=[MODEL])]) -> ModelOut:
        """Return a model by its id: `tiaowen`, or `tiaowen/<document id>`."""
        return _known(models, model_id)

    @router.post(
        "/v1/chat/completions",
        summary="Ask as OpenAI's clients do",
        response_model=ChatCompletion,
        responses=_NOT_FOUND | _UNREADABLE | {200: {"content": {"text/event-stream": {}}}},
    )
    def complete(body: ChatRequest, request: Request) -> ChatCompletion | StreamingResponse:
        """Answer the last user message; the user's and assistant's messages before it are history.

        System messages, tools and every other parameter are ignored. The text ends with a list of
        sources; `citations` holds the same, structured. A refusal is text, too, with
        `refusal_reason` beside it. `usage` counts characters.
        """
        documents = _documents(_known(models, body.model))
        question, history = body.turns()
        watch.asked(question)
        reply = _Reply(body.model, question, history, assistant.library, str(request.base_url))
        if body.stream:
            events = assistant.stream(question, history, documents)
            usage = bool(body.stream_options and body.stream_options.include_usage)
            chunks = reply.chunks(events, include_usage=usage)
            return StreamingResponse(_sse(chunks), media_type="text/event-stream")
        outcome = assistant.ask(question, history, documents)
        watch.concluded(outcome)
        return reply.whole(outcome)

    return router


def _models(library: Library) -> dict[str, ModelOut]:
    now = int(time.time())
    whole = ModelOut(id=MODEL, created=now, name="条问")
    single = [
        ModelOut(id=f"{MODEL}/{document.id}", created=now, name=f"条问《{document.name}》")
        for document in library
    ]
    return {model.id: model for model in (whole, *single)}


def _known(models: dict[str, ModelOut], model_id: str) -> ModelOut:
    if model_id not in models:
        raise UnknownModel(model_id, models)
    return models[model_id]


def _documents(model: ModelOut) -> Sequence[str] | None:
    _, _, document_id = model.id.partition("/")
    return [document_id] if document_id else None


class _Reply:
    """Writes what came of one question in OpenAI's words."""

    def __init__(
        self, model: str, question: str, history: list[Turn], library: Library, base_url: str
    ) -> None:
        self._id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())
        self._model = model
        self._asked = (question, history)
        self._library = library
        self._base_url = base_url

    def whole(self, outcome: Outcome) -> ChatCompletion:
        said = to_plain(outcome, self._library, self._base_url)
        extra = Extra.from_domain(outcome)
        return ChatCompletion(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[Choice(message=AnswerMessage(content=said, **dict(extra)))],
            usage=Usage.of(*self._asked, said),
        )

    def chunks(self, events: Iterator[Event], *, include_usage: bool) -> Iterator[ChatChunk]:
        yield self._chunk({"role": "assistant", "content": ""})
        said = 0
        for event in events:
            if event.kind == "delta":
                said += len(event.data)
                yield self._chunk({"content": event.data})
            elif event.kind == "done":
                watch.concluded(event.data)
                yield from self._end(event.data, said)
                if include_usage:
                    yield self._usage(event.data)

    def _end(self, outcome: Outcome, said: int) -> Iterator[ChatChunk]:
        """Send what no delta has brought: the sources or the refusal, then the citations."""
        rest = to_plain(outcome, self._library, self._base_url)[said:]
        if rest:
            yield self._chunk({"content": rest})
        extra = Extra.from_domain(outcome).model_dump(mode="json")
        yield self._chunk(extra, finish_reason="stop")

    def _chunk(
        self, delta: dict[str, Any], finish_reason: Literal["stop"] | None = None
    ) -> ChatChunk:
        choice = ChunkChoice(delta=delta, finish_reason=finish_reason)
        return ChatChunk(id=self._id, created=self._created, model=self._model, choices=[choice])

    def _usage(self, outcome: Outcome) -> ChatChunk:
        said = to_plain(outcome, self._library, self._base_url)
        usage = Usage.of(*self._asked, said)
        return ChatChunk(
            id=self._id, created=self._created, model=self._model, choices=[], usage=usage
        )


def _sse(chunks: Iterator[ChatChunk]) -> Iterator[bytes]:
    for chunk in chunks:
        yield format_sse_event(data_str=chunk.model_dump_json())
    yield format_sse_event(data_str="[DONE]")
