"""The figures of a text in one form: 百分之七十 = 70％ = 七成, 三至五年 = 3-5年. Pure."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from corpus import numerals
from index.tokens import fold

_CN = "〇○零一二两三四五六七八九十百千"
_DECIMALS = "点[〇○零一二三四五六七八九]+(?![十百千分])"
_NUMBER = (
    rf"(?:\d[\d,]*(?:\.\d+)?|[{_CN}]+(?:{_DECIMALS})?(?:[万亿][{_CN}]+)*|(?=万))(?:万亿|万|亿)?"
)
_UNITS = (
    "个工作日|工作日|个百分点|百分点|个半月|个月|年|月|周岁|岁|日|天|小时|分钟|周|星期|%|‰|"
    "美元|欧元|元|倍|平方米|课时|学期|期|间|层|户|吨|公里|届|级|名|人|家|次|项|类|种|条|款|个|份|所|批|篇|件|方面|点|座|位|步"
)
_TO = r"(?:年|个月|月|日|天|元|%)?(?:以上)?\s*[至到~～—–-]+\s*"
_FIGURE = re.compile(
    rf"百分之(?P<percent>{_NUMBER})(?:至百分之(?P<percent_to>{_NUMBER}))?"
    rf"|(?P<under>[{_CN}]+|\d+)分之(?P<over>[{_CN}]+|\d+)"
    rf"|(?P<tenths>[一二两三四五六七八九])成(?![果立为就本熟员功长交效品套绩人分])"
    rf"|(?P<of>\d+)[:∶](?P<per>\d+)(?![:∶\d])"
    rf"|(?P<half>半)(?P<half_unit>年|个?月|天|日)"
    rf"|(?P<low>{_NUMBER}){_TO}(?P<high>{_NUMBER})\s*(?P<range_unit>{_UNITS})?"
    rf"|(?<![这那该此同某统])(?P<number>{_NUMBER})\s*(?P<unit>{_UNITS})?"
)
_YEARLY = re.compile("每年|(?<!每)一年(?=[^，。；]{0,4}一次)")
_DIGIT = re.compile(r"\d")
# One of something counts nothing: 一个窗口, 一批项目. Of these it does.
_MEASURES = re.compile("年|个?月|日|天|周?岁|周|星期|小时|分钟|%|‰|元|[美欧]元|倍|个?工作日|百分点")
COUNTED = frozenset(("个", "项", "类", "种", "条", "方面", "点", "家"))
"""Units by which the things of a list are counted."""
_LEAST = re.compile(
    r"(?:不[得能应可]?(?:低|少|小)于|不低过|至少|最少|最低|起码|(?<!不)(?<!不[得能应可])(?:超过|满|高于|多于))[^，。；、\d一二三四五六七八九十百千万]{0,12}$"
)
_MOST = re.compile(
    r"(?:不[得能应可]?(?:超过|高于|多于|大于|晚于)|至多|最多|最高|最长|上限|最迟|(?<!不)(?<!不[得能应可])(?:低于|少于)|未满|不满)[^，。；、\d一二三四五六七八九十百千万]{0,12}$"
)
_OFTEN = re.compile("^[^，。；]{0,6}一次")
_LEAST_AFTER = re.compile(r"^(?:\(?含?\)?)?(?:及?以上|起)")
_MOST_AFTER = re.compile(r"^(?:及?以下|[以之]?内|[以之]?前)")
_LABEL = re.compile(rf"第\s*(?:{numerals.NUMERAL})+\s*(?:条|款|项|编|章|节|部分)(?:之[{_CN}]+)?")
_BRACKETED = re.compile(rf"[（(]\s*({numerals.NUMERAL}+)\s*[）)]")


@dataclass(frozen=True)
class Figure:
    """A number with its unit.

    Attributes:
        value: In its unit; of money in 元, of durations in months where years or months are meant.
        unit: Normalised: ``%``, ``个月``, ``日``, ``元``, ``calendar`` for years such as 2020, …
        bound: ``least`` (不低于, 以上), ``most`` (不超过, 以内) or nothing.
        before: The text between the figure before it and this one.
        end: Of a range (一千元到一万元) ``least`` or ``most``, as 以上 and 以下 would say.
    """

    value: Fraction
    unit: str
    bound: str = ""
    before: str = field(default="", compare=False)
    end: str = field(default="", compare=False)

    @property
    def key(self) -> tuple[Fraction, str]:
        """What must agree."""
        return self.value, self.unit


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in order; clause numbers (第八条, （八）) are none."""
    folded = _BRACKETED.sub(" ", _LABEL.sub(" ", fold(text)))
    folded = _YEARLY.sub("每1年", folded)
    found: list[Figure] = []
    at = 0
    for match in _FIGURE.finditer(folded):
        if values := _read(match):
            bound = _bound(folded[: match.start()], folded[match.end() :])
            before = folded[at : match.start()]
            ends = ("least", "most") if len(values) > 1 else ("",)
            found += [
                Figure(value, unit, bound, before, end)
                for (value, unit), end in zip(values, ends, strict=True)
            ]
            at = match.end()
    return found


