"""``Searcher.search(question, k) → list[Hit]``: how a question finds passages."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.model import Passage, Span
from corpus.passages import sentences
from corpus.store import Library
from index.address import Lookup, Place, look_up
from index.cohort import Cohort, Standing
from index.dense import Vectors, cosines
from index.encode import Encoder, StaticEncoder
from index.expand import Expansion, Glossary, Thesaurus
from index.hybrid import Hybrid
from index.published import PublishedIndex, load
from index.short_forms import spell_out
from index.spelling import Spelling
from index.tokens import fold, terms

_COMMA = re.compile(r"[，,；;：:。？?！!\n]")
_PART = 5  # a shorter part says nothing (characters)
_KEPT = 4096  # texts whose parts are not encoded anew for every question
_HEADING = 45  # a longer sentence is no heading (characters)


@dataclass(frozen=True)
class Hit:
    """A passage found for a question.

    Attributes:
        passage: What was found.
        rank: From 1, best first.
        score: Sum of z-scores of both sides; higher is better, 0 is an average candidate.
        dense: Cosine of the passage's best vector, -1 to 1.
        lexical: BM25, at least 0.
        number: The passage's place in the index.
    """

    passage: Passage
    rank: int
    score: float
    dense: float
    lexical: float
    number: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of a hit.

    Attributes:
        hit: Where it stands.
        span: Its place in the document's text.
        text: The sentence itself.
        dense: Its cosine with the question, -1 to 1.
        whole: The cosine of its whole passage under its heading, -1 to 1.
        lead: The line that introduces the list in which it stands, if it stands in one.
        part: The cosine of its nearest part between commas and semicolons, -1 to 1.
        last: Its cosine with the last part of the question, -1 to 1.
    """

    hit: Hit
    span: Span
    text: str
    dense: float
    whole: float = 0.0
    lead: Span | None = None
    part: float = 0.0
    last: float = 0.0

    @property
    def is_heading(self) -> bool:
        """Whether it is the heading of its clause and says nothing else."""
        own = self.hit.passage.address.path[-1]
        return len(self.text) <= _HEADING and self.text.rstrip("。") in own


