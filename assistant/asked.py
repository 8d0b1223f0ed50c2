"""The kinds of answer a question can want, in Chinese and English, and what each looks like."""

import re
from enum import StrEnum

from corpus.model import Span
from index.tokens import fold


class Asked(StrEnum):
    """The kind of answer a question wants."""

    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    DURATION = "duration"
    DATE = "date"
    TIME = "time"
    CONTACT = "contact"
    ADDRESS = "address"
    NAME = "name"
    COUNT = "count"
    WHO = "who"
    WHERE = "where"
    LIST = "list"
    MEANING = "meaning"
    YES_NO = "yes_no"
    HOW = "how"
    OTHER = "other"


_SHARE = "(?:比例|比重|占比|税率|百分比|份额)"
_ASKED_FOR = "(?:[是有给发罚到]|能拿|标准|至少要|最多|不低于|不少于|不超过|最高|最低)*"
_PAY = "工资|[月年]薪|薪资|薪酬|薪水|薪金"
_PRICE = "价格|价钱|(?:房|地|租|票|单|均|总|售|标|定|底|起|物|油|电|水|气|运|药)价"

# In this order: the first that matches says what is asked.
_QUESTIONS: dict[Asked, tuple[str, ...]] = {
    Asked.CONTACT: (
        "(?:电话|手机号|热线|网址|邮箱|链接)(?:号码?)?[^，,。；;]{0,4}(?:多少|什么|几|哪)|"
        "(?:什么|哪个|哪条|多少)[^，,。；;]{0,4}(?:电话|热线|网址|网[站页]|邮箱|链接)|"
        "联系方式|网站地址|电话号码|怎么联系|打哪",
        "phone number|website|e-?mail|hotline",
    ),
    Asked.ADDRESS: (
        "几号(?:窗口|楼|线)|哪条路|哪栋楼|几楼|门牌号|在哪条街|地址(?![^，,。；;]?[吗么嘛])[^，,。；;]{0,3}(?:哪|什么|多少|[？?]|$)|"
        "(?:什么|哪个|具体|详细)[^，,。；;]{0,3}地址",
        r"\baddress\b|which street",
    ),
    Asked.TIME: ("(?<!哪)几点|几时开", r"what time|opening hours"),
    Asked.NAME: (
        "(?:组长|主任|书记|市长|区长|局长|院长|校长|负责人|领导|联系人)[^，,。；;]{0,3}(?:叫什么|叫啥|姓什么|姓啥|是谁|名字|姓名)",
        r"name of the (?:head|leader|director|mayor|person)",
    ),
    Asked.PERCENTAGE: (
        "百分之几|百分之多少|几成|多少个点|几个点|占(?:[^，,。；;的]{1,8}的?)?(?:多少(?![年月天日个人元名家])|几成)|"
        f"{_SHARE}[^，,。；;]{{0,8}}(?:多少|几|多大|多高|是什么)|(?:多少|多大|多高|什么|啥)[^，,。；;]{{0,4}}{_SHARE}",
        "percent|what share|what rate|tax rate",
    ),
    Asked.AMOUNT: (
        "多少钱|几多钱|(?:几|多少)(?:十|百|千|万|亿)*(?:块|元)|几万|多少万|金额|"
        "(?:罚|[处报缴交收提拿领补奖贴])(?:款|销|费|补|取)?(?:给)?(?:多少|几多)(?![年月日天周个家名人])|"
        "多少(?:工本|手续|租|学|运|保险|注册|官)?费",
        f"(?:补贴|补助|奖励|资助|奖金|津贴|罚款|额度|费用|租金|经费|资金|收入|{_PAY}|{_PRICE})"
        f"{_ASKED_FOR}(?:多少|多大|几)(?![年月日天周])",
        "多少[\u4e00-\u9fff]{0,3}(?:补贴|补助|奖励|资助|奖金|津贴|罚款|费用|租金|经费|资金|钱)",
        "how much (?:money|subsidy|does it cost|is the)|what amount",
    ),
    Asked.MEANING: (
        "什么意思|是指什么|指的是什么|什么叫|何为|何谓|怎么定义",
        r"what does .+ mean|what is meant|definition of",
    ),
    Asked.DURATION: (
        "多久|多长(?:时间|期限|的?有效期)?|(?<![好十这前后])几年(?!前)|(?<![好十这前后])几个月|(?<![好这前])几(?:天|日|周|个工作日|小时)|"
        "多少(?:年|天|日|周|小时|个月|个工作日|个小时)|"
        "(?:年限|期限|时限|有效期)[^，,。；;]{0,6}(?:多|几|什么|[？?]|$)|(?:什么|多大)[^，,。；;]{0,3}(?:年限|期限|时限)|最长[？?]?$",
        "how long|how many (?:years|months|days)|validity|duration",
    ),
    Asked.DATE: (
        "什么时候|什么时间|何时|哪一?年|几号|哪一?[天日]|几月|截止",
        r"^when (?:is|are|was|were|will|did|does|do|should|must|can)\b|(?:which|what) year|"
        "deadline|by what date",
    ),
    Asked.WHO: (
        "谁|(?:哪个|什么|哪些)(?:部门|单位|机构)|哪家|由哪|找哪",
        r"\bwho\b|which (?:department|authority|agency)",
    ),
    Asked.LIST: (
        "哪些|哪[几两三四五六七八九十]|有什么|有啥|什么样的|都包括|包括什么|列举|列出|分别|几个方面|几种",
        r"\bwhich\b|what (?:are|kinds|types|fields|areas|measures|sectors)|\blist\b|name the",
    ),
    Asked.COUNT: (
        r"多大(?:年纪|岁数|年龄)|(?:几|多少)周?岁|多少(?!年|月|天)|(?<![好十这那前后哪])几(?:个|家|名|人|位|项|条|所|座|次|分|类|批|倍|处|种)|"
        r"\bhow many\b",
    ),
    Asked.WHERE: (r"哪里|哪儿|在哪|什么地方|何处|\bwhere\b",),
    Asked.YES_NO: (
        r"(?P<verb>[\u4e00-\u9fff])[不没](?P=verb)|行不|成不|"
        "吗|(?<![什怎那这])么[？?]?$|能不能|可不可以|可否|能否|是否|是不是|有没有|会不会|行不行|要不要|算不算|[不没][？?]?$",
        r"^(?:can|may|is|are|do|does|will|must|should|could)\b",
    ),
    Asked.HOW: (r"怎么|怎样|如何|咋|how\b",),
}
_PATTERNS = {asked: re.compile("|".join(parts)) for asked, parts in _QUESTIONS.items()}

