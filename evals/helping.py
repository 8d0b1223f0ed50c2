"""What a model's help with retrieval is worth, from replies that were recorded: no model is asked.

The replies stand in ``evals/recorded``; only questions of the development half have one.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.errors import ModelUnavailable
from assistant.llm import Message
from assistant.pipeline import Assistant
from assistant.rewriting import HELPS, Helper
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import further_documents, shipped_documents
from evals.cases import Case
from evals.report import aligned
from evals.run import Report, evaluate
from evals.system import system_of
from index.build import build
from index.encode import Encoder, load_encoder
from index.search import Searcher

RECORDED = Path(__file__).with_name("recorded")
WAYS: Mapping[str, Sequence[str]] = {
    "as typed": (),
    **{name: (name,) for name in HELPS},
    "all three": HELPS,
}
_FIGURES = ("recall@1", "recall@5", "right", "wrong_refusal", "wrong_answer")


@dataclass
class Replayed:
    """A ``ChatModel`` that says again what was recorded; ``missed`` are questions without a reply.

    ``replies`` are by question.
    """

    replies: Mapping[str, str]
    name: str = "recorded"
    missed: set[str] = field(default_factory=set)

    def complete(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ``ChatModel``."""
        question = json.loads(messages[-1]["content"])["question"]
        if question not in self.replies:
            self.missed.add(question)
            raise ModelUnavailable(f"没有录下对“{question}”的回答")
        yield self.replies[question]


def read_replies(path: Path) -> dict[str, str]:
    """Read recorded replies by question."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {row["question"]: row["reply"] for row in map(json.loads, lines)}


def measure(cases: Sequence[Case], model: Replayed) -> dict[str, Report]:
    """Ask the development questions that have a reply in every way; by the way's name."""
    asked = [case for case in cases if case.split == "dev" and case.question in model.replies]
    documents = [*shipped_documents(), *further_documents()]
    with tempfile.TemporaryDirectory() as folder:
        searchers = list(_searchers(documents, load_encoder(), Path(folder)))
        return {
            way: _evaluated(asked, searchers, Helper(model, helps) if helps else None)
            for way, helps in WAYS.items()
        }


def _searchers(documents: Sequence[Document], encoder: Encoder, place: Path) -> Iterator[Searcher]:
    for document in documents:
        build([document], encoder, place / document.id)
        yield Searcher.open(place / document.id, encoder)


def _evaluated(
    cases: Sequence[Case], searchers: Sequence[Searcher], helper: Helper | None
) -> Report:
    system = system_of([Assistant(s, Settings(), None, helper) for s in searchers])
    texts = {name: document.text for name, document in system.documents.items()}
    return evaluate(cases, system.ask, texts)


def to_text(reports: Mapping[str, Report]) -> str:
    """Write recall, right answers and refusals of every way, by type of question."""
    rows: list[Sequence[str]] = [["", "n", "way", *_FIGURES]]
    first = next(iter(reports.values()))
    for number, group in enumerate(first.groups):
        for way, report in reports.items():
            figures = report.groups[number].figures
            found = [figures.get(name) for name in _FIGURES]
            cells = [f"{figure.mean:.3f}" if figure else "–" for figure in found]
            rows.append([group.name, str(group.n), way, *cells])
    return aligned(rows)
