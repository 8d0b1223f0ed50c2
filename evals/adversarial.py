"""Does verification catch what a model makes up? Good sentences and altered ones, in eight parts.

``tune`` and ``development`` are what ``assistant.verify`` was fitted to; ``report``, ``held-out``
and ``second-held-out`` are only measured. The last two and ``development`` are whole answers.
``graded-…`` are sentences at three distances from their passage, invented ones among them.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from assistant.evidence import Numbered, number
from assistant.verify import LIMITS, Likeness, Limits, check, strip_markers
from corpus.model import Document, Passage
from corpus.passages import cut
from corpus.store import Library, collect, further_documents, shipped_documents
from evals import graded
from evals.alterations import Sentence, alter
from evals.cases import load_cases
from index.encode import Encoder
from index.tokens import terms

FOLDER = Path(__file__).parent / "adversarial"
HALVES = ("tune", "report")
WRITTEN = ("development", "held-out", "second-held-out")
GRADED = tuple(f"graded-{grade}" for grade in graded.GRADES)
PARTS = (*HALVES, *WRITTEN, *GRADED)
FITTED = ("tune", "development")  # whose failures may be looked at
_BESIDE = 5  # passages that a search might have found besides


@dataclass(frozen=True)
class Result:
    """A sentence and what came of it: why it was dropped, if it was."""

    sentence: Sentence
    fault: str
    caught: bool


def generate() -> dict[str, list[Sentence]]:
    """Make all parts from the good sentences; the same at every call.

    No passage that a sentence of ``report`` rests on was tuned on; it was written last. No question
    of the parts held out is one of ``development``.
    """
    parts = {half: list(_good(half)) for half in HALVES}
    parts |= {part: list(_written(part)) for part in WRITTEN}
    made = {part: [*good, *alter(good)] for part, good in parts.items()}
    return made | {f"graded-{grade}": graded.sentences(grade) for grade in graded.GRADES}


def write(folder: Path = FOLDER) -> None:
    """Write the half that is reported as JSONL, for others to read; the other is made anew."""
    lines = [json.dumps(asdict(one), ensure_ascii=False) for one in generate()["report"]]
    (folder / "report.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def measure(
    sentences: Sequence[Sentence], encoder: Encoder | None, limits: Limits = LIMITS
) -> list[Result]:
    """Check every sentence against its own passages and others of its document."""
    documents = {d.id: d for d in _documents()}
    library = Library(list(documents.values()))
    passages = {name: cut(document) for name, document in documents.items()}
    like = likeness(encoder) if encoder else None
    results = []
    for one in sentences:
        evidence = evidence_of(one, passages[one.document], library)
        checked = check(one.sentence, evidence, one.question, like, limits)
        # An altered sentence that is set right is caught, too; a good one is only lost if dropped.
        changed = one.kind != "good" and checked.text != strip_markers(one.sentence)[0]
        results.append(Result(one, checked.fault, bool(checked.fault) or changed))
    return results


def evidence_of(
    one: Sentence, passages: Sequence[Passage], library: Library
) -> tuple[Numbered, ...]:
    """Number the passages of a sentence's quotes, and those that share most with its question."""
    own = [next(p for p in passages if quote in p.text) for quote in one.quotes]
    asked = set(terms(one.question or one.sentence))
    others = sorted(
        (p for p in passages if p not in own), key=lambda p: -len(asked & set(terms(p.text)))
    )
    # Two quotes of one passage keep their numbers: [2] is the passage of the second.
    return tuple(
        _renumbered(number([passage], library)[0], n)
        for n, passage in enumerate([*own, *others[:_BESIDE]], 1)
    )


def likeness(encoder: Encoder) -> Likeness:
    """Return the cosine of texts by an encoder."""

    def cosines(text: str, others: Sequence[str]) -> Sequence[float]:
        rows = encoder.encode_document([text, *others])
        return [float(value) for value in np.asarray(rows[1:] @ rows[0])]

    return cosines


def to_markdown(results: Iterable[tuple[str, Sequence[Result]]]) -> str:
    """Write the shares by part and kind."""
    lines = ["| part | kind | n | caught or dropped |", "|---|---|---:|---:|"]
    for half, found in results:
        kinds = dict.fromkeys(r.sentence.kind for r in found)
        altered = [r for r in found if r.sentence.kind != "good"]
        lines.append(_row(half, "all altered", altered))
        lines += [_row(half, kind, [r for r in found if r.sentence.kind == kind]) for kind in kinds]
    return "\n".join(lines) + "\n"


def _row(part: str, kind: str, found: Sequence[Result]) -> str:
    share = sum(r.caught for r in found) / len(found) if found else 0.0
    return f"| {part} | {kind} | {len(found)} | {share:.3f} |"


def _good(half: str) -> Iterator[Sentence]:
    folder = FOLDER.parent
    paths = [folder / "questions", *sorted((folder / "fitting").glob("op-*.jsonl"))]
    cases = {case.id: case for path in paths for case in load_cases(path)}
    lines = (FOLDER / f"good-{half}.tsv").read_text(encoding="utf-8").splitlines()
    for n, line in enumerate(lines, 1):
        *where, text = line.split("\t")
        quotes: tuple[str, ...]
        if len(where) == 2:  # a document and a quote, without a question
            document, question, quotes = where[0], "", (where[1],)
        else:
            case = cases[where[0]]
            document, question, quotes = case.document or "", case.question, case.quotes
        yield Sentence(f"{half}-{n:03}", "good", document, question, quotes, text)


def _written(part: str) -> Iterator[Sentence]:
    paths = sorted((FOLDER / "written").glob(f"{part}-*.toml"))
    answers = [a for path in paths for a in tomllib.loads(path.read_text("utf-8"))["answer"]]
    rows = [(answer, text) for answer in answers for text in answer["sentences"]]
    for n, (answer, text) in enumerate(rows, 1):
        where = (answer["document"], answer["question"], tuple(answer["quotes"]))
        yield Sentence(f"{part}-{n:03}", "good", *where, text)


def _renumbered(item: Numbered, n: int) -> Numbered:
    return Numbered(n, item.document_id, item.names, item.address, item.text, item.stated)


def _documents() -> list[Document]:
    opinions = collect([FOLDER.parent / "fitting" / "opinions"]).documents
    return [*shipped_documents(), *further_documents(), *opinions, *graded.documents().values()]
