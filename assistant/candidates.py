"""Sentences that may answer, and what belongs to one of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.model import Span
from index.search import Sentence

_SEMICOLONS = ("；", ";")


@dataclass(frozen=True)
class Candidate:
    """A sentence that may answer, with what speaks for it.

    ``score`` is a log-odds; ``plain`` is the same but for the kind of value that is asked for;
    ``overlap`` is the share, by rarity, of the question's content terms that it holds, 0 to 1;
    ``holds_kind`` whether it has that kind of value.
    """

    sentence: Sentence
    score: float
    plain: float
    overlap: float
    holds_kind: bool


def clause_of(candidate: Candidate) -> tuple[str, tuple[str, ...]]:
    """Return the document and the clause, as its headings from the top down."""
    passage = candidate.sentence.hit.passage
    return passage.document_id, passage.address.path


def statement(candidate: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return a candidate with those that semicolons join to it, up to a full stop, in order."""
    number = candidate.sentence.hit.number
    own = sorted(
        {c.sentence.span: c for c in candidates if c.sentence.hit.number == number}.values(),
        key=lambda c: c.sentence.span,
    )
    at = next((i for i, c in enumerate(own) if c.sentence.span == candidate.sentence.span), None)
    if at is None:  # it was cut short
        return [candidate]
    first, last = at, at
    while first and own[first - 1].sentence.text.endswith(_SEMICOLONS):
        first -= 1
    while last + 1 < len(own) and own[last].sentence.text.endswith(_SEMICOLONS):
        last += 1
    return list(own[first : last + 1])


def spans_of(candidates: Sequence[Candidate]) -> list[Span]:
    """Return the spans of candidates, in their order."""
    return [candidate.sentence.span for candidate in candidates]