class Searcher:
    """The one public face of an index."""

    def __init__(
        self,
        published: PublishedIndex,
        encoder: Encoder,
        thesaurus: Thesaurus | None = None,
        glossary: Glossary | None = None,
        words: Container[str] = (),
    ) -> None:
        """Take what ``open`` puts together; ``words`` are no mistakes, wherever they stand."""
        self._index = published
        self._encoder = encoder
        sides = published.dense, published.lexical
        self._hybrid = Hybrid(*sides, encoder, thesaurus, glossary, questions=published.questions)
        self._texts = lru_cache(maxsize=8)(encoder.encode_query)
        self._parts = lru_cache(maxsize=_KEPT)(self._encode_parts)
        self._centroid = published.dense.centroid()
        self._spelling = Spelling(published.lexical.pairs(), words)

    @classmethod
    def open(cls, directory: Path, encoder: Encoder) -> "Searcher":
        """Open a published index.

        Everyday words are looked up only with a static encoder: ten thousand expressions are
        encoded on opening, which would take others a minute.

        Raises:
            MissingIndex: There is none.
            DamagedIndex: A file is missing or is not what the manifest says.
            StaleIndex: It was built by another encoder or has another format.
        """
        published = load(directory, encoder)
        if isinstance(encoder, StaticEncoder):
            words = frozenset(piece.strip(" ▁") for piece in encoder.pieces()[0])
            return cls(published, encoder, Thesaurus(encoder), Glossary(encoder), words)
        return cls(published, encoder)

    @property
    def library(self) -> Library:
        """The documents that can be found."""
        return self._index.library

    @property
    def encoder_id(self) -> str:
        """Name of the encoder."""
        return self._encoder.id

    @property
    def passages(self) -> int:
        """Number of passages that can be found."""
        return len(self._index.passages)

    def correct(self, question: str) -> str:
        """Set characters right that were typed for others that sound alike; spell short forms out.

        Returns:
            The question as it is if there is nothing to correct, else folded and corrected.
        """
        folded = fold(question)
        corrected = self._spelling.correct(spell_out(folded, self._small))
        return question if corrected == folded else corrected

    def _small(self) -> Iterator[str]:
        """Yield the texts of all documents in small letters."""
        return (document.text.lower() for document in self.library)

    def search(
        self,
        question: str,
        k: int = 8,
        documents: Sequence[str] | None = None,
        places: Sequence[Place] = (),
    ) -> list[Hit]:
        """Find the passages that speak of what a question asks.

        Args:
            question: In any words.
            k: At most so many hits.
            documents: Ids to search in; all unless given.
            places: Clauses to search in; everywhere unless given.

        Returns:
            Best first, ranks from 1. Empty if nothing may be searched.
        """
        ranking = self._hybrid.rank(question, k, self._allowed(documents, places))
        columns = (ranking.numbers, ranking.scores, ranking.dense, ranking.lexical)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            Hit(self._index.passages[number], rank, score, dense, lexical, number)
            for rank, (number, score, dense, lexical) in enumerate(rows, 1)
        ]

    def look_up(self, question: str, documents: Sequence[str] | None = None) -> Lookup | None:
        """Follow the clause numbers that a question names; ``None`` if it names none."""
        return look_up(question, self.library, documents)

    def expansions(self, question: str) -> tuple[Expansion, ...]:
        """Return the documents' terms that the question's words stand for, nearest first."""
        return self._hybrid.expansions(question)

    def glosses(self, question: str) -> tuple[Expansion, ...]:
        """Return Chinese words for a question in a language that the documents do not know."""
        return self._hybrid.glosses(question)

    def sentences(self, question: str, hits: Sequence[Hit]) -> list[Sentence]:
        """Return the sentences of hits with their likeness to a question.

        Returns:
            In the order of the hits and, in each, of the text.
        """
        query = self._hybrid.query(question)
        end = self._parts(question)[-1]
        found = []
        for hit in hits:
            passage = hit.passage
            outline = self.library.outline(passage.document_id)
            text = outline.text
            spans = sentences(text, passage.span)
            rows = self._index.dense.rows(hit.number)
            whole, *likeness = cosines(rows, query).tolist()
            lasts = cosines(rows[1:], end).tolist()
            for span, cosine, last in zip(spans, likeness, lasts, strict=True):
                own, lead = span.of(text), outline.lead_in(span)
                part = self._part(own, query, cosine)
                found.append(Sentence(hit, span, own, cosine, whole, lead, part, last))
        return found

    def topicality(self, question: str) -> float:
        """Return the mean cosine of a question with everything that can be found, -1 to 1."""
        return float(self._hybrid.query(question) @ self._centroid)

    def likeness(self, question: str, others: tuple[str, ...]) -> float:
        """Return the highest cosine of a question with other questions, -1 to 1."""
        return float(cosines(self._texts(others), self._hybrid.query(question)).max())

    def standings(self, question: str, cosine: float) -> tuple[Standing, Standing]:
        """Return how a cosine of a question stands among those with texts of no document."""
        return self._cohort.standings(self._hybrid.query(question), cosine)

    @cached_property
    def _cohort(self) -> Cohort:
        return Cohort(self._encoder)

    def cosines(self, text: str, others: Sequence[str]) -> list[float]:
        """Return the cosine of a text with each of others, -1 to 1."""
        rows = self._encoder.encode_document([text, *others])
        return [float(cosine) for cosine in rows[1:] @ rows[0]]

    def rarity(self, term: str) -> float:
        """Return how much a term tells: BM25's inverse document frequency, above 0.

        A term that no passage holds tells as much as one that a single passage holds.
        """
        return self._index.lexical.rarity(term)

    def knows(self, term: str) -> bool:
        """Say whether any passage holds a term."""
        return self._index.lexical.knows(term)

    def terms_of(self, hit: Hit) -> frozenset[str]:
        """Return the terms of a hit's text and of the headings above it."""
        return frozenset(terms(" ".join((*hit.passage.address.path, hit.passage.text))))

    def _part(self, text: str, query: Vectors, whole: float) -> float:
        """Return the cosine of the nearest part of a sentence; of all of it for a slow encoder."""
        if not isinstance(self._encoder, StaticEncoder):
            return whole
        return float(cosines(self._parts(text), query).max())

    def _encode_parts(self, text: str) -> Vectors:
        """Encode what stands between the commas of a text: (parts, d) float32, at least one."""
        parts = [part for part in _COMMA.split(text) if len(part.strip()) >= _PART]
        return self._encoder.encode_document(parts or [text])

    def _allowed(
        self, documents: Sequence[str] | None, places: Sequence[Place]
    ) -> NDArray[np.int64] | None:
        if documents is None and not places:
            return None
        for document_id in documents or ():
            self.library.get(document_id)  # raises UnknownDocument
        return np.array(
            [
                number
                for number, passage in enumerate(self._index.passages)
                if (documents is None or passage.document_id in documents)
                and (not places or any(_overlaps(place, passage) for place in places))
            ],
            np.int64,
        )


def _overlaps(place: Place, passage: Passage) -> bool:
    return place.document_id == passage.document_id and any(
        span.start < passage.span.end and passage.span.start < span.end for span in place.spans
    )
