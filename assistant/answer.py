"""The two outcomes of a question, and what they are made of. Frozen; no HTTP here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from corpus.model import ClauseAddress, Span


class Reason(StrEnum):
    """Why a question is refused."""

    NOT_IN_DOCUMENT = "not_in_document"
    OFF_TOPIC = "off_topic"
    GREETING = "greeting"
    TOO_VAGUE = "too_vague"


@dataclass(frozen=True)
class Evidence:
    """A hit that an answer may use; ``rank`` counts from 1, best first."""

    document_id: str
    span: Span
    address: ClauseAddress
    text: str
    score: float
    rank: int


@dataclass(frozen=True)
class Citation:
    """A span quoted as proof, with its clause.

    Attributes:
        index: The number of its marker ``[n]`` in the answer, from 1.
        answer_span: The part of the answer that it supports, in characters of the answer.
        span: The quote, in characters of the document's text.
        cited_text: The quote itself: the document's text at ``span``.
        url: The document page at the clause, relative to the server's root.
    """

    index: int
    answer_span: Span
    document_id: str
    document_title: str
    span: Span
    cited_text: str
    address: ClauseAddress
    url: str


@dataclass(frozen=True)
class NearClause:
    """A clause named in a refusal: the nearest thing the documents do say."""

    document_id: str
    address: ClauseAddress
    url: str


@dataclass(frozen=True)
class Generation:
    """What became of a model's sentences.

    Attributes:
        sentences: How many it wrote.
        dropped: How many of them were not shown, for their evidence does not bear them out.
        note: What a reader should know of it, in one sentence; empty if all went well.
        prompt: The version of the prompt.
        searched: What was searched for, if a model reworded it; empty: as typed.
    """

    sentences: int
    dropped: int
    note: str
    prompt: str
    searched: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Response:
    """What every outcome carries.

    ``confidence`` is the calibrated probability, 0 to 1, that the documents answer the question;
    ``timings_ms`` are milliseconds by stage; ``generation`` is there if a model was asked, whether
    or not what it wrote is shown.
    """

    id: str
    question: str
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    mode: str = "extractive"
    encoder: str = ""
    generator: str | None = None
    generation: Generation | None = None
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answer(Response):
    """A cited answer: ``text`` holds a marker ``[n]`` for every citation."""

    text: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, kw_only=True)
class Refusal(Response):
    """No answer, with the reason and the nearest clauses. A value, not a fault."""

    reason: Reason
    message: str
    nearest: tuple[NearClause, ...] = ()


Outcome = Answer | Refusal
