"""Clause → passages: a paragraph each with its items; the overlong are split at sentence ends."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from corpus.markers import read_marker
from corpus.model import Document, Kind, Line, Passage, Span
from corpus.outline import Outline
from corpus.parse import parse_outline

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

MAX_PASSAGE = 400  # characters
_MIN_ITEM = 120  # shorter items of an overlong paragraph share a passage (characters)
_SENTENCE = re.compile(r"[^。！？；!?\n]*(?:[。！？；!?]+[”’』」）)》]*|\n|$)")
_ITEMS = (Kind.CHINESE, Kind.CHINESE_BRACKETS, Kind.ARABIC, Kind.ARABIC_BRACKETS, Kind.CIRCLED)
_CLOSERS = "。！？；!?”’』」）)》"


def cut(document: Document) -> tuple[Passage, ...]:
    """Cut a document into passages.

    Returns:
        Passages in the order of the text, not overlapping; every line of the outline lies in one
        or, if overlong, in several.
    """
    outline = parse_outline(document.text)
    return tuple(
        Passage(document.id, span, outline.locate(span), span.of(document.text))
        for paragraph in _paragraphs(outline)
        for lines in _by_items(paragraph)
        for span in _split(document.text, Span(lines[0].span.start, lines[-1].span.end))
    )


def sentences(text: str, within: Span) -> tuple[Span, ...]:
    """Split a span at sentence ends (。！？； and line ends).

    Returns:
        Spans in order, trimmed of white space, none empty; closing quotes stay with their sentence,
        and an item's number, at the start of a line, is left out.
    """
    found = []
    for match in _SENTENCE.finditer(within.of(text)):
        piece = match[0]
        start = within.start + match.start() + len(piece) - len(piece.lstrip())
        if start == within.start or text[start - 1].isspace():
            start += _number_length(text[start : within.start + match.end()])
        end = within.start + match.start() + len(piece.rstrip())
        if start < end and piece.strip(_CLOSERS + " \u3000\r\n\t"):
            found.append(Span(start, end))
    return tuple(found)


def _number_length(piece: str) -> int:
    """Return the length of an item's number, with white space, at the start of a piece of text."""
    marker = read_marker(piece)
    if marker is None or marker.kind not in _ITEMS:
        return 0
    return marker.end + len(piece[marker.end :]) - len(piece[marker.end :].lstrip())


def _paragraphs(outline: Outline) -> Iterator[list[Line]]:
    for _, lines in groupby(outline.lines, key=lambda line: (line.clause, line.address.paragraph)):
        yield list(lines)


def _by_items(lines: list[Line]) -> Iterator[list[Line]]:
    """Keep a paragraph whole if it is short enough; else let its items stand apart."""
    if lines[-1].span.end - lines[0].span.start <= MAX_PASSAGE:
        yield lines
        return
    group: list[Line] = []
    for line in lines:
        if group and line.span.end - group[0].span.start > _MIN_ITEM:
            yield group
            group = []
        group.append(line)
    yield group


def _split(text: str, span: Span) -> Iterator[Span]:
    if len(span) <= MAX_PASSAGE:
        yield span
        return
    start = span.start
    for chunk in _splitter().split_text(span.of(text)):
        piece = Span(start, start + len(chunk))
        start = piece.end
        if piece.of(text).strip():
            yield _trimmed(text, piece)


def _trimmed(text: str, span: Span) -> Span:
    piece = span.of(text)
    return Span(
        span.start + len(piece) - len(piece.lstrip()), span.end - len(piece) + len(piece.rstrip())
    )


@lru_cache(maxsize=1)
def _splitter() -> "RecursiveCharacterTextSplitter":
    # Imported on first use: only building an index splits, and the import takes a quarter second.
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: PLC0415

    return RecursiveCharacterTextSplitter(
        separators=["\n", "。", "；", "，", "、", ""],
        keep_separator="end",
        strip_whitespace=False,  # so that the chunks, joined, are the text and offsets add up
        chunk_size=MAX_PASSAGE,
        chunk_overlap=0,
    )