_DIGIT = "〇○零一二三四五六七八九两"
_CHINESE = f"[{_DIGIT}十百千][{_DIGIT}十百千万亿]*(?:点[{_DIGIT}]+(?![十百千分])万?亿?)?"
_NUMBER = f"(?:[0-9０-９]+|{_CHINESE})"

_PORTION = (
    f"[0-9０-９.．]+\\s*[%％‰]|分之[{_DIGIT}十百千0-9]|[一二三四五六七八九]成|{_NUMBER}个?百分点"
)
# What is counted one by one: a question for 几个 is answered by 两人, 一名 or 三家.
_PIECES = "个名人位家所座处条项种类件套"

_EXPECTED: dict[Asked, re.Pattern[str]] = {
    Asked.AMOUNT: re.compile(
        f"{_NUMBER}[余多]?\\s*[万亿千百]*[余多]?(?:[美欧日港]?元|块)|[￥¥]\\s*[0-9０-９]|{_NUMBER}倍|{_PORTION}|"
        "[原半全]价|原值|一半|免收|不收取"
    ),
    Asked.PERCENTAGE: re.compile(f"{_PORTION}|[0-9]+[∶:：][0-9]"),
    Asked.DURATION: re.compile(
        f"{_NUMBER}\\s*(?:至{_NUMBER})?\\s*"
        "(?:周?年|个?半?月|个?(?:工作|自然|交易)日|天|日|周|个?小时|分钟|个?季度|个?学期)|"
        "长期|永久|终身|半个?月|每(?:年|月|日|天|周|季度?|半年)|半年|年度|按[年月季]"
    ),
    Asked.DATE: re.compile(
        f"[0-9０-９]{{4}}年|{_NUMBER}(?:年|月|日|号)(?:前|内|底|起|时间)?|之日|"
        "(?:周|星期|礼拜)[一二三四五六日天末]|[年月季][初中底末]|[今明次当][日天年月]"
    ),
    Asked.TIME: re.compile(f"{_NUMBER}[时点](?:{_NUMBER}分|半)?|[0-9]{{1,2}}[:：][0-9]{{2}}"),
    Asked.CONTACT: re.compile(
        r"[0-9]{3,4}-?[0-9]{6,8}|(?<![0-9])1[0-9]{4}(?![0-9])|"
        r"(?:电话|热线|分机|内线|短号|拨打?|打)(?:号码?)?[:：为是]?\s*[0-9]{3,}|(?:电话|热线)[:：为是]?\s*[0-9]|"
        r"https?://|www\.|@"
    ),
    Asked.ADDRESS: re.compile(f"{_NUMBER}号(?!令|文|公告)|[\u4e00-\u9fff]{{2}}路(?![径线])|大厦"),
    Asked.NAME: re.compile("[\u4e00-\u9fff]{2,3}(?:同志|任组长|任主任)"),
    Asked.COUNT: re.compile(
        f"[0-9０-９]+|分之|{_NUMBER}"
        f"(?:[{_PIECES}次分批倍亩份期届日天年月元户间票辆台吨]|周?岁|平方米|公里|小时|分钟|"
        "学分|[课学]时)"
    ),
}
# How a sentence is worded that answers a question of a kind which wants no value.
_SUITED: dict[Asked, re.Pattern[str]] = {
    Asked.WHO: re.compile(
        "部门|机关|机构|单位|委员会|政府|领导|小组|办公室|协会|联合会|企业|高校|院|负责|牵头|主管|会同|挂帅"
    ),
    Asked.WHERE: re.compile(
        "在.{2,20}(?:设立|设置|建设|开展|办理)|地点|场所|所在地|窗口|网站|向.{2,20}申"
    ),
    Asked.YES_NO: re.compile(
        "可以?|不得|应当|允许|禁止|有权|必须|不予|无需|免|支持|鼓励|不计入|试点|放宽|探索|取消"
    ),
    Asked.HOW: re.compile(
        "应当|通过|采取|方式|程序|申请|提交|办理|支持|鼓励|实施|建立|完善|推进|责令|处|给予"
    ),
    Asked.LIST: re.compile("、.+、|[：:]$"),
    Asked.MEANING: re.compile("是指|所称|系指"),
}
_CLAUSE = re.compile("[,，。;；?？!！]")
_SEVERAL = re.compile(
    "(?<!十)几[个家名人位项条所座次种套].*[可能会](?:以|不能|够)?.*吗[？?]?$|"
    "(?:能|可以|会)(?!多|有)[^,，。?？]{0,8}几[倍次成][^,，。?？]*[不吗么没][？?]?$"
)
_MANY = re.compile("多少|哪几|第几|有几|要几|几个?[年月天日]")
# 多少 alone asks for a value of any kind; 一批 and 一种 are none.
_BARE = re.compile(r"多少[呢啊呀]?[\s?!。]*$")
_VALUE = re.compile(
    f"(?!一[批种类项个])(?:{_EXPECTED[Asked.AMOUNT].pattern}|{_EXPECTED[Asked.COUNT].pattern})"
)
_OLD = re.compile("多大(?:年纪|岁数|年龄)|(?:几|多少)周?岁")
_AGE = re.compile(f"{_NUMBER}周?岁")
# A number, a share, an address on the network as a whole: what a pattern above finds a part of.
_TOKEN = re.compile(
    f"[{_DIGIT}十百千万]+分之[{_DIGIT}十百千点0-9]+|"
    "[0-9A-Za-z０-９](?:[0-9A-Za-z０-９.．,:/@_+-]*[0-9A-Za-z０-９/])?[%％]?"
)
_UNIT = re.compile("(?:多少|几)([个家名人位项条所座处次分类批倍亩种份期届])")


