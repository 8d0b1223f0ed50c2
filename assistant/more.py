"""再详细一点 after an answer: the clause that it rests on, to be quoted at length."""

import re
from dataclasses import replace

from assistant import compose
from assistant.answer import Answer
from corpus.model import Span
from corpus.store import Library
from index.address import Lookup, Place
from index.tokens import fold

_SAY = "(?:说|讲|谈|介绍|解释|说明|展开)"
_CLOSE = "(?:详细|具体|细致|仔细|深入|细|清楚)"
_BIT = "(?:一?[点些下]儿?)"
_CHINESE = (
    "(?:请|麻烦|帮我|给我|你|能不能|能否|可以|可否|能|那么?)*(?:"
    f"(?:再|更|进一步)*{_SAY}?得?(?:再|更)*{_CLOSE}{_BIT}{_SAY}?{_BIT}?|"
    f"(?:再|更|进一步)*{_CLOSE}地?{_SAY}{{1,2}}{_BIT}?|"
    f"(?:再|进一步)*展开来?(?:{_SAY}{{1,2}}{_BIT}?|{_BIT})|"
    f"再?(?:继续|接着|往下)(?:{_SAY}(?:下去)?)?|"
    "还有(?:吗|呢|没有?|别的吗|其他的?吗|更多吗)|"
    f"再?多{_SAY}(?:一?[点些]|几句)|更多(?:内容|细节)?"
    r")(?:吗|吧|呢|啊|呀|嘛|好吗|好吧|可以吗|行吗|[\s,。?!~])*"
)
_ENGLISH = (
    r"(?:(?:please|and|ok|can you|could you|would you)\s+)*(?:"
    r"(?:(?:tell|give|show) me\s+|(?:say|explain)\s+)?(?:some\s+)?"
    r"more(?:\s+details?|\s+about (?:it|this|that))?|"
    r"in more detail|(?:go on|continue|elaborate|expand)(?:\s+on (?:it|this|that))?|"
    r"(?:is there\s+)?any(?:thing)?\s+(?:more|else)|what else"
    r")(?:\s+please)?[\s,.?!]*"
)
_MORE = re.compile(f"{_CHINESE}|{_ENGLISH}")
END, END_ENGLISH = "（这一条到此引完。）", "(That is where the clause ends.)"


def wants_more(question: str) -> bool:
    """Say whether a question asks for nothing but more of the same."""
    return bool(_MORE.fullmatch(fold(question)))


def clause_of(answer: Answer, library: Library) -> Lookup | None:
    """Return the clause of an answer's first citation, as if it had been asked for by number.

    Args:
        answer: To the question before. If it is a clause cut short, what follows is returned.
        library: The documents.

    Returns:
        ``None`` if it rests on no clause: a title stands in none.
    """
    first, last = answer.citations[0], answer.citations[-1]
    outline = library.outline(first.document_id)
    path = next(
        (
            path
            for path in outline.walk()
            if tuple(clause.title(outline.text) for clause in path) == first.address.path
            and path[-1].span.covers(first.span)
        ),
        None,
    )
    if path is None:
        return None
    inside = [line for line in outline.lines if path[-1].span.covers(line.span)]
    own = [line.span for line in inside if line.address.path == first.address.path]
    cut = answer.text.endswith((compose.CUT, compose.CUT_ENGLISH))
    read = last.span.end if cut and last.address.path == first.address.path else 0
    left = [Span(max(span.start, read), span.end) for span in own if span.end > read] or own
    # All its text is meant, never a table of what is in it; unless there is nothing else.
    clause = replace(path[-1], children=()) if own else path[-1]
    spans = left or [line.span for line in inside]
    return Lookup((), (Place(first.document_id, clause, path, tuple(spans)),), (), "")
