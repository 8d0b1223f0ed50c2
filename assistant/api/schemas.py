"""The wire types: pydantic at the border, each made from the domain by ``from_domain``."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from assistant import answer as domain
from assistant import compose
from assistant.question import MAX_HISTORY, Turn
from corpus.model import Clause as CorpusClause
from corpus.model import ClauseAddress, Document
from corpus.outline import Outline

QUESTION = "海外人才居住证（B证）的有效期最长几年？"
DOCUMENT = "shanghai-innovation-centre-2015"
_CLAUSE: JsonDict = {
    "label": "（八）",
    "path": ["三、建设创新创业人才高地", "（八）进一步引进海外高层次人才"],
    "paragraph": 1,
    "item": None,
}
MAX_TOP_K = 50


class Body(BaseModel):
    """What a request carries: nothing that we do not know."""

    model_config = ConfigDict(extra="forbid")


class Message(Body):
    """One turn of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Annotated[str, Field(max_length=4000)]

    def to_domain(self) -> Turn:
        """Return the domain's turn."""
        return Turn(self.role, self.content)


class AskRequest(Body):
    """A question."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": QUESTION, "documents": [DOCUMENT]}]}
    )

    question: Annotated[str, Field(description="in Chinese or English")]
    history: Annotated[
        list[Message], Field(max_length=MAX_HISTORY, description="earlier turns, oldest first")
    ] = []
    documents: Annotated[
        list[str] | None, Field(description="ids to answer from; all unless given")
    ] = None
    top_k: Annotated[int | None, Field(ge=1, le=MAX_TOP_K, description="hits in `evidence`")] = None
    stream: Annotated[bool, Field(strict=True, description="answer as server-sent events")] = False


class SearchRequest(Body):
    """A search."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"question": "外籍人才居留"}]})

    question: str
    documents: list[str] | None = None
    top_k: Annotated[int | None, Field(ge=1, le=MAX_TOP_K)] = None


class ClauseRef(BaseModel):
    """Where a piece of text stands."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLAUSE]})

    label: str
    path: list[str]
    paragraph: int
    item: str | None

    @classmethod
    def from_domain(cls, address: ClauseAddress) -> "ClauseRef":
        """Translate an address."""
        return cls(
            label=address.label,
            path=list(address.path),
            paragraph=address.paragraph,
            item=address.item,
        )


class NearClauseRef(ClauseRef):
    """A clause named in a refusal."""

    document_id: str
    url: str

    @classmethod
    def from_near(cls, near: domain.NearClause) -> "NearClauseRef":
        """Translate a clause named in a refusal."""
        clause = ClauseRef.from_domain(near.address)
        return cls(**clause.model_dump(), document_id=near.document_id, url=near.url)


class CitationOut(BaseModel):
    """A span quoted as proof; characters are Unicode code points, ends exclusive."""

    index: int
    answer_start: int
    answer_end: int
    document_id: str
    document_title: str
    cited_text: str
    start_char_index: int
    end_char_index: int
    clause: ClauseRef
    url: str

    @classmethod
    def from_domain(cls, citation: domain.Citation) -> "CitationOut":
        """Translate a citation."""
        return cls(
            index=citation.index,
            answer_start=citation.answer_span.start,
            answer_end=citation.answer_span.end,
            document_id=citation.document_id,
            document_title=citation.document_title,
            cited_text=citation.cited_text,
            start_char_index=citation.span.start,
            end_char_index=citation.span.end,
            clause=ClauseRef.from_domain(citation.address),
            url=citation.url,
        )


class EvidenceOut(BaseModel):
    """A hit: a passage found for the question, best first."""

    document_id: str
    clause: ClauseRef
    text: str
    start_char_index: int
    end_char_index: int
    score: float
    rank: int

    @classmethod
    def from_domain(cls, evidence: domain.Evidence) -> "EvidenceOut":
        """Translate a hit."""
        return cls(
            document_id=evidence.document_id,
            clause=ClauseRef.from_domain(evidence.address),
            text=evidence.text,
            start_char_index=evidence.span.start,
            end_char_index=evidence.span.end,
            score=round(evidence.score, 4),
            rank=evidence.rank,
        )


class RefusalOut(BaseModel):
    """Why there is no answer, and the nearest clauses."""

    reason: domain.Reason
    message: str
    nearest: list[NearClauseRef]


class Model(BaseModel):
    """What answered."""

    encoder: str
    generator: str | None


class GenerationOut(BaseModel):
    """What became of a language model's sentences; only verified ones are in the answer."""

    sentences: Annotated[int, Field(description="sentences it wrote")]
    dropped: Annotated[int, Field(description="of these not shown: the evidence does not say so")]
    note: Annotated[str, Field(description="why the answer is shorter or quoted; may be empty")]
    prompt: Annotated[str, Field(description="version of the prompt")]
    searched: Annotated[
        list[str],
        Field(description="what was searched for, where a model reworded the question; else empty"),
    ] = []


