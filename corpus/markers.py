"""The numbers that open a clause: 第三条, 三、, （八）, 3., （3） … read off the start of a line."""

import re
import unicodedata
from dataclasses import dataclass

from corpus import numerals
from corpus.model import Kind

_N = numerals.NUMERAL
_CN = "[〇零一二两三四五六七八九十百]"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_STRUCTURE = {"编": Kind.PART, "分编": Kind.SUBPART, "章": Kind.CHAPTER, "节": Kind.SECTION}

# What Markdown, and typesetting in general, may put before a number.
_PREFIX = re.compile(r"[\s\ufeff>]*(?:[-*+][ \t]+)?(?P<hashes>#{1,6})?[\s*_]*")
_ARTICLE = re.compile(rf"第\s*({_N}+)\s*条(?:\s*之\s*([一二三四五六七八九十]+))?[*_]*")
_PART = re.compile(rf"第\s*({_N}+)\s*(分编|编|章|节)[*_]*")
_NUMBERED = (
    (Kind.CHINESE, re.compile(rf"({_CN}+)、")),
    (Kind.CHINESE_BRACKETS, re.compile(rf"[（(]\s*({_CN}+)\s*[）)]")),
    (Kind.ARABIC, re.compile(r"([0-9０-９]{1,2})[.．、](?![0-9０-９])")),
    (Kind.ARABIC_BRACKETS, re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[）)]")),
    (Kind.CIRCLED, re.compile(rf"([{_CIRCLED}])")),
)
# 第十条规定的…, 第五条、第六条…: a sentence that speaks of a clause, not the head of one.
_REFERENCE = re.compile(r"[规所的第、和及至或之款项中以是与关，。；]|[〇零一二三四五六七八九十]?款")
_HEADING_END = re.compile(r"[。；，;,]$")
_MAX_HEADING = 40


@dataclass(frozen=True, slots=True)
class Marker:
    """A clause number at the start of a line.

    ``end`` is the offset in the line behind the number, where heading or text begins.
    ``separated`` says whether white space, a bracket or the line's end follows the number.
    ``depth`` counts Markdown's ``#``; 0 without.
    """

    kind: Kind
    number: tuple[int, ...]
    label: str
    end: int
    separated: bool = True
    depth: int = 0


def read_marker(line: str) -> Marker | None:
    """Read the clause number that a line begins with.

    Args:
        line: One line, without its line end.

    Returns:
        The marker, or ``None`` for a line that begins with none.
    """
    prefix = _PREFIX.match(line)
    at = prefix.end() if prefix else 0
    depth = len(prefix["hashes"] or "") if prefix else 0
    marker = _structure(line, at, depth) or _article(line, at, depth) or _numbered(line, at, depth)
    if marker is None and depth:
        heading = line[at:].strip()
        return Marker(Kind.HEADING, (), heading, at, depth=depth) if heading else None
    return marker


def content_start(line: str) -> int:
    """Return the offset of the first character that is text: behind indent, bullets and ``#``."""
    prefix = _PREFIX.match(line)
    return prefix.end() if prefix else 0


def mentions_clause(rest: str) -> bool:
    """Say whether the text behind 第N条 goes on as a sentence about that clause."""
    return bool(_REFERENCE.match(rest))


def _structure(line: str, at: int, depth: int) -> Marker | None:
    found = _PART.match(line, at)
    if not found:
        return None
    rest = line[found.end() :].strip(" \t\u3000*_\r")
    if len(rest) > _MAX_HEADING or _HEADING_END.search(rest) or (rest and mentions_clause(rest)):
        return None
    kind = _STRUCTURE[found[2]]
    return _marker(kind, found[1], f"第{_plain(found[1])}{found[2]}", found.end(), depth)


def _article(line: str, at: int, depth: int) -> Marker | None:
    found = _ARTICLE.match(line, at)
    if not found:
        return None
    label = f"第{_plain(found[1])}条" + (f"之{found[2]}" if found[2] else "")
    number = (numerals.parse(_plain(found[1])),) + ((numerals.parse(found[2]),) if found[2] else ())
    rest = line[found.end() :]
    separated = not rest.strip() or rest[0].isspace() or rest[0] in "【〔[（(：:"
    return Marker(Kind.ARTICLE, number, label, found.end(), separated, depth)


def _numbered(line: str, at: int, depth: int) -> Marker | None:
    for kind, pattern in _NUMBERED:
        found = pattern.match(line, at)
        if found:
            return _marker(kind, found[1], _label(kind, found[1]), found.end(), depth)
    return None


def _marker(kind: Kind, numeral: str, label: str, end: int, depth: int) -> Marker:
    value = unicodedata.numeric(numeral) if kind is Kind.CIRCLED else numerals.parse(_plain(numeral))
    return Marker(kind, (int(value),), label, end, depth=depth)


def _label(kind: Kind, numeral: str) -> str:
    """Write a number in the one form that is cited, whatever brackets or dots the text has."""
    plain = _plain(numeral) if kind is not Kind.CIRCLED else numeral
    match kind:
        case Kind.CHINESE:
            return f"{plain}、"
        case Kind.ARABIC:
            return f"{plain}."
        case Kind.CIRCLED:
            return plain
        case _:
            return f"（{plain}）"


def _plain(numeral: str) -> str:
    return unicodedata.normalize("NFKC", "".join(numeral.split()))
