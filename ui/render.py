"""Outcome → text for a terminal, HTML for a page. Pure; everything from documents is escaped."""

import re
from collections.abc import Iterable, Sequence
from html import escape

from assistant.answer import Answer, Citation, Outcome, Refusal
from assistant.citations import markers
from corpus.model import ClauseAddress, Document, Line, Span
from corpus.outline import Outline
from corpus.store import Library


def place(address: ClauseAddress) -> str:
    """Write an address as people cite it: headings, then 款 and 项 where they tell something."""
    parts = list(address.path)
    parts += [f"第{address.paragraph}款"] if address.paragraph > 1 else []
    parts += [address.item] if address.item else []
    return " › ".join(parts)


def to_terminal(outcome: Outcome, library: Library) -> str:
    """Write an outcome for a terminal: the answer, then each citation with its clause and quote."""
    if isinstance(outcome, Refusal):
        near = [f"  · {_named(library, n.document_id)}{place(n.address)}" for n in outcome.nearest]
        return "\n".join([outcome.message, *near])
    blocks = [outcome.text, ""]
    for citation in outcome.citations:
        blocks.append(
            f"[{citation.index}] {_named(library, citation.document_id)}{place(citation.address)}"
        )
        blocks.append(f"    “{' '.join(citation.cited_text.split())}”")
    return "\n".join(blocks)


def _named(library: Library, document_id: str) -> str:
    return f"《{library.get(document_id).name}》 "


def to_html(outcome: Outcome, library: Library) -> str:
    """Write an outcome as a chat message: the answer, and under it each citation to be opened."""
    if isinstance(outcome, Refusal):
        return _refusal_html(outcome)
    paragraphs = "".join(f"<p>{line}</p>" for line in _with_markers(outcome).split("\n"))
    cited = "".join(_citation_html(citation, library) for citation in outcome.citations)
    return f'<div class="tw-answer">{paragraphs}</div><div class="tw-citations">{cited}</div>'


def _with_markers(answer: Answer) -> str:
    out, at = "", 0
    for marker in markers(answer.text, answer.citations):
        out += escape(answer.text[at : marker.start()])
        out += f'<sup class="tw-mark">{marker[1]}</sup>'
        at = marker.end()
    return out + escape(answer.text[at:])


def _refusal_html(refusal: Refusal) -> str:
    near = "".join(
        f'<li><a href="{escape(n.url)}" target="_blank">{escape(place(n.address))}</a></li>'
        for n in refusal.nearest
    )
    return f'<div class="tw-refusal"><p>{escape(refusal.message)}</p><ul>{near}</ul></div>'


def _citation_html(citation: Citation, library: Library) -> str:
    document = library.get(citation.document_id)
    name = f"《{escape(document.name)}》" if len(library) > 1 else ""
    summary = f"<b>{citation.index}</b> {name}{escape(place(citation.address))}"
    lines = _lines_of(library.outline(document.id), citation)
    quoted = marked(document.text, lines, [citation.span])
    if not _is_in(citation, lines):
        quoted = f"<p><mark>{escape(citation.cited_text)}</mark></p>{quoted}"
    link = f'<a href="{escape(citation.url)}" target="_blank">在全文中查看</a>'
    return f"<details><summary>{summary}</summary>{quoted}{link}</details>"


def cited_clauses(answer: Answer, library: Library) -> str:
    """Write the cited clauses in full, the quotes highlighted: what stands beside the chat."""
    blocks: dict[tuple[str, tuple[str, ...]], list[Citation]] = {}
    for citation in answer.citations:
        blocks.setdefault((citation.document_id, citation.address.path), []).append(citation)
    return "".join(_clause_html(found, library) for found in blocks.values())


def _clause_html(citations: Sequence[Citation], library: Library) -> str:
    first = citations[0]
    document = library.get(first.document_id)
    outline = library.outline(document.id)
    lines = [line for line in outline.lines if line.address.path == first.address.path]
    path = " › ".join(map(escape, (document.name, *first.address.path[:-1])))
    title = _title_html(citations, lines, document.text)
    body = marked(document.text, lines, [citation.span for citation in citations])
    return (
        f'<article class="tw-clause"><p class="tw-path">{path}</p>{title}{body}'
        f'<p><a href="{escape(first.url)}" target="_blank">在全文中查看</a></p></article>'
    )


def _title_html(citations: Sequence[Citation], lines: Sequence[Line], text: str) -> str:
    """Write a clause's heading, highlighted if it is quoted and stands in no line of the clause."""
    quoted = [citation.cited_text for citation in citations if not _is_in(citation, lines)]
    if quoted:
        return "".join(f"<h3><mark>{escape(quote)}</mark></h3>" for quote in quoted)
    if lines and _runs_in(lines[0], text):
        return ""
    return f"<h3>{escape(citations[0].address.path[-1])}</h3>"


