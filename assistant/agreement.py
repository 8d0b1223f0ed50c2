"""The figures of a written sentence held to those of its source. Pure."""

import re
from collections.abc import Sequence

from assistant.alignment import Part
from assistant.figures import COUNTED, Figure, figures, labelled
from assistant.quotes import Quote
from index.tokens import fold


def wrong_figures(laid: Sequence[Part]) -> str:
    """Hold the figures to those of the source sentence: the same, in the same order, as bounded.

    Returns:
        What disagrees, for people; empty if all agree.
    """
    whole = "".join(part.text for part in laid)
    by_source: dict[Quote, list[Part]] = {}
    for part in laid:
        by_source.setdefault(part.source.quote, []).append(part)
    for group in by_source.values():
        text = "".join(part.text for part in group)
        theirs = figures(group[0].source.whole)
        at = 0
        said: set[tuple[Figure, str]] = set()
        for own in figures(text):
            alone = len({other.value for other in theirs if other.unit == own.unit}) == 1
            if alone and (own, own.end) in said:  # 最多罚500元 after 500元以下罚款
                continue
            if own.unit in COUNTED and _counts_a_list(own, whole, text, group[0].source.text):
                continue
            often = own.before.endswith("每")  # how often may stand before or behind how much
            first = 0 if often else at
            place = next((i for i in range(first, len(theirs)) if _agree(own, theirs[i])), None)
            if place is None:
                return f"数字与依据不符：{text.strip('，。；')}"
            said.add((own, own.end))
            at = at if often else place + 1
        if _of_another(text, group[0].source.text):
            return f"数字与依据不符：{text.strip('，。；')}"
    return ""


def _of_another(text: str, source: str) -> bool:
    """Say whether a sentence gives one thing the figure of another beside it in its source."""
    theirs = labelled(source)
    for own in figures(text):
        same = [(figure, about) for figure, about in theirs if figure.unit == own.unit]
        mine = set().union(*(about for figure, about in same if figure.value == own.value))
        others = set().union(*(about for figure, about in same if figure.value != own.value))
        said = {pair for pair in others if pair in fold(text)}
        stated = {figure.value for figure, about in same if about & said}
        # Where both things are named, so may both figures be.
        both = stated <= {figure.value for figure in figures(text)}
        if mine and said and not both and not any(pair in fold(text) for pair in mine):
            return True
    return False


def _agree(own: Figure, theirs: Figure) -> bool:
    if own.key != theirs.key and not (not own.unit and own.value == theirs.value):
        return False
    if own.end and not own.bound:  # 一千元到一万元 is 一千元以上一万元以下
        return theirs.bound in ("", "most", own.end)
    return own.bound in (theirs.bound, theirs.end) or (not own.bound and theirs.bound == "most")


def _counts_a_list(figure: Figure, *texts: str) -> bool:
    """Say whether a number counts what is listed: 使用权、处置权、收益权三项权利."""
    for text in texts:
        listed = re.split("[、；]|[，,]?(?:或者|以及)", text.partition("：")[2])
        if len(listed) > 1 and figure.value == len(listed):  # 例外有两种：甲，或者乙
            return True
        for piece in re.split("[，。；：]", text):
            joined = len(re.findall("、", piece))
            counts = {joined + 1, joined + 1 + len(re.findall("和|与|及", piece))}
            if joined and figure.value in counts:
                return True
    return False
