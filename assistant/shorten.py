"""A sentence that is too long → the stretch of it that answers. No character is changed."""

import re
from collections.abc import Iterator, Mapping

from corpus.model import Span
from index.tokens import terms

_OPENING, _CLOSING = "（(《〈“‘「『【[", "）)》〉”’」』】]"
_BREAKS = "，,；;：:"
_FINER = _BREAKS + "、"
_TAIL = re.compile(r"[，,；;：:、\s]+$")


def shorten(text: str, span: Span, limit: int, wanted: Mapping[str, float]) -> Span:
    """Return the stretch of whole parts of a sentence that holds most of what is asked.

    Parts end at commas, semicolons and colons outside brackets and quotation marks; where none is
    short enough, at 、 too.

    Args:
        text: The sentence.
        span: Its place in the document; as long as ``text``.
        limit: Most characters wanted.
        wanted: Terms of the question and how much each tells.

    Returns:
        ``span`` itself if it is short enough; else a part of it, of several equally good ones the
        longest. Only a part without any break is cut in the middle.
    """
    if len(text) <= limit:
        return span
    for breaks in (_BREAKS, _FINER):
        runs = [run for run in _runs(text, breaks) if 0 < len(run) <= limit]
        if runs:
            best = max(runs, key=lambda run: (_covered(run.of(text), wanted), len(run)))
            return Span(span.start + best.start, span.start + best.end)
    return Span(span.start, span.start + limit)


def parts(text: str, breaks: str = _BREAKS) -> list[Span]:
    """Split a sentence behind its breaks, those within brackets and quotation marks left out."""
    found: list[Span] = []
    start = depth = 0
    for place, char in enumerate(text):
        depth += (char in _OPENING) - (char in _CLOSING)
        if char in breaks and depth <= 0:
            found.append(Span(start, place + 1))
            start, depth = place + 1, 0
    return [*found, Span(start, len(text))] if start < len(text) else found


def _runs(text: str, breaks: str) -> Iterator[Span]:
    """Yield every stretch of neighbouring parts, without the break it ends in."""
    pieces = parts(text, breaks)
    for first, begin in enumerate(pieces):
        for last in pieces[first:]:
            tail = "" if last.end == len(text) else text[begin.start : last.end]
            found = _TAIL.search(tail)
            yield Span(begin.start, last.end - (len(found[0]) if found else 0))


def _covered(text: str, wanted: Mapping[str, float]) -> float:
    held = set(terms(text))
    return sum(weight for term, weight in wanted.items() if term in held)
