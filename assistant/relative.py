"""下一条 and 第二款 after 第八条讲什么: a relative clause address made absolute, or left alone.

It is read only where it begins a question and nothing follows that makes another thing of it:
下一条地铁 and 上一年度 are no clauses.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.question import Turn, is_elliptical
from corpus import numerals
from corpus.model import Clause, Kind, Span
from corpus.store import Library
from index.address import Level, Lookup, Place, Reference, find_references, numbered
from index.tokens import fold

LookUp = Callable[[str], Lookup | None]
"""Follows the clause numbers in a text, in the documents that are asked."""

_N = numerals.NUMERAL + "{1,5}"
_LEAD = (
    "(?:那么?|再|然后|接着|还有|请问|看一?看?|说一?说|讲一?讲|介绍一?下?|它的|其|"
    r"[,、\s])*"
)
_END = (
    r"(?=$|[\s,。?!、的里中呢吗啊呀吧嘛讲说是有规写又和对怎如第]|"
    "内容|关于|具体|主要|分别|什么)"
)
_STEP = (
    "(?:(?P<down>下下?|后|(?:接下来|下面|后面)的?(?=[一1]))|(?P<up>上上?|前|前面的?(?=[一1])))"
    "[一1]?个?(?P<unit>条款?|款|项|点|章节?|节|部分|编)"
)
_WITHIN = (
    rf"(?=第)(?:第\s*(?P<paragraph>{_N})\s*款)?"
    rf"(?:\s*的?\s*第\s*(?P<bracket>\(?)\s*(?P<item>{_N})\s*\)?\s*项)?(?<=[款项])"
)
_ENGLISH_LEAD = (
    "(?:(?:and|then|so|ok|okay|now|please|what|how|about|is|in|does|do|show|me|tell|read|of|the)"
    r"\b[\s,]*|'s\s+)*"
)
_ENGLISH_END = (
    r"(?=\s*(?:$|[?.!,]|(?:says?|about|contains?|covers?|states?|is|do|provide|please|then)\b))"
)
_ENGLISH_STEP = (
    r"(?:(?P<down>next|following)|(?P<up>previous|preceding))\s+"
    "(?P<unit>article|clause|paragraph|item|point|chapter|section|part)"
)
_ENGLISH_WITHIN = r"paragraph\s+(?P<paragraph>\d{1,2})(?P<bracket>)(?P<item>)"

_TITLE = re.compile("[^《》]{2,60}")  # one that can be read back

_STEPS = (
    re.compile(_LEAD + _STEP + _END),
    re.compile(_ENGLISH_LEAD + _ENGLISH_STEP + _ENGLISH_END),
)
_INNER = (
    re.compile(_LEAD + _WITHIN + _END),
    re.compile(_ENGLISH_LEAD + _ENGLISH_WITHIN + _ENGLISH_END),
)
_UNITS = {
    "条款": "条", "章节": "章",
    "article": "条", "clause": "条", "point": "条", "paragraph": "款", "item": "项",
    "chapter": "章", "section": "节", "part": "部分",
}  # fmt: skip
_LEVELS = {"章": Level.CHAPTER, "节": Level.SECTION, "编": Level.PART, "部分": Level.ANY_PART}
_ABOVE = {
    Kind.PART: Level.PART,
    Kind.SUBPART: Level.SUBPART,
    Kind.CHAPTER: Level.CHAPTER,
    Kind.SECTION: Level.SECTION,
    Kind.CHINESE: Level.ANY_PART,
}


@dataclass(frozen=True)
class _Current:
    """The clause talked about; ``place`` is where it stands, if that is one place."""

    reference: Reference
    place: Place | None


def absolute(question: str, history: Sequence[Turn], library: Library, look_up: LookUp) -> str:
    """Make a relative clause address absolute: 下一条呢 after 第八条讲什么 is 第九条呢.

    Args:
        question: As typed.
        history: Earlier turns, oldest first. The last clause that the user's name is the current
            one, until a complete question by meaning follows.
        library: The documents.
        look_up: Follows clause numbers in those that are asked.

    Returns:
        The question, folded, with the address that is meant, which may be that of no clause
        (第二十三条 of 22); the question as it is where none is meant for certain.
    """
    if _relative(fold(question)) is None:
        return question
    current: _Current | None = None
    for turn in history:
        if turn.role == "user":
            current = _after(turn.content, current, library, look_up)
    return _resolved(question, current, library, look_up)


def is_relative(question: str) -> bool:
    """Say whether a question begins with a relative address: 下一条呢."""
    return _relative(fold(question)) is not None


def _after(
    text: str, current: _Current | None, library: Library, look_up: LookUp
) -> _Current | None:
    """Return the clause talked about after a question."""
    lookup = look_up(_resolved(text, current, library, look_up))
    if lookup is None:
        return current if is_elliptical(text) else None
    last = lookup.references[-1]
    places = [place for place in lookup.places if place.clause.number == last.number]
    return _Current(last, places[0] if len(places) == 1 else None)


def _relative(text: str) -> re.Match[str] | None:
    """Find a relative address that begins a folded question which names no other clause."""
    match = next(filter(None, (pattern.match(text) for pattern in (*_STEPS, *_INNER))), None)
    return match if match and not find_references(text[match.end() :]) else None


def _resolved(text: str, current: _Current | None, library: Library, look_up: LookUp) -> str:
    folded = fold(text)
    match = _relative(folded)
    if current is None or match is None:
        return text
    stepped = match.re in _STEPS
    written = _beside(current, match, library) if stepped else _within(current.reference, match)
    if not written:
        return text
    written = _title(current, library) + written
    if not stepped and match["bracket"]:  # 第（三）项 is said of （三）, too
        found = look_up(written)
        written = written if found and found.places else ""
    return written + folded[match.end() :] if written else text


def _beside(current: _Current, match: re.Match[str], library: Library) -> str:
    """Write the clause so many before or after the current one; empty if there is no telling."""
    unit = _UNITS.get(match["unit"], match["unit"])
    said = match["down"] or match["up"]
    step = (2 if said in ("下下", "上上") else 1) * (1 if match["down"] else -1)
    reference, level = current.reference, current.reference.level
    if unit in ("款", "项"):
        return _part_beside(reference, unit, step)
    if unit == "条" and level not in (Level.ARTICLE, Level.POINT):
        return ""
    if unit == "点" and level is not Level.POINT:
        return ""
    return _clause_beside(current, _LEVELS.get(unit, level), step, library)


def _part_beside(reference: Reference, unit: str, step: int) -> str:
    if unit == "项":
        known = reference.item is not None
        return _part(reference, reference.paragraph, (reference.item or 0) + step) if known else ""
    # What was asked for as a whole began with its first paragraph.
    known = reference.paragraph is not None or reference.item is not None or step > 0
    first = 1 if reference.paragraph is None else reference.paragraph
    return _part(reference, first + step, None) if known else ""


def _within(reference: Reference, match: re.Match[str]) -> str:
    """Write a paragraph or an item of the current clause; an item stays in its paragraph."""
    try:
        paragraph, item = (
            numerals.parse(match[name]) if match[name] else None for name in ("paragraph", "item")
        )
    except ValueError:  # 2十
        return ""
    return _part(reference, reference.paragraph if paragraph is None else paragraph, item)


def _part(reference: Reference, paragraph: int | None, item: int | None) -> str:
    if reference.level not in (Level.ARTICLE, Level.POINT):
        return ""
    level = Level.ARTICLE  # （八） has a second paragraph as 第八条第二款
    least = [None if n is None else max(0, n) for n in (paragraph, item)]
    return replace(reference, level=level, paragraph=least[0], item=least[1]).name


def _clause_beside(current: _Current, level: Level, step: int, library: Library) -> str:
    """Write the clause of a level so many before or after the one that holds the current one."""
    reference, place = current.reference, current.place
    if place is None:
        number = max(0, reference.number[0] + step)
        return _name(level, (number,)) if level is reference.level else ""
    peers = numbered(level, library.outline(place.document_id))
    own = [n for n, path in enumerate(peers) if place.path[: len(path)] == path]
    if not own:
        return ""
    if 0 <= own[0] + step < len(peers):
        return _unmistakable(peers[own[0] + step], level, peers)
    highest = max(path[-1].number for path in peers)[0]
    return _name(level, (0 if step < 0 else highest + step,))


def _unmistakable(
    path: tuple[Clause, ...], level: Level, peers: Sequence[tuple[Clause, ...]]
) -> str:
    """Write a clause's number, after its chapter's where each counts its clauses anew."""
    alike = sum(peer[-1].number == path[-1].number for peer in peers)
    above = path[-2] if alike > 1 and len(path) > 1 else None
    chapter = _name(_ABOVE[above.kind], above.number) if above and above.kind in _ABOVE else ""
    return chapter + _name(level, path[-1].number)


def _name(level: Level, number: tuple[int, ...]) -> str:
    return Reference(level, number, Span(0, 0)).name


def _title(current: _Current, library: Library) -> str:
    """Write the document that the current clause is of, if one was named or there are several."""
    title = current.reference.title or ""
    names = [title]
    if current.place and (title or len(library) > 1):
        names.insert(0, library.get(current.place.document_id).name)
    return next((f"《{name}》" for name in names if _TITLE.fullmatch(name)), "")
