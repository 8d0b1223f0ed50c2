"""Clause labels and headings in English, word by word: enough to know what a clause is about."""

import re
from functools import lru_cache
from pathlib import Path

from corpus import numerals
from corpus.model import ClauseAddress

_GLOSSES = Path(__file__).with_name("glosses.tsv")
_LONGEST = 8  # characters of a word
_N = "[〇零一二三四五六七八九十百千]+"
_NUMBER = re.compile(f"第(?P<article>{_N})(?P<kind>条|章|节)|（(?P<point>{_N})）|(?P<part>{_N})、")
_KINDS = {"条": "article", "章": "chapter", "节": "section"}


@lru_cache(maxsize=1)
def glosses() -> dict[str, str]:
    """Return Chinese word → a short English one."""
    lines = _GLOSSES.read_text(encoding="utf-8").splitlines()[1:]
    return dict(line.split("\t") for line in lines)


def label(address: ClauseAddress) -> str:
    """Write the number of a clause in English: ``article 8``, ``clause 8``, ``part 3``."""
    match = _NUMBER.fullmatch(address.label)
    if not match:
        return "the preamble" if address.label == "前言" else address.label
    kind = _KINDS.get(match["kind"] or "", "clause" if match["point"] else "part")
    number = match["article"] or match["point"] or match["part"]
    return f"{kind} {numerals.parse(number)}"


def heading(address: ClauseAddress) -> str:
    """Write the words of a clause's heading in English, in their order; empty if it has none."""
    words = address.path[-1].removeprefix(address.label).strip()
    table = glosses()
    out: list[str] = []
    at = 0
    while at < len(words):
        ends = (n for n in range(_LONGEST, 1, -1) if words[at : at + n] in table)
        length = next(ends, 0)
        if length:
            out.append(table[words[at : at + length]])
        at += length or 1
    return " ".join(out)
