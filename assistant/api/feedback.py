"""The route by which people say whether an answer helped."""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints, model_validator

from assistant.api import schemas
from assistant.errors import BadQuestion
from assistant.feedback import Feedback, FeedbackStore, Quoted
from assistant.pipeline import Assistant
from assistant.question import MAX_HISTORY
from assistant.settings import Settings, default_feedback, package_version
from corpus.model import Span

_ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"model": schemas.ErrorResponse, "description": "no such document"},
    422: {"model": schemas.ErrorResponse, "description": "the request cannot be used"},
    503: {"model": schemas.ErrorResponse, "description": "feedback cannot be kept"},
}


class QuotedSpan(schemas.Body):
    """A citation that was shown."""

    document_id: str
    start_char_index: Annotated[int, Field(ge=0)]
    end_char_index: Annotated[int, Field(ge=0)]


class FeedbackRequest(schemas.Body):
    """Whether an answer helped, with the answer as it was shown."""

    answer_id: Annotated[str, Field(min_length=1, max_length=64)]
    rating: Literal["up", "down"]
    reason: Annotated[str, Field(max_length=500)] = ""
    question: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)
    ]
    history: Annotated[tuple[schemas.Message, ...], Field(max_length=MAX_HISTORY)] = ()
    answerable: Annotated[bool, Field(strict=True)]
    answer: Annotated[str, Field(max_length=8000)]
    citations: Annotated[tuple[QuotedSpan, ...], Field(max_length=20)] = ()

    @model_validator(mode="after")
    def _cites_what_it_answers(self) -> Self:
        if self.citations and not self.answerable:
            raise ValueError("answerable 与 citations 不合：拒答没有引文")
        return self


class FeedbackResponse(BaseModel):
    """Feedback has been kept."""

    status: Literal["ok"] = "ok"


def create_router(assistant: Assistant, settings: Settings) -> APIRouter:
    """Return the route; feedback goes to the file of the settings."""
    router = APIRouter(responses=_ERRORS)
    store = FeedbackStore(settings.feedback or default_feedback())

    @router.post(
        "/v1/feedback", tags=["feedback"], status_code=201, summary="Say whether an answer helped"
    )
    def feedback(body: FeedbackRequest) -> FeedbackResponse:
        """Keep a rating, and a reason if there is one; a second on the same answer replaces it.

        The same rating again adds a reason, or leaves the one that is there.

        Send the answer as it was shown, with its citations' spans: the quotes are taken from the
        documents again. `tiaowen feedback export` writes all of it down.
        """
        store.save(_feedback(body, assistant))
        return FeedbackResponse()

    return router


def _feedback(body: FeedbackRequest, assistant: Assistant) -> Feedback:
    citations = tuple(_quoted(span, assistant) for span in body.citations)
    digests = {c.document_id: assistant.library.get(c.document_id).digest for c in citations}
    versions = {"tiaowen": package_version(), "encoder": assistant.searcher.encoder_id}
    values: dict[str, Any] = body.model_dump(include={"answer_id", "rating", "reason", "question"})
    return Feedback(
        **values,
        history=tuple(
            message.content
            for message in body.history
            if message.role == "user" and message.content.strip()
        ),
        answerable=body.answerable,
        answer=body.answer,
        citations=citations,
        versions=versions | digests,
    )


def _quoted(span: QuotedSpan, assistant: Assistant) -> Quoted:
    """Take the quote from our own text: what a client says of it is not to be trusted."""
    document = assistant.library.get(span.document_id)
    if not span.start_char_index < span.end_char_index <= len(document.text):
        raise BadQuestion(f"引文范围不在文件 {document.id} 内")
    place = Span(span.start_char_index, span.end_char_index)
    if not place.of(document.text).strip():
        raise BadQuestion(f"引文范围在文件 {document.id} 里没有文字")
    label = assistant.library.outline(document.id).locate(place).label
    return Quoted(document.id, label, place.of(document.text), place.start, place.end)
