"""Numbering styles → clause tree: what stands where in a document.

A document is read line by line. A line that opens with a number is placed by the rank of its kind
(编 > 分编 > 章 > 节 > 条, and 一、 > （一） > 1. > （1） > ①, the official order); a line without
one is a paragraph (款) of the clause that is open.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from corpus.markers import Marker, content_start, read_marker
from corpus.model import Clause, ClauseAddress, Kind, Line, Span

_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_STRUCTURE = (Kind.PART, Kind.SUBPART, Kind.CHAPTER, Kind.SECTION)
_NUMBERED = (
    Kind.CHINESE,
    Kind.CHINESE_BRACKETS,
    Kind.ARABIC,
    Kind.ARABIC_BRACKETS,
    Kind.CIRCLED,
)
_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(?=[\w\"'-]+[ \t]*:).*?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL
)
_CONTENTS = re.compile(r"[\s#*　]*目\s*[录次][\s*　]*")
_BRACKET_HEADING = re.compile(
    r"\s*(?:[【［〔]([^】］〕]{1,40})[】］〕]|[（(]([^（）()。；，]{1,24})[）)](?=\s|$))"
)
_SENTENCE_END = re.compile(r"[。！？；：;:!?]")
_PAGE = re.compile(r"[\s.…·—-]*[0-9０-９]*\s*$")  # what ends a line of a table of contents
_ARTICLE_HEADING = re.compile(r"[^，。；：！？,;:!?]{1,16}")
_RUN_IN = 40  # a longer first sentence is text, not a heading (characters)
_BARE_HEADING = 60  # a line without any sentence end is a heading up to this length (characters)
_TITLE = 80  # and a title up to this
_GAP = 2  # numbers may jump by this much: a text can lack one of its own


@dataclass(frozen=True)
class Outline:
    """A document's clauses as a tree, and its lines with their addresses.

    ``lines`` are in the order of the text and do not overlap. ``places`` are the lines and the
    headings that are in none of them.
    """

    text: str
    title: str
    clauses: tuple[Clause, ...]
    lines: tuple[Line, ...]
    places: tuple[Line, ...]

    def walk(self) -> Iterator[tuple[Clause, ...]]:
        """Yield every clause as its path from the top, in the order of the text."""
        stack: list[tuple[Clause, ...]] = [(clause,) for clause in reversed(self.clauses)]
        while stack:
            path = stack.pop()
            yield path
            stack.extend((*path, child) for child in reversed(path[-1].children))

    def labels(self) -> frozenset[str]:
        """Return every label under which text can be cited."""
        return frozenset(line.address.label for line in self.lines)

    def anchor(self, address: ClauseAddress) -> str:
        """Return a paragraph's stable name on the document's page: ``（八）``, ``第三条-2``.

        Labels that are counted anew in every chapter are told apart by the chapter's number.
        """
        above = (
            ""
            if address.label not in self._repeated
            else "".join(
                title.split(" ")[0].partition("、")[0] + " " for title in address.path[:-1]
            ).replace(" ", "-")
        )
        suffix = f"-{address.paragraph}" if address.paragraph > 1 else ""
        return above + address.label + suffix

    @cached_property
    def _repeated(self) -> frozenset[str]:
        paths = {line.address.path: line.address.label for line in self.lines}
        return frozenset(label for label, count in Counter(paths.values()).items() if count > 1)

    def locate(self, span: Span) -> ClauseAddress:
        """Return the address of a span; ``item`` only if it lies in one as a whole.

        Raises:
            ValueError: The document has no text at all.
        """
        if not self.lines:
            raise ValueError("a document without lines has no addresses")
        first = self._line_at(span.start).address
        last = self._line_at(max(span.start, span.end - 1)).address
        if first.item == last.item:
            return first
        return ClauseAddress(first.label, first.path, first.paragraph)

    def _line_at(self, position: int) -> Line:
        after = bisect_right(self.places, position, key=lambda line: line.span.start)
        line = self.places[max(0, after - 1)]
        # A clause's number stands before its heading or first line and belongs to it.
        behind = line.span.end <= position and after < len(self.places)
        return self.places[after] if behind else line


@lru_cache(maxsize=256)
def parse_outline(text: str) -> Outline:
    """Cut a text into its clauses.

    Args:
        text: The whole document, plain or Markdown.

    Returns:
        Its outline; every span in it points into ``text``.
    """
    return _Builder(text).build()


@dataclass
class _Node:
    kind: Kind
    label: str
    number: tuple[int, ...]
    start: int
    depth: int = 0
    heading: Span | None = None
    paragraphs: int = 0
    own_lines: int = 0
    children: list["_Node"] = field(default_factory=list)


class _Builder:
    """One pass over the lines; ``stack`` holds the open clauses from the top down."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.stack: list[_Node] = []
        self.roots: list[_Node] = []
        self.lines: list[Line] = []
        self.headings: list[Line] = []
        self.last_article: tuple[int, ...] = (0,)
        self.run_on = False  # whether numbers of articles run into their text: 第三条为了…
        self.latest: dict[Kind, int] = {}

    def build(self) -> Outline:
        title, rest = _title(self.text, _marked_lines(self.text))
        for span, marker in rest:
            if marker and self._accept(marker):
                self._open(marker, span)
            else:
                self._paragraph(span)
        self._give_bare_headings_a_line()
        self._name_unnumbered_text()
        self.lines.sort(key=lambda line: line.span)
        clauses = self._freeze(self.roots, len(self.text))
        in_lines = {line.span.start for line in self.lines}
        apart = (line for line in self.headings if line.span.start not in in_lines)
        places = sorted([*self.lines, *apart], key=lambda line: line.span)
        return Outline(self.text, title, clauses, tuple(self.lines), tuple(places))

    def _accept(self, marker: Marker) -> bool:
        """Tell a clause's number from a sentence that happens to begin with one."""
        if marker.kind is Kind.ARTICLE:
            expected = _follows(marker.number, self.last_article)
            if marker.separated:
                return expected or not marker.mention
            gap = marker.number[0] - self.last_article[0]
            return not marker.mention and (expected or (self.run_on and 0 < gap <= _GAP))
        if marker.kind in (Kind.ARABIC, Kind.CHINESE):
            return self._in_sequence(marker)
        return True

    def _in_sequence(self, marker: Marker) -> bool:
        """3. follows 1. or 2. of its own clause, or (some texts count on) of the clause before."""
        number, latest = marker.number[0], self.latest.get(marker.kind)
        if number == 1 or (latest is None and marker.kind is Kind.CHINESE):
            return True
        open_one = self._last(marker.kind)
        before = [latest or 0] + ([open_one.number[0]] if open_one else [])
        return latest is not None and any(0 < number - last <= _GAP for last in before)

    def _open(self, marker: Marker, span: Span) -> None:
        del self.stack[self._parent_depth(marker) :]
        self._remember(marker)
        node = _Node(marker.kind, marker.label, marker.number, span.start, marker.depth)
        (self.stack[-1].children if self.stack else self.roots).append(node)
        self.stack.append(node)
        content = _trim(self.text, span.start + marker.end, span.end)
        self._fill(node, content)
        if node.heading and not node.own_lines:
            self.headings.append(self._line(node.heading))

    def _remember(self, marker: Marker) -> None:
        """Keep what tells whether the next number goes on in the row; an annex begins anew."""
        if marker.kind is Kind.ANNEX:
            self.last_article = (0,)
            self.latest.clear()
        elif marker.kind is Kind.ARTICLE:
            self.last_article = marker.number
            self.run_on = self.run_on or not marker.separated
        elif marker.number:
            self.latest[marker.kind] = marker.number[0]

    def _fill(self, node: _Node, content: Span) -> None:
        """Split what follows the number into heading and text."""
        if node.kind in (*_STRUCTURE, Kind.HEADING):
            node.heading = content if content else None
            return
        if node.kind is Kind.ARTICLE:
            node.heading, content = _article_heading(self.text, content)
        elif not self._in_article():
            node.heading = _run_in_heading(self.text, content)
            if node.heading == content:
                return
        if content:
            self._add_line(content)

    def _paragraph(self, span: Span) -> None:
        content = _trim(self.text, span.start + content_start(span.of(self.text)), span.end)
        if not self.stack:
            node = _Node(Kind.FRONT, "前言", (), content.start)
            self.roots.append(node)
            self.stack.append(node)
        self._close_items()
        self._promote_to_heading(self.stack[-1])
        self._add_line(content)

    def _close_items(self) -> None:
        """In an article, an unnumbered paragraph after items is the next 款 of the article."""
        for depth, node in enumerate(self.stack):
            if node.kind is Kind.ARTICLE and self.stack[-1].own_lines:
                del self.stack[depth + 1 :]
                return

    def _promote_to_heading(self, node: _Node) -> None:
        """A numbered line of one short sentence, followed by paragraphs, was a heading."""
        if node.heading or node.own_lines != 1:
            return
        line = self.lines[-1].span.of(self.text)
        if node.kind is Kind.ARTICLE and _ARTICLE_HEADING.fullmatch(line):
            node.heading = self.lines.pop().span  # 第三条 申请条件: not a 款
            node.own_lines = node.paragraphs = 0
            self.headings.append(self._line(node.heading))
        elif node.kind in _NUMBERED and not self._in_article() and _is_short_sentence(line):
            node.heading = self.lines[-1].span
            self.lines[-1] = replace(self._line(node.heading), address=self._address())

    def _add_line(self, span: Span) -> None:
        if _citable(self.stack) == len(self.stack) - 1:
            self.stack[-1].paragraphs += 1
        self.stack[-1].own_lines += 1
        self.lines.append(self._line(span))

    def _line(self, span: Span) -> Line:
        return Line(span, self._address(), self.stack[_citable(self.stack)].start)

    def _address(self) -> ClauseAddress:
        """Return the address of text at the end of the stack."""
        at = _citable(self.stack)
        return ClauseAddress(
            label=self.stack[at].label,
            path=tuple(_title_of(node, self.text) for node in self.stack[: at + 1]),
            paragraph=max(1, self.stack[at].paragraphs),
            item="".join(node.label for node in self.stack[at + 1 :]) or None,
        )

    def _give_bare_headings_a_line(self) -> None:
        """A clause that is only a heading, and a heading that no path shows, are quoted as text."""
        starts = {line.span.start for line in self.lines}

        def visit(nodes: list[_Node], above: list[_Node]) -> None:
            for node in nodes:
                self.stack = [*above, node]
                bare = not node.children and not node.own_lines
                in_path = _citable([*self.stack, *node.children[:1]]) >= len(above)
                if node.heading and node.heading.start not in starts and (bare or not in_path):
                    self._add_line(node.heading)
                visit(node.children, [*above, node])

        visit(self.roots, [])

    def _name_unnumbered_text(self) -> None:
        """Text of a document without any clause is its body, not its preamble."""
        if any(node.kind is not Kind.FRONT for node in self.roots):
            return
        for node in self.roots:
            node.label = "正文"
        named = ("正文", ("正文",))
        self.lines = [
            replace(line, address=ClauseAddress(*named, line.address.paragraph))
            for line in self.lines
        ]

    def _parent_depth(self, marker: Marker) -> int:
        """Return how many of the open clauses stay open above a new one."""
        depth = self._depth_by_kind(marker)
        if not marker.depth:
            return depth
        # Markdown's own levels: ## 一、 is no part of ## 说明 before it.
        return min(depth, self._first(lambda n: n.kind is Kind.HEADING and n.depth >= marker.depth))

    def _depth_by_kind(self, marker: Marker) -> int:
        if marker.kind is Kind.ANNEX:
            return 0
        if marker.kind is Kind.HEADING:
            return self._first(lambda node: not 0 < node.depth < marker.depth)
        if marker.kind in _STRUCTURE:
            return self._first(
                lambda node: (
                    node.kind is not Kind.HEADING and _RANK[node.kind] >= _RANK[marker.kind]
                )
            )
        if marker.kind is Kind.ARTICLE:
            return self._article_depth()
        return self._numbered_depth(marker)

    def _article_depth(self) -> int:
        for depth, node in enumerate(self.stack):
            if node.kind in (Kind.ARTICLE, Kind.FRONT):
                return depth
            if node.kind in _NUMBERED and not _may_hold_articles(node):
                return depth
        return len(self.stack)

    def _numbered_depth(self, marker: Marker) -> int:
        article = self._depth_of_article()
        if article is not None:
            outer = self._last(marker.kind, below=article)
            if outer and marker.number == (outer.number[0] + 1,):
                return self.stack.index(outer)
        start = 0 if article is None else article + 1
        for depth in range(start, len(self.stack)):
            node = self.stack[depth]
            if node.kind is Kind.FRONT or (
                node.kind in _NUMBERED and _RANK[node.kind] >= _RANK[marker.kind]
            ):
                return depth
        return len(self.stack)

    def _first(self, ends: Callable[[_Node], bool]) -> int:
        return next((d for d, node in enumerate(self.stack) if ends(node)), len(self.stack))

    def _last(self, kind: Kind, below: int | None = None) -> _Node | None:
        return next((node for node in reversed(self.stack[:below]) if node.kind is kind), None)

    def _depth_of_article(self) -> int | None:
        return next((d for d, n in enumerate(self.stack) if n.kind is Kind.ARTICLE), None)

    def _in_article(self) -> bool:
        return self._depth_of_article() is not None

    def _freeze(self, nodes: list[_Node], end: int) -> tuple[Clause, ...]:
        frozen = []
        stops = [node.start for node in nodes[1:]] + [end]
        for node, stop in zip(nodes, stops, strict=bool(nodes)):
            span = _trim(self.text, node.start, stop)
            children = self._freeze(node.children, stop)
            frozen.append(Clause(node.kind, node.label, node.number, span, node.heading, children))
        return tuple(frozen)


