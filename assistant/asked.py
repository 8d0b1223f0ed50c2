"""The kinds of answer a question can want, in Chinese and English, and what each looks like."""

import re
from enum import StrEnum

from index.tokens import fold


class Asked(StrEnum):
    """The kind of answer a question wants."""

    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    DATE = "date"
    CONTACT = "contact"
    COUNT = "count"
    WHO = "who"
    WHERE = "where"
    LIST = "list"
    YES_NO = "yes_no"
    HOW = "how"
    OTHER = "other"


# In this order: the first that matches says what is asked.
_QUESTIONS: dict[Asked, tuple[str, ...]] = {
    Asked.CONTACT: (
        "电话|手机号|热线|网址|(?:哪个|什么)网[站页]|网站地址|邮箱|联系方式|链接",
        "phone number|website|e-?mail|hotline",
    ),
    Asked.AMOUNT: (
        "多少钱|几多钱|(?:几|多少)(?:十|百|千|万|亿)*(?:块|元)|几万|多少万|金额|"
        "多少(?:工本|手续|租|学|运|保险|注册)?费",
        "(?:补贴|补助|奖励|资助|奖金|津贴|罚款|额度|费用|租金|经费|资金|收入|工资)"
        "(?:[是有给发]|能拿|标准|至少要|最多)?(?:多少|多大|几)",
        "多少[\u4e00-\u9fff]{0,3}(?:补贴|补助|奖励|资助|奖金|津贴|罚款|费用|租金|经费|资金|钱)",
        "how much (?:money|subsidy|does it cost|is the)|what amount",
    ),
    Asked.PERCENTAGE: (
        "百分之几|百分之多少|百分比|几成|比例|税率|多少个点|几个点|多大比重|占多少",
        "percent|what share|what rate|tax rate",
    ),
    Asked.DURATION: (
        "多久|多长|几年|多少年|几个月|几天|多少天|年限|期限|时限|有效期|最长",
        "how long|how many (?:years|months|days)|validity|duration",
    ),
    Asked.DATE: (
        "什么时候|什么时间|何时|哪一?年|几号|哪天|几月|截止",
        r"^when (?:is|are|was|were|will|did|does|do|should|must|can)\b|(?:which|what) year|"
        "deadline|by what date",
    ),
    Asked.WHO: (
        "谁|(?:哪个|什么|哪些)(?:部门|单位|机构)|哪家|由哪|找哪",
        r"\bwho\b|which (?:department|authority|agency)",
    ),
    Asked.LIST: (
        "哪些|哪几|有什么|有啥|什么样的|都包括|包括什么|列举|列出|分别|几个方面|几种",
        r"\bwhich\b|what (?:are|kinds|types|fields|areas|measures|sectors)|\blist\b|name the",
    ),
    Asked.COUNT: (r"多少(?!年|月|天)|几(?:个|家|名|人|项|条|所|座|次|分|类|批|倍)|\bhow many\b",),
    Asked.WHERE: (r"哪里|哪儿|在哪|什么地方|何处|\bwhere\b",),
    Asked.YES_NO: (
        "吗|么[？?]?$|能不能|可不可以|可否|能否|是否|是不是|有没有|会不会|行不行|要不要|算不算|[不没][？?]?$",
        r"^(?:can|may|is|are|do|does|will|must|should|could)\b",
    ),
    Asked.HOW: (r"怎么|怎样|如何|咋|how\b",),
}
_PATTERNS = {asked: re.compile("|".join(parts)) for asked, parts in _QUESTIONS.items()}

_NUMBER = "(?:[0-9０-９]+|[一二三四五六七八九十百千两]+)"

_EXPECTED: dict[Asked, re.Pattern[str]] = {
    Asked.AMOUNT: re.compile(f"{_NUMBER}[余多]?\\s*[万亿千百]*元|{_NUMBER}倍"),
    Asked.PERCENTAGE: re.compile(r"[0-9０-９.．]+\s*[%％]|百分之"),
    Asked.DURATION: re.compile(
        f"{_NUMBER}\\s*(?:至{_NUMBER})?\\s*(?:周?年|个?月|个?工作日|天|日|周|小时)|长期|永久|终身"
    ),
    Asked.DATE: re.compile(f"[0-9０-９]{{4}}年|{_NUMBER}(?:年|月|日)(?:前|内|底|起|时间)?|之日"),
    Asked.CONTACT: re.compile(
        r"[0-9]{3,4}-?[0-9]{6,8}|(?<![0-9])1[0-9]{4}(?![0-9])|(?:电话|热线)[:：为是]?\s*[0-9]|"
        r"https?://|www\.|@"
    ),
    Asked.COUNT: re.compile(
        r"[0-9０-９]+|[一二三四五六七八九十百千两]+(?:个|家|名|人|项|条|所|座|次|分|类|批|倍|种)"
    ),
    Asked.LIST: re.compile("、"),
}
_UNIT = re.compile("(?:多少|几)([个家名人项条所座次分类批倍亩种份期届])")


def kind_of(question: str) -> Asked:
    """Say what kind of answer a question wants."""
    text = fold(question)
    return next(
        (asked for asked, pattern in _PATTERNS.items() if pattern.search(text)), Asked.OTHER
    )


_VALUES = (
    Asked.AMOUNT,
    Asked.PERCENTAGE,
    Asked.CONTACT,
    Asked.COUNT,
    Asked.DURATION,
    Asked.DATE,
)


def expected(asked: Asked, question: str) -> re.Pattern[str] | None:
    """Return how a sentence must look to hold the kind of answer that is asked for.

    Args:
        asked: The kind of answer.
        question: The question, whose unit counts: 多少分 wants a number of 分.

    Returns:
        A pattern to search for; ``None`` if any sentence will do.
    """
    unit = _UNIT.search(question) if asked is Asked.COUNT else None
    return re.compile(f"{_NUMBER}\\s*(?:多|余)?{unit[1]}") if unit else _EXPECTED.get(asked)


def needs_value(asked: Asked) -> bool:
    """Say whether only a value answers: an amount, a share, a time, a way to get in touch."""
    return asked in _VALUES
