"""Groups of people that a question names and the documents never mention.

Whether civil servants may leave for a start-up is answered by what stands about researchers, for
nothing stands nearer; the reader should know. Only groups with words of their own are in
``groups.tsv``, each with all words by which a document may mean it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus.model import Document
from index.tokens import fold

_GROUPS = Path(__file__).with_name("groups.tsv")


@dataclass(frozen=True)
class Group:
    """A group of people.

    Attributes:
        name: What it is called.
        english: Its name in English.
        asked: Finds it in a question.
        mentioned: Finds it in a document.
    """

    name: str
    english: str
    asked: re.Pattern[str]
    mentioned: re.Pattern[str]


@lru_cache(maxsize=1)
def groups() -> tuple[Group, ...]:
    """Return all groups."""
    rows = _GROUPS.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(
        Group(name, english, re.compile(asked), re.compile(mentioned))
        for name, english, asked, mentioned in (row.split("\t") for row in rows)
    )


def unmentioned(question: str, documents: Iterable[Document]) -> tuple[Group, ...]:
    """Return the groups that a question names and no document mentions.

    Args:
        question: As typed.
        documents: That are asked.
    """
    text = fold(question)
    named = [group for group in groups() if group.asked.search(text)]
    texts = [fold(f"{d.title} {d.text}") for d in documents] if named else []
    return tuple(g for g in named if not any(g.mentioned.search(said) for said in texts))


def without(question: str, named: Iterable[Group]) -> str:
    """Return a question without the words that name some groups."""
    text = fold(question)
    for group in named:
        text = group.asked.sub(" ", text)
    return text
