"""Retrieval alone, for any encoder: words, vectors, both, and both with everyday words expanded.

The sides are those of the index, over pools that are no documents: STARD's 58,570 articles, XQuAD's
240 passages, and the passages of the shipped documents for each type of question.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.model import Document, Span
from corpus.passages import cut, sentences
from evals.cases import Case, query_of
from index.dense import DenseSide
from index.encode import Encoder, StaticEncoder, Vectors
from index.expand import Glossary, Thesaurus
from index.hybrid import Hybrid
from index.lexical import LexicalSide
from index.training.benchmarks import TestSet, stard, xquad

WAYS = ("words", "vectors", "both", "both, expanded")


@dataclass(frozen=True)
class Row:
    """Recall of one encoder on one set of questions.

    Attributes:
        encoder: Its name.
        questions: The set's name and size.
        depths: How many of the best were looked at.
        recall: Way → share of the gold units found at each depth, averaged over questions.
        encode_s: Seconds to encode the pool.
        query_ms: Milliseconds to encode a question, median.
        search_ms: Milliseconds to search both sides and fuse, median.
    """

    encoder: str
    questions: str
    depths: tuple[int, ...]
    recall: Mapping[str, tuple[float, ...]]
    encode_s: float
    query_ms: float
    search_ms: float


def measure(encoder: Encoder, test: TestSet, depths: tuple[int, ...]) -> Row:
    """Measure every way to search on one set."""
    split = len(test.passages) < 10_000  # by sentences too, as documents are; a corpus by articles
    start = time.perf_counter()
    dense = _dense(encoder, test.passages, by_sentence=split)
    encode_s = time.perf_counter() - start
    pool = _Pool(dense, LexicalSide.from_texts(test.passages), encoder)
    count = 4 * max(depths) if split else max(depths)  # a clause may hold several of the best
    found: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
    for question, gold in zip(test.questions, test.gold, strict=True):
        for way, numbers in pool.search(question, count).items():
            found[way].append(_recall(numbers, gold, test.groups, depths))
    return Row(
        encoder=encoder.id,
        questions=f"{test.name} ({len(test.questions)})",
        depths=depths,
        recall={w: tuple(np.mean(r, axis=0).tolist()) for w, r in found.items() if r},
        encode_s=encode_s,
        query_ms=float(np.median(pool.query_ms)),
        search_ms=float(np.median(pool.search_ms)),
    )


class _Pool:
    """Every way to search one pool of passages."""

    def __init__(self, dense: DenseSide, lexical: LexicalSide, encoder: Encoder) -> None:
        self._dense, self._lexical = dense, lexical
        self._ways = {"both": Hybrid(dense, lexical, encoder)}
        if isinstance(encoder, StaticEncoder):
            expanded = Hybrid(dense, lexical, encoder, Thesaurus(encoder), Glossary(encoder))
            self._ways["both, expanded"] = expanded
        self.query_ms: list[float] = []
        self.search_ms: list[float] = []

    def search(self, question: str, count: int) -> dict[str, NDArray[np.int64]]:
        """Return the places of the best passages, (count,) int64 or fewer, for each way."""
        start = time.perf_counter()
        query = self._ways["both"].query(question)
        self.query_ms.append(1000 * (time.perf_counter() - start))
        found = {
            "words": np.argsort(-self._lexical.scores(question), kind="stable")[:count],
            "vectors": self._nearest(query, count),
        }
        for way, hybrid in self._ways.items():
            start = time.perf_counter()
            found[way] = hybrid.rank(question, count).numbers
            took = 1000 * (time.perf_counter() - start)
        self.search_ms.append(took)
        return found

    def _nearest(self, query: Vectors, count: int) -> NDArray[np.int64]:
        near = self._dense.nearest(query, 10 * count)  # a passage may own ten of the nearest
        return near[np.argsort(-self._dense.score(query, near), kind="stable")[:count]]


def question_sets(cases: Sequence[Case], documents: Sequence[Document]) -> Iterator[TestSet]:
    """Yield the answerable questions of each type over the passages of the first document.

    Those about each other document are one set, over the passages of that document.
    """
    answerable = [case for case in cases if case.answerable and case.type != "clause_number"]
    first, *others = documents
    own = [case for case in answerable if case.document in (None, first.id)]
    for kind in dict.fromkeys(case.type for case in own):
        yield _question_set(kind, [case for case in own if case.type == kind], first)
    for document in others:
        if chosen := [case for case in answerable if case.document == document.id]:
            yield _question_set(document.id, chosen, document)


def _question_set(name: str, cases: Sequence[Case], document: Document) -> TestSet:
    passages = cut(document)
    labels = list(dict.fromkeys(passage.address.label for passage in passages))
    groups = [labels.index(passage.address.label) for passage in passages]
    texts = [" ".join((passage.address.path[-1], passage.text)) for passage in passages]
    gold = [frozenset(map(labels.index, case.clauses)) for case in cases]
    return TestSet(name, [query_of(case).text for case in cases], texts, gold, groups)


def benchmark_sets(shared: Path) -> Iterator[tuple[TestSet, tuple[int, ...]]]:
    """Yield the public test sets with the depths their figures are usually stated at."""
    yield xquad(shared, "zh"), (1, 5)
    yield xquad(shared, "en"), (1, 5)
    yield stard(shared), (10, 100)


def to_markdown(rows: Sequence[Row]) -> str:
    """Write the figures as a table."""
    lines = [
        f"| encoder | questions | depth | {' | '.join(WAYS)} | pool encoded | query | search |",
        "|---|---|---|" + "---|" * (len(WAYS) + 3),
    ]
    for row in rows:
        depth = " / ".join(f"@{depth}" for depth in row.depths)
        recalls = " | ".join(
            " / ".join(f"{share:.3f}" for share in row.recall[way]) if way in row.recall else "–"
            for way in WAYS
        )
        times = f"{row.encode_s:.1f} s | {row.query_ms:.2f} ms | {row.search_ms:.1f} ms"
        lines.append(f"| {row.encoder} | {row.questions} | {depth} | {recalls} | {times} |")
    return "\n".join(lines) + "\n"


def _dense(encoder: Encoder, passages: Sequence[str], *, by_sentence: bool) -> DenseSide:
    units = [
        [text, *(span.of(text) for span in sentences(text, Span(0, len(text))))]
        if by_sentence
        else [text]
        for text in passages
    ]
    counts = [len(texts) for texts in units]
    vectors = encoder.encode_document([text for texts in units for text in texts])
    return DenseSide.from_vectors(vectors, counts)


def _recall(
    numbers: NDArray[np.int64],
    gold: frozenset[int],
    groups: Sequence[int],
    depths: tuple[int, ...],
) -> tuple[float, ...]:
    """Share of the gold units among the best units; a unit is found by its best passage.

    With more gold units than the depth, finding as many as fit counts as all.
    """
    ranked = list(dict.fromkeys(groups[number] for number in numbers.tolist()))
    return tuple(len(gold & set(ranked[:d])) / min(len(gold), d) for d in depths)