def kind_of(question: str) -> Asked:
    """Say what kind of answer a question wants."""
    text = fold(question)
    if _SEVERAL.search(text) and not _MANY.search(text):  # 几家公司能共用地址吗 asks whether
        return Asked.YES_NO
    asked = _first_kind(text)
    last = _first_kind(_CLAUSE.split(text.rstrip("?。!, "))[-1]) if asked in _VALUES else asked
    # 欠了多少钱，上哪儿看: the value belongs to the story.
    return asked if last is Asked.OTHER else last


def _first_kind(text: str) -> Asked:
    return next(
        (asked for asked, pattern in _PATTERNS.items() if pattern.search(text)), Asked.OTHER
    )


def is_bare(question: str) -> bool:
    """Say whether a question asks for a value and does not say of which kind: 是多少."""
    return kind_of(question) is Asked.COUNT and bool(_BARE.search(fold(question)))


_VALUES = (
    Asked.AMOUNT,
    Asked.PERCENTAGE,
    Asked.CONTACT,
    Asked.COUNT,
    Asked.DURATION,
    Asked.DATE,
    Asked.TIME,
    Asked.ADDRESS,
    Asked.NAME,
)


def expected(asked: Asked, question: str) -> re.Pattern[str] | None:
    """Return how a sentence must look to hold the kind of answer that is asked for.

    Args:
        asked: The kind of answer.
        question: The question, whose unit counts: 多少分 wants a number of 分.

    Returns:
        A pattern to search for; ``None`` if any sentence will do.
    """
    if asked is Asked.COUNT and is_bare(question):
        return _VALUE
    unit = _UNIT.search(question) if asked is Asked.COUNT else None
    if unit is None:
        return _AGE if asked is Asked.COUNT and _OLD.search(question) else _EXPECTED.get(asked)
    units = f"[{_PIECES}]" if unit[1] in _PIECES else unit[1]
    return re.compile(f"{_NUMBER}\\s*(?:多|余)?{units}")


