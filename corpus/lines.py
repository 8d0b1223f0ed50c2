"""Text → its lines with their clause numbers; title, comments and table of contents set apart."""

import re

from corpus.markers import Marker, content_start, read_marker
from corpus.model import Kind, Span

MarkedLine = tuple[Span, Marker | None]
"""A line that holds text, and the clause number it opens with."""

SENTENCE_END = re.compile(r"[。！？；：;:!?]")
_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?=[\w\"'-]+[ \t]*:).*?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_CONTENTS = re.compile(r"[\s#*　]*目\s*[录次][\s*　]*")
_PAGE = re.compile(r"[\s.…·—-]*[0-9０-９]*\s*$")  # what ends a line of a table of contents
_TITLE = 80  # a longer line is no title (characters)


def marked_lines(text: str) -> list[MarkedLine]:
    """Return the lines that are not blank, comment or table of contents, with their markers."""
    blanked = _COMMENT.sub(_blank, _FRONT_MATTER.sub(_blank, text))
    lines = []
    for found in _LINE.finditer(blanked):
        if any(char.isalnum() for char in found[0]):
            lines.append((Span(*found.span()), read_marker(found[0])))
    return _without_contents(lines, text)


def _blank(found: re.Match[str]) -> str:
    """Blank what is no text, keeping every offset."""
    return re.sub(r"[^\r\n]", " ", found[0])


def _without_contents(lines: list[MarkedLine], text: str) -> list[MarkedLine]:
    """Drop a table of contents: the lines between 目录 and the return of its first entry."""
    start = next((i for i, (s, _) in enumerate(lines) if _CONTENTS.fullmatch(s.of(text))), None)
    if start is None or start + 1 >= len(lines):
        return lines
    first = _entry(*lines[start + 1], text)
    for end in range(start + 2, len(lines)):
        if _entry(*lines[end], text) == first:
            return lines[:start] + lines[end:]
    return lines


def _entry(span: Span, marker: Marker | None, text: str) -> str:
    """Return what an entry of a table of contents shares with the clause it points to."""
    if marker and marker.number:
        return marker.label
    line = span.of(text)
    return "".join(_PAGE.sub("", line[content_start(line) :]).strip("*_").split())


def take_title(text: str, lines: list[MarkedLine]) -> tuple[str, list[MarkedLine]]:
    """Take the title off the top: a heading or a short line that ends no sentence."""
    if len(lines) < 2:
        return "", lines
    span, marker = lines[0]
    if marker is not None and marker.kind is Kind.ANNEX:  # an annex in a file of its own
        return take_title(text, lines[1:])
    content = trim(text, span.start + content_start(span.of(text)), span.end)
    line = content.of(text).strip("*_ ")
    bare = marker is None and len(line) <= _TITLE and not SENTENCE_END.search(line)
    if bare or (marker is not None and marker.kind is Kind.HEADING and marker.depth == 1):
        return line, lines[1:]
    return "", lines


def trim(text: str, start: int, end: int) -> Span:
    """Return the span without white space (and Markdown's emphasis) at its ends."""
    while start < end and (text[start].isspace() or text[start] in "*_\ufeff"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in "*_"):
        end -= 1
    return Span(start, max(start, end))
