"""What a document says: texts, clause trees, passages. No numpy, no models, no network."""

from corpus.model import Clause, ClauseAddress, Document, Kind, Line, Passage, Span
from corpus.outline import Outline
from corpus.parse import parse_outline
from corpus.store import Library, collect, further_documents, shipped_documents

__all__ = [
    "Clause",
    "ClauseAddress",
    "Document",
    "Kind",
    "Library",
    "Line",
    "Outline",
    "Passage",
    "Span",
    "collect",
    "further_documents",
    "parse_outline",
    "shipped_documents",
]
