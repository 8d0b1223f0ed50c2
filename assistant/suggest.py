"""Questions to go on with, made of the documents' own sentences and asked before they are shown."""

import re
from collections.abc import Iterator, Sequence

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.question import is_english
from corpus.model import Clause, Document, Span
from corpus.outline import Outline
from corpus.passages import sentences

MOST = 3
_TRIES = 9  # sentences turned into questions before the search for good ones ends
_SHORTEST, _LONGEST = 4, 24  # characters of what a question is about

_WHO = r"(?:国家|本市|本省|本区|各级人民政府|(?:市|省|县级以上)[\u4e00-\u9fff]{0,4}人民政府)?"
_HOW = "(?:大力|积极|加快|进一步|继续|深入|着力|全面|主动|逐步|努力)?"
_ABOUT = f"(?P<about>[^，。；：、（）]{{{_SHORTEST},{_LONGEST}}})"
_END = "[，。；]"
# What a sentence begins with → how a person would ask for it.
_FORMS = tuple(
    (re.compile(f"^{_WHO}{_HOW}{pattern}"), question)
    for pattern, question in (
        (f"(?P<verb>允许|鼓励|支持|扶持){_ABOUT}[。；]", "是否{verb}{about}？"),
        (
            "(?:缩短|延长|放宽|简化|完善|优化|改革|健全|降低|提高|调整|改进|下放|取消)"
            f"(?!对|与|和){_ABOUT}{_END}",
            "{about}有什么变化？",
        ),
        (
            f"(?:建立|设立|建设|组建|打造|制定|实施|开展|构建|实行|引入)(?!与|和|以){_ABOUT}{_END}",
            "{about}是怎么安排的？",
        ),
        (f"对(?P<about>[^，。；：]{{{_SHORTEST},{_LONGEST}}}的)，", "对{about}怎么办？"),
        (r"(?P<about>[\u4e00-\u9fff]{3,16})不得", "{about}不得做什么？"),
        (r"(?P<about>[\u4e00-\u9fff]{3,16})应当", "{about}应当做什么？"),
    )
)


def follow_ups(answer: Answer, assistant: Assistant) -> list[str]:
    """Return other questions that the cited clauses answer.

    Args:
        answer: What has just been said.
        assistant: Each question is put to it, and kept if it quotes the sentence it is made of.

    Returns:
        At most ``MOST``, in the order of the text.
    """
    cited = [(citation.document_id, citation.span) for citation in answer.citations]
    made: list[str] = []
    for place, (document_id, span) in enumerate(_unsaid(answer, assistant)):
        if len(made) == MOST or place == _TRIES:
            break
        question = asked_by(span.of(assistant.library.get(document_id).text))
        fresh = question and question not in (*made, answer.question)
        if fresh and _answers(assistant, question, document_id, span, besides=cited):
            made.append(question)
    return made


def openings(
    assistant: Assistant, count: int = 6, *, english: bool = False
) -> list[tuple[str, str]]:
    """Return questions to begin with: a document's examples, or else one of each chapter.

    Args:
        assistant: As of ``follow_ups``.
        count: At most so many.
        english: Whether they are asked in English: then there are examples, or nothing.

    Returns:
        Chapter's title and question, in the order of the documents.
    """
    found: list[tuple[str, str]] = []
    for document in assistant.library:
        given = list(_examples(document, assistant, english))
        found += given or ([] if english else _made(document, assistant))
        if len(found) >= count:
            break
    return found[:count]


def _examples(document: Document, assistant: Assistant, english: bool) -> Iterator[tuple[str, str]]:
    """Yield the examples of one language that are answered, with the chapter of the answer."""
    for question in document.examples:
        if is_english(question) is english:
            outcome = assistant.quote(question, documents=[document.id])
            if isinstance(outcome, Answer):
                address = outcome.citations[0].address
                yield address.path[0] if len(address.path) > 1 else document.name, question


def _made(document: Document, assistant: Assistant) -> Iterator[tuple[str, str]]:
    """Yield a question of each chapter, made of a sentence of it."""
    outline = assistant.library.outline(document.id)
    for chapter in outline.clauses if len(outline.clauses) > 1 else (None,):
        question = _first_of(chapter, document, outline, assistant)
        if question:
            yield chapter.title(document.text) if chapter else document.name, question


def asked_by(sentence: str) -> str:
    """Turn a sentence into a question that it answers; empty if it is of no known form."""
    text = "".join(sentence.split())
    for pattern, question in _FORMS:
        match = pattern.match(text)
        if match:
            return question.format(**match.groupdict())
    return ""


def _first_of(
    chapter: Clause | None, document: Document, outline: Outline, assistant: Assistant
) -> str:
    tried = 0
    for line in outline.lines:
        if chapter and not chapter.span.covers(line.span):
            continue
        for span in sentences(document.text, line.span):
            question = asked_by(span.of(document.text))
            if question and tried < _TRIES:
                tried += 1
                if _answers(assistant, question, document.id, span):
                    return question
    return ""


def _unsaid(answer: Answer, assistant: Assistant) -> Iterator[tuple[str, Span]]:
    """Yield the sentences of the cited clauses that are not quoted."""
    seen: set[tuple[str, int]] = set()
    for citation in answer.citations:
        outline = assistant.library.outline(citation.document_id)
        for line in outline.lines:
            key = citation.document_id, line.span.start
            if line.address.path == citation.address.path and key not in seen:
                seen.add(key)
                for span in sentences(outline.text, line.span):
                    if not any(_overlap(c.span, span) for c in answer.citations):
                        yield citation.document_id, span


def _answers(
    assistant: Assistant,
    question: str,
    document_id: str,
    span: Span,
    besides: Sequence[tuple[str, Span]] = (),
) -> bool:
    """Say whether a question is answered by a sentence, first and not by what was said before."""
    outcome = assistant.quote(question, documents=[document_id])
    if not isinstance(outcome, Answer) or not outcome.citations:
        return False
    first = outcome.citations[0]
    return _overlap(first.span, span) and (first.document_id, first.span) not in besides


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
