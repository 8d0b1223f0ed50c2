"""Clauses by their number, as the API and the agents' tools read them."""

from collections.abc import Iterator

from assistant import compose
from assistant.api.errors import UnknownClause
from assistant.api.schemas import ClauseDetail, ClauseRef
from assistant.pipeline import Assistant
from corpus.model import Span


def read_clauses(assistant: Assistant, document_id: str, label: str) -> list[ClauseDetail]:
    """Return every clause of a number: numbers may be counted anew in each chapter.

    Args:
        assistant: Knows the documents.
        document_id: The document.
        label: As written or as asked for: `（八）`, `第八条`, `三、`.

    Raises:
        UnknownDocument: No document has that id.
        UnknownClause: It has no such clause.
    """
    found = list(_clauses(assistant, document_id, label))
    if not found:
        raise UnknownClause(document_id, label)
    return found


def _clauses(assistant: Assistant, document_id: str, label: str) -> Iterator[ClauseDetail]:
    document, outline = assistant.library.get(document_id), assistant.library.outline(document_id)
    spans = [path[-1].span for path in outline.walk() if path[-1].label == label]
    if not spans:
        lookup = assistant.searcher.look_up(label, [document_id])
        places = lookup.places if lookup else ()
        spans = [Span(place.spans[0].start, place.spans[-1].end) for place in places]
    for span in spans:
        address = outline.locate(span)
        yield ClauseDetail(
            document_id=document_id,
            clause=ClauseRef.from_domain(address),
            text=span.of(document.text),
            start_char_index=span.start,
            end_char_index=span.end,
            url=compose.url(document_id, outline, address),
        )