def _marked_lines(text: str) -> list[tuple[Span, Marker | None]]:
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


def _without_contents(
    lines: list[tuple[Span, Marker | None]], text: str
) -> list[tuple[Span, Marker | None]]:
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


def _title(
    text: str, lines: list[tuple[Span, Marker | None]]
) -> tuple[str, list[tuple[Span, Marker | None]]]:
    """Take the title off the top: a heading or a short line that ends no sentence."""
    if len(lines) < 2:
        return "", lines
    span, marker = lines[0]
    if marker is not None and marker.kind is Kind.ANNEX:  # an annex in a file of its own
        return _title(text, lines[1:])
    content = _trim(text, span.start + content_start(span.of(text)), span.end)
    line = content.of(text).strip("*_ ")
    bare = marker is None and len(line) <= _TITLE and not _SENTENCE_END.search(line)
    if bare or (marker is not None and marker.kind is Kind.HEADING and marker.depth == 1):
        return line, lines[1:]
    return "", lines


def _citable(stack: list[_Node]) -> int:
    """Return the depth of the clause that people would cite for text at the end of the stack."""
    for depth, node in enumerate(stack):
        if node.kind is Kind.ARTICLE:
            return depth
    numbered = [depth for depth, node in enumerate(stack) if node.kind in _NUMBERED]
    kinds = [stack[depth].kind for depth in numbered[:2]]
    if kinds == [Kind.CHINESE, Kind.CHINESE_BRACKETS]:
        return numbered[1]
    return numbered[0] if numbered else len(stack) - 1


