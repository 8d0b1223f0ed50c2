"""Clause lookup by number (「第八条」「（九）」「第120条之一」), before any vector is asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from corpus import numerals
from corpus.model import Clause, Document, Kind, Line, Span
from corpus.outline import Outline
from corpus.store import Library
from index.tokens import fold

_N = r"([〇零一二两三四五六七八九十百千0-9]+)"
_ARTICLE = re.compile(
    rf"第\s*{_N}\s*条(?![件例])(?:\s*之\s*([一二三四五六七八九十0-9]+))?"
    rf"(?:\s*的?\s*第\s*{_N}\s*款)?(?:\s*的?\s*第\s*\(?{_N}\)?\s*项|\s*\({_N}\)(?:\s*项)?)?"
)
_POINT = re.compile(
    rf"第\s*\(?{_N}\)?\s*点|第\s*\({_N}\)\s*(?:条|项|款)?|"
    # alert(1) names no clause; of （二）第1点 and （二）1 the number is that of an item
    rf"(?<![a-z])\(\s*{_N}\s*\)(?:\s*的?\s*第?\s*\(?([0-9]{{1,2}})\)?\s*(?:点|项|小点|(?=$|[的里讲说?,。、])))?"
)
_CHAPTER = re.compile(
    rf"第\s*{_N}\s*大?(部分|分编|编(?!制)|章(?!程)|节(?![点课目日]))|第\s*{_N}\s*大点|"
    rf"(?<![\u4e00-\u9fff\d]){_N}\s*、\s*(?=\()"  # 三、（一）
)
_ENGLISH = re.compile(
    r"\b(article|clause|point|item|section|chapter|part)s?\s+(?:no\.?\s*)?"
    r"\(?(\d{1,4})(?!\d)\)?",
    re.I,
)
_CITED_TITLE = re.compile(r"《([^《》]{2,60})》(?:\([^()]{1,20}\))?[^《》，。？?]{0,4}$")
_NAMED_LAW = re.compile(r"([\u4e00-\u9fff]{2,20}(?:法|条例|办法|细则|法典))(?:的|里|中)?$")
_JOINT = re.compile(r"[\s、,和与及至到或的]{0,3}")  # between clauses of one document
_EDITION = re.compile(r"\s*\([^()]*\)$")  # (2018修正)
_LAW = re.compile(r"(?:法|条例|办法|细则|法典)$")
_LOCAL = re.compile(r"(?:条例|办法|细则)$")  # 公寓管理办法 is 滨海市人才公寓管理办法
_LEAD = tuple("问据照于在道下看和与及或对按到的是说中里查我读用反")  # what may stand before a name
_STATE = "中华人民共和国"
_LONGEST_TITLE = 100  # with what stands around it (characters)
_HIGHEST = 9_999  # no clause has a greater number
_HIGHEST_POINT = 200  # in brackets (2015) is a year
_OWN = re.compile(r"(?:本|这|该|此|那)(?:个|部|份|项)?(?:法|条例|办法|细则|文件|意见|规定)?$")


class Level(StrEnum):
    """What a question calls the clause it names."""

    ARTICLE = "条"
    POINT = "（一）"
    CHAPTER = "章"
    SECTION = "节"
    PART = "编"
    SUBPART = "分编"
    ANY_PART = "部分"


DIVISIONS = (Level.CHAPTER, Level.SECTION, Level.PART, Level.SUBPART, Level.ANY_PART)
"""Levels above the clauses that people cite."""


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
            return f"（{number}）" + ("" if self.item is None else f"第{self.item}点")
        after = f"之{numerals.to_chinese(self.number[1])}" if len(self.number) > 1 else ""
        name = f"第{number}{self.level}{after}"
        if self.paragraph is not None:
            name += f"第{numerals.to_chinese(self.paragraph)}款"
        return name + ("" if self.item is None else f"第（{numerals.to_chinese(self.item)}）项")


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
    return tuple(_inherit_titles(kept, text))


def look_up(
    question: str, library: Library, documents: Sequence[str] | None = None
) -> Lookup | None:
    """Follow the clause numbers in a question.

    Args:
        question: As typed.
        library: Where to look.
        documents: Ids to look in; all unless given.

    Returns:
        ``None`` if the question names no clause, or if its number fits no document's numbering.
    """
    text = fold(question)
    chosen = [d for d in library if documents is None or d.id in documents]
    kept: list[Reference] = []
    groups: dict[object, tuple[Reference, tuple[Place, ...] | None]] = {}
    for reference in find_references(question):
        named = _named_documents(reference, chosen, text[: reference.span.start])
        key = reference.name, reference.title, tuple(d.id for d in named)
        if key not in groups:  # a number that is repeated is looked up once
            groups[key] = reference, _resolve(reference, named, chosen, library)
        if groups[key][1] is not None:
            kept.append(reference)
    if not kept:
        return None
    found = [(reference, places) for reference, places in groups.values() if places is not None]
    return Lookup(
        references=tuple(kept),
        places=_narrow([places for _, places in found]),
        missing=tuple(reference for reference, places in found if not places),
        remainder=_without(text, kept),
    )


def _resolve(
    reference: Reference,
    named: Sequence[Document],
    chosen: Sequence[Document],
    library: Library,
) -> tuple[Place, ...] | None:
    """Return the places of a reference; ``None`` if no document numbers its clauses so."""
    places = tuple(p for d in named for p in _places(reference, d, library.outline(d.id)))
    fits = places or not named or _numbered_so(reference, chosen, library)
    return places if fits else None


def _articles(text: str) -> Iterator[Reference]:
    for m in _ARTICLE.finditer(text):
        numbers = [_number(group) if group else None for group in m.groups()]
        if any(group and number is None for group, number in zip(m.groups(), numbers, strict=True)):
            continue
        article, after, paragraph, item, bracketed = numbers
        item = bracketed if item is None else item
        number = tuple(n for n in (article, after) if n is not None)
        title = _title_before(text, m.start())
        yield Reference(Level.ARTICLE, number, Span(*m.span()), paragraph, item, title)


def _points(text: str) -> Iterator[Reference]:
    for m in _POINT.finditer(text):
        number = _number(m[1] or m[2] or m[3])
        if number is not None and number <= _HIGHEST_POINT:
            title = _title_before(text, m.start())
            item = int(m[4]) if m[4] else None
            yield Reference(Level.POINT, (number,), Span(*m.span()), item=item, title=title)


def _chapters(text: str) -> Iterator[Reference]:
    for m in _CHAPTER.finditer(text):
        level = Level(m[2] or Level.ANY_PART)
        number = _number(m[1] or m[3] or m[4])
        if number is not None:
            title = _title_before(text, m.start())
            yield Reference(level, (number,), Span(*m.span()), title=title)


def _english(text: str) -> Iterator[Reference]:
    levels = {"chapter": Level.CHAPTER, "part": Level.ANY_PART, "section": Level.ANY_PART}
    for m in _ENGLISH.finditer(text):
        level = levels.get(m[1].lower(), Level.ARTICLE)
        yield Reference(level, (int(m[2]),), Span(*m.span()))


def _number(numeral: str) -> int | None:
    """Read a number; ``None`` if it is none (2十) or too great for a clause."""
    try:
        number = numerals.parse(numeral)
    except ValueError:
        return None
    return number if number <= _HIGHEST else None


def _inherit_titles(references: Sequence[Reference], text: str) -> Iterator[Reference]:
    """In 《专利法》第十条和第十二条 both are clauses of that law."""
    before: Reference | None = None
    for reference in references:
        gap = text[before.span.end : reference.span.start] if before else ""
        if before and reference.title is None and _JOINT.fullmatch(gap):
            reference = replace(reference, title=before.title)  # noqa: PLW2901
        before = reference
        yield reference


def _title_before(text: str, end: int) -> str | None:
    """Return the document that is named just before a number: 《个人所得税法》第三条."""
    text = text[max(0, end - _LONGEST_TITLE) : end]
    cited = _CITED_TITLE.search(text)
    if cited:
        return cited[1]
    named = _NAMED_LAW.search(text.rstrip())
    return named[1] if named and not _OWN.search(named[1]) else None


def _named_documents(
    reference: Reference, documents: Sequence[Document], before: str
) -> Sequence[Document]:
    """Return the documents that the reference, or the text before it, names; all if none is."""
    if reference.title is None:
        before = before.rstrip("的里中 ")
        return [d for d in documents if before.endswith(names_of(d))] or documents
    wanted = _plain_name(reference.title)
    exact = [d for d in documents if wanted in names_of(d)]
    return exact or [d for d in documents if _is_called(wanted, names_of(d))]


def _is_called(wanted: str, names: Sequence[str]) -> bool:
    """Say whether a name means a document, whatever was typed before it (请问个人所得税法).

    A part of the title is enough for an 意见, never for a law: 合同法 is not 劳动合同法.
    """
    ends = (wanted.removesuffix(name) for name in names if wanted.endswith(name))
    if any(typed_before.endswith(_LEAD) for typed_before in ends):
        return True
    if len(wanted) >= 5 and _LOCAL.search(wanted) and any(n.endswith(wanted) for n in names):
        return True
    return not _LAW.search(wanted) and any(wanted in name for name in names)


def names_of(document: Document) -> tuple[str, ...]:
    """Return what a document is called, folded, without 中华人民共和国 and the edition."""
    names = (_plain_name(name) for name in (document.title, document.short_title, document.id))
    return tuple(name for name in names if len(name) >= 2)


def _plain_name(title: str) -> str:
    """Drop what people leave out: 中华人民共和国…(2018修正)."""
    return _EDITION.sub("", fold(title)).strip().removeprefix(_STATE)


def _numbered_so(reference: Reference, documents: Sequence[Document], library: Library) -> bool:
    """Say whether some document numbers its clauses so; then a number not there is missing."""
    return any(numbered(reference.level, library.outline(d.id)) for d in documents)


def _places(reference: Reference, document: Document, outline: Outline) -> Iterator[Place]:
    for path in numbered(reference.level, outline):
        if path[-1].number != reference.number:
            continue
        spans = tuple(line.span for line in _lines(reference, outline, path[-1]))
        if spans:
            yield Place(document.id, path[-1], path, spans)


def numbered(level: Level, outline: Outline) -> list[tuple[Clause, ...]]:
    """Return the clauses that a level means in a document, as paths, in the order of the text.

    People say 第八条 of （八） where a text has no articles, and 第三部分 of 三、 or of 第三章.
    """
    for kinds in _KINDS[level]:
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
    Level.SUBPART: (Kind.SUBPART,),
    Level.ANY_PART: (Kind.CHINESE, Kind.PART, Kind.CHAPTER, Kind.SECTION),
}


def _is_clause(path: tuple[Clause, ...], outline: Outline) -> bool:
    """An item of an article is no clause of its own."""
    inside_article = any(above.kind is Kind.ARTICLE for above in path[:-1])
    return not inside_article and bool(outline.lines)


def _lines(reference: Reference, outline: Outline, clause: Clause) -> list[Line]:
    lines = [line for line in outline.lines if clause.span.covers(line.span)]
    if reference.paragraph is not None:  # 第零款 is none, not all of them
        lines = [line for line in lines if line.address.paragraph == reference.paragraph]
    if reference.item is not None:
        labels = _item_labels(reference.item)
        lines = [line for line in lines if (line.address.item or "").startswith(labels)]
    return lines


def _item_labels(number: int) -> tuple[str, ...]:
    """Return how a text may label its nth item."""
    return (f"（{numerals.to_chinese(number)}）", f"（{number}）", f"{number}.")


def _narrow(groups: Sequence[tuple[Place, ...]]) -> tuple[Place, ...]:
    """Of 第三部分第（二）条 keep the （二） that stands in part three, and not the whole part."""
    places = [place for group in groups for place in group]
    kept: list[Place] = []
    for group in groups:
        inner = [place for place in group if any(_inside(place, other) for other in places)]
        kept += inner or group
    return tuple(place for place in kept if not any(_inside(other, place) for other in kept))


def _inside(place: Place, other: Place) -> bool:
    return place.document_id == other.document_id and other.clause in place.path[:-1]


def _without(text: str, references: Sequence[Reference]) -> str:
    for reference in reversed(references):
        text = text[: reference.span.start] + " " + text[reference.span.end :]
    return text.strip()
