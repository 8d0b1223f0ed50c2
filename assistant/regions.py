"""Regions that a question names and the documents never mention.

A question about Shenzhen is answered from a document of Shanghai all the same; the reader should
know. Names that are common words (日照, 白银, 大同, 东方) are left out of ``regions.tsv``.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.model import Document
from index.tokens import fold

_REGIONS = Path(__file__).with_name("regions.tsv")
# Words that end or begin as a name does, read first: 确保定期 is not 保定, 其中山西 no 中山.
_OTHER = (
    "东[南西北]|西[南北]|华[东南西北]|江南|越南|指南|长江|珠江|[黄淮运辽]河|[太西]湖|洞庭湖|鄱阳湖|"
    "[沿出入临南东渤黄近远深]海|[泰华衡嵩]山(?=[东西])|西安[置全排装]|[其集当]中|[国境区市省]内|"
    "经[济营]|[均平]衡|[确担医社投参]保|[传继]承|[承面红]包|平[台安]|推广|美丽|关怀|非常|[日正经]常|乡镇|城镇|"
    "[重扩较巨最更强广加增]大|[创更重革]新|新乡[村贤镇]|[配综复结]合|[稳巩]固|[今明昨每当]天|"
    "[完形组构造达建变促集合生办]成|[规认确制指一决稳评鉴约协]定|[货客营航海空水]运|"
    "[基资奖现租薪佣]金|[公收权利效]益|[投出外融]资|北海道|哈密瓜|普洱茶|中山[装陵]|宁德时代"
)
# Nobody asks about Nanjing who asks about 南京大学 or 南京东路.
_MORE = r"(?:\w{0,4}大学(?!生)|[东西南北中]?[一二三四]?路|大街|大道|[东西南北]站)"
_NATIONAL = re.compile("中华人民共和国|国务院|全国人民代表大会|全国人大|中共中央|最高人民")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Region:
    """A province or a prefecture-level city.

    Attributes:
        name: Without 省 or 市.
        english: Its name in English; empty if it is not known by one.
        also: Other words by which a text mentions it: 沪 of 上海.
        within: The province of a city.
    """

    name: str
    english: str
    also: tuple[str, ...]
    within: str


@lru_cache(maxsize=1)
def regions() -> dict[str, Region]:
    """Return all regions by the names that a question may use, folded."""
    rows = _REGIONS.read_text(encoding="utf-8").splitlines()[1:]
    found: dict[str, Region] = {}
    for name, english, also, within in (row.split("\t") for row in rows):
        region = Region(name, english, tuple(also.split()), within)
        found |= {key: region for key in (name, english.lower()) if key}
    return found


def named(question: str) -> tuple[Region, ...]:
    """Return the regions that a question names, each once."""
    names = (m["name"] for m in _pattern().finditer(fold(question)))
    return tuple(dict.fromkeys(regions()[name] for name in names if name))


def unmentioned(question: str, before: str, documents: Iterable[Document]) -> tuple[Region, ...]:
    """Return the regions that a question names and no document mentions.

    Args:
        question: As typed.
        before: What it goes back to: asked about if the question itself names no region.
        documents: That are asked.
    """
    asked = named(question) or named(before)
    chosen = list(documents) if asked else []
    return tuple(region for region in asked if not any(_concerns(d, region) for d in chosen))


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    keys = sorted(regions(), key=len, reverse=True)
    chinese = "|".join(key for key in keys if not key.isascii())
    latin = "|".join(re.escape(key) for key in keys if key.isascii())
    return re.compile(rf"{_OTHER}|(?:{chinese}){_MORE}|(?P<name>{chinese}|\b(?:{latin})\b)")


def _concerns(document: Document, region: Region) -> bool:
    """Say whether a document mentions a region, or is in force there, as far as can be told.

    That of a province is in its cities, and that of the state everywhere.
    """
    said, head = _said(document)
    words = (region.name, region.english.lower().replace(" ", ""), *region.also)
    if any(word and word in said for word in words):
        return True
    return bool(region.within and region.within in head) or bool(_NATIONAL.search(head))


@lru_cache(maxsize=64)
def _said(document: Document) -> tuple[str, str]:
    """Return all that a document says, and who issues it under which title, folded."""
    head = (document.title, document.short_title, document.issuer, document.number)
    texts = " ".join((*head, document.id, document.text)), " ".join(head)
    said, issued = (_SPACE.sub("", fold(text)) for text in texts)
    return said, issued
