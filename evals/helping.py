"""What a model's help with retrieval is worth, from replies that were recorded: no model is asked.

The replies stand in ``evals/recorded``; only questions of the development half have one.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.asking import ask_about_all
from assistant.errors import ModelUnavailable
from assistant.llm import Message
from assistant.pipeline import Assistant
from assistant.rewriting import HELPS, Helper
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import further_documents, shipped_documents
from evals.cases import TYPES, Case, QuestionSetError, query_of
from evals.run import Report, evaluate
from evals.system import system_of
from index.build import build
from index.encode import Encoder, load_encoder
from index.questions import ClauseQuestions
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
    """A ``ChatModel`` that says again what was recorded; ``missed`` is what there is no reply for.

    ``replies`` are by what was asked about: a question, or the headings of a clause.
    """

    replies: Mapping[str, str]
    name: str = "recorded"
    missed: set[str] = field(default_factory=set)

    def complete(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ``ChatModel``."""
        asked = json.loads(messages[-1]["content"])
        about = asked.get("question") or "/".join(asked["path"])
        if about not in self.replies:
            self.missed.add(about)
            raise ModelUnavailable(f"没有录下对“{about}”的回答")
        yield self.replies[about]


def read_replies(path: Path) -> dict[str, str]:
    """Read recorded replies by what was asked about."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {row.get("question") or "/".join(row["path"]): row["reply"] for row in rows}


@dataclass(frozen=True)
class Measured:
    """The report of each way; recall@1 and @5 of the search alone, without and with questions."""

    reports: Mapping[str, Report]
    search: Mapping[str, Sequence[float]]


def measure(cases: Sequence[Case]) -> Measured:
    """Ask the development questions that have a reply in every way; by the way's name.

    Questions on clauses are there for the first document only: so its questions alone are asked
    with them, of all types.

    Raises:
        QuestionSetError: The questions are others.
    """
    model = Replayed(read_replies(RECORDED / "rewriting.jsonl"))
    writer = Replayed(read_replies(RECORDED / "questions.jsonl"))
    development = [case for case in cases if case.split == "dev"]
    asked = [case for case in development if case.question in model.replies]
    first = shipped_documents()
    own = [case for case in development if case.document in (None, first[0].id)]
    further = [case for case in asked if case not in own]
    if not own or not further:
        raise QuestionSetError(
            "replies are recorded for the development half of evals/questions: ask all of it."
        )
    encoder = load_encoder()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        searchers = [_searcher([d], encoder, place) for d in [*first, *further_documents()]]
        written = ask_about_all(first, writer, {}, lambda _: None).records
        beside = _searcher(first, encoder, place / "beside", written)
        reports = {
            way: _evaluated(asked, searchers, Helper(model, helps) if helps else None)
            for way, helps in WAYS.items()
        }
        reports |= {
            "further documents": _evaluated(further, searchers, None),
            "further documents, all three": _evaluated(further, searchers, Helper(model, HELPS)),
            "first document": _evaluated(own, searchers[:1], None),
            "first document, questions": _evaluated(own, [beside], None),
            "first document, questions and all three": _evaluated(
                own, [beside], Helper(model, HELPS)
            ),
        }
        sought = [case for case in own if case.answerable and case.type != "clause_number"]
        colloquial = [case for case in sought if case.type == "fact_colloquial"]
        search = {
            f"{kind}{name}": search_alone(chosen, searcher)
            for kind, chosen in (("all", sought), ("fact_colloquial", colloquial))
            for name, searcher in (("", searchers[0]), (", questions", beside))
        }
        return Measured(reports, search)


def _searcher(
    documents: Sequence[Document],
    encoder: Encoder,
    place: Path,
    questions: Sequence[ClauseQuestions] = (),
) -> Searcher:
    directory = place / documents[0].id
    build(documents, encoder, directory, questions=questions)
    return Searcher.open(directory, encoder)


def _evaluated(
    cases: Sequence[Case], searchers: Sequence[Searcher], helper: Helper | None
) -> Report:
    system = system_of([Assistant(s, Settings(), None, helper) for s in searchers])
    texts = {name: document.text for name, document in system.documents.items()}
    return evaluate(cases, system.ask, texts)


def search_alone(cases: Sequence[Case], searcher: Searcher) -> list[float]:
    """Return clause recall@1 and @5 of the search, before sentences are weighed."""
    shares = []
    for case in cases:
        hits = searcher.search(query_of(case).text, 40)
        labels = list(dict.fromkeys(hit.passage.address.label for hit in hits))
        gold = set(case.clauses)
        shares.append([len(gold & set(labels[:k])) / min(k, len(gold)) for k in (1, 5)])
    return [sum(column) / len(shares) for column in zip(*shares, strict=True)]


def to_markdown(found: Measured) -> str:
    """Write recall, right answers and refusals of every way, in all and by type of question."""
    lines = [f"| way | questions | n | {' | '.join(_FIGURES)} |", "|---" * 8 + "|"]
    for way, report in found.reports.items():
        for group in report.groups:
            if group.name in ("all", *TYPES):
                means = [group.figures.get(name) for name in _FIGURES]
                cells = " | ".join(f"{mean.mean:.3f}" if mean else "–" for mean in means)
                lines.append(f"| {way} | {group.name} | {group.n} | {cells} |")
    lines += ["", "The search alone, first document, before sentences are weighed:", ""]
    lines += ["| way | recall@1 | recall@5 |", "|---|---|---|"]
    lines += [f"| {way} | {a:.3f} | {b:.3f} |" for way, (a, b) in found.search.items()]
    return "\n".join(lines) + "\n"
