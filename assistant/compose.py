"""Quotes → an answer with markers and citations; document addresses for people."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote as percent_encode

from assistant import gloss
from assistant.answer import Citation
from assistant.quotes import MAX_ANSWER, Quote
from corpus.model import ClauseAddress, Document, Kind, Span
from corpus.outline import Outline
from corpus.store import Library
from index.address import Place, Reference

CUT = "（内容较长，未全部引出；全文见条款链接。）"
CUT_ENGLISH = "(Shortened; the link leads to the whole text.)"
_FRAME = 110  # characters; where glosses would make it longer, clauses are only named
ENGLISH_FRAME = 70  # characters that a frame without glosses hardly exceeds


def compose(
    quotes: Sequence[Quote],
    library: Library,
    *,
    english: bool = False,
    note: str = "",
    opening: str = "",
) -> tuple[str, tuple[Citation, ...]]:
    """Write quotes down as an answer.

    Args:
        quotes: In the order of the answer.
        library: The documents they are from.
        english: Whether the question was asked in English: then the answer says that it quotes.
        note: What stands below the quotes, uncited.
        opening: What stands above them, uncited.

    Returns:
        The text, a line for each quote with its marker, and the citations.
    """
    text = f"{opening}\n" if opening else ""
    if english and quotes:
        room = MAX_ANSWER - sum(len(quote.span) for quote in quotes)
        outlines = [(library.outline(quote.document_id), quote.span) for quote in quotes]
        text += _english_frame([outline.locate(span) for outline, span in outlines], room)
    citations: list[Citation] = []
    for number, quote in enumerate(quotes, 1):
        document = library.get(quote.document_id)
        cited = quote.span.of(document.text)
        shown = "\n".join(" ".join(line.split()) for line in cited.splitlines() if line.strip())
        start = len(text)
        text += f"{shown}[{number}]" + ("\n" if number < len(quotes) else "")
        citations.append(cite(quote, number, Span(start, start + len(shown)), library))
    return "\n".join(filter(None, [text, note])), tuple(citations)


def _english_frame(addresses: Sequence[ClauseAddress], room: int) -> str:
    """Say in English where the quotes stand, and that they are Chinese.

    Headings are glossed as long as there is room (characters).
    """
    clauses = {address.path: address for address in addresses}.values()
    named = [gloss.label(address) for address in clauses]
    headings = [gloss.heading(address) for address in clauses]
    pairs = zip(named, headings, strict=True)
    glossed = [f"{label} ({heading})" if heading else label for label, heading in pairs]
    frames = [f"The document says in {_listed(names)}, quoted in Chinese:\n"
              for names in (glossed, named)]  # fmt: skip
    return next((frame for frame in frames if len(frame) <= min(_FRAME, room)), frames[-1])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def cite(quote: Quote, number: int, answer_span: Span, library: Library) -> Citation:
    """Return the citation of a quote under a number, for a part of the answer."""
    document, outline = library.get(quote.document_id), library.outline(quote.document_id)
    address = outline.locate(quote.span)
    return Citation(
        index=number,
        answer_span=answer_span,
        document_id=document.id,
        document_title=document.title,
        span=quote.span,
        cited_text=quote.span.of(document.text),
        address=address,
        url=url(document.id, outline, address),
    )


def append(
    said: str, sentence: str, quotes: Sequence[Quote], first: int, library: Library
) -> tuple[str, tuple[Citation, ...]]:
    """Write a sentence of a written answer behind what is said already.

    Args:
        said: The answer so far.
        sentence: The next sentence, without markers.
        quotes: What it rests on.
        first: The number of its first citation.
        library: The documents.

    Returns:
        What is added, its markers at its end, and its citations.
    """
    gap = " " if said and sentence[0].isascii() else ""
    span = Span(len(said) + len(gap), len(said) + len(gap) + len(sentence))
    cited = tuple(cite(quote, n, span, library) for n, quote in enumerate(quotes, first))
    return gap + sentence + "".join(f"[{one.index}]" for one in cited), cited


def document_url(document_id: str) -> str:
    """Return where a document can be read, relative to the server's root."""
    return f"/documents/{percent_encode(document_id)}"


def url(document_id: str, outline: Outline, address: ClauseAddress) -> str:
    """Return where a clause can be read, relative to the server's root."""
    return f"{document_url(document_id)}#{percent_encode(outline.anchor(address))}"


def parts(reference: Reference, place: Place, outline: Outline) -> str:
    """Say how many 款, or 项, a clause has of which a question names one that is not there."""
    addresses = [outline.locate(span) for span in place.spans]
    last, paragraph = addresses[-1].paragraph, reference.paragraph
    if paragraph is not None and not 1 <= paragraph <= last:
        return f"{replace(reference, paragraph=None, item=None).name}只有 {last} 款"
    items = {a.item for a in addresses if a.item and paragraph in (None, a.paragraph)}
    held = f"只有 {len(items)} 项" if items else "没有分项"
    return replace(reference, item=None).name + held


def numbering(document: Document, outline: Outline) -> str:
    """Say how a document is numbered: 《科创22条》从（一）到（二十二），共 22 条."""
    return _numbered(document, outline, (Kind.ARTICLE, Kind.CHINESE_BRACKETS, Kind.CHINESE), "条")


def divisions(document: Document, outline: Outline) -> str:
    """Say how a document is divided: 从一到五，共 5 个部分; how it is numbered if it is not."""
    kinds = ((Kind.PART, "编"), (Kind.CHAPTER, "章"), (Kind.CHINESE, "个部分"))
    said = (_numbered(document, outline, (kind,), unit) for kind, unit in kinds)
    return next(filter(None, said), "") or numbering(document, outline)


def _numbered(document: Document, outline: Outline, kinds: Sequence[Kind], unit: str) -> str:
    for kind in kinds:
        labels = [path[-1].label for path in outline.walk() if path[-1].kind is kind]
        if labels and len(set(labels)) == len(labels):  # else they are counted anew in chapters
            first, last = (label.rstrip("、") for label in (labels[0], labels[-1]))
            return f"《{document.name}》从{first}到{last}，共 {len(labels)} {unit}"
    return ""
