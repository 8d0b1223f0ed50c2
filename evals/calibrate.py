"""Fits the refusal: when does a question have its answer in the documents?

Labelled questions come from three places. The development half of the question set and the
questions of ``evals/fitting``, each asked of its document; and, if the shared data is there,
everyday questions that the encoder was not trained on, each asked of the law that answers it
(label 1) and of another law (label 0), so that the fit holds for documents of every size and
subject. Test questions are never read.
"""

import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import extract, refusal
from assistant.question import Query, understand
from assistant.reader import Reader
from assistant.refusal import Features
from corpus.model import Document
from evals.cases import Case, QuestionSetError, query_of
from index.build import build
from index.encode import Encoder
from index.search import Searcher
from index.training.everyday import MEASURES, POLICIES, read_everyday, read_laws
from index.training.everyday import Asked as Everyday

_SEED = 0
_NEAR = "unanswerable_near"
_WEIGHT = {"law": 1.0, "dev": 2.0, "unanswerable_far": 6.0}  # few far questions stand for many
_WRONG_REFUSALS = 0.05  # greatest share of answerable development questions that may be refused


@dataclass(frozen=True)
class Labelled:
    """Features of one question and whether its document answers it.

    Attributes:
        group: Where it comes from: ``dev``, ``law``, or the type of an unanswerable one.
        features: What the refusal decides by.
        answerable: Whether its document answers it.
        barred: Whether it is refused at any threshold.
        leniency: What the threshold is multiplied by.
    """

    group: str
    features: Features
    answerable: bool
    barred: bool = False
    leniency: float = 1.0


@dataclass(frozen=True)
class CurvePoint:
    """The error rates at one threshold, over the questions a fold was not fitted on."""

    threshold: float
    wrong_refusals: float
    wrong_answers_near: float
    wrong_answers_far: float


def label_cases(
    cases: Iterable[Case], searcher: Searcher, by: Reader | None = None
) -> Iterator[Labelled]:
    """Measure the questions of a set; those asked by clause number are not decided by features."""
    for case in cases:
        if case.type == "clause_number":
            continue
        group = case.type if not case.answerable else "dev"
        yield from _label(group, query_of(case), searcher, by, answerable=case.answerable)


def label_laws(
    shared: Path, everyday: Path, encoder: Encoder, folder: Path, by: Reader | None = None
) -> Iterator[Labelled]:
    """Measure held-out everyday questions, each with its own law and with a foreign one."""
    asked = read_everyday(shared, everyday).held_out
    held_out = [one for one in asked if not one.source.startswith((POLICIES, MEASURES))]
    texts = read_laws(shared, {asked.source for asked in held_out})
    chance = random.Random(_SEED)
    for number, (source, text) in enumerate(texts.items()):
        document = Document(id="law", title=Path(source).stem, text=text)
        searcher = open_documents([document], encoder, folder / str(number))
        own = [asked for asked in held_out if asked.source == source]
        others = chance.sample([a for a in held_out if a.source != source], len(own))
        for group, answerable in ((own, True), (others, False)):
            yield from _asked_of_law(group, searcher, by, answerable=answerable)


def open_documents(documents: Sequence[Document], encoder: Encoder, folder: Path) -> Searcher:
    """Build an index of documents in a folder and open it."""
    build(documents, encoder, folder)
    return Searcher.open(folder, encoder)


@contextmanager
def searchers(documents: Sequence[Document], encoder: Encoder) -> Iterator[dict[str, Searcher]]:
    """Open each document in an index of its own, by its id, for a while."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield {d.id: open_documents([d], encoder, folder / d.id) for d in documents}


def collect(
    cases: Sequence[Case], opened: Mapping[str, Searcher], by: Reader | None = None
) -> list[Labelled]:
    """Measure the questions of several documents.

    Args:
        cases: The questions; those about other documents are left out.
        opened: The documents, by id.
        by: The reader to measure with; the one that ships unless given.
    """
    labelled: list[Labelled] = []
    for document, searcher in opened.items():
        own = [case for case in cases if case.document == document]
        labelled += label_cases(own, searcher, by)
    return labelled


def fit(labelled: Sequence[Labelled]) -> tuple[NDArray[np.float64], float]:
    """Fit the regression; near misses are left out, for only their kind and aspect tell them.

    Returns:
        Coefficients in the order of ``Features``, (f,) float64, and the intercept.

    Raises:
        QuestionSetError: All questions have the same label.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (development only)

    used = [one for one in labelled if one.group != _NEAR]
    if len({one.answerable for one in used}) < 2:
        raise QuestionSetError("the fit needs answerable and unanswerable_far questions.")
    rows = np.array([astuple(one.features) for one in used])
    weights = [_WEIGHT[one.group] for one in used]
    model = LogisticRegression(C=10, max_iter=5000)
    model.fit(rows, [one.answerable for one in used], sample_weight=weights)
    return model.coef_[0], float(model.intercept_[0])


