"""One question on its way through the pipeline."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answer import Evidence
from assistant.candidates import Candidate
from assistant.question import Query
from assistant.rewriting import AS_TYPED, Rewriting
from corpus.model import Passage
from index.search import Hit


@dataclass
class Run:
    """What is known of a question so far.

    Attributes:
        asked: The question, trimmed.
        typed: The question understood, its typing errors set right. An answer is held against it.
        query: What is searched for and weighed by: ``typed``, or what a model made of it.
        rewriting: What a model made of it.
        remark: What the question was taken to mean, to be said with an answer.
    """

    asked: str
    typed: Query
    query: Query
    documents: Sequence[str] | None
    top_k: int
    names: Sequence[str]
    rewriting: Rewriting = AS_TYPED
    remark: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    hits: Sequence[Hit] = ()
    confidence: float = 0.0
    last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        """Note the milliseconds since the last lap."""
        now = time.perf_counter()
        self.timings[stage] = round((now - self.last) * 1000, 3)
        self.last = now


@dataclass(frozen=True)
class Pending:
    """A question that a model is to answer; ``candidates`` answer it without one, best first."""

    run: Run
    candidates: Sequence[Candidate]
    passages: Sequence[Passage]


def evidence_of(hit: Hit) -> Evidence:
    """Return a hit as the response lists it."""
    passage = hit.passage
    return Evidence(
        passage.document_id, passage.span, passage.address, passage.text, hit.score, hit.rank
    )
