"""A published index in memory, loaded and checked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.model import ClauseAddress, Document, Passage, Span
from corpus.store import Library
from index import layout
from index.dense import DenseSide
from index.encode import Encoder
from index.errors import StaleIndex
from index.layout import Manifest
from index.lexical import LexicalSide
from index.questions import QuestionSide
from index.questions import load as load_questions


@dataclass(frozen=True)
class PublishedIndex:
    """Everything a search needs; ``passages``, ``keys`` and both sides are in the same order."""

    manifest: Manifest
    library: Library
    passages: Sequence[Passage]
    keys: Sequence[str]
    dense: DenseSide
    lexical: LexicalSide
    questions: QuestionSide | None = None


def load(directory: Path, encoder: Encoder) -> PublishedIndex:
    """Load a published index for an encoder.

    Raises:
        MissingIndex: There is none.
        DamagedIndex: A file is missing or is not what the manifest says.
        StaleIndex: It was built by another encoder or has another format.
    """

    def from_files(place: Path, manifest: Manifest) -> PublishedIndex:
        if manifest.encoder_digest != encoder.digest:
            reason = f"是用编码器 {manifest.encoder} 建的，与现在的 {encoder.id} 不同"
            raise StaleIndex(directory, reason, manifest.sources)
        library = Library(Document(**r) for r in _lines(place / layout.DOCUMENTS))
        records = _lines(place / layout.PASSAGES)
        counts = [record["vectors"] for record in records]
        keys = [record["key"] for record in records]
        return PublishedIndex(
            manifest=manifest,
            library=library,
            passages=[_passage(library, record) for record in records],
            keys=keys,
            dense=DenseSide.from_file(place / layout.VECTORS, counts),
            lexical=LexicalSide.load(place, len(records)),
            questions=load_questions(place, keys),
        )

    return layout.read(directory, from_files)


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        return [json.loads(line) for line in file]


def _passage(library: Library, record: dict[str, Any]) -> Passage:
    document_id, span = record["document"], Span(record["start"], record["end"])
    place = record["address"]
    address = ClauseAddress(place["label"], tuple(place["path"]), place["paragraph"], place["item"])
    return Passage(document_id, span, address, span.of(library.get(document_id).text))