def _is_in(citation: Citation, lines: Iterable[Line]) -> bool:
    return any(
        citation.span.start < line.span.end and line.span.start < citation.span.end
        for line in lines
    )


def marked(text: str, lines: Iterable[Line], quotes: Sequence[Span]) -> str:
    """Write lines as paragraphs with the quoted characters, and no others, in ``<mark>``."""
    return "".join(
        f"<p>{_mark(text, line.span, _number(line, text), quotes)}</p>" for line in lines
    )


def _number(line: Line, text: str) -> str:
    """Write the number before a line: its item's, or its clause's at a run-in heading."""
    number = line.address.item or (line.address.label if _runs_in(line, text) else "")
    return f"<b>{escape(number)}</b>" if number else ""


def _runs_in(line: Line, text: str) -> bool:
    """Say whether a clause's heading is the beginning of this line."""
    title = line.address.path[-1].removeprefix(line.address.label).strip()
    return bool(title) and line.span.of(text).startswith(title)


def _mark(text: str, line: Span, number: str, quotes: Sequence[Span]) -> str:
    """Mark the quotes in a line; its number too if the quote begins before the line's text."""
    out, at = number, line.start
    for quote in sorted(quotes):
        start, end = max(quote.start, at), min(quote.end, line.end)
        if start < end:
            quoted = escape(text[start:end])
            if quote.start < line.start == start:
                out = f"<mark>{number}{quoted}</mark>"
            else:
                out += escape(text[at:start]) + f"<mark>{quoted}</mark>"
            at = end
    return out + escape(text[at : line.end])


def _lines_of(outline: Outline, citation: Citation) -> list[Line]:
    """Return the lines of the paragraphs that a citation quotes from."""
    own = [line for line in outline.lines if line.address.path == citation.address.path]
    quoted = {line.address.paragraph for line in own if _is_in(citation, [line])}
    return [line for line in own if line.address.paragraph in quoted | {citation.address.paragraph}]


def document_page(document: Document, outline: Outline) -> str:
    """Write a document as a page of its own, with a stable anchor for every paragraph."""
    body: list[str] = []
    above: tuple[str, ...] = ()
    anchored: set[str] = set()
    for line in outline.lines:
        body += _headings(above, line, document.text)
        above = line.address.path
        name = outline.anchor(line.address)
        identity = "" if name in anchored else f' id="{escape(name)}"'
        anchored.add(name)
        text = escape(line.span.of(document.text))
        body.append(f"<p{identity}>{_number(line, document.text)}{text}</p>")
    facts = "　".join(filter(None, [document.issuer, document.number, str(document.year or "")]))
    return _PAGE.format(
        title=escape(document.title), facts=escape(facts), body="\n".join(body), css=_PAGE_CSS
    )


def _headings(above: tuple[str, ...], line: Line, text: str) -> list[str]:
    """Write the headings that are new; a run-in heading stands in its paragraph already."""
    path = line.address.path[:-1] if _runs_in(line, text) else line.address.path
    shared = 0
    while shared < min(len(above), len(path)) and above[shared] == path[shared]:
        shared += 1
    levels = [(min(depth + 2, 6), title) for depth, title in enumerate(path) if depth >= shared]
    return [f"<h{level}>{escape(title)}</h{level}>" for level, title in levels]


_PAGE_CSS = re.sub(
    r"\s+",
    " ",
    """
    :root { color-scheme: light dark; --ink: #1d2430; --soft: #5b6675; --paper: #fdfcf9;
      --line: #e4e0d6; --mark: #fff1b8; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e6e3; --soft: #a4adb8;
      --paper: #15181d; --line: #2c323b; --mark: #5a4a12; } }
    body { margin: 0 auto; max-width: 42rem; padding: 2rem 1.25rem 6rem; color: var(--ink);
      background: var(--paper); line-height: 1.9; font-family: "Noto Serif CJK SC",
      "Source Han Serif SC", "Songti SC", SimSun, serif; }
    h1 { font-size: 1.5rem; line-height: 1.5; text-wrap: balance; }
    h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
    h3, h4, h5, h6 { font-size: 1.02rem; margin: 1.8rem 0 .4rem; }
    p { margin: .5rem 0; scroll-margin-top: 2rem; text-align: justify; }
    p:target { background: var(--mark); outline: .4rem solid var(--mark); border-radius: 2px; }
    .facts { color: var(--soft); } .item { margin-right: .3em; }
    """,
).strip()
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{css}</style></head>
<body><main><h1>{title}</h1><p class="facts">{facts}</p>
{body}
</main></body></html>
"""


def notice(message: str) -> str:
    """Write what is wrong with a question as a chat message."""
    return f'<div class="tw-refusal"><p>{escape(message)}</p></div>'
