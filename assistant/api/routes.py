"""The routes: each translates, calls one method, and translates back."""

import json
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from assistant import compose, question
from assistant.api import schemas
from assistant.api.errors import UnknownClause
from assistant.api.schemas import (
    AskRequest,
    AskResponse,
    ClauseDetail,
    ClauseList,
    ClauseNode,
    ClauseRef,
    DocumentDetail,
    DocumentOut,
    ErrorResponse,
    EvidenceOut,
    Health,
    SearchRequest,
    SearchResponse,
)
from assistant.events import Event
from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.model import Span

_ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorResponse, "description": "the request or the question cannot be used"},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorResponse, "description": "no such document or clause"},
}


def create_router(assistant: Assistant, settings: Settings) -> APIRouter:
    """Return the routes of an assistant."""
    router = APIRouter(responses=_ERRORS)
    library = assistant.library

    @router.post(
        "/v1/ask",
        tags=["ask"],
        response_model=AskResponse,
        responses=_NOT_FOUND | {200: {"content": {"text/event-stream": {}}}},
    )
    def ask(body: AskRequest) -> AskResponse | StreamingResponse:
        """Ask a question; get an answer whose every citation is checked, or a refusal.

        With `stream` the same object comes as server-sent events: `retrieved`, `delta`,
        `citation`, and `done`, which carries all of it.
        """
        history = [message.to_domain() for message in body.history]
        arguments = (body.question, history, body.documents, body.top_k)
        if body.stream:
            events = assistant.stream(*arguments)
            return StreamingResponse(map(_sse, events), media_type="text/event-stream")
        return AskResponse.from_domain(assistant.ask(*arguments))

    @router.post("/v1/search", tags=["ask"], responses=_NOT_FOUND)
    def search(body: SearchRequest) -> SearchResponse:
        """Find the passages that a question is about, without answering it."""
        text = question.check(body.question, (), settings.max_question)
        found = assistant.retrieve(text, body.documents, body.top_k)
        return SearchResponse(hits=[EvidenceOut.from_domain(evidence) for evidence in found])

    @router.get("/v1/documents", tags=["documents"])
    def documents() -> list[DocumentOut]:
        """List the documents."""
        return [DocumentOut.from_domain(d, library.outline(d.id)) for d in library]

    @router.get("/v1/documents/{document_id}", tags=["documents"], responses=_NOT_FOUND)
    def document(document_id: str) -> DocumentDetail:
        """Return a document: text, metadata and clause tree."""
        found, outline = library.get(document_id), library.outline(document_id)
        return DocumentDetail(
            **DocumentOut.from_domain(found, outline).model_dump(),
            text=found.text,
            tree=[ClauseNode.from_domain(clause, found.text) for clause in outline.clauses],
        )

    @router.get("/v1/clauses/{document_id}/{label}", tags=["documents"], responses=_NOT_FOUND)
    def clause(document_id: str, label: str) -> ClauseList:
        """Return the clauses of a number: `（八）`, `第八条` and `三、` are all understood."""
        found = list(_clauses(assistant, document_id, label))
        if not found:
            raise UnknownClause(document_id, label)
        return ClauseList(clauses=found)

    @router.get("/healthz", tags=["health"])
    def healthz() -> Health:
        """Say that the process runs."""
        return Health()

    @router.get("/readyz", tags=["health"])
    def readyz() -> Health:
        """Say that questions can be answered."""
        return Health(documents=len(library), passages=assistant.searcher.passages)

    return router


def _clauses(assistant: Assistant, document_id: str, label: str) -> Iterator[ClauseDetail]:
    document, outline = assistant.library.get(document_id), assistant.library.outline(document_id)
    spans = [path[-1].span for path in outline.walk() if path[-1].label == label]
    if not spans:
        lookup = assistant.searcher.look_up(label, [document_id])
        places = lookup.places if lookup else ()
        spans = [Span(place.spans[0].start, place.spans[-1].end) for place in places]
    for span in spans:
        address = outline.locate(span)
        yield ClauseDetail(
            document_id=document_id,
            clause=ClauseRef.from_domain(address),
            text=span.of(document.text),
            start_char_index=span.start,
            end_char_index=span.end,
            url=compose.url(document_id, outline, address),
        )


def _sse(event: Event) -> bytes:
    """Write one server-sent event; ``done`` is the response object itself."""
    match event.kind:
        case "retrieved":
            data: Any = [EvidenceOut.from_domain(e).model_dump(mode="json") for e in event.data]
        case "citation":
            data = schemas.CitationOut.from_domain(event.data).model_dump(mode="json")
        case "done":
            data = AskResponse.from_domain(event.data).model_dump(mode="json")
        case _:
            data = event.data
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=event.kind)
