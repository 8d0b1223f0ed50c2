"""The routes: each translates, calls one method, and translates back."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from assistant import question
from assistant.api import schemas, watch
from assistant.api.clauses import read_clauses
from assistant.api.etag import IfNoneMatch, conditional
from assistant.api.schemas import (
    AskRequest,
    AskResponse,
    ClauseList,
    ClauseNode,
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

_ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorResponse, "description": "the request or the question cannot be used"},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": ErrorResponse, "description": "no such document or clause"},
}

_TURNS = [
    {"role": "user", "content": "科研人员离岗创业，几年内可以回来？"},
    {"role": "assistant", "content": "在3-5年内保留人事关系。[1]"},
]
_QUESTIONS = Body(
    openapi_examples={
        "question": {"summary": "A question", "value": {"question": schemas.QUESTION}},
        "document": {
            "summary": "Of one document, with three passages as evidence",
            "value": {"question": schemas.QUESTION, "documents": [schemas.DOCUMENT], "top_k": 3},
        },
        "clause": {"summary": "A clause by its number", "value": {"question": "第八条讲什么？"}},
        "follow_up": {
            "summary": "A follow-up",
            "value": {"question": "那他们的档案工资呢？", "history": _TURNS},
        },
        "stream": {
            "summary": "As server-sent events",
            "value": {"question": schemas.QUESTION, "stream": True},
        },
    }
)
_STREAM = """event: retrieved
data: [{"document_id": "…", "clause": {…}, "text": "…", "rank": 1, …}, …]

event: delta
data: "延长有效期限最高到10年。[1]"

event: citation
data: {"index": 1, "cited_text": "…", …}

event: done
data: {"id": "…", "answerable": true, …}
"""


def create_router(assistant: Assistant, settings: Settings) -> APIRouter:
    """Return the routes of an assistant."""
    router = APIRouter(responses=_ERRORS)
    library = assistant.library
    named = Path(description="as listed", examples=[document.id for document in library][:1])
    labelled = Path(description="its number", examples=["（八）", "第八条"])

    @router.post(
        "/v1/ask",
        tags=["ask"],
        summary="Ask a question, get a cited answer or a refusal",
        response_model=AskResponse,
        responses=_NOT_FOUND | {200: {"content": {"text/event-stream": {"example": _STREAM}}}},
    )
    def ask(body: Annotated[AskRequest, _QUESTIONS]) -> AskResponse | StreamingResponse:
        """Answer from the documents, in their own words, with the clause each quote stands in.

        `answer` holds a marker `[n]` for each of `citations`, whose `url` leads to the clause on
        the document page; `evidence` lists the passages found, best first. What the documents do
        not answer is refused: `answerable` is false, and `refusal` names the nearest clauses.

        A follow-up (那不满一年的呢？) needs `history`, the turns before it; nothing is kept here.
        With `stream` the same object comes as server-sent events: `retrieved`, `delta`,
        `citation`, and `done`, which carries all of it.
        """
        history = [message.to_domain() for message in body.history]
        arguments = (body.question, history, body.documents, body.top_k)
        watch.asked(body.question)
        if body.stream:
            events = assistant.stream(*arguments)
            return StreamingResponse(map(_sse, events), media_type="text/event-stream")
        outcome = assistant.ask(*arguments)
        watch.concluded(outcome)
        return AskResponse.from_domain(outcome)

    @router.post(
        "/v1/search", tags=["ask"], summary="Find passages, best first", responses=_NOT_FOUND
    )
    def search(body: SearchRequest) -> SearchResponse:
        """Find the passages that a question is about, without answering it.

        For pages that show their own list of results. A passage is a paragraph of one clause.
        """
        watch.asked(body.question)
        text = question.check(body.question, (), settings.max_question)
        found = assistant.retrieve(text, body.documents, body.top_k)
        return SearchResponse(hits=[EvidenceOut.from_domain(evidence) for evidence in found])

    @router.get("/v1/documents", tags=["documents"], summary="List the documents")
    def documents() -> list[DocumentOut]:
        """Return the metadata of every document; `documents` of a question takes its `id`."""
        return [DocumentOut.from_domain(d, library.outline(d.id)) for d in library]

    @router.get(
        "/v1/documents/{document_id}",
        tags=["documents"],
        summary="Read a document with its clause tree",
        response_model=DocumentDetail,
        responses=_NOT_FOUND | {304: {"description": "as the caller has it"}},
    )
    def document(document_id: Annotated[str, named], if_none_match: IfNoneMatch = None) -> Response:
        """Return a document: metadata, text, and the tree of its clauses with their spans.

        The answer has an ETag: sent as `If-None-Match`, it gets 304 until the document changes.
        """
        found, outline = library.get(document_id), library.outline(document_id)
        detail = DocumentDetail(
            **DocumentOut.from_domain(found, outline).model_dump(),
            text=found.text,
            tree=[ClauseNode.from_domain(clause, found.text) for clause in outline.clauses],
        )
        body = detail.model_dump_json().encode("utf-8")
        return conditional(body, "application/json", if_none_match)

    @router.get(
        "/v1/clauses/{document_id}/{label}",
        tags=["documents"],
        summary="Read a clause by its number",
        responses=_NOT_FOUND,
    )
    def clause(document_id: Annotated[str, named], label: Annotated[str, labelled]) -> ClauseList:
        """Return the clauses of a number: `（八）`, `第八条` and `三、` are all understood.

        Several, where a document counts anew in each chapter.
        """
        return ClauseList(clauses=read_clauses(assistant, document_id, label))

    @router.get("/healthz", tags=["health"], summary="Does the process run?")
    def healthz() -> Health:
        """Say that the process runs: to be asked by whatever would restart it."""
        return Health()

    @router.get("/readyz", tags=["health"], summary="Can questions be answered?")
    def readyz() -> Health:
        """Say that questions can be answered, and from how many documents and passages."""
        return Health(documents=len(library), passages=assistant.searcher.passages)

    return router


def _sse(event: Event) -> bytes:
    """Write one server-sent event; ``done`` is the response object itself."""
    match event.kind:
        case "retrieved":
            data: Any = [EvidenceOut.from_domain(e).model_dump(mode="json") for e in event.data]
        case "citation":
            data = schemas.CitationOut.from_domain(event.data).model_dump(mode="json")
        case "done":
            watch.concluded(event.data)
            data = AskResponse.from_domain(event.data).model_dump(mode="json")
        case _:
            data = event.data
    return format_sse_event(data_str=json.dumps(data, ensure_ascii=False), event=event.kind)
