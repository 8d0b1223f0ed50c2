"""可以 / 不可以 before the quotes, when and only when the wording of the document decides it."""

import re

from assistant.asked import Asked
from assistant.candidates import Candidate
from assistant.question import Query, content_terms
from assistant.shorten import parts
from index.tokens import fold, terms

_MAY = re.compile(
    "能不能|可不可以|可以.*[吗么]|能.*[吗么]|允许.*[吗么]|可否|能否|行吗|行不行|让不让|许不许|准不准"
)
_NEGATED = re.compile("不能.*吗|不可以.*吗|不.{0,4}行吗|会不会|不.*可以|不.*能不能")
_DENIES = re.compile("不得|禁止|严禁|不予|不准|不可|不能|除外")
_ALLOWS = re.compile("可以|允许|准许|有权|(?<!许)可(?=[\u4e00-\u9fff])")
_SUPPORTS = re.compile("支持|鼓励")
_ABOUT = 0.45  # least share of the question's content terms in the sentence
_WHO = re.compile("^(.{2,}?)(?:能|可|允许|是否|行|让|许|准)")
# What may stand before the one who may: 企业科研人员 are not all 科研人员.
_BEFORE = re.compile("(?:^|[，,。；;：:、（“]|允许|准许|支持|鼓励|禁止|和|与|或|及|对|由|本市)$")

_WORDS = {"denies": "不可以。", "allows": "可以。", "supports": "文件支持。"}


def verdict(query: Query, best: Candidate) -> str:
    """Return a first line that answers whether one may do something; empty if nothing is sure.

    It is sure if the sentence speaks of what is asked and names, by the same word, who it is asked
    of, the part of it that does so says 可以, 不得 or 支持, and no other part says the contrary. A
    question in English shares no words with the document: there the quote speaks for itself.
    """
    question = fold(query.own)
    asks = query.asked is Asked.YES_NO and _MAY.search(question) and not _NEGATED.search(question)
    if not asks or len(query.parts) > 1 or best.overlap < _ABOUT:
        return ""
    text = best.sentence.text
    if not _names_who(question, text):
        return ""
    wanted = content_terms(query.own)
    nearest = max(
        (span.of(text) for span in parts(text)), key=lambda part: len(wanted & set(terms(part)))
    )
    found = _stance(nearest)
    if not found or (found != "denies" and _DENIES.search(text)):
        return ""
    if found == "denies" and _ALLOWS.search(_DENIES.sub("", text)):
        return ""
    return _WORDS[found]


def _names_who(question: str, text: str) -> bool:
    who = _WHO.match(question)
    places = re.finditer(re.escape(who[1]), text) if who else ()
    return any(_BEFORE.search(text[: place.start()]) for place in places)


def _stance(part: str) -> str:
    if _DENIES.search(part):
        return "denies"
    if _ALLOWS.search(part):
        return "allows"
    return "supports" if _SUPPORTS.search(part) else ""
