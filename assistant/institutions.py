"""Institutions that a written sentence names, and who acts in it, held to the source. Pure."""

import re
from collections.abc import Sequence

from assistant.wording import GLUE, canonical

_INSTITUTION = re.compile(
    "部门|(?:服务|社会|经济|自治)组织|学校|海关|交易所|经营者|委员会|办公室|领导小组|联合会|工作站|检查站|服务站|法院|检察院|公安局|政府(?!采购|购买|投资|资助|管理|职能|服务)|人大|党委|协会|商会|学会"
    "|银行|机关|机构|中心|大学|学院|医院|企业(?!所得税)|公司|集团|(?<=[\u4e00-\u9fff]{2})(?:(?<![布格结大])局|厅|(?<!部)署|委(?![托派任])|(?<![全内干外一])部(?![分署门])|院)"
)
_NAME = re.compile("[\u4e00-\u9fff]{1,14}$")
_BEGINS = re.compile(
    f"(?:{GLUE.pattern}|约谈|缴纳|上交|会同|经由|报|报送|提交|通知|告知|接受|支持|鼓励|允许|组织|设立|建立|适用|经过|依托|参加|提供|选择|申请|委托|要求|决定|设|办|建|成立|新设|开办|创办|请|找|交|归|让|受|经|需|属|像|各|多家|几家|各家|每家|一家|单家|注册|拿|凭|给予|当地|本地|公办|民办|一方|双方)$"
)


def named(text: str) -> list[str]:
    """Return the words of a text that name an institution."""
    return _INSTITUTION.findall(canonical(text))


def unknown_institution(sentence: str, source: str, before: str, question: str = "") -> str:
    """Return an institution that a sentence names and its sources do not; else nothing.

    Args:
        sentence: The sentence.
        source: What it renders, with the headings above.
        before: What its passage says before: where the source names none, that one acts.
        question: What was asked: who asks as a 学校 or 企业 may be answered so.
    """
    said, stated = canonical(sentence), canonical(source)
    for found in _INSTITUTION.finditer(said):
        left = _NAME.search(said[: found.start()])
        name = (left[0] if left else "") + found[0]
        places = [stated] if _INSTITUTION.search(stated) else [stated, canonical(before)]
        if any(_is_named(name, len(found[0]), place) for place in places):
            continue
        kind = _KINDS.get(found[0])
        if kind and kind.search(stated) and _BEGINS.search(said[: found.start()]):
            continue
        if (
            found[0] in _ANYBODY
            and found[0] in question
            and not said[: found.start()].endswith(found[0])
        ):
            continue
        above = name.removesuffix(found[0])  # 领导小组 and its 办公室 may stand apart
        inner = [m for m in _INSTITUTION.finditer(above) if m.end() == len(above)]
        apart = found[0] in stated and inner and inner[0][0] in stated + canonical(before)
        if not apart:
            return name[-8:]
    return ""


_ANYBODY = frozenset(("企业", "公司", "学校", "大学", "医院", "机构"))
# A kind and what is one of it.
_KINDS = {
    "学校": re.compile("高校|学院"),
    "企业": re.compile("经营者|公司"),
    "公司": re.compile("经营者|企业"),
}
_ACTOR = re.compile("(?<![理自缘])由(?![此于其他它该这])([\u4e00-\u9fff]{2,4})")


def other_actor(sentence: str, beside: Sequence[str]) -> str:
    """Return who acts by a part of a sentence (由…), if its source says that another does."""
    found = _ACTOR.search(canonical(sentence))
    near = canonical("".join(beside))
    if not found or "由" not in near or found[1][:2] in near:
        return ""
    return found[1]


def _holds(text: str, name: str) -> bool:
    """Say whether a text holds a name, and not only the start of another (公安部 of 公安部门)."""
    return bool(re.search(re.escape(name) + ("(?!门)" if name.endswith("部") else ""), text))


def _is_named(name: str, least: int, text: str) -> bool:
    """Say whether a text holds the end of a name up to where it begins."""
    known = next((name[i:] for i in range(len(name)) if _holds(text, name[i:])), "")
    if len(known) < least:
        return False
    first = len(name) - len(known)  # anywhere from here on the name itself may begin
    if first >= 2 and name[first - 2 : first] in text:  # what stands before it is the source's, too
        return True
    return not first or any(_BEGINS.search(name[:i]) for i in range(first, len(name) - least + 1))