def _may_hold_articles(node: _Node) -> bool:
    """一、关于保证合同 above 第二十五条 does; one with text or points of its own does not."""
    only_articles = all(child.kind is Kind.ARTICLE for child in node.children)
    return node.kind is Kind.CHINESE and not node.own_lines and only_articles


def _is_short_sentence(line: str) -> bool:
    return len(line) <= _RUN_IN and not _SENTENCE_END.search(line[:-1])


def _title_of(node: _Node, text: str) -> str:
    return Clause(node.kind, node.label, node.number, Span(0, 0), node.heading).title(text)


def _follows(number: tuple[int, ...], last: tuple[int, ...]) -> bool:
    if len(number) == 1:
        return number[0] == last[0] + 1
    return number == ((*last, 1) if len(last) == 1 else (last[0], last[1] + 1))


def _article_heading(text: str, content: Span) -> tuple[Span | None, Span]:
    """Split 第一条【目的】… and 第一条（目的）…; a bracket that runs into a sentence is text."""
    found = _BRACKET_HEADING.match(content.of(text))
    if not found:
        return None, content
    group = 1 if found[1] else 2
    heading = Span(content.start + found.start(group), content.start + found.end(group))
    return heading, _trim(text, content.start + found.end(), content.end)


def _run_in_heading(text: str, content: Span) -> Span | None:
    line = content.of(text)
    found = _SENTENCE_END.search(line)
    if found is None:
        return content if content and len(content) <= _BARE_HEADING else None
    head = Span(content.start, content.start + found.end())
    is_heading = found[0] == "。" and len(head) <= _RUN_IN and head.end < content.end
    return head if is_heading else None


def _trim(text: str, start: int, end: int) -> Span:
    """Return the span without white space (and Markdown's emphasis) at its ends."""
    while start < end and (text[start].isspace() or text[start] in "*_\ufeff"):
        start += 1
    while start < end and (text[end - 1].isspace() or text[end - 1] in "*_"):
        end -= 1
    return Span(start, max(start, end))
