"""Fits the reader: which sentence of the hits answers a question?

Labelled sentences come from the development halves, from ``evals/fitting``, questions on documents
that nothing is reported on, and from CMRC 2018's training part. A sentence answers if a gold quote
lies in it or it in one.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.extract import POOL
from assistant.reader import VARYING, Reader, most_shared
from assistant.signals import Matrix, measure
from corpus.model import Document, Span
from corpus.store import collect
from evals.cases import Case, load_cases, query_of
from evals.foreign import read_cmrc
from index.build import build
from index.encode import Encoder
from index.search import Searcher
from index.training.everyday import read_laws

FITTING = Path(__file__).parent / "fitting"
_RIDGE = 10.0
_OTHERS = 0.2  # weight of all other questions together, beside those of the reported kinds
_CMRC_PASSAGES = 250
_CLAUSE_NUMBER = "clause_number"


@dataclass(frozen=True)
class Example:
    """One question: the signals of its hits' sentences, (n, signals), and which answer, (n,)."""

    case: Case
    rows: Matrix
    answers: NDArray[np.bool_]


def fitting_documents(shared: Path | None) -> list[Document]:
    """Return the documents of ``evals/fitting``: opinions that stand there, laws of the archive."""
    opinions = list(collect([FITTING / "opinions"]).documents)
    if shared is None:
        return opinions
    sources = json.loads((FITTING / "laws.json").read_text(encoding="utf-8"))
    texts = read_laws(shared, set(sources.values()))
    laws = [Document(id=n, title=Path(s).stem, text=texts[s]) for n, s in sources.items()]
    return [*opinions, *laws]


def fitting_cases(documents: Iterable[Document]) -> list[Case]:
    """Return the questions of ``evals/fitting`` that are about given documents."""
    known = {document.id for document in documents}
    return [case for case in load_cases(FITTING) if case.document in known]


def examples(cases: Sequence[Case], searcher: Searcher) -> Iterator[Example]:
    """Measure the answerable questions that are asked by meaning."""
    for case in cases:
        if not case.answerable or case.type == _CLAUSE_NUMBER:
            continue
        query = query_of(case)
        measured = measure(query, searcher.search(query.text, POOL), searcher)
        gold = list(_gold(case, searcher))
        answers = [
            sentence.hit.passage.document_id == case.document
            and any(_meet(sentence.span, quote) for quote in gold)
            for sentence in measured.sentences
        ]
        yield Example(case, measured.rows, np.array(answers, bool))


def cmrc_examples(shared: Path, encoder: Encoder, folder: Path) -> list[Example]:
    """Measure questions of CMRC 2018's training part, over some of its passages in one index."""
    read = read_cmrc(shared / "training", "cmrc2018_train", _CMRC_PASSAGES)
    build(read.documents, encoder, folder)
    return list(examples(read.cases, Searcher.open(folder, encoder)))


def collect_examples(cases: Sequence[Case], opened: Mapping[str, Searcher]) -> list[Example]:
    """Measure the questions of several documents, each in the index that ``opened`` has for it."""
    return [
        example
        for document, searcher in opened.items()
        for example in examples([case for case in cases if case.document == document], searcher)
    ]


def fit(
    labelled: Sequence[Example], others: Sequence[Example] = (), ridge: float = _RIDGE
) -> Reader:
    """Fit the weights; questions whose answer was not found teach nothing and are left out.

    Args:
        labelled: Questions of the kinds that are reported.
        others: Questions of another kind, which together weigh as much as a part of those.
        ridge: How much large weights cost.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]  # noqa: PLC0415

    used, more = (
        [e for e in each if e.answers.any() and not e.answers.all()] for each in (labelled, others)
    )
    share = _OTHERS * len(used) / max(1, len(more))
    importance = np.array([1.0] * len(used) + [share] * len(more))
    used += more
    varying = np.array(VARYING)
    rows = np.concatenate([_widened(e.rows, varying) for e in used])
    answers = np.concatenate([e.answers for e in used])
    starts = np.cumsum([0, *(len(e.answers) for e in used)])[:-1]
    owner = np.repeat(np.arange(len(used)), [len(e.answers) for e in used])
    spread = rows.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    scaled = rows / scale

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = scaled @ weights
        mass = np.exp(scores - np.maximum.reduceat(scores, starts)[owner])
        total = np.add.reduceat(mass, starts)
        right = np.add.reduceat(mass * answers, starts) + 1e-30
        errors = mass / total[owner] - mass * answers / right[owner]
        gradient = scaled.T @ (errors * importance[owner])
        value = float(importance @ np.log(total / right) + ridge / 2 * weights @ weights)
        return value, gradient + ridge * weights

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x / scale
    shared = np.zeros(len(varying))
    shared[varying] = found[len(varying) :]
    return Reader(tuple(found[: len(varying)].tolist()), tuple(shared.tolist()))


def _widened(rows: Matrix, varying: NDArray[np.bool_]) -> Matrix:
    """Put beside the signals the same times the greatest share of words: a weight for each."""
    return np.hstack([rows, rows[:, varying] * most_shared(rows)])


def cross_validate(
    labelled: Sequence[Example], others: Sequence[Example] = ()
) -> Mapping[str, tuple[float, int]]:
    """Return how often the first sentence answers, each document by a fit on the others.

    Args:
        labelled: Questions of several documents.
        others: Questions that every fit uses.

    Returns:
        Type of question, ``all`` first → share and number of questions; one whose answer is not
        among the hits counts as missed.
    """
    hits: dict[str, list[bool]] = defaultdict(list)
    for document in dict.fromkeys(e.case.document for e in labelled):
        fitted = fit([e for e in labelled if e.case.document != document], others)
        for example in (e for e in labelled if e.case.document == document):
            scores = fitted.scores(example.rows)
            right = bool(len(scores)) and bool(example.answers[int(scores.argmax())])
            hits["all"].append(right)
            hits[example.case.type].append(right)
    return {kind: (float(np.mean(found)), len(found)) for kind, found in hits.items()}


def to_markdown(shares: Mapping[str, tuple[float, int]]) -> str:
    """Write the shares as a table."""
    lines = [
        "How often the first sentence answers, each document by a fit on the others.\n",
        "| questions | n | first sentence answers |",
        "|---|---|---|",
        *(f"| {kind} | {n} | {share:.3f} |" for kind, (share, n) in shares.items()),
    ]
    return "\n".join(lines) + "\n"


def _gold(case: Case, searcher: Searcher) -> Iterator[Span]:
    text = searcher.library.get(str(case.document)).text
    for quote in case.quotes:
        if (start := text.find(quote)) >= 0:
            yield Span(start, start + len(quote))


def _meet(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