def labelled(text: str) -> list[tuple[Figure, frozenset[str]]]:
    """Return the figures of a text with what each alone is said of: 博士3000元、硕士1500元.

    What it is said of is the last pair of characters before it that no other figure of its unit
    has; after 分别, that of the list before it.
    """
    found = figures(text)
    befores = [re.split("[，,；;。：:]", figure.before)[-1] for figure in found]
    head, respectively, _ = fold(text).partition("分别")
    ahead = len(figures(head)) if respectively else len(found)
    same = [figure.unit == found[ahead].unit for figure in found[ahead:]]
    behind = list(range(ahead, ahead + (same.index(False) if False in same else len(same))))
    items = _ITEMS.split(re.split("[；;。]", head)[-1].rstrip("，, "))
    if behind and len(items) >= len(behind):
        for i, item in zip(behind, items[-len(behind) :], strict=True):
            befores[i] = item
    pairs = [[_pairs(piece) for piece in _ITEMS.split(before)] for before in befores]
    out = []
    for i, figure in enumerate(found):
        others = [
            pair
            for j, pieces in enumerate(pairs)
            if j != i and found[j].unit == figure.unit
            for piece in pieces
            for pair in piece
        ]
        own = [[pair for pair in piece if pair not in others] for piece in pairs[i]]
        # Of 专科、本科毕业生 the first ends in what is its own, the others begin with it.
        at = 0 if i in behind[1:] else -1
        out.append((figure, frozenset(piece[at] for piece in own if piece)))
    return out


_ITEMS = re.compile("[、和与及]|或者?")


def _pairs(text: str) -> list[str]:
    bare = "".join(re.findall(r"[\u4e00-\u9fff]", text)).rstrip("为的给予每月人年按照")
    return [bare[i : i + 2] for i in range(len(bare) - 1)]


def without(text: str) -> str:
    """Return a text, folded, with a space for each figure and clause number: only its words."""
    words = _LABEL.sub(" ", fold(text))
    return _FIGURE.sub(lambda match: " " if _read(match) else match[0], words)


def labels(text: str) -> list[str]:
    """Return the clause numbers that a text names, as 8条, 2款 or (8)."""
    folded = fold(text)
    found = []
    for match in _LABEL.finditer(folded):
        numeral = re.search(rf"{numerals.NUMERAL}+", match[0])
        unit = re.sub(rf"第|\s|之.*|{numerals.NUMERAL}", "", match[0])
        if numeral and (value := _value(numeral[0])) is not None:
            found.append(f"{value}{unit}")
    for match in _BRACKETED.finditer(folded):
        if (value := _value(match[1])) is not None:
            found.append(f"({value})")
    return found


def _read(match: re.Match[str]) -> list[tuple[Fraction, str]]:  # noqa: PLR0911 (a table)
    if match["percent"]:
        both = [match["percent"], match["percent_to"]]
        return [(v, "%") for text in both if text and (v := _value(text)) is not None]
    if match["under"]:
        under, over = _value(match["under"]), _value(match["over"])
        return [(over / under, "share")] if under and over is not None else []
    if match["tenths"]:
        return [((_value(match["tenths"]) or Fraction(0)) * 10, "%")]
    if match["of"]:
        return [(Fraction(int(match["of"]), max(1, int(match["per"]))), "ratio")]
    if match["half"]:
        return [_normal(Fraction(1, 2), match["half_unit"])]
    if match["low"]:
        return _of_range(match)
    value = _value(match["number"])
    if value is None or not _tells(match["number"], match["unit"], value):
        return []
    return [_normal(value, match["unit"] or "")]


def _of_range(match: re.Match[str]) -> list[tuple[Fraction, str]]:
    unit = match["range_unit"] or ""
    low, high = _value(match["low"]), _value(match["high"])
    if low is None or high is None or not _tells(match["high"], unit, high):
        return []
    return [_normal(low, unit), _normal(high, unit)]


def _tells(written: str, unit: str | None, value: Fraction) -> bool:
    """Say whether a number is a figure: 万众, 统一 and 一批 hold none."""
    if _DIGIT.search(written) or _MEASURES.fullmatch(unit or ""):
        return True
    return bool(unit) and value != 1


def _value(text: str) -> Fraction | None:
    plain = text.replace(",", "")
    if not _DIGIT.match(plain):
        return _chinese_value(plain)
    scale = 1
    for word, size in (("万亿", 10**12), ("亿", 10**8), ("万", 10**4)):
        if plain.endswith(word):
            plain, scale = plain.removesuffix(word), size
            break
    return Fraction(plain) * scale


def _chinese_value(text: str) -> Fraction | None:
    """Read 三万五千, 一亿二千万, 一点五万."""
    for word, size in (("亿", 10**8), ("万", 10**4)):
        head, found, tail = text.partition(word)
        if found:
            high, low = _chinese_value(head), _chinese_value(tail) if tail else Fraction(0)
            return None if high is None or low is None else high * size + low
    whole, _, decimals = text.partition("点")
    try:
        part = Fraction(numerals.parse(decimals), 10 ** len(decimals)) if decimals else Fraction(0)
        return numerals.parse(whole) + part
    except ValueError:
        return None


def _normal(value: Fraction, unit: str) -> tuple[Fraction, str]:
    if unit == "年":
        return (value, "calendar") if value >= 1000 else (value * 12, "个月")
    same = {"天": "日", "周岁": "岁", "星期": "周", "个工作日": "工作日", "个百分点": "百分点"}
    return value, same.get(unit, unit)


def _bound(before: str, after: str) -> str:
    near = re.split("[，,。；;：:、]", before)[-1][-20:]
    if _OFTEN.match(after):  # 至少半年结算一次 bounds how often
        near = re.sub("(?:至少|最少|起码)$", "", near)
    if _MOST_AFTER.match(after):
        return "most"
    if _LEAST_AFTER.match(after):
        return "least"
    least, most = _LEAST.search(near), _MOST.search(near)
    if least and most:
        return "least" if least.start() > most.start() else "most"
    return "least" if least else "most" if most else ""
