"""The clauses that a refusal names: the nearest thing the documents do say."""

from collections.abc import Sequence

from assistant import compose
from assistant.answer import NearClause
from corpus.model import ClauseAddress
from corpus.store import Library
from index.search import Hit

MOST = 3  # clauses named in a refusal
_CHAPTERS = 6  # chapters named in a refusal


def nearest(hits: Sequence[Hit], library: Library) -> tuple[NearClause, ...]:
    """Return the clauses of the best hits, each once."""
    found: dict[tuple[str, tuple[str, ...]], NearClause] = {}
    for hit in hits:
        document_id, address = hit.passage.document_id, hit.passage.address
        found.setdefault((document_id, address.path), near(document_id, address, library))
    return tuple(found.values())[:MOST]


def chapters(document_ids: Sequence[str], library: Library) -> tuple[str, ...]:
    """Return what the chapters of a single document are headed, without numbers; of others none."""
    if len(document_ids) != 1:
        return ()
    outline = library.outline(document_ids[0])
    titles = [(clause.label, clause.title(outline.text)) for clause in outline.clauses]
    headings = [title.removeprefix(label).strip() for label, title in titles]
    return tuple(filter(None, headings))[:_CHAPTERS]


def near(document_id: str, address: ClauseAddress, library: Library) -> NearClause:
    """Return a clause by its address, with where it can be read."""
    url = compose.url(document_id, library.outline(document_id), address)
    return NearClause(document_id, address, url)
