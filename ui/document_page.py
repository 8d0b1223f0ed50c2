"""A document as HTML: its clause tree, its text with quotes marked, an anchor for every paragraph.

Pure; everything from documents is escaped.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote as percent_encode

from corpus import numerals
from corpus.model import Clause, ClauseAddress, Document, Kind, Line, Span
from corpus.outline import Outline
from ui.texts import Texts

_FOLDER = Path(__file__).parent
STYLE = (_FOLDER / "document.css").read_text(encoding="utf-8")
SCRIPT = (_FOLDER / "document.js").read_text(encoding="utf-8")
"""What a page of its own needs beside its text: it stands in the page, nothing is fetched."""
# What people call a clause whose own label reads otherwise: （八） is asked for as 第八条.
_ALIASES = {Kind.CHINESE_BRACKETS: "第{}条", Kind.CHINESE: "第{}部分"}


def page(document: Document, outline: Outline, quotes: Sequence[Span], texts: Texts) -> str:
    """Write a document as a page of its own.

    Args:
        document: The document.
        outline: Its clauses.
        quotes: What is highlighted, in characters of the text.
        texts: Of the interface's language.
    """
    return _PAGE.format(
        language=texts.html_language,
        icon=ICON,
        title=escape(document.name),
        style=STYLE,
        script=SCRIPT,
        body=article(document, outline, quotes, texts),
        home=escape(texts.back_to_chat),
        print=escape(texts.print_document),
        copied=escape(texts.copied),
    )


def article(document: Document, outline: Outline, quotes: Sequence[Span], texts: Texts) -> str:
    """Write the same without the page around it, to stand beside a conversation."""
    writer = _Writer(document, outline, quotes, texts)
    facts = " · ".join(filter(None, [document.issuer, document.number, str(document.year or "")]))
    head = f"<h1>{escape(document.title)}</h1>"
    head += f'<p class="twd-facts">{escape(facts)}</p>' if facts else ""
    tree = writer.tree()
    if tree:
        head += (
            f'<details class="twd-tree"><summary>{escape(texts.contents)}</summary>'
            f'<nav aria-label="{escape(texts.contents)}">{tree}</nav></details>'
        )
    body = "\n".join(writer.blocks())
    return f'<div class="twd" data-document="{escape(document.id)}">{head}\n{body}\n</div>'


def link(document_id: str, anchor: str = "", quotes: Sequence[Span] = (), root: str = "") -> str:
    """Return where a clause can be read with quotes highlighted, relative to the server's root."""
    query = "&".join(f"quote={span.start}-{span.end}" for span in quotes)
    path = f"{root}documents/{percent_encode(document_id)}"
    fragment = f"#{percent_encode(anchor)}" if anchor else ""
    return f"{path}{'?' if query else ''}{query}{fragment}"


