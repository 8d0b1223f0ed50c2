"""Checking spans and markers. Pure: an answer that fails here is never shown."""

import re
from collections.abc import Sequence

from assistant.answer import Citation
from assistant.errors import BrokenCitation
from corpus.store import Library

MARKER = re.compile(r"\[(\d+)\]")


def verify(text: str, citations: Sequence[Citation], library: Library) -> None:
    """Check that every quote is the source and that markers and citations match one to one.

    Args:
        text: The answer with its markers.
        citations: In the order of their indices.
        library: The documents.

    Raises:
        BrokenCitation: A quote differs from its source, a span lies outside, or a marker has no
            citation, or the reverse.
    """
    for citation in citations:
        source = library.get(citation.document_id).text
        if not citation.cited_text or citation.span.of(source) != citation.cited_text:
            raise BrokenCitation(f"引文 [{citation.index}] 与原文不符")
        if not 0 <= citation.answer_span.start < citation.answer_span.end <= len(text):
            raise BrokenCitation(f"引文 [{citation.index}] 指向答案之外")
    indices = [citation.index for citation in citations]
    if indices != list(range(1, len(citations) + 1)):
        raise BrokenCitation("引文没有从 1 起连续编号")
    if {int(number) for number in MARKER.findall(text)} != set(indices):
        raise BrokenCitation("答案里的标记与引文不一致")
