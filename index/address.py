"""Clause lookup by number: 「第八条」「（九）」「第120条之一第二款」「第三章」, before any vector is asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus import numerals
from corpus.model import Clause, Document, Kind, Line, Span
from corpus.outline import Outline
from corpus.store import Library
from index.tokens import fold

_N = r"([〇零一二两三四五六七八九十百千0-9]+)"
_ARTICLE = re.compile(
    rf"第\s*{_N}\s*条(?:\s*之\s*([一二三四五六七八九十]+))?"
    rf"(?:\s*的?\s*第\s*{_N}\s*款)?(?:\s*的?\s*第\s*\(?{_N}\)?\s*项)?"
)
_POINT = re.compile(rf"第\s*\(?{_N}\)?\s*点|第\s*\({_N}\)\s*(?:条|项|款)?|\(\s*{_N}\s*\)")
_CHAPTER = re.compile(rf"第\s*{_N}\s*(?:大)?(部分|分编|编|章|节)|第\s*{_N}\s*大点")
_ENGLISH = re.compile(
    r"\b(article|clause|point|item|section|chapter|part)s?\s+(?:no\.?\s*)?\(?(\d{1,4})\)?", re.I
)
_CITED_TITLE = re.compile(r"《([^《》]{2,60})》[^《》，。？?]{0,4}$")
_NAMED_LAW = re.compile(r"([\u4e00-\u9fff]{2,20}(?:法|条例|办法|细则|法典))(?:的|里|中)?$")
_OWN = re.compile(r"(?:本|这|该|此|那)(?:个|部|份|项)?(?:法|条例|办法|细则|文件|意见|规定)?$")


class Level(StrEnum):
    """What a question calls the clause it names."""

    ARTICLE = "条"
    POINT = "（一）"
    CHAPTER = "章"
    SECTION = "节"
    PART = "编"
    ANY_PART = "部分"


@dataclass(frozen=True)
class Reference:
    """A clause number found in a question.

    ``span`` is where it stands in the folded question; ``title`` the document named before it.
    """

    level: Level
    number: tuple[int, ...]
    span: Span
    paragraph: int | None = None
    item: int | None = None
    title: str | None = None

    @property
    def name(self) -> str:
        """The reference as a person would write it: 第三十条, 第十二条第二款, 第三部分."""
        number = numerals.to_chinese(self.number[0])
        if self.level is Level.POINT:
            return f"（{number}）"
        after = f"之{numerals.to_chinese(self.number[1])}" if len(self.number) > 1 else ""
        name = f"第{number}{self.level}{after}"
        name += f"第{numerals.to_chinese(self.paragraph)}款" if self.paragraph else ""
        return name + (f"第（{numerals.to_chinese(self.item)}）项" if self.item else "")


@dataclass(frozen=True)
class Place:
    """A clause that a reference names, with the text it stands for.

    ``spans`` are the lines meant: all of the clause, or one paragraph or item of it.
    """

    document_id: str
    clause: Clause
    path: tuple[Clause, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Lookup:
    """What the numbers in a question lead to; ``missing`` are those that lead nowhere."""

    references: tuple[Reference, ...]
    places: tuple[Place, ...]
    missing: tuple[Reference, ...]
    remainder: str


def find_references(question: str) -> tuple[Reference, ...]:
    """Find the clause numbers that a question names.

    Returns:
        In the order of the question; spans point into ``fold(question)``.
    """
    text = fold(question)
    found = [*_articles(text), *_chapters(text), *_points(text), *_english(text)]
    found.sort(key=lambda reference: (reference.span.start, -len(reference.span)))
    kept: list[Reference] = []
    for reference in found:
        if not kept or reference.span.start >= kept[-1].span.end:
            kept.append(reference)
    return tuple(kept)


def look_up(question: str, library: Library, documents: Sequence[str] | None = None) -> Lookup | None:
    """Follow the clause numbers in a question.

    Args:
        question: As typed.
        library: Where to look.
        documents: Ids to look in; all unless given.

    Returns:
        ``None`` if the question names no clause, or if its number fits no document's numbering.
    """
    references = find_references(question)
    chosen = [d for d in library if documents is None or d.id in documents]
    resolved: list[tuple[Reference, tuple[Place, ...]]] = []
    for reference in references:
        named = _named_documents(reference, chosen)
        places = tuple(p for d in named for p in _places(reference, d, library.outline(d.id)))
        if places or _numbered_so(reference, chosen, library) or not named:
            resolved.append((reference, places))
    if not resolved:
        return None
    kept = tuple(reference for reference, _ in resolved)
    return Lookup(
        references=kept,
        places=_narrow([places for _, places in resolved if places]),
        missing=tuple(reference for reference, places in resolved if not places),
        remainder=_without(fold(question), kept),
    )


def _articles(text: str) -> Iterator[Reference]:
    for m in _ARTICLE.finditer(text):
        number = (numerals.parse(m[1]),) + ((numerals.parse(m[2]),) if m[2] else ())
        paragraph, item = (numerals.parse(g) if g else None for g in (m[3], m[4]))
        title = _title_before(text[: m.start()])
        yield Reference(Level.ARTICLE, number, Span(*m.span()), paragraph, item, title)


def _points(text: str) -> Iterator[Reference]:
    for m in _POINT.finditer(text):
        number = numerals.parse(m[1] or m[2] or m[3])
        yield Reference(Level.POINT, (number,), Span(*m.span()))


def _chapters(text: str) -> Iterator[Reference]:
    levels = {"章": Level.CHAPTER, "节": Level.SECTION, "编": Level.PART}
    for m in _CHAPTER.finditer(text):
        level = levels.get(m[2], Level.ANY_PART)
        title = _title_before(text[: m.start()])
        yield Reference(level, (numerals.parse(m[1] or m[3]),), Span(*m.span()), title=title)


def _english(text: str) -> Iterator[Reference]:
    levels = {"chapter": Level.CHAPTER, "part": Level.ANY_PART, "section": Level.ANY_PART}
    for m in _ENGLISH.finditer(text):
        level = levels.get(m[1].lower(), Level.ARTICLE)
        yield Reference(level, (int(m[2]),), Span(*m.span()))


def _title_before(text: str) -> str | None:
    """Return the document that is named just before a number: 《个人所得税法》第三条."""
    cited = _CITED_TITLE.search(text)
    if cited:
        return cited[1]
    named = _NAMED_LAW.search(text.rstrip())
    return named[1] if named and not _OWN.search(named[1]) else None


def _named_documents(reference: Reference, documents: Sequence[Document]) -> Sequence[Document]:
    """Return the documents whose title the reference gives; all if it gives none."""
    if reference.title is None:
        return documents
    wanted = fold(reference.title)
    exact = [d for d in documents if wanted in (fold(d.title), fold(d.short_title))]
    if exact:
        return exact
    return [d for d in documents if wanted in fold(d.title) or _ends_with_name(wanted, d)]


def _ends_with_name(wanted: str, document: Document) -> bool:
    """「请问个人所得税法」 ends with a document's name, whatever was typed before it."""
    names = {fold(document.title), fold(document.short_title)}
    names |= {name.removeprefix("中华人民共和国") for name in names}
    return any(len(name) >= 2 and wanted.endswith(name) for name in names)


