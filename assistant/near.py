"""The clauses that a refusal names: the nearest thing the documents do say."""

from collections.abc import Mapping, Sequence

from assistant import compose
from assistant.answer import NearClause
from corpus.model import ClauseAddress, Document, Span
from corpus.outline import Outline
from corpus.store import Library
from index.address import Place, Reference, numbered
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


def near_numbers(
    held: Mapping[Reference, Sequence[Place]],
    documents: Sequence[Document],
    library: Library,
) -> tuple[NearClause, ...]:
    """Return the clauses nearest to numbers that are not there, each once.

    Args:
        held: The numbers, each with its clauses, where only a paragraph or item is not there.
        documents: That are asked, where there is no such clause.
        library: Where they are from.
    """
    starts: list[tuple[str, int]] = []
    for reference, places in held.items():
        starts += [(place.document_id, place.clause.span.start) for place in places] or [
            (d.id, _start_nearest(reference, library.outline(d.id))) for d in documents
        ]
    distinct = list(dict.fromkeys(starts))[:MOST]
    located = [(name, library.outline(name).locate(Span(at, at + 1))) for name, at in distinct]
    return tuple(near(name, address, library) for name, address in located)


def _start_nearest(reference: Reference, outline: Outline) -> int:
    """Return where the clause of the nearest number begins; else the last line."""
    clauses = [path[-1] for path in numbered(reference.level, outline)]
    wanted = reference.number[0]
    nearest = min(clauses, key=lambda clause: abs(clause.number[0] - wanted), default=None)
    return nearest.span.start if nearest else outline.lines[-1].span.start


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