def cross_validate(labelled: Sequence[Labelled], folds: int = 7) -> NDArray[np.float64]:
    """Return for each development question the probability by a fit that has not seen it.

    Returns:
        (n,) float64, in the order of the development questions in ``labelled``.
    """
    laws = [one for one in labelled if one.group == "law"]
    own = [one for one in labelled if one.group != "law"]
    order = np.random.default_rng(_SEED).permutation(len(own))
    probabilities = np.zeros(len(own))
    for fold in range(folds):
        left_out = set(order[fold::folds].tolist())
        weights, intercept = fit(laws + [one for i, one in enumerate(own) if i not in left_out])
        for i in left_out:
            fitted = refusal.Calibration(tuple(weights), intercept, 0.5)
            probabilities[i] = fitted.probability(own[i].features)
    return probabilities


def curve(labelled: Sequence[Labelled]) -> list[CurvePoint]:
    """Return both error rates over the thresholds .05 to .95."""
    own = [one for one in labelled if one.group != "law"]
    probabilities = cross_validate(labelled)
    groups = np.array([one.group for one in own])
    barred = np.array([one.barred for one in own])
    leniency = np.array([one.leniency for one in own])
    points = []
    for threshold in np.arange(0.05, 1.0, 0.05).round(2):
        refused = barred | (probabilities < threshold * leniency)
        points.append(
            CurvePoint(
                float(threshold),
                float(refused[groups == "dev"].mean()),
                float((~refused)[groups == _NEAR].mean()),
                float((~refused)[groups == "unanswerable_far"].mean()),
            )
        )
    return points


def choose_threshold(points: Sequence[CurvePoint]) -> float:
    """Return the highest threshold that refuses few enough of the answerable questions.

    Far questions are the rarest of those that are fitted on: where their share no longer falls from
    one threshold to the next, that is for want of them.
    """
    allowed = [p for p in points if p.wrong_refusals <= _WRONG_REFUSALS] or [points[0]]
    return max(p.threshold for p in allowed)


def write(labelled: Sequence[Labelled], path: Path) -> list[CurvePoint]:
    """Fit, choose the threshold, and write both where the assistant reads them."""
    points = curve(labelled)
    weights, intercept = fit(labelled)
    names = [field.name for field in fields(Features)]
    values = {
        "coefficients": dict(zip(names, weights.round(4).tolist(), strict=True)),
        "intercept": round(intercept, 4),
        "threshold": choose_threshold(points),
    }
    path.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    return points


def to_markdown(points: Sequence[CurvePoint], count: int) -> str:
    """Write the curve as a table, the chosen threshold marked."""
    chosen = choose_threshold(points)
    lines = [
        f"Refusal on development questions, each by a fit that has not seen it ({count} in all).\n",
        "| threshold | wrong refusals | wrong answers, near | wrong answers, far |",
        "|---|---|---|---|",
    ]
    for p in points:
        mark = " ←" if p.threshold == chosen else ""
        rates = f"{p.wrong_refusals:.2f} | {p.wrong_answers_near:.2f} | {p.wrong_answers_far:.2f}"
        lines.append(f"| {p.threshold:.2f}{mark} | {rates} |")
    return "\n".join(lines) + "\n"


def _asked_of_law(
    asked: Sequence[Everyday], searcher: Searcher, by: Reader | None, *, answerable: bool
) -> Iterator[Labelled]:
    for one in asked:
        yield from _label("law", understand(one.question), searcher, by, answerable=answerable)


def _label(
    group: str, query: Query, searcher: Searcher, by: Reader | None, *, answerable: bool
) -> Iterator[Labelled]:
    hits = searcher.search(query.text, extract.POOL)
    candidates = extract.weigh(query, hits, searcher, by)
    if candidates:
        features = refusal.measure(query, hits, candidates, searcher)
        barred, leniency = refusal.barred(query, features), refusal.leniency(query)
        yield Labelled(group, features, answerable, barred, leniency)