def _numbered_so(reference: Reference, documents: Sequence[Document], library: Library) -> bool:
    """Say whether some document numbers its clauses so, and a number that is not there is missing."""
    return any(_candidates(reference, library.outline(d.id)) for d in documents)


def _places(reference: Reference, document: Document, outline: Outline) -> Iterator[Place]:
    for path in _candidates(reference, outline):
        if path[-1].number != reference.number:
            continue
        spans = tuple(line.span for line in _lines(reference, outline, path[-1]))
        if spans:
            yield Place(document.id, path[-1], path, spans)


def _candidates(reference: Reference, outline: Outline) -> list[tuple[Clause, ...]]:
    """Return the clauses of the level that the reference means in this document.

    People say 第八条 of （八） where a text has no articles, and 第三部分 of 三、 or of 第三章.
    """
    for kinds in _KINDS[reference.level]:
        found = [p for p in outline.walk() if p[-1].kind is kinds and _is_clause(p, outline)]
        if found:
            return found
    return []


_KINDS: dict[Level, tuple[Kind, ...]] = {
    Level.ARTICLE: (Kind.ARTICLE, Kind.CHINESE_BRACKETS, Kind.CHINESE, Kind.ARABIC),
    Level.POINT: (Kind.CHINESE_BRACKETS, Kind.ARABIC_BRACKETS, Kind.ARABIC),
    Level.CHAPTER: (Kind.CHAPTER, Kind.CHINESE),
    Level.SECTION: (Kind.SECTION, Kind.CHINESE),
    Level.PART: (Kind.PART,),
    Level.ANY_PART: (Kind.CHINESE, Kind.CHAPTER, Kind.PART, Kind.SECTION),
}


def _is_clause(path: tuple[Clause, ...], outline: Outline) -> bool:
    """An item of an article is no clause of its own."""
    inside_article = any(above.kind is Kind.ARTICLE for above in path[:-1])
    return not inside_article and bool(outline.lines)


def _lines(reference: Reference, outline: Outline, clause: Clause) -> list[Line]:
    lines = [line for line in outline.lines if clause.span.covers(line.span)]
    if reference.paragraph:
        lines = [line for line in lines if line.address.paragraph == reference.paragraph]
    if reference.item:
        label = f"（{numerals.to_chinese(reference.item)}）"
        lines = [line for line in lines if line.address.item == label]
    return lines


def _narrow(groups: Sequence[tuple[Place, ...]]) -> tuple[Place, ...]:
    """Of 第三部分第（二）条 keep the （二） that stands in part three."""
    places = [place for group in groups for place in group]
    inner = [
        place
        for place in places
        if any(
            other.document_id == place.document_id and other.clause in place.path[:-1]
            for other in places
        )
    ]
    return tuple(inner or places)


def _without(text: str, references: Sequence[Reference]) -> str:
    for reference in reversed(references):
        text = text[: reference.span.start] + " " + text[reference.span.end :]
    return text.strip()