class _Writer:
    """Writes one document once; remembers which anchors it has set."""

    def __init__(
        self, document: Document, outline: Outline, quotes: Sequence[Span], texts: Texts
    ) -> None:
        self._text = document.text
        self._outline = outline
        self._quotes = sorted(quotes)
        self._texts = texts
        self._chains = [_chain(line, outline.clauses) for line in outline.lines]
        self._heads = {id(c[-1]): c for chain in self._chains for c in _upward(chain)}
        labels = Counter(chain[-1].label for chain in self._heads.values())
        self._counted_anew = {label for label, count in labels.items() if count > 1}
        # A paragraph keeps its name; a heading or an alias takes what is left.
        self._taken = {outline.anchor(line.address) for line in outline.lines}
        self._set: set[str] = set()

    def tree(self) -> str:
        """Write the clauses that have a heading or a number as nested lists of links."""
        return self._branch(self._outline.clauses)

    def _branch(self, clauses: Sequence[Clause]) -> str:
        items = [
            f'<li><a href="#{_fragment(self._anchor(self._heads[id(clause)]))}">'
            f"{escape(clause.title(self._text))}</a>{self._branch(clause.children)}</li>"
            for clause in clauses
            if id(clause) in self._heads and clause.kind is not Kind.FRONT
        ]
        return f"<ul>{''.join(items)}</ul>" if items else ""

    def blocks(self) -> Iterator[str]:
        """Yield headings and paragraphs in the order of the text."""
        seen: set[int] = set()
        for line, chain in zip(self._outline.lines, self._chains, strict=True):
            for above in _upward(chain):
                if id(above[-1]) not in seen:
                    seen.add(id(above[-1]))
                    yield self._alias(above) + self._heading(above, line)
            yield self._paragraph(line)

    def _heading(self, chain: tuple[Clause, ...], line: Line) -> str:
        """Write a heading, unless it stands at the beginning of its first line (run-in)."""
        clause, level = chain[-1], min(len(chain) + 1, 6)
        if clause.kind is Kind.FRONT or (clause.heading and line.span.covers(clause.heading)):
            return ""
        if clause.heading:
            written = self._marked(Span(clause.span.start, clause.heading.end), "")
        else:
            written = escape(clause.title(self._text))
            quoted = (q for q in self._quotes if q.start <= clause.span.start < q.end)
            if quote := next(quoted, None):
                written = _mark(quote, written)
        return f"<h{level}{self._identity(self._anchor(chain))}>{written}</h{level}>"

    def _paragraph(self, line: Line) -> str:
        name = self._outline.anchor(line.address)
        here = ""
        identity = ""
        if name not in self._set:
            self._set.add(name)
            identity = f' id="{escape(name)}"'
            title = escape(self._texts.link_here)
            here = f'<a class="twd-here" href="#{_fragment(name)}" title="{title}" '
            here += f'aria-label="{title} {escape(name)}">¶</a>'
        kind = ' class="twd-item"' if line.address.item else ""
        written = self._marked(line.span, _number(line, self._text))
        return f"<p{kind}{identity}>{written}{here}</p>"

    def _identity(self, name: str) -> str:
        if name in self._taken:
            return ""
        self._taken.add(name)
        return f' id="{escape(name)}"'

    def _alias(self, chain: tuple[Clause, ...]) -> str:
        """Write an empty target under what people call a clause, if nothing else is called so."""
        clause = chain[-1]
        if clause.kind not in _ALIASES or not clause.number or clause.label in self._counted_anew:
            return ""
        identity = self._identity(_ALIASES[clause.kind].format(numerals.to_chinese(*clause.number)))
        return f'<a class="twd-alias"{identity}></a>' if identity else ""

    def _anchor(self, chain: tuple[Clause, ...]) -> str:
        path = tuple(clause.title(self._text) for clause in chain)
        return self._outline.anchor(ClauseAddress(chain[-1].label, path))

    def _marked(self, line: Span, number: str) -> str:
        """Mark the quotes in a line; its number too if the quote begins before the line's text."""
        out, at = number, line.start
        for quote in self._quotes:
            start, end = max(quote.start, at), min(quote.end, line.end)
            if start < end:
                quoted = escape(self._text[start:end])
                if quote.start < line.start == start:
                    out = _mark(quote, number + quoted)
                else:
                    out += escape(self._text[at:start]) + _mark(quote, quoted)
                at = end
        return out + escape(self._text[at : line.end])


def _chain(line: Line, level: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return the clauses that a line is cited by, from the top down."""
    chain: list[Clause] = []
    while len(chain) < len(line.address.path):
        clause = next((c for c in level if c.span.covers(line.span)), None)
        if clause is None:
            break
        chain.append(clause)
        level = clause.children
    return tuple(chain)


def _upward(chain: tuple[Clause, ...]) -> list[tuple[Clause, ...]]:
    return [chain[: depth + 1] for depth in range(len(chain))]


def _mark(quote: Span, written: str) -> str:
    return f'<mark data-quote="{quote.start}-{quote.end}">{written}</mark>'


def _fragment(name: str) -> str:
    return escape(percent_encode(name))


def _number(line: Line, text: str) -> str:
    """Write the number before a line: its item's, or its clause's at a run-in heading."""
    number = line.address.item or (line.address.label if _runs_in(line, text) else "")
    return f"<b>{escape(number)}</b>" if number else ""


def _runs_in(line: Line, text: str) -> bool:
    """Say whether a clause's heading is the beginning of this line."""
    title = line.address.path[-1].removeprefix(line.address.label).strip()
    return bool(title) and line.span.of(text).startswith(title)


ICON = (
    '<link rel="icon" href="data:image/svg+xml,'
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='7' fill='%230b6b5d'/%3E"
    "%3Cpath d='M8 10h16M8 16h16M8 22h9' stroke='%23fff' stroke-width='3'/%3E"
    '%3C/svg%3E">'
)
"""The tab's picture, within the page: nothing is fetched for it."""
_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
{icon}<title>{title} · 条问</title><style>{style}</style></head>
<body class="twd-page" data-copied="{copied}">
<header class="twd-bar"><a href="../">{home}</a>
<button type="button" id="twd-print">{print}</button></header>
<main>{body}</main>
<p id="twd-live" role="status" aria-live="polite"></p>
<script>{script}</script>
</body></html>
"""
