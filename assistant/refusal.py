"""When not to answer: a calibrated probability that the answer is there, and a refusal's words.

The probability is a logistic regression over a few features, fitted by ``python -m evals
calibrate`` on development questions only; coefficients and threshold stand in ``refusal.json``.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path

from assistant import courtesy, extract
from assistant.answer import Reason
from assistant.asked import Asked, expected, needs_value
from assistant.extract import Candidate
from assistant.question import Query
from assistant.signals import wanted_terms
from corpus import numerals
from index.address import Lookup
from index.search import Hit, Searcher
from index.tokens import fold

MODEL = Path(__file__).with_name("refusal.json")
OFF_TOPIC = Path(__file__).with_name("off_topic.txt")
# A smaller margin over what people ask any assistant is off the topic: so 87 % of far development
# questions are, and of answerable ones, were they refused, 9 %.
_OFF_TOPIC = 0.05
# A value that stands this far behind the best sentence belongs to something else. Of everyday
# questions about other laws, 1 % are refused wrongly, and 29 % of those whose clause is gone.
_ELSEWHERE = 0.3
_FAR_BEHIND = 5.0  # a difference of the reader's scores
_SAME_THING = 0.3  # share of the question's terms in a sentence that speaks of the same thing

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年|[^\d%元]|$)")

_CHINESE_YEAR = re.compile("[一二][〇○零一二三四五六七八九]{3}(?=年)")

_MISSING = {
    Asked.AMOUNT: "具体金额",
    Asked.PERCENTAGE: "具体比例",
    Asked.DURATION: "具体期限",
    Asked.DATE: "具体日期",
    Asked.CONTACT: "联系方式",
    Asked.TIME: "具体时间",
    Asked.ADDRESS: "具体地址",
    Asked.NAME: "具体人员",
    Asked.COUNT: "具体数目",
}


@dataclass(frozen=True)
class Features:
    """What speaks for or against an answer being there; each roughly within 0 to 1.

    Attributes:
        overlap: Share, by rarity, of the question's content terms in the best sentence.
        coverage: The same share found anywhere in the best hits.
        unknown: The same share that no document holds at all.
        dense: Cosine of the best sentence.
        topic: Mean cosine with all that the documents say.
        margin: How much nearer the best sentence is than the nearest off-topic question.
        lead: Lead of the best hit over the second best of another clause, fused score over 10.
        kind_found: 1 if a sentence of the best hit has the kind of value that is asked for.
        kind_missing: 1 if none of the best hits has it.
        kind_behind: How far the best sentence that has it scores behind the best of all, over 5, at
            most 1.
        score: Score of the best sentence by the reader, over 10.
        rival: How far the second best scores behind it, over 10, negative.
        year_missing: 1 if a year is asked about that none of the best hits names.
        english: 1 for a question in English, whose terms cannot overlap.
    """

    overlap: float
    coverage: float
    unknown: float
    dense: float
    topic: float
    margin: float
    lead: float
    kind_found: float
    kind_missing: float
    kind_behind: float
    score: float
    rival: float
    year_missing: float
    english: float


@dataclass(frozen=True)
class Calibration:
    """Fitted coefficients, in the order of ``Features``, and the threshold on the probability."""

    coefficients: tuple[float, ...]
    intercept: float
    threshold: float

    def probability(self, features: Features) -> float:
        """Return the probability, 0 to 1, that the documents answer the question."""
        terms = zip(self.coefficients, astuple(features), strict=True)
        logit = self.intercept + sum(weight * value for weight, value in terms)
        return 1 / (1 + math.exp(-logit))


@lru_cache(maxsize=1)
def off_topic_questions() -> tuple[str, ...]:
    """Return things people ask any assistant: what they resemble is likely off the topic."""
    return tuple(OFF_TOPIC.read_text(encoding="utf-8").split("\n")[:-1])


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """Return the calibration that ships."""
    values = json.loads(MODEL.read_text(encoding="utf-8"))
    weights = tuple(values["coefficients"][field.name] for field in fields(Features))
    return Calibration(weights, values["intercept"], values["threshold"])


def measure(
    query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate], searcher: Searcher
) -> Features:
    """Measure the features of a question.

    Args:
        query: What is asked.
        hits: Best first, at least one.
        candidates: Their sentences, best first, at least one.
        searcher: Where they were found.
    """
    best = candidates[0]
    terms = wanted_terms(query.text, searcher)
    total = sum(terms.values()) or 1.0
    held = {t for hit in hits[:3] for t in searcher.terms_of(hit)}
    pattern = expected(query.asked, query.own)
    own = [c for c in candidates if c.sentence.hit.number == best.sentence.hit.number]
    rival = next(
        (h for h in hits if h.passage.address.label != hits[0].passage.address.label), None
    )
    dense = max(candidate.sentence.dense for candidate in candidates)
    return Features(
        overlap=best.overlap,
        coverage=sum(w for t, w in terms.items() if t in held) / total,
        unknown=sum(w for t, w in terms.items() if not searcher.knows(t)) / total,
        dense=dense,
        topic=searcher.topicality(query.text),
        margin=dense - searcher.likeness(query.text, off_topic_questions()),
        lead=(hits[0].score - rival.score) / 10 if rival else 0.0,
        kind_found=float(bool(pattern) and any(c.holds_kind for c in own)),
        kind_missing=float(bool(pattern) and not any(c.holds_kind for c in candidates)),
        kind_behind=min(1.0, extract.behind(candidates) / _FAR_BEHIND) if pattern else 0.0,
        score=best.score / 10,
        rival=(candidates[1].score - best.score) / 10 if len(candidates) > 1 else -1.0,
        year_missing=float(_names_other_year(query.own, candidates)),
        english=float(query.english),
    )


def decide(query: Query, features: Features) -> tuple[bool, float]:
    """Say whether to answer, and how likely it is, 0 to 1, that the documents answer."""
    threshold = calibration().threshold * leniency(query)
    confidence = calibration().probability(features)
    if barred(query, features):
        confidence = min(confidence, threshold) / 2
    return confidence >= threshold, confidence


def leniency(query: Query) -> float:
    """Return what the threshold is multiplied by.

    A few elliptical words after an earlier question tell little, but hardly leave its topic.
    """
    return 1 / 3 if _follows_up(query) else 1.0


def barred(query: Query, features: Features) -> bool:
    """Say whether a question is refused however like the documents it is.

    A question for a value is not answered by a sentence that has none, nor by one that has it but
    speaks of something else; nor one about a year by what does not name it.
    """
    limit = 1.0 if _follows_up(query) else _ELSEWHERE
    # Of several things asked, only one may want a value.
    single = needs_value(query.asked) and len(query.parts) == 1
    elsewhere = single and (features.kind_missing or features.kind_behind > limit)
    return bool(elsewhere or features.year_missing)


def _follows_up(query: Query) -> bool:
    return query.text != query.own


def _names_other_year(question: str, candidates: Sequence[Candidate]) -> bool:
    asked = set(_YEAR.findall(_with_years(fold(question))))
    texts = [_with_years(candidate.sentence.text) for candidate in candidates] if asked else []
    return bool(asked) and not any(year in text for text in texts for year in asked)


def _with_years(text: str) -> str:
    """Write years in digits: 二〇二四年 is 2024年."""
    return _CHINESE_YEAR.sub(lambda m: str(numerals.parse(m[0])), text)


def reason_of(features: Features) -> Reason:
    """Say whether a refused question is off the documents' topic or only not answered there."""
    fitted = calibration()
    far = fitted.probability(features) < fitted.threshold and features.margin < _OFF_TOPIC
    return Reason.OFF_TOPIC if far else Reason.NOT_IN_DOCUMENT


