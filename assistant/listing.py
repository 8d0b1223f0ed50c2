"""A sentence that enumerates (…发展研究开发、技术转移、检验检测等…) → its head, items and tail."""

import re
from dataclasses import dataclass

FEWEST = 4  # items that make a list worth reading as one
_LONGEST = 18  # characters of an item
_PIECE = re.compile("[^，；。：]+[，；。：]?")
# What the first item may follow: a verb or a preposition that governs the whole enumeration.
_HEAD = re.compile(
    ".*(?:发展|支持|包括|涉及|推进|推动|建设|加强|促进|聚焦|围绕|实施|开展|鼓励|完善|提供|从事|布局|培育|"
    "强化|突破|扶持|整合|建立|形成|实现|享受|享有|具有|对|在|为|如|即|于|和用好)(?=[^、]{2})"
)
_OPENS = ("包括", "为", "：", "即", "如")
_TAIL = re.compile("等(?!级)|的|，|；|。|：|$")


@dataclass(frozen=True)
class Enumeration:
    """An enumeration within a sentence; together ``head``, items and ``tail`` are its text."""

    head: str
    items: tuple[str, ...]
    tail: str


def enumeration(sentence: str) -> Enumeration | None:
    """Find the longest enumeration of a sentence.

    Returns:
        ``None`` if it has fewer than ``FEWEST`` items, or one of them is no short phrase. The
        ideographic commas between the items are left out.
    """
    pieces = list(_PIECE.finditer(sentence))
    longest = max(pieces, key=lambda piece: piece[0].count("、"), default=None)
    if longest is None or longest[0].count("、") < FEWEST - 1:
        return None
    first, *middle, last = longest[0].split("、")
    head = _HEAD.match(first)
    begun = head.end() if head else 0
    tail = _TAIL.search(last)
    ended = tail.start() if tail else len(last)
    items = (first[begun:], *middle, last[:ended])
    before = sentence[: longest.start()] + first[:begun]
    after = last[ended:] + sentence[longest.end() :]
    # Else the last item may go on (…、研讨一体化的合作平台), or the first begin earlier.
    whole = after.startswith("等") or before.endswith(_OPENS)
    plain = all(0 < len(item) <= _LONGEST and "等" not in item for item in items)
    return Enumeration(before, items, after) if whole and plain else None
