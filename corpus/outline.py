"""A document's clause tree: what stands where."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from corpus.model import Clause, ClauseAddress, Kind, Line, Span


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
        above = [re.split("[、 ]", title)[0] for title in address.path[:-1]]
        prefix = "-".join([*above, ""]) if address.label in self._repeated else ""
        suffix = f"-{address.paragraph}" if address.paragraph > 1 else ""
        return prefix + address.label + suffix

    @cached_property
    def _repeated(self) -> frozenset[str]:
        # Headings count: 第一章 of 第二编 is cited when its chapters are listed.
        paths = {place.address.path: place.address.label for place in self.places}
        return frozenset(label for label, count in Counter(paths.values()).items() if count > 1)

    def locate(self, span: Span) -> ClauseAddress:
        """Return the address of a span; ``item`` only if it lies in one as a whole.

        Raises:
            ValueError: The document has no text at all.
        """
        if not self.lines:
            raise ValueError("a document without lines has no addresses")
        if self.clauses and span and span.end <= self.clauses[0].span.start:  # the title
            return ClauseAddress(Kind.FRONT.value, (Kind.FRONT.value,))
        first = self._line_at(span.start).address
        last = self._line_at(max(span.start, span.end - 1)).address
        if first.item == last.item:
            return first
        return ClauseAddress(first.label, first.path, first.paragraph)

    def lead_in(self, span: Span) -> Span | None:
        """Return the line that introduces the list in which a span lies: 有下列情形之一的，…：.

        Returns:
            Of a row of a Markdown table its first row; ``None`` if the span lies in no item and no
            table, or nothing introduces the items.
        """
        place = bisect_right(self.lines, span.start, key=lambda line: line.span.start) - 1
        if place >= 0 and self._is_row(place):
            return self._table_head(place)
        if place < 0 or self.lines[place].address.item is None:
            return None
        own = self.lines[place]
        for line in reversed(self.lines[:place]):
            if (line.clause, line.address.paragraph) != (own.clause, own.address.paragraph):
                return None
            if line.address.item is None:
                return line.span if line.span.of(self.text).endswith(("：", ":")) else None
        return None

    def _is_row(self, place: int) -> bool:
        return self.lines[place].span.of(self.text).startswith("|")

    def _table_head(self, place: int) -> Span | None:
        first = place
        while first and self._is_row(first - 1):
            first -= 1
        return self.lines[first].span if first < place else None

    def _line_at(self, position: int) -> Line:
        after = bisect_right(self.places, position, key=lambda line: line.span.start)
        line = self.places[max(0, after - 1)]
        # A clause's number stands before its heading or first line and belongs to it.
        behind = line.span.end <= position and after < len(self.places)
        return self.places[after] if behind else line
