"""The tools of agents: arguments, results, and what they do. No protocol here."""

from typing import Annotated

from pydantic import BaseModel, Field

from assistant import question
from assistant.api import watch
from assistant.api.clauses import read_clauses
from assistant.api.schemas import (
    MAX_TOP_K,
    AskResponse,
    Body,
    CitationOut,
    ClauseDetail,
    ClauseList,
    EvidenceOut,
    RefusalOut,
    SearchResponse,
)
from assistant.pipeline import Assistant
from assistant.plain import named, to_plain
from assistant.settings import Settings

_DocumentId = Annotated[
    str | None, Field(description="id of the one document to answer from; all unless given")
]


class AskArguments(Body):
    """Answer a question from the documents, with the clauses it stands in, or refuse it.

    The question must stand for itself: say what "it" is.
    """

    question: Annotated[str, Field(description="in Chinese or English")]
    document: _DocumentId = None


class SearchArguments(Body):
    """Find the passages of the documents that a question or some words are about, best first."""

    query: Annotated[str, Field(description="a question or words, in Chinese or English")]
    document: _DocumentId = None
    limit: Annotated[
        int | None, Field(ge=1, le=MAX_TOP_K, description="passages returned at most")
    ] = None


class ReadArguments(Body):
    """Read a clause in full by its number: 第八条, （八）, 三、, 第十二条第二款 are understood.

    Numbers may be counted anew in each chapter: then every clause of that number is returned.
    """

    document: Annotated[str, Field(description="id of the document")]
    label: Annotated[str, Field(description="the clause's number as people cite it")]


class AskResult(BaseModel):
    """An answer with its citations, or a refusal: what /v1/ask returns, without the evidence."""

    answerable: bool
    answer: Annotated[str, Field(description="with a marker [n] for every citation")]
    citations: list[CitationOut]
    refusal: RefusalOut | None
    confidence: float


class Tools:
    """The tools over an assistant.

    Each takes its arguments and the server's address (empty: no links), and returns text for a
    reader and the same, structured. Raises what the assistant raises.
    """

    def __init__(self, assistant: Assistant, settings: Settings) -> None:
        self._assistant = assistant
        self._library = assistant.library
        self._settings = settings

    def ask_document(self, arguments: AskArguments, base_url: str) -> tuple[str, AskResult]:
        """Answer or refuse a question."""
        documents = _only(arguments.document)
        watch.asked(arguments.question)
        outcome = self._assistant.ask(arguments.question, documents=documents)
        watch.concluded(outcome)
        response = AskResponse.from_domain(outcome)
        result = AskResult.model_validate(response, from_attributes=True)
        return to_plain(outcome, self._library, base_url), result

    def search_clauses(self, arguments: SearchArguments, _: str) -> tuple[str, SearchResponse]:
        """Find passages."""
        text = question.check(arguments.query, (), self._settings.max_question)
        found = self._assistant.retrieve(text, _only(arguments.document), arguments.limit)
        hits = [EvidenceOut.from_domain(evidence) for evidence in found]
        said = "\n\n".join(f"{hit.rank}. {self._passage(hit)}" for hit in hits)
        return said or "没有找到相关的段落。", SearchResponse(hits=hits)

    def read_clause(self, arguments: ReadArguments, _: str) -> tuple[str, ClauseList]:
        """Read a clause, or all of that number."""
        clauses = read_clauses(self._assistant, arguments.document, arguments.label)
        return "\n\n".join(map(self._passage, clauses)), ClauseList(clauses=clauses)

    def _passage(self, found: EvidenceOut | ClauseDetail) -> str:
        return f"{named(self._library, found.document_id, found.clause)}\n{found.text}"


def _only(document: str | None) -> list[str] | None:
    return None if document is None else [document]