class AskResponse(BaseModel):
    """An answer or a refusal; the same whether streamed or not.

    `mode` is `extractive` (the documents' own sentences) or `generative` (written by a model, each
    sentence verified). `generation` is null where no model was asked.
    """

    id: str
    answerable: bool
    mode: str
    answer: str
    citations: list[CitationOut]
    evidence: list[EvidenceOut]
    confidence: float
    refusal: RefusalOut | None
    timings_ms: dict[str, float]
    model: Model
    generation: GenerationOut | None = None

    @classmethod
    def from_domain(cls, outcome: domain.Outcome) -> "AskResponse":
        """Translate an outcome; ``answer`` is empty for a refusal."""
        refused = outcome if isinstance(outcome, domain.Refusal) else None
        answered = outcome if isinstance(outcome, domain.Answer) else None
        return cls(
            id=outcome.id,
            answerable=answered is not None,
            mode=outcome.mode,
            answer=answered.text if answered else "",
            citations=[CitationOut.from_domain(c) for c in answered.citations] if answered else [],
            evidence=[EvidenceOut.from_domain(evidence) for evidence in outcome.evidence],
            confidence=round(outcome.confidence, 4),
            refusal=_refusal(refused) if refused else None,
            timings_ms=dict(outcome.timings_ms),
            model=Model(encoder=outcome.encoder, generator=outcome.generator),
            generation=GenerationOut(**asdict(outcome.generation)) if outcome.generation else None,
        )


def _refusal(refusal: domain.Refusal) -> RefusalOut:
    nearest = [NearClauseRef.from_near(near) for near in refusal.nearest]
    return RefusalOut(reason=refusal.reason, message=refusal.message, nearest=nearest)


class SearchResponse(BaseModel):
    """Hits, best first."""

    hits: list[EvidenceOut]


class DocumentOut(BaseModel):
    """A document's metadata."""

    id: str
    title: str
    short_title: str
    issuer: str
    number: str
    year: int | None
    language: str
    characters: int
    clauses: int
    url: str

    @classmethod
    def from_domain(cls, document: Document, outline: Outline) -> "DocumentOut":
        """Translate a document."""
        return cls(
            **{name: getattr(document, name) for name in _METADATA},
            characters=len(document.text),
            clauses=len(outline.labels()),
            url=compose.document_url(document.id),
        )


_METADATA = ("id", "title", "short_title", "issuer", "number", "year", "language")


class ClauseNode(BaseModel):
    """A clause of the tree; spans point into the document's text."""

    kind: str
    label: str
    title: str
    start_char_index: int
    end_char_index: int
    children: list["ClauseNode"]

    @classmethod
    def from_domain(cls, clause: CorpusClause, text: str) -> "ClauseNode":
        """Translate a clause and all below it."""
        return cls(
            kind=clause.kind.value,
            label=clause.label,
            title=clause.title(text),
            start_char_index=clause.span.start,
            end_char_index=clause.span.end,
            children=[cls.from_domain(child, text) for child in clause.children],
        )


class DocumentDetail(DocumentOut):
    """A document with its text and clause tree."""

    text: str
    tree: list[ClauseNode]


class ClauseDetail(BaseModel):
    """A clause with its text."""

    document_id: str
    clause: ClauseRef
    text: str
    start_char_index: int
    end_char_index: int
    url: str


class ClauseList(BaseModel):
    """Every clause of that number: numbers may be counted anew in each chapter."""

    clauses: list[ClauseDetail]


class Health(BaseModel):
    """Whether the process runs (healthz) and can answer (readyz)."""

    status: Literal["ok"] = "ok"
    documents: int | None = None
    passages: int | None = None


class ErrorBody(BaseModel):
    """What went wrong, for a program (code) and a person (message)."""

    code: str
    message: str
    detail: Any = None


class ErrorResponse(BaseModel):
    """The one error shape of every route."""

    error: ErrorBody
