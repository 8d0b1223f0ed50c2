"""What is asked: a usable question, what it goes back to, and the kind of answer it wants."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import courtesy
from assistant.asked import Asked, is_bare, kind_of, needs_value
from assistant.errors import BadQuestion
from index.tokens import ENGLISH_STOP, fold, terms

MAX_HISTORY = 20  # turns
_MAY_GO_ON = 12  # a question of more content (characters) stands for itself


@dataclass(frozen=True)
class Turn:
    """One message of the conversation so far; ``role`` is ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True)
class Query:
    """A question made ready for searching.

    Attributes:
        text: What is searched for: the question, with what it goes back to.
        own: The question alone.
        asked: The kind of answer wanted.
        parts: The things asked, if there are several; else ``(text,)``.
        english: Whether it is asked in English.
        topic: What was talked about before, if the question may go on with it without saying so
            (谁来复核？).
    """

    text: str
    own: str
    asked: Asked
    parts: tuple[str, ...]
    english: bool = False
    topic: str = ""


_FUNCTION_WORDS = re.compile(
    "请问|我想(?:问|知道)?|想问|问一?下|帮我|麻烦|你们?|我们?|咱们?|他们?|她们?|人家|大家|"
    "什么|怎么[办样]?|咋办|怎样|如何|多少|哪些|哪个|哪几|哪里|哪儿|哪一?|几|谁|吗|呢|吧|啊|呀|嘛|么|咋|啥|"
    "能不能|可不可以|可以|能否|可否|是否|是不是|有没有|会不会|能|会|要|是|有|在|"
    "的|了|着|过|得|地|和|与|或|以及|还|也|都|就|又|再|很|最|更|被|把|给|让|对|从|到|向|为|"
    "这|那|它|其|该|此|个|一|不|没|文件|意见|规定|政策|内容|里面?|关于|方面|情况|请|说|讲|写|提到"
)
_GREETING = re.compile(
    "^(?:你好|您好|嗨|哈喽|hello|hi|hey|早上好|晚上好|下午好|在吗|"
    "你是谁|你叫什么(?:名字)?|你会(?:做|干)什么|你能(?:做|干)什么|who are you|"
    r"good (?:morning|evening))[呀啊吗呢吧了~～!！?？。.,，\s]*$"
)
_BACKWARD = re.compile(
    "^(?:那么?|还有|另外|然后|而|再|以及|and|what about|how about)(?!些地方)|它|其中|"
    "里[头面边]|"
    "(?:这|那)(?:个|些|项|种|类|样|里|笔|条|事|块)|上述|该|此(?:项|类)|呢[？?]?$|他们|"
    r"\b(?:it|they|them|those|this|that)\b"
)
_ALL = "(?:全文|整个?(?:文件|文档)|[这本该]?(?:个|份|篇)?(?:文件|文档|政策|条例|办法|意见|规定))"
_SUM_UP = "(?:总结|概括|归纳|摘要|概述|简述|综述)"
_SUMMARY = re.compile(
    f"(?:请|麻烦|帮我|帮忙|给我|能不能|可以|你|写|做|来)*(?:{_ALL}的?(?:主要)?(?:内容)?)?(?:{_SUM_UP}一?下?)"
    f"(?:{_ALL}?的?(?:主要|核心)?(?:内容|要点|意思)?)?[吗吧呢?。!]*|"
    "(?:please )?(?:summari[sz]e|sum up)(?: (?:it|this|the (?:document|policy|law|text)))?[.?!]*"
)
# 多少 alone may stand for a share as well as for money: it keeps its words.
_VALUE_ONLY = re.compile(
    "(?:那么?|大概|一般|通常|最[长多少快晚]|需要|要|得|是|有|等|一?共|总共|办)*"
    "(?:多久|多长(?:的?时间)?|几年|几天|几个?月|多少(?:年|天|个月|时间))(?:时间)?(?:呢|啊|呀|才行)?[?。!]*$"
)
_ASKS = re.compile(r"什么|啥|谁|哪|几(?!乎)|多少|怎|如何|咋|\b(?:what|who|which|when|where|how)\b")
_PART_BREAK = re.compile(
    "(?<=[？?；;，,])|(?=以及|还有|另外|同时)|"
    r"(?=\band (?:what|how|who|which|when|where|can|is|are)\b)"
)


