"""What a sentence denies beside what its source denies. Pure."""

import re
from collections.abc import Sequence

from assistant import wording
from assistant.alignment import Part, beside, grams_of
from assistant.shorten import parts
from index.tokens import fold

_HEAD = 8  # characters behind a negation


def reversed_part(laid: Sequence[Part]) -> str:
    """Say whether a part denies what its source does not, or the reverse."""
    texts = list(dict.fromkeys(part.source.text for part in laid))
    for part in laid:
        excepts = len(parts(part.text)) == 1 or part.text.startswith(("例外", "但例外"))
        if _EXCEPTS.search(part.text) and excepts and wording.negations(beside(part)):
            continue  # 不在此列 of what its source leaves out
        if _NOT_APPLIED.search(part.text) and not _LEAVES_OUT.search(part.source.whole):
            return f"肯定或否定与依据相反：{part.text.strip('，。；')}"
        own = wording.negations(part.text)
        if _denied_by_lead(part):
            # Below 不得有下列行为： every denial is one, and nothing is allowed.
            if wording.may(part.text):
                return f"肯定或否定与依据相反：{part.text.strip('，。；')}"
            if any(wording.negations(p.text) for p in laid):
                continue
        there = _denied_of(part, own)
        stated = list(there)
        if len(texts) > 1:  # a condition may stand in the neighbouring sentence
            further = [scope for text in texts for scope in wording.negations(text)]
            stated += [f for f in further if any(_denies_all_of(scope, f) for scope in own)]
        # A comma of the sentence may cut what one negation of the source governs.
        group = [p for p in laid if p.source.quote == part.source.quote]
        nearby = [scope for p in group for scope in wording.negations(p.text)]
        invented = [scope for scope in own if not any(_denies_same(scope, o) for o in stated)]
        left_out = [
            scope
            for scope in there
            if _shares(scope, part.text)
            and not any(_shares(scope, o) or _shares(o, scope) for o in nearby)
            and not _is_other_case(scope, part)
            and not _is_supposed(part, laid)
        ]
        about = [scope for scope in there if _shares(scope, part.text)]
        if not about:
            about = [scope for scope in stated if any(_shares(one, scope) for one in own)]
        again = [
            m for m in _AS_WELL.finditer(part.text) if wording.negations(part.text[: m.start()])
        ]
        deny = len(own) - len(again)  # 不用审批也不用备案 denies once
        if invented or left_out or (deny % 2 != len(about) % 2 and deny > len(about)):
            return f"肯定或否定与依据相反：{part.text.strip('，。；')}"
    return ""


def _denies_same(scope: str, other: str) -> bool:
    """Say whether two negations deny the same first and foremost."""
    shared = grams_of(scope) & grams_of(other)
    head = grams_of(scope[:_HEAD])
    return bool(shared & head) or len(shared) > 1 or scope[:2] in other


def _denies_all_of(scope: str, other: str) -> bool:
    """Say whether a negation of another sentence denies the same first, or in more than a word."""
    heads = grams_of(scope[:_HEAD]) & grams_of(other[:_HEAD])
    return bool(heads) or scope[:2] in other or len(grams_of(scope) & grams_of(other)) > 1


_EXCEPTS = re.compile("例外|除外|不在此[列限]|不(?:包括|算)在内")
_NOT_APPLIED = re.compile("不再?适用")
_LEAVES_OUT = re.compile("不再?适用|除外|例外|停止|废止|不属于")
_AS_WELL = re.compile("[也又](?=[不没未无])")


def _denied_of(part: Part, own: Sequence[str]) -> list[str]:
    """Return what the stretch of the source denies that a part renders.

    不得有下列行为： denies the item below it; what the part itself denies may stand further on.
    """
    source = part.source
    lead = [source.text] if _denied_by_lead(part) else []
    near = wording.negations(beside(part))
    begins = {scope[:2] for scope in own}
    further = [s for s in wording.negations(source.text) if s[:2] in begins and s not in near]
    return [*near, *further, *lead]


def _denied_by_lead(part: Part) -> bool:
    lead = part.source.lead
    return "下列" in lead and bool(wording.negations(lead))


def _is_other_case(scope: str, part: Part) -> bool:
    """Say whether a part renders another case of a list than the one that is denied.

    Of 载运不准出境人员，偷越国境人员及未持证件人员的 a sentence may name the second alone.
    """
    grams = grams_of(part.text)
    if grams & grams_of(scope[:4]) or scope[:2] in fold(part.text):
        return False
    cases = re.split("[，、；,;]|及|或者", fold(part.source.text))
    others = [case for case in cases if case[-2:] == re.sub(r"的?\W*$", "", scope)[-2:]]
    others = [case for case in others if not wording.negations(case)]
    shared = max((len(grams & grams_of(case)) for case in others), default=0)
    return shared > len(grams & grams_of(scope))


def _is_supposed(part: Part, laid: Sequence[Part]) -> bool:
    """Say whether a part only supposes (…的，) what another source of the sentence supposes, too.

    甲的，罚款 rests on the penalty; that 不得甲 stands elsewhere takes nothing from it.
    """
    if not part.text.endswith(("的，", "的,")):
        return False
    grams = grams_of(part.text)
    others = [one.source for one in laid if one.source.quote != part.source.quote]
    pieces = [span.of(other.text) for other in others for span in parts(other.text)]
    return any(
        piece.endswith(("的，", "的,"))
        and not wording.negations(piece)
        and len(grams & grams_of(piece)) * 3 >= len(grams) * 2
        for piece in pieces
    )


def _shares(scope: str, words: str) -> bool:
    """Say whether a text speaks of what is denied elsewhere."""
    return bool(grams_of(scope) & grams_of(words)) or (len(scope) > 1 and scope[:2] in fold(words))
