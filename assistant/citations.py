"""Checking spans and markers. Pure: an answer that fails here is never shown."""

import re
from collections.abc import Sequence

from assistant.answer import Citation
from assistant.errors import BrokenCitation
from corpus.store import Library

MARKER = re.compile(r"\[(\d+)\]")
_MARKERS = re.compile(r"(?:\[\d+\])*")


def markers(text: str, citations: Sequence[Citation]) -> list[re.Match[str]]:
    """Return the markers of an answer; brackets of the source (沪府[2015]9号) are none."""
    quoted = [citation.answer_span for citation in citations]
    return [
        marker
        for marker in MARKER.finditer(text)
        if not any(span.start <= marker.start() < span.end for span in quoted)
    ]


def verify(text: str, citations: Sequence[Citation], library: Library) -> None:
    """Check that every quote is the source and that markers and citations match one to one.

    Args:
        text: The answer with its markers.
        citations: In the order of their indices.
        library: The documents.

    Raises:
        BrokenCitation: A quote differs from its source, a part of the answer is not followed by
            the marker of what supports it, or a marker has no citation, or the reverse.
    """
    for citation in citations:
        source = library.get(citation.document_id).text
        if not citation.cited_text or citation.span.of(source) != citation.cited_text:
            raise BrokenCitation(f"引文 [{citation.index}] 与原文不符")
        if not citation.answer_span or not _is_marked(text, citation):
            raise BrokenCitation(f"引文 [{citation.index}] 没有跟在它所支持的文字后面")
    indices = [citation.index for citation in citations]
    if indices != list(range(1, len(citations) + 1)):
        raise BrokenCitation("引文没有从 1 起连续编号")
    if {int(marker[1]) for marker in markers(text, citations)} != set(indices):
        raise BrokenCitation("答案里的标记与引文不一致")


def _is_marked(text: str, citation: Citation) -> bool:
    """Say whether the markers right behind the supported part include the citation's own."""
    found = _MARKERS.match(text, citation.answer_span.end)
    return found is not None and f"[{citation.index}]" in found[0]
