"""Which question asks for a fact about the document itself, told by its whole wording.

None about what the document says may be taken for one: 什么时候发布 is one, 名单什么时候发布 not.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from corpus.model import Document
from index.address import names_of
from index.tokens import fold


class Fact(StrEnum):
    """What can be asked of a document itself."""

    TITLE = "名称"
    ISSUER = "发布机关"
    DATE = "发布时间"
    NUMBER = "文号"
    COUNT = "条款数"
    FORCE = "施行时间"
    PURPOSE = "制定目的和依据"
    VALIDITY = "有效期"


_SORT = "(?:文件|文|政策|办法|条例|规定|法律?|意见|通知|公告|细则|制度|方案|规章)"
# 办法由谁制定 and 公告由谁发布 may ask for what the document says: only 文件 needs no 这个.
_THIS = f"(?:[这那本该此](?:个|份|部|项|篇|一份)?{_SORT}|文件)"
_ISSUE = "(?:发布|印发|制定|出台|颁布|公布|发文|下发)"
_WHO = "(?:谁|(?:哪个|哪些|什么|哪一个|哪家)(?:部门|单位|机关|机构)?|哪里|哪儿)"
_WHEN = "(?:什么时候|啥时候|何时|哪一?年|哪一?天|几号|几几年|什么时间|几月几号|哪年哪月)"
_IS = "(?:到底|究竟)?(?:都?是|为)?"
_DATED = f"(?:{_ISSUE}|通过|修订|修正|批准|成文)"
_UNIT = "(?:条款|条文|个?条|章)"
_IT = "(?:it|(?:the|this) (?:document|law|policy|regulation|notice))"
_FORCE = "(?:施行|实施|执行|生效|实行|起效)"
_WHY = "(?:目的和(?:依据|根据)|目的|宗旨|依据|根据|理由|原因|背景)"
_DONE = "(?:issued|published|released|enacted|adopted|passed|made|written|wrote)"

# Matched against the whole question, folded, without politeness and punctuation.
_ASKED: dict[Fact, tuple[str, ...]] = {
    Fact.TITLE: (
        f"{_THIS}(?:叫|是)(?:什么|啥)(?:名字?|名称|{_SORT})?",
        f"{_THIS}的?(?:全称|全名|标题|名称|名字|题目){_IS}(?:叫)?(?:什么|啥)?",
        f"(?:标题|题目|文件名称?|文件全称){_IS}(?:叫)?(?:什么|啥)",
        f"[这那]是(?:一[份个部])?(?:什么|啥|哪个|哪份|哪部){_SORT}",
        rf"what(?: is|'s) {_IT}(?:'s)?(?: called| title| name)",
        rf"what(?: is|'s) the (?:title|name)(?: of {_IT})?",
    ),
    Fact.ISSUER: (
        f"{_THIS}{_IS}由?{_WHO}(?:{_ISSUE}|发|出|定|写|搞|起草)(?:出来)?的?",
        f"{_IS}由?{_WHO}{_ISSUE}的?(?:{_THIS})?",
        f"{_IS}{_WHO}发的(?:{_THIS})?",
        f"{_THIS}?的?(?:{_ISSUE}|发文)(?:机关|单位|部门|机构|者){_IS}{_WHO}?",
        f"who {_DONE}(?: {_IT})?",
        f"(?:which|what) (?:authority|agency|department|body) {_DONE}(?: {_IT})?",
    ),
    Fact.DATE: (
        f"{_THIS}?{_IS}{_WHEN}{_DATED}(?:出来)?的?",
        f"{_THIS}{_IS}{_WHEN}(?:发|出|定)(?:出来)?的?",
        f"{_THIS}?的?(?:{_DATED}|发文)(?:日期|时间|年份){_IS}(?:什么|哪一?天|多少|{_WHEN})?",
        f"when was {_IT} {_DONE}",
        r"what is the (?:issue|issuing|publication|release) date",
    ),
    Fact.NUMBER: (
        f"(?:{_THIS}的?)?(?:发文)?(?:文号|发文字号|发文号|文件编号|文件号){_IS}(?:多少|什么|啥|几号?|哪个)?",
        r"what(?: is|'s) (?:the|its|this) (?:document|reference)(?:'s)? number",
    ),
    Fact.COUNT: (
        f"(?:{_THIS})?(?:里面?|中)?(?:一共|总共|共|合计|拢共)有?(?:多少|几){_UNIT}(?:规定|内容)?",
        f"{_THIS}(?:里面?|中)?有(?:多少|几){_UNIT}(?:规定|内容)?",
        f"how many (?:articles|clauses|chapters)(?: (?:are there|does {_IT} have))?(?: in {_IT})?",
    ),
    Fact.FORCE: (
        f"{_THIS}?{_IS}(?:[从自]|打)?{_WHEN}(?:开始|正式|起)*{_FORCE}的?",
        f"{_THIS}?的?{_FORCE}(?:日期|时间){_IS}(?:什么|哪一?天|多少|{_WHEN})?",
        f"when (?:does|did|will) {_IT} (?:take effect|(?:come|enter) into (?:force|effect))",
    ),
}
_ASKED[Fact.PURPOSE] = (
    f"(?:{_ISSUE}|起草|立){_THIS}?的?{_WHY}{_IS}(?:什么|啥|哪些|在哪)?",
    f"{_THIS}的?(?:{_ISSUE}|立法)?的?{_WHY}{_IS}(?:什么|啥|哪些)?",
    f"(?:立法|制定|出台){_WHY}{_IS}(?:什么|啥|哪些)?",
    f"(?:为什么|为啥|为何|因为什么)要?(?:{_ISSUE}|起草|搞){_THIS}",
    f"{_THIS}{_IS}(?:根据|依据|按照)(?:什么|哪些|哪部)(?:法律?|规定|文件)?(?:{_ISSUE}|写|来)的?",
    rf"(?:what is the (?:purpose|aim|legal basis) of {_IT}|why was {_IT} {_DONE})",
)
_ASKED[Fact.VALIDITY] = (
    f"{_THIS}的?有效期(?:限)?{_IS}(?:到)?(?:多久|多长|几年|什么|{_WHEN})?",
    f"{_THIS}{_IS}有效(?:到)?(?:多久|多长时间|几年|{_WHEN})",
    f"{_THIS}(?:现在|目前|如今|今天)?(?:还|是否还?|是不是还?)?(?:有没有效|有效|管用|作数|算数|适用)吗?",
    f"{_THIS}(?:现在|目前)?(?:已经|是否|是不是|有没有)*(?:废止|失效|过期|作废|被?废除)了?(?:没有?|吗)?",
    rf"is {_IT} still (?:valid|in (?:force|effect))|how long is {_IT} valid",
)
# Whatever was asked before, only the document itself comes into force; 实施 and 执行 may be others.
_IN_FORCE = re.compile("施行|生效")
_PATTERNS = {fact: re.compile("|".join(parts)) for fact, parts in _ASKED.items()}
_POLITE = re.compile(
    "^(?:请问一?下?|想问一?下|问一?下|我想知道|麻烦问一?下|你好)[,，]?|(?:呢|呀|啊|吗|来着)$"
)
_NAMES_IT = re.compile(
    f"{_THIS}|标题|文号|一共(?:多少|几){_UNIT}|document|this |"
    "how many (?:articles|clauses|chapters)"
)
_MARKS = re.compile(r"[《》“”\"？?。.！!]")
_SPACE = re.compile(r"\s+")
_LEAST_NAME = 6  # characters: a shorter one is too like another word


def asked_of(question: str, documents: Sequence[Document], *, opening: bool) -> Fact | None:
    """Say which fact about a document itself a question asks for, if that is all it asks.

    Args:
        question: As typed.
        documents: Whose titles may stand for 这个文件.
        opening: Whether nothing was asked before: 什么时候发布的 then goes back to nothing else.
    """
    text = fold(question)
    text = _MARKS.sub("", text).strip()
    for name in sorted((n for d in documents for n in names_of(d)), key=len, reverse=True):
        text = _named(text.replace(name, "这个文件"), name)
    text = _POLITE.sub("", _POLITE.sub("", text))
    text = text if text.isascii() else _SPACE.sub("", text)
    fact = next((fact for fact, pattern in _PATTERNS.items() if pattern.fullmatch(text)), None)
    meant = opening or _NAMES_IT.search(text)
    return fact if meant or (fact is Fact.FORCE and _IN_FORCE.search(text)) else None


def _named(text: str, name: str) -> str:
    """Put 这个文件 for a name with a typing error: as long, and one character in six another."""
    for at in range(len(text) - len(name) + 1 if len(name) >= _LEAST_NAME else 0):
        typed = text[at : at + len(name)]
        wrong = sum(a != b for a, b in zip(typed, name, strict=True))
        if wrong * 6 <= len(name):
            return text.replace(typed, "这个文件")
    return text
