"""Documents → published index. What an earlier build has encoded is not encoded again."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from corpus.model import Document, Passage
from corpus.passages import cut, sentences
from corpus.store import Library
from index import layout
from index.dense import DenseSide, Vectors
from index.encode import Encoder
from index.errors import IndexFault
from index.layout import Manifest
from index.lexical import LexicalSide
from index.published import PublishedIndex, load
from index.questions import ClauseQuestions
from index.questions import write as write_questions

_BATCH = 512  # passages encoded between two reports of progress
_UNTITLED = ("前言", "正文")
_NUMBER = re.compile(
    r"第[〇零一二两三四五六七八九十百千万0-9]+(?:分编|[编章节条])(?:之[一二三四五六七八九十]+)?"
    r"(?: |$)|（[〇零一二三四五六七八九十百0-9]+）|[〇零一二三四五六七八九十百]+、"
    r"|[0-9]{1,2}\.|[①-⑳]"
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class BuildReport:
    """What a build did; counts of passages and vectors."""

    directory: Path
    manifest: Manifest
    encoded: int
    reused: int


@dataclass(frozen=True)
class _Unit:
    """A passage with the texts it is encoded by: itself under its heading, and its sentences."""

    passage: Passage
    texts: tuple[str, ...]
    lexical: str
    key: str


def build(  # noqa: PLR0913 (one call does it all)
    documents: Sequence[Document],
    encoder: Encoder,
    directory: Path,
    *,
    sources: Sequence[str] = (),
    questions: Sequence[ClauseQuestions] = (),
    progress: Progress | None = None,
) -> BuildReport:
    """Build an index of documents and publish it atomically.

    Args:
        documents: At least one.
        encoder: Encodes what the index in ``directory`` does not hold already.
        directory: Where to publish.
        sources: The paths the documents came from, as they should stand in a repair command.
        questions: What a model wrote about the clauses, searched beside the passages.
        progress: Called with (passages done, passages to encode).

    Raises:
        BuildInProgress: Another build is writing the same directory.
        NotAnIndex: The directory holds other files.
        ValueError: There is nothing to index.
        DocumentError: Two documents have the same id.
    """
    library = Library(documents)
    units = [unit for document in library for unit in _units(document)]
    if not units:
        raise ValueError("no documents with text")
    with layout.build_lock(directory):
        known = _known_vectors(directory, encoder)
        fresh = [unit for unit in units if unit.key not in known]
        vectors = {**known, **_encode(fresh, encoder, progress or _silent)}
        counts = [len(unit.texts) for unit in units]
        dense = DenseSide.from_vectors(np.concatenate([vectors[u.key] for u in units]), counts)
        lexical = LexicalSide.from_texts([unit.lexical for unit in units])
        manifest = Manifest(
            encoder=encoder.id,
            encoder_digest=encoder.digest,
            dimension=encoder.dimension,
            corpus_digest=library.digest,
            documents=len(library),
            passages=len(units),
            vectors=sum(counts),
            sources=tuple(sources),
        )

        def write(target: Path) -> None:
            _write_lines(target / layout.DOCUMENTS, map(asdict, library))
            _write_lines(target / layout.PASSAGES, map(_record, units))
            (target / layout.VECTORS).write_bytes(dense.to_bytes())
            lexical.save(target)
            write_questions(target, questions, [unit.key for unit in units], encoder)

        published = layout.publish(directory, manifest, write)
    return BuildReport(directory, published, len(fresh), len(units) - len(fresh))


def keyed_passages(document: Document) -> list[tuple[str, Passage]]:
    """Return the passages of a document with the keys that an index knows them by."""
    return [(unit.key, unit.passage) for unit in _units(document)]


def _silent(done: int, total: int) -> None:
    """Report no progress."""


def _units(document: Document) -> Iterator[_Unit]:
    for passage in cut(document):
        heading = " ".join(_heading(title) for title in passage.address.path)
        spans = sentences(document.text, passage.span)
        texts = (f"{heading} {passage.text}", *(span.of(document.text) for span in spans))
        yield _Unit(passage, texts, texts[0], _key(passage, texts))


def _heading(title: str) -> str:
    """Drop the number from a clause's title: what is left says what it is about."""
    number = _NUMBER.match(title)
    return "" if title in _UNTITLED else title[number.end() if number else 0 :]


def _key(passage: Passage, texts: Sequence[str]) -> str:
    """Identity of a passage: its address and its content, so that only what is amended changes."""
    address = passage.address
    place = (passage.document_id, address.path, address.paragraph, address.item)
    blob = json.dumps([place, texts], ensure_ascii=False)
    return hashlib.sha256(blob.encode()).hexdigest()[:32]


def _record(unit: _Unit) -> dict[str, object]:
    span = unit.passage.span
    place = {"document": unit.passage.document_id, "start": span.start, "end": span.end}
    address = asdict(unit.passage.address)
    return place | {"address": address, "vectors": len(unit.texts), "key": unit.key}


def _known_vectors(directory: Path, encoder: Encoder) -> Mapping[str, Vectors]:
    """Return the vectors of the index that stands, by key; none if it is unusable."""
    try:
        standing: PublishedIndex = load(directory, encoder)
    except IndexFault:
        return {}
    return {key: standing.dense.rows(number) for number, key in enumerate(standing.keys)}


def _encode(units: Sequence[_Unit], encoder: Encoder, progress: Progress) -> dict[str, Vectors]:
    encoded: dict[str, Vectors] = {}
    for start in range(0, len(units), _BATCH):
        batch = units[start : start + _BATCH]
        vectors = encoder.encode_document([text for unit in batch for text in unit.texts])
        ends = np.cumsum([len(unit.texts) for unit in batch])[:-1]
        encoded |= {u.key: rows for u, rows in zip(batch, np.split(vectors, ends), strict=True)}
        progress(start + len(batch), len(units))
    return encoded


def _write_lines(path: Path, records: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
