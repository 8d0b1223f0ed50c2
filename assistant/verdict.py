"""可以 / 不可以 before the quotes, when and only when the wording of the document decides it."""

import re

from assistant.asked import Asked
from assistant.extract import Candidate
from assistant.question import Query, content_terms
from assistant.shorten import parts
from index.tokens import fold, terms

_MAY = re.compile(
    "能不能|可不可以|可以.*[吗么]|能.*[吗么]|允许.*[吗么]|可否|能否|行吗|行不行|让不让|许不许|准不准|"
    r"^(?:can|may|could|is it allowed|are .+ allowed)\b"
)
_NEGATED = re.compile("不能.*吗|不可以.*吗|不.{0,4}行吗|会不会|不.*可以|不.*能不能")
_DENIES = re.compile("不得|禁止|严禁|不予|不准|不可|不能|除外")
_ALLOWS = re.compile("可以|允许|准许|有权|(?<!许)可(?=[\u4e00-\u9fff])")
_SUPPORTS = re.compile("支持|鼓励")
_ABOUT = 0.45  # least share of the question's content terms in the sentence

_WORDS = {
    "denies": ("不可以。", "The document forbids it."),
    "allows": ("可以。", "The document allows it."),
    "supports": ("文件支持。", "The document supports it."),
}


def verdict(query: Query, best: Candidate) -> str:
    """Return a first line that answers whether one may do something; empty if nothing is sure.

    It is sure if the sentence speaks of what is asked, the part of it that does so says 可以, 不得
    or 支持, and no other part says the contrary.
    """
    question = fold(query.own)
    asks = query.asked is Asked.YES_NO and _MAY.search(question) and not _NEGATED.search(question)
    if not asks or len(query.parts) > 1 or best.overlap < _ABOUT:
        return ""
    text = best.sentence.text
    wanted = content_terms(query.own)
    nearest = max(
        (span.of(text) for span in parts(text)), key=lambda part: len(wanted & set(terms(part)))
    )
    found = _stance(nearest)
    if not found or (found != "denies" and _DENIES.search(text)):
        return ""
    if found == "denies" and _ALLOWS.search(_DENIES.sub("", text)):
        return ""
    return _WORDS[found][query.english]


def _stance(part: str) -> str:
    if _DENIES.search(part):
        return "denies"
    if _ALLOWS.search(part):
        return "allows"
    return "supports" if _SUPPORTS.search(part) else ""
