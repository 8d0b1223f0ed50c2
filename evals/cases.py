"""Question sets: one JSON object a line, read strictly and checked against the documents.

Errors: `QuestionSetError` when a file cannot be used at all. What a readable set gets wrong about
the documents is no exception but a list of sentences, from `validate`.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, Protocol, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from assistant.question import Query, Turn, understand
from corpus.errors import TiaowenError

QuestionType = Literal[
    "fact_literal",
    "fact_colloquial",
    "list",
    "multi_clause",
    "yes_no",
    "followup",
    "clause_number",
    "english",
    "typo",
    "unanswerable_near",
    "unanswerable_far",
]
TYPES: tuple[str, ...] = get_args(QuestionType)

_SPLIT = re.compile(r"-(dev|test)$")
_SENTENCE_END = re.compile(r"[。！？\n]")


class QuestionSetError(TiaowenError):
    """A question set is missing, empty or malformed; the message names file and line."""


class Source(Protocol):
    """What a document must offer for a question set to be checked against it."""

    @property
    def text(self) -> str:
        """The untouched text that quotes are substrings of."""
        ...

    def labels(self) -> frozenset[str]:
        """The label of every clause of the document."""
        ...


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Text = Annotated[str, AfterValidator(_not_blank)]
KeyGroup = Annotated[tuple[Text, ...], Field(min_length=1)]


class Case(BaseModel):
    """One question, and what is expected of its answer.

    Attributes:
        history: Earlier questions of the conversation, oldest first.
        document: Id of the document that is asked; may be left out when there is only one.
        clauses: Labels of every clause that a full answer must cite.
        quotes: Exact substrings of the document that hold the answer.
        keys: Groups of alternatives; an answer contains one alternative of every group.
        source: `file:line` the case was read from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Text
    type: QuestionType
    question: Text
    answerable: bool
    history: tuple[Text, ...] = ()
    document: Text | None = None
    clauses: tuple[Text, ...] = ()
    quotes: tuple[Text, ...] = ()
    keys: tuple[KeyGroup, ...] = ()
    source: str = Field(default="", exclude=True)

    @property
    def split(self) -> str | None:
        """`dev` or `test`, the suffix of the file's stem; None for a file of neither half."""
        match = _SPLIT.search(Path(self.source.rpartition(":")[0]).stem)
        return match[1] if match else None

    def missing_keys(self, text: str) -> list[tuple[str, ...]]:
        """The key groups of which `text` contains no alternative."""
        compared = normalise(text)
        return [group for group in self.keys if not any(normalise(k) in compared for k in group)]

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if self.answerable and self.type.startswith("unanswerable"):
            raise ValueError(f"type {self.type} contradicts answerable: true")
        if self.answerable and not self.clauses:
            raise ValueError("an answerable question needs its clauses")
        if not self.answerable and (self.clauses or self.quotes or self.keys):
            raise ValueError("an unanswerable question has no clauses, quotes or keys")
        return self


def query_of(case: Case) -> Query:
    """What the assistant makes of a question and the earlier ones of its conversation."""
    return understand(case.question, [Turn("user", earlier) for earlier in case.history])


def normalise(text: str) -> str:
    """The form in which keys and answers are compared: NFKC, lower case, no white space."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def load_cases(path: Path) -> list[Case]:
    """Read a question set, in file order; a folder is read as all its `.jsonl` files by name.

    Raises:
        QuestionSetError: A file is missing, holds no question, or has a malformed line.
    """
    files = sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    cases = [case for file in files for case in _read(file)]
    if not cases:
        raise QuestionSetError(f"{path} holds no question.")
    return cases


def _read(file: Path) -> Iterator[Case]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise QuestionSetError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise QuestionSetError(f"{file} is not UTF-8 text.") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _parse(line, f"{file.name}:{number}")


def _parse(line: str, source: str) -> Case:
    try:
        return Case.model_validate_json(line).model_copy(update={"source": source})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise QuestionSetError(f"{source}: {field}{': ' if field else ''}{message}.") from error


def validate(cases: Sequence[Case], documents: Mapping[str, Source]) -> list[str]:
    """Say, one sentence a problem, where a question set contradicts its documents or itself."""
    found = [f"{case.source}: {problem}" for case in cases for problem in _faults(case, documents)]
    return [*_repeated_ids(cases), *found, *_shared_sentences(cases, documents)]


def _repeated_ids(cases: Sequence[Case]) -> Iterator[str]:
    for name, times in Counter(case.id for case in cases).items():
        if times > 1:
            yield f"id {name} is used {times} times."


def _faults(case: Case, documents: Mapping[str, Source]) -> Iterator[str]:
    if not case.answerable:
        return
    source = _document_of(case, documents)
    if source is None:
        yield f"document {case.document} is none of {', '.join(sorted(documents))}."
        return
    yield from (f"no clause {c} in the document." for c in case.clauses if c not in source.labels())
    yield from (f"not a quote of the document: {q}" for q in case.quotes if q not in source.text)
    yield from (f"no quote contains {' | '.join(group)}." for group in _unquoted(case))
    if case.keys and not case.missing_keys(case.question):
        yield "the question itself contains all keys."


def _unquoted(case: Case) -> list[tuple[str, ...]]:
    """The key groups that no single quote contains."""
    missing = [case.missing_keys(quote) for quote in case.quotes]
    return [group for group in case.keys if all(group in groups for groups in missing)]


def _document_of(case: Case, documents: Mapping[str, Source]) -> Source | None:
    if case.document is None and len(documents) == 1:
        return next(iter(documents.values()))
    return documents.get(case.document or "")


def _shared_sentences(cases: Sequence[Case], documents: Mapping[str, Source]) -> Iterator[str]:
    """The halves must differ in what they quote, or tuning on one would teach the other."""
    developed = {
        sentence: case.id
        for case in cases
        if case.split == "dev"
        for sentence in _quoted_sentences(case, documents)
    }
    for case in cases:
        if case.split == "test":
            shared = _quoted_sentences(case, documents) & developed.keys()
            twins = sorted({developed[sentence] for sentence in shared})
            if twins:
                yield f"{case.source}: quotes a sentence of the dev half ({', '.join(twins)})."


def _quoted_sentences(case: Case, documents: Mapping[str, Source]) -> set[tuple[str, int]]:
    """The whole sentences that the quotes touch, so that half a sentence counts as all of it."""
    source = _document_of(case, documents)
    if source is None:
        return set()
    ends = [match.end() for match in _SENTENCE_END.finditer(source.text)]
    return {
        (case.document or "", number)
        for quote in map(str.strip, case.quotes)
        if (start := source.text.find(quote)) >= 0
        for number in range(
            bisect_right(ends, start), bisect_right(ends, start + len(quote) - 1) + 1
        )
    }
