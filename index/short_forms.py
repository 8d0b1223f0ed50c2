"""Short forms that the documents never use, spelt out in their words: 国企 is 国有企业."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).with_name("short_forms.tsv")
_CHINESE = re.compile("[\u3400-\u9fff]")


@lru_cache(maxsize=1)
def short_forms() -> tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]:
    """Return every short form, what finds it in a question, and what it may stand for."""
    rows = _TABLE.read_text(encoding="utf-8").splitlines()
    pairs = [(short, tuple(full.split("|"))) for short, full in (row.split("\t") for row in rows)]
    return tuple((short, _finder(short, full), full) for short, full in pairs)


def spell_out(question: str, texts: Callable[[], Iterable[str]]) -> str:
    """Spell out the short forms of a question in Chinese.

    Args:
        question: Folded.
        texts: Of the documents, in small letters; called only if there is a short form.

    Returns:
        The question with each short form that no document holds put as the first of its long
        forms that one does; as it is in English, where such letters are words.
    """
    if not _CHINESE.search(question):
        return question
    for short, finder, full in short_forms():
        if finder.search(question) and not any(map(finder.search, texts())):
            long = next((words for words in full if any(words in t for t in texts())), short)
            question = finder.sub(long, question)
    return question


def _finder(short: str, full: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds a short form, and not the long one cut: 国企 not in 外国企业."""
    if short.isascii():
        return re.compile(f"(?<![a-z]){re.escape(short)}(?![a-z])")
    after = {
        words[at + 1] for words in full for at in range(len(words) - 1) if words[at] == short[-1]
    }
    guard = f"(?![{''.join(sorted(after))}])" if after else ""
    return re.compile(re.escape(short) + guard)
