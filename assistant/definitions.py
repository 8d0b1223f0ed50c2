"""A question for the meaning of a word, and the sentence that lays it down: X，是指…. Pure."""

import re

from index.tokens import fold

_ASKED = re.compile(
    "(?:什么是|什么叫做?|何谓|何为)(?P<after>.+)|"
    "(?P<meant>.+?)(?:(?:怎么|如何)定义|的?(?:定义|含义)(?:是什么)?)|"
    "(?P<before>.+?)(?:指的是|是指|指|是)(?:什么|啥)(?:意思)?|(?P<bare>.+?)什么意思"
)
_WHERE = re.compile("^.*?(?:所称|所说|里说|中说|提到|里面?|中)的?(?=.)|^《[^》]*》的?")
_PLAIN = re.compile(r"[\s“”\"'‘’？?。!！,，]+|^请问|[呢啊呀吗]$")


def word_asked(question: str) -> str:
    """Return the word whose meaning a question asks for; empty if it asks for none."""
    text = _PLAIN.sub("", fold(question))
    found = _ASKED.fullmatch(text)
    return next(filter(None, found.groups()), "") if found else ""


def defines(sentence: str, word: str) -> bool:
    """Say whether a sentence lays down what a word means, and not one that it is a part of.

    Args:
        sentence: As it stands in the document.
        word: As asked (``word_asked``): what stands before it there (本法所称) may be left out.
    """
    text = re.sub(r"[\s“”\"]+", "", fold(sentence))
    words = {word, _WHERE.sub("", word)} - {""}
    named = "|".join(map(re.escape, sorted(words)))
    return bool(words) and bool(
        re.search(f"(?:^|所称的?|[,，。;；:：、])(?:{named})[,，]?(?:是指|系指|指的是)", text)
    )
