"""The words of a refusal: what the documents do say, what they leave open, what they are about."""

from collections.abc import Sequence

from assistant import courtesy
from assistant.answer import Reason
from assistant.asked import Asked
from assistant.candidates import Candidate
from assistant.question import Query, wants_summary
from assistant.refusal import SAME_THING, missing_aspects
from index.address import Lookup

NEAREST = "最接近的条款列在下面，供查对。"
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
    return _chinese_message(reason, query, about, candidates, chapters)


def _chinese_message(
    reason: Reason,
    query: Query,
    about: str,
    candidates: Sequence[Candidate],
    chapters: Sequence[str],
) -> str:
    held = f"写的是：{'；'.join(chapters)}。" if len(chapters) > 1 else ""
    match reason:
        case Reason.GREETING:
            said = f"你好，我按条款回答关于{about}的问题，每个答案都附原文出处。请直接提问。"
        case Reason.TOO_VAGUE if wants_summary(query.own):
            said = f"我只引用条款原文，不写摘要。{about + held if held else ''}请就其中一点提问。"
        case Reason.TOO_VAGUE:
            said = f"问题太笼统。请说明想了解{about}的哪个方面，例如对象、条件或期限。"
        case Reason.OFF_TOPIC:
            held = f"它{held}" if held else ""
            said = f"{about}里没有找到与这个问题有关的内容，我只回答文件里写明的。{held}"
        case _:
            said = _not_answered(query, candidates)
    return said


def _not_answered(query: Query, candidates: Sequence[Candidate]) -> str:
    aspects = missing_aspects(query, candidates) if candidates else ()
    if aspects:
        names = "、".join(aspect.name for aspect in aspects)
        return f"文件提到{_quoted(candidates[0])}，但没有写明{names}。"
    return _not_there(_MISSING.get(query.asked), candidates)


def _not_there(missing: str | None, candidates: Sequence[Candidate]) -> str:
    """Say only what is known: that a value is nowhere, or that the nearest may be another's."""
    stated = next((c for c in candidates if c.holds_kind), None)
    if stated and stated.overlap * 2 < candidates[0].overlap >= SAME_THING:
        stated = None  # the value of something else says nothing
    # A table has its units elsewhere: 2000 in one may be the amount that is asked for.
    row = next((c for c in candidates if c.sentence.text.startswith("|")), None)
    stated = stated or row
    if missing and stated:
        return f"不能确定文件是否规定了{missing}，最接近的一句是{_quoted(stated)}。"
    if missing and candidates and candidates[0].overlap >= SAME_THING:
        return f"文件提到{_quoted(candidates[0])}，但没有规定{missing}。"
    detail = f"文件没有规定{missing}" if missing else "文件里没有找到能回答这个问题的条款"
    return f"{detail}。{NEAREST}"


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