def check(question: str, history: Sequence[Turn], limit: int) -> str:
    """Return the question trimmed, or say what is wrong with it.

    Args:
        question: As typed.
        history: Earlier turns, oldest first.
        limit: Longest question (and earlier turn) accepted, in characters.

    Raises:
        BadQuestion: It is empty, too long, or holds control characters.
    """
    text = question.strip().strip("\ufeff\u200b")
    if not text:
        raise BadQuestion("问题是空的，请写下要问的内容")
    if len(text) > limit:
        raise BadQuestion(f"问题有 {len(text)} 个字符，最多 {limit} 个，请缩短后再问")
    if any(map(_is_control, text)):
        raise BadQuestion("问题里有控制字符，请删去后再问")
    if len(history) > MAX_HISTORY:
        raise BadQuestion(f"对话历史有 {len(history)} 条，最多 {MAX_HISTORY} 条")
    return " ".join(text.split())


def understand(question: str, history: Sequence[Turn] = ()) -> Query:
    """Resolve a question against the history and say what kind of answer it wants."""
    english = is_english(question)
    previous = _previous_topic(history) if is_elliptical(question) else ""
    if not previous:
        may_go_on = len(content(question).replace(" ", "")) <= _MAY_GO_ON
        topic = _previous_topic(history) if may_go_on else ""
        return Query(question, question, kind_of(question), _parts(question), english, topic)
    return _going_on(previous, question, english=english)


def gone_on(query: Query) -> Query | None:
    """Read a question as one that goes on with what was talked about before, if it may."""
    return _going_on(query.topic, query.own, english=query.english) if query.topic else None


def _going_on(previous: str, question: str, *, english: bool) -> Query:
    # The new words count double: they say where the talk has moved to. 要多久 says nothing of it,
    # but is like other sentences on how long.
    text = previous if _VALUE_ONLY.match(fold(question)) else f"{previous} {question} {question}"
    asked, before = kind_of(question), kind_of(previous)
    if asked is Asked.OTHER or (is_bare(question) and needs_value(before)):
        asked = before
    return Query(text, question, asked, (text,), english)


def content(text: str) -> str:
    """Return what is left of a question without the words every question is made of."""
    folded = fold(text)
    words = re.sub("[a-z']+", lambda m: " " if m[0] in ENGLISH_STOP else m[0], folded)
    return " ".join(re.sub(r"[^\w%]+", " ", _FUNCTION_WORDS.sub(" ", words)).split())


def content_terms(text: str) -> frozenset[str]:
    """Return the terms of a question's content (characters, pairs, words)."""
    return frozenset(terms(content(text)))


def is_greeting(question: str) -> bool:
    """Say whether it is a greeting, thanks or a question about the assistant."""
    return bool(_GREETING.match(fold(question))) or bool(courtesy.reply(question))


def wants_summary(question: str) -> bool:
    """Say whether a question asks for nothing but a summary of it all."""
    return bool(_SUMMARY.fullmatch(fold(question)))


def is_vague(question: str) -> bool:
    """Say whether it asks for it all, or hardly a character is left without common words."""
    if wants_summary(question):
        return True
    left = set(content(question)) - {" "}
    if len(left) == 1 and kind_of(question) in (Asked.WHERE, Asked.WHO):
        return False  # 搬到哪里 says enough
    return len(left) < 2 or not content_terms(question)


def is_english(question: str) -> bool:
    """Say whether a question is asked in English: Latin letters, and hardly a Chinese character."""
    chinese = len(re.findall(r"[\u3400-\u9fff]", question))
    return len(re.findall("[A-Za-z]", question)) >= 4 and chinese <= 2


def is_elliptical(question: str) -> bool:
    """Say whether a question leans on what was asked before."""
    text = fold(question)
    short = len(content(text).replace(" ", "")) <= 3
    return short or bool(_BACKWARD.search(text) or _VALUE_ONLY.match(text))


def _is_control(char: str) -> bool:
    code = ord(char)
    return (code < 32 and char not in "\t\n\r") or code == 127 or 0xD800 <= code < 0xE000


def _previous_topic(history: Sequence[Turn]) -> str:
    """Return the last complete question of the user, with the elliptical ones after it."""
    topic: list[str] = []
    for turn in reversed(history):
        if turn.role != "user":
            continue
        topic.insert(0, turn.content.strip())
        if not is_elliptical(turn.content):
            break
    return " ".join(topic)


def _parts(question: str) -> tuple[str, ...]:
    """Split a question that asks several things; what asks nothing belongs to what follows."""
    parts: list[str] = []
    told = ""
    for piece in _PART_BREAK.split(question):
        told += piece
        asks = (
            kind_of(piece) is not Asked.OTHER
            or bool(_ASKS.search(fold(piece)))
            or piece.endswith(("？", "?"))
        )
        if asks and len(content(piece).replace(" ", "")) >= 4:
            parts.append(told)
            told = ""
    if parts and told:
        parts[-1] += told
    return tuple(parts) if len(parts) > 1 else (question,)
