"""Numbering styles → clause tree.

A document is read line by line. A line that opens with a number is placed by the rank of its kind
(编 > 分编 > 章 > 节 > 条, and 一、 > （一） > 1. > （1） > ①, the official order); a line without
one is a paragraph (款) of the clause that is open.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from corpus.lines import SENTENCE_END, marked_lines, take_title, trim
from corpus.markers import Marker, content_start
from corpus.model import Clause, ClauseAddress, Kind, Line, Span
from corpus.outline import Outline

_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_STRUCTURE = (Kind.PART, Kind.SUBPART, Kind.CHAPTER, Kind.SECTION)
_NUMBERED = (
    Kind.CHINESE,
    Kind.CHINESE_BRACKETS,
    Kind.ARABIC,
    Kind.ARABIC_BRACKETS,
    Kind.CIRCLED,
)
_BRACKET_HEADING = re.compile(
    r"\s*(?:[【［〔]([^】］〕]{1,40})[】］〕]|[（(]([^（）()。；，]{1,24})[）)](?=\s|$))"
)
_ARTICLE_HEADING = re.compile(r"[^，。；：！？,;:!?]{1,16}")
_RUN_IN = 40  # a longer first sentence is text, not a heading (characters)
_BARE_HEADING = 60  # a line without any sentence end is a heading up to this length (characters)
_GAP = 2  # numbers may jump by this much: a text can lack one of its own


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
        title, rest = take_title(self.text, marked_lines(self.text))
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
        content = trim(self.text, span.start + marker.end, span.end)
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
        content = trim(self.text, span.start + content_start(span.of(self.text)), span.end)
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
            span = trim(self.text, node.start, stop)
            children = self._freeze(node.children, stop)
            frozen.append(Clause(node.kind, node.label, node.number, span, node.heading, children))
        return tuple(frozen)


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
    return len(line) <= _RUN_IN and not SENTENCE_END.search(line[:-1])


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
    return heading, trim(text, content.start + found.end(), content.end)


def _run_in_heading(text: str, content: Span) -> Span | None:
    line = content.of(text)
    found = SENTENCE_END.search(line)
    if found is None:
        return content if content and len(content) <= _BARE_HEADING else None
    head = Span(content.start, content.start + found.end())
    is_heading = found[0] == "。" and len(head) <= _RUN_IN and head.end < content.end
    return head if is_heading else None