_BOUNDS = (
    (
        "最[长高多大]|至多|顶多|最[迟晚]|上限|封顶|at most|maximum|longest",
        "最[长高多大]|至多|不(?:得)?超过|不高于|不多于|以[内下]|上限",
    ),
    (
        "最[少低短]|至少|起码|下限|at least|minimum",
        "最[少低短]|至少|不(?:得)?[少低短]于|以上|下限",
    ),
)
_BOUND_PATTERNS = tuple((re.compile(q), re.compile(s)) for q, s in _BOUNDS)


def bounds(question: str, sentence: str) -> bool:
    """Say whether a question wants a most or a least and a sentence states one."""
    asked = fold(question)
    return any(q.search(asked) and s.search(sentence) for q, s in _BOUND_PATTERNS)


def facts(question: str, sentence: str) -> list[Span]:
    """Find the values in a sentence that a question asks for: 10年 where it says 最长几年.

    Returns:
        In the order of the sentence; none if the question asks for no value.
    """
    asked = kind_of(question)
    pattern = expected(asked, question) if needs_value(asked) else None
    found: list[Span] = []
    for match in pattern.finditer(sentence) if pattern else ():
        value = _whole(Span(*match.span()), asked, sentence)
        if found and value.start <= found[-1].end:  # 2020年12月31日 is one date
            value = Span(found.pop().start, value.end)
        found.append(value)
    return found


def _whole(found: Span, asked: Asked, sentence: str) -> Span:
    """Widen a find to the number or address it lies in; of 电话：021-… the number alone."""
    tokens = [Span(*match.span()) for match in _TOKEN.finditer(sentence)]
    touched = [t for t in tokens if t.start < found.end and found.start < t.end]
    parts = touched if touched and asked is Asked.CONTACT else [found, *touched]
    return Span(min(p.start for p in parts), max(p.end for p in parts))


def suits(asked: Asked, sentence: str) -> bool | None:
    """Say whether a sentence is worded as the kind of question wants; ``None`` if none is."""
    pattern = _SUITED.get(asked)
    return bool(pattern.search(sentence)) if pattern else None


def needs_value(asked: Asked) -> bool:
    """Say whether only a value answers: an amount, a share, a time, a way to get in touch."""
    return asked in _VALUES
