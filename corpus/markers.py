"""The numbers that open a clause (第三条, 三、, （八）, 3., （3）), read off a line's start."""

import re
import unicodedata
from dataclasses import dataclass

from corpus import numerals
from corpus.model import Kind

_N = numerals.NUMERAL
_CN = "[〇零一二两三四五六七八九十百]"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_STRUCTURE = {
    "编": Kind.PART,
    "部分": Kind.PART,
    "分编": Kind.SUBPART,
    "章": Kind.CHAPTER,
    "节": Kind.SECTION,
}

# What Markdown, and typesetting in general, may put before a number.
_PREFIX = re.compile(r"[\s\ufeff>]*(?:[-*+][ \t]+)?(?P<hashes>#{1,6})?[\s*_]*")
_ARTICLE = re.compile(rf"第\s*({_N}+)\s*条(?:\s*之\s*([一二三四五六七八九十]+))?[*_]*")
_ANNEX = re.compile(r"(附[件录]\s*[0-9０-９一二三四五六七八九十]{0,3})\s*[：:]?[\s*_]*$")
_PART = re.compile(rf"第\s*({_N}+)\s*(分编|编|部分|章|节)[*_]*")
_NUMBERED = (
    (Kind.CHINESE, re.compile(rf"({_CN}+)[ \u3000]?[、.．]")),
    (Kind.CHINESE_BRACKETS, re.compile(rf"[（(]\s*({_CN}+)\s*[）)]|([㈠-㈩])")),
    (Kind.ARABIC, re.compile(r"([0-9０-９]{1,2})[ \u3000]?\\?[.．、](?![0-9０-９])|([⒈-⒛])")),
    (Kind.ARABIC_BRACKETS, re.compile(r"[（(]\s*([0-9０-９]{1,2})\s*[）)]|([⑴-⒇])")),
    (Kind.CIRCLED, re.compile(rf"([{_CIRCLED}])")),
)
# 第十条规定的…, 第五条、第六条…: a sentence that speaks of a clause, not the head of one.
_REFERENCE = re.compile(
    rf"[，。；）》”]|的|第{_N}+[编章节条款项]|[、和及至或与]者?(?:第|{_N}|[（(]{_N})"
    rf"|{_N}?款|[（(]{_N}+[）)](?:[、和]|项(?!目))|中?所?规定的|所[列称述指规]|中[的所]|之规定|以外"
    r"|关于[^，。]{1,30}的规定"
)
_PUNCTUATION = re.compile(r"[ \t\u3000]*[：:、．.]")
# 一、二级医院…: two numbers of a row, not the number of a clause.
_OF_A_ROW = "[、级线类档期批次产审楼层等]"
_HEADING_END = re.compile(r"[。；，;,]$")
_MAX_HEADING = 40


@dataclass(frozen=True, slots=True)
class Marker:
    """A clause number at the start of a line.

    ``end`` is the offset in the line behind the number, where heading or text begins.
    ``separated`` says whether white space, a bracket or the line's end follows the number.
    ``mention`` says whether it goes on as a sentence about that clause: 第十条规定的….
    ``depth`` counts Markdown's ``#``; 0 without.
    """

    kind: Kind
    number: tuple[int, ...]
    label: str
    end: int
    separated: bool = True
    mention: bool = False
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
    try:
        marker = _any(line, at, depth)
    except ValueError:  # 第万万条: the characters of a numeral, but none
        marker = None
    if marker is None and depth:
        heading = line[at:].strip()
        return Marker(Kind.HEADING, (), heading, at, depth=depth) if heading else None
    return marker


def content_start(line: str) -> int:
    """Return the offset of the first character that is text: behind indent, bullets and ``#``."""
    prefix = _PREFIX.match(line)
    return prefix.end() if prefix else 0


def _any(line: str, at: int, depth: int) -> Marker | None:
    return (
        _annex(line, at, depth)
        or _structure(line, at, depth)
        or _article(line, at, depth)
        or _numbered(line, at, depth)
    )


def _annex(line: str, at: int, depth: int) -> Marker | None:
    found = _ANNEX.match(line, at)
    return found and Marker(Kind.ANNEX, (), _plain(found[1]), found.end(), depth=depth or 1)


def _structure(line: str, at: int, depth: int) -> Marker | None:
    found = _PART.match(line, at)
    if not found:
        return None
    rest = line[found.end() :].strip(" \t\u3000*_\r")
    run_on = _REFERENCE.match(line, found.end())
    if run_on or (not depth and (len(rest) > _MAX_HEADING or _HEADING_END.search(rest))):
        return None
    label = f"第{_plain(found[1])}{found[2]}"
    return _marker(_STRUCTURE[found[2]], found[1], label, _content_at(line, found.end()), depth)


def _article(line: str, at: int, depth: int) -> Marker | None:
    found = _ARTICLE.match(line, at)
    if not found:
        return None
    label = f"第{_plain(found[1])}条" + (f"之{found[2]}" if found[2] else "")
    number = (numerals.parse(_plain(found[1])),) + ((numerals.parse(found[2]),) if found[2] else ())
    rest = line[found.end() :]
    mention = bool(_REFERENCE.match(rest.lstrip()))
    separated = (
        not rest.strip() or rest[0].isspace() or (rest[0] in "【〔［[（(：:" and not mention)
    )
    end = found.end() if mention else _content_at(line, found.end())
    return Marker(Kind.ARTICLE, number, label, end, separated, mention, depth)


def _content_at(line: str, end: int) -> int:
    """Skip the colon or the like behind a number: 第一条：为了…."""
    found = _PUNCTUATION.match(line, end)
    return found.end() if found else end


def _numbered(line: str, at: int, depth: int) -> Marker | None:
    for kind, pattern in _NUMBERED:
        found = pattern.match(line, at)
        if found:
            numeral = found[found.lastindex or 1]
            marker = _marker(kind, numeral, _label(kind, numeral), found.end(), depth)
            return None if _in_a_row(marker, line) else marker
    return None


def _in_a_row(marker: Marker, line: str) -> bool:
    if marker.kind is not Kind.CHINESE:
        return False
    following = numerals.to_chinese(marker.number[0] + 1)
    return bool(re.compile(following + _OF_A_ROW).match(line, marker.end))


def _marker(kind: Kind, numeral: str, label: str, end: int, depth: int) -> Marker:
    value = (
        unicodedata.numeric(numeral) if kind is Kind.CIRCLED else numerals.parse(_plain(numeral))
    )
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
    return unicodedata.normalize("NFKC", "".join(numeral.split())).strip("().")
