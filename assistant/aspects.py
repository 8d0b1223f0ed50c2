"""Aspects of a thing that a question asks for: who pays, where to apply, what follows if not.

A near miss names what the document has and asks an aspect of it that the document leaves open. Its
words are the document's, so it resembles what it asks about; only the answer's own wording tells.
``aspects.tsv`` lists, for each aspect, how it is asked for and how a sentence states it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.tokens import fold

_ASPECTS = Path(__file__).with_name("aspects.tsv")


@dataclass(frozen=True)
class Aspect:
    """Something a question may ask of a thing.

    Attributes:
        name: What is missing where a document does not state it: 但没有写明….
        asked: Finds it in a question, folded.
        stated: Finds it in a sentence, folded.
    """

    name: str
    asked: re.Pattern[str]
    stated: re.Pattern[str]


@lru_cache(maxsize=1)
def aspects() -> tuple[Aspect, ...]:
    """Return all aspects."""
    rows = _ASPECTS.read_text(encoding="utf-8").splitlines()[1:]
    return tuple(
        Aspect(name, re.compile(asked), re.compile(stated))
        for name, asked, stated in (row.split("\t") for row in rows)
    )


@lru_cache(maxsize=64)
def asked_of(question: str) -> tuple[Aspect, ...]:
    """Return the aspects that a question asks for."""
    text = fold(question)
    return tuple(aspect for aspect in aspects() if aspect.asked.search(text))


def unstated(question: str, sentences: str) -> tuple[Aspect, ...]:
    """Return the aspects that a question asks for and some sentences do not state."""
    asked = asked_of(question)
    text = fold(sentences) if asked else ""
    return tuple(aspect for aspect in asked if not aspect.stated.search(text))