def message(
    reason: Reason,
    query: Query,
    names: Sequence[str],
    candidates: Sequence[Candidate] = (),
    chapters: Sequence[str] = (),
) -> str:
    """Return what a person reads when a question is refused.

    Args:
        reason: Why.
        query: What was asked.
        names: The documents that were searched.
        candidates: Sentences, best first: the first is quoted if it is about the same thing, or
            the one that has a value of the kind asked for, if any has.
        chapters: What the document's chapters are headed: said of a question off the topic.
    """
    if reason is Reason.GREETING and (said := courtesy.reply(query.own)):
        return said
    about = "、".join(f"《{name}》" for name in names[:3]) + ("等" if len(names) > 3 else "")
    if query.english or (reason is Reason.GREETING and query.own.isascii()):  # Hi is short
        return _english_message(reason, about)
    match reason:
        case Reason.GREETING:
            return f"你好，我按条款回答关于{about}的问题，每个答案都附原文出处。请直接提问。"
        case Reason.TOO_VAGUE:
            return f"问题太笼统。请说明想了解{about}的哪个方面，例如对象、条件或期限。"
        case Reason.OFF_TOPIC:
            held = f"它写的是：{'；'.join(chapters)}。" if len(chapters) > 1 else ""
            return f"{about}里没有找到与这个问题有关的内容，我只回答文件里写明的。{held}"
        case _:
            return _not_there(_MISSING.get(query.asked), candidates)


def _not_there(missing: str | None, candidates: Sequence[Candidate]) -> str:
    """Say only what is known: that a value is nowhere, or that the nearest may be another's."""
    stated = next((c for c in candidates if c.holds_kind), None)
    if stated and stated.overlap * 2 < _SAME_THING <= candidates[0].overlap:
        stated = None  # the value of something else says nothing
    # A table has its units elsewhere: 2000 in one may be the amount that is asked for.
    row = next((c for c in candidates if c.sentence.text.startswith("|")), None)
    stated = stated or row
    if missing and stated:
        return f"不能确定文件是否规定了{missing}，最接近的一句是{_quoted(stated)}。"
    if missing and candidates and candidates[0].overlap >= _SAME_THING:
        return f"文件提到{_quoted(candidates[0])}，但没有规定{missing}。"
    detail = f"文件没有规定{missing}" if missing else "文件里没有找到能回答这个问题的条款"
    return f"{detail}。最接近的条款列在下面，供查对。"


def _quoted(candidate: Candidate) -> str:
    label = candidate.sentence.hit.passage.address.label.strip("（）、")
    return f"“{candidate.sentence.text}”（{label}）"


def _english_message(reason: Reason, about: str) -> str:
    match reason:
        case Reason.GREETING:
            return f"Hello. Ask me about {about}; every answer quotes the clause it stands in."
        case Reason.TOO_VAGUE:
            return (
                f"Please say what you want to know about {about}: whom, what condition, how long."
            )
        case Reason.OFF_TOPIC:
            return f"Nothing in {about} was found to be about this; I only quote what it says."
        case _:
            return "The document does not answer this. The nearest clauses are listed below."


def missing_clause(lookup: Lookup, query: Query, ranges: Sequence[str]) -> str:
    """Return what a person reads when no clause has the number that was asked for.

    Args:
        lookup: The numbers and where they lead.
        query: What was asked.
        ranges: How the documents are numbered, such as 《科创22条》：（一）至（二十二），共 22 条.
    """
    names = "、".join(
        (f"《{reference.title}》" if reference.title else "") + reference.name
        for reference in lookup.missing
    )
    if query.english:
        return " ".join([f"There is no clause {names}.", *ranges])
    return f"文件里没有{names}。" + "；".join(ranges) + ("。" if ranges else "")
