"""What a document is made of. Spans count code points of ``Document.text``, end exclusive."""

import hashlib
import json
from dataclasses import asdict, dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A piece of a text: ``[start, end)`` in code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """Return the piece of ``text`` that the span covers."""
        return text[self.start : self.end]

    def covers(self, other: "Span") -> bool:
        """Say whether ``other`` lies wholly inside."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class Document:
    """One source text and its metadata.

    ``text`` is the file's text as it stands, line ends too; every span points into it.
    ``examples`` are questions, as people would ask them, that its readers may begin with.
    """

    id: str
    title: str
    text: str
    short_title: str = ""
    issuer: str = ""
    number: str = ""
    year: int | None = None
    language: str = "zh"
    examples: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "examples", tuple(self.examples))  # files hold lists

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over text and metadata."""
        values = asdict(self)
        if not self.examples:  # as before there were any: no index is out of date for want of them
            del values["examples"]
        blob = json.dumps(values, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(blob.encode()).hexdigest()

    @property
    def name(self) -> str:
        """What people call it: the short title where there is one."""
        return self.short_title or self.title


class Kind(StrEnum):
    """How a clause is numbered."""

    ANNEX = "附件"
    PART = "编"
    SUBPART = "分编"
    CHAPTER = "章"
    SECTION = "节"
    ARTICLE = "条"
    HEADING = "标题"  # a Markdown heading without a number
    CHINESE = "一、"
    CHINESE_BRACKETS = "（一）"
    ARABIC = "1."
    ARABIC_BRACKETS = "（1）"
    CIRCLED = "①"
    FRONT = "前言"  # text before the first clause


@dataclass(frozen=True)
class Clause:
    """A numbered unit of a document, at any level.

    Attributes:
        kind: How it is numbered.
        label: Its number as people cite it: ``（八）``, ``第三条``, ``三、``, ``前言``.
        number: ``(8,)``; ``(120, 1)`` for 第一百二十条之一; empty for an unnumbered one.
        span: From its number to the end of its last descendant.
        heading: Its heading, if it has one.
        children: Clauses of the next levels, in the document's order.
    """

    kind: Kind
    label: str
    number: tuple[int, ...]
    span: Span
    heading: Span | None
    children: tuple["Clause", ...] = ()

    def title(self, text: str) -> str:
        """Return label and heading as one line: ``第一章 总则``, ``（五）深化科研院所分类改革``."""
        heading = self.heading.of(text).strip().rstrip("。：:") if self.heading else ""
        if self.kind in (Kind.HEADING, Kind.FRONT):
            return heading or self.label
        gap = " " if heading and self.label.startswith("第") else ""
        return self.label + gap + heading


@dataclass(frozen=True, slots=True)
class ClauseAddress:
    """Where a piece of text stands.

    Attributes:
        label: The number people cite (the article, or the （一） in texts of 一、（一）).
        path: Headings from the top down to that clause, its own included.
        paragraph: Its 款, counted from 1.
        item: The 项 or point, such as ``（二）`` or ``3.``, where the text lies in one.
    """

    label: str
    path: tuple[str, ...]
    paragraph: int = 1
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document with the place where it stands.

    ``span`` leaves out the clause number and surrounding white space; a run-in heading is in it.
    ``clause`` is where the clause that people would cite begins: two that look alike differ in it.
    """

    span: Span
    address: ClauseAddress
    clause: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit of retrieval: a paragraph of one clause, or a part of an overlong one."""

    document_id: str
    span: Span
    address: ClauseAddress
    text: str
