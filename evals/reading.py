"""Other people's reading questions: how often a short answer of ours holds the answer they want.

The whole pipeline is asked over all contexts, each a document of its own, with answers of at most
so many characters; beside it, as a baseline, the best sentence of the best passage by BM25.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.shorten import shorten
from corpus.model import Document, Span
from corpus.passages import cut, sentences
from evals.foreign import ForeignSet
from evals.metrics import plain
from index.build import build
from index.encode import Encoder
from index.lexical import LexicalSide
from index.search import Searcher
from index.tokens import terms

SHORT = 80  # characters


@dataclass(frozen=True)
class Reading:
    """Shares of the answerable questions, 0 to 1.

    Attributes:
        questions: How many there are.
        ours: An answer of ours holds the wanted text.
        answered: Ours is an answer, not a refusal.
        found: The context asked about comes first among the evidence.
        baseline: The best BM25 sentence, cut to the same length, holds the wanted text.
    """

    questions: int
    ours: float
    answered: float
    found: float
    baseline: float


@contextmanager
def assistant_over(
    documents: tuple[Document, ...], encoder: Encoder, longest: int
) -> Iterator[Assistant]:
    """Open an assistant over documents in one index, its answers at most so long."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        build(documents, encoder, folder)
        yield Assistant(Searcher.open(folder, encoder), Settings(max_answer=longest))


def measure(asked: ForeignSet, encoder: Encoder, longest: int = SHORT) -> Reading:
    """Ask all answerable questions of both.

    Args:
        asked: The questions and their contexts.
        encoder: Encodes the contexts.
        longest: Most characters of an answer.
    """
    cases = [case for case in asked.cases if case.answerable]
    baseline = _Baseline(asked.documents)
    right, answered, found, plain_right = [], [], [], []
    with assistant_over(asked.documents, encoder, longest) as assistant:
        for case in cases:
            outcome = assistant.ask(case.question)
            text = plain(outcome.text) if isinstance(outcome, Answer) else ""
            right.append(0 < len(text) <= longest and not case.missing_keys(text))
            answered.append(bool(text))
            first = outcome.evidence[0].document_id if outcome.evidence else None
            found.append(first == case.document)
            plain_right.append(not case.missing_keys(baseline.answer(case.question, longest)))
    shares = [sum(each) / len(cases) for each in (right, answered, found, plain_right)]
    return Reading(len(cases), *shares)


def to_markdown(name: str, reading: Reading, longest: int = SHORT) -> str:
    """Write the shares as a table."""
    columns = (reading.ours, reading.baseline, reading.answered, reading.found)
    cells = " | ".join(f"{share:.3f}" for share in columns)
    return (
        f"| questions | n | answer of ≤ {longest} characters holds the text | best BM25 sentence "
        "does | answered | context first |\n|---|---|---|---|---|---|\n"
        f"| {name} | {reading.questions} | {cells} |\n"
    )


class _Baseline:
    """The sentence of the best passage by BM25 that shares most terms with the question."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._texts = [passage.text for document in documents for passage in cut(document)]
        self._words = LexicalSide.from_texts(self._texts)

    def answer(self, question: str, longest: int) -> str:
        text = self._texts[int(self._words.scores(question).argmax())]
        wanted = {term: self._words.rarity(term) for term in terms(question)}
        found = [span.of(text) for span in sentences(text, Span(0, len(text)))]
        best = max(found, key=lambda s: sum(wanted.get(t, 0.0) for t in dict.fromkeys(terms(s))))
        return shorten(best, Span(0, len(best)), longest, wanted).of(best)
