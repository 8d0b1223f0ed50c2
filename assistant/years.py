"""A year that a document means and does not name: 2030 where it says 2020年前…再用10年."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus import numerals
from corpus.model import Document

_YEAR = r"(?<!\d)(?P<year>(?:19|20)\d\d)年"
_THEN = f"再[用过经]+(?P<count>{numerals.NUMERAL}{{1,3}})年(?:左右|时间)*"
_MEANT = re.compile(rf"{_YEAR}[^\n]{{1,300}}?(?P<words>{_THEN})")
_AFTER = re.compile(f"(?:之后|接下来|往后|此后|随后)的?(?P<count>{numerals.NUMERAL}{{1,3}})年")
_ASKED = re.compile(r"(?<![\d第])((?:19|20)\d\d)年?(?:底|末|前|之前|左右|的时候)*(?![\d%])")


@dataclass(frozen=True)
class Meant:
    """A year reckoned from another: ``words`` (再用10年时间), ``count`` years after ``since``."""

    since: int
    count: int
    words: str

    @property
    def year(self) -> int:
        """The year that is meant."""
        return self.since + self.count


def meant(documents: Iterable[Document]) -> Iterator[Meant]:
    """Yield the years that documents reckon from one they name."""
    for document in documents:
        for match in _MEANT.finditer(document.text):
            since, count = int(match["year"]), numerals.parse(match["count"])
            if count:
                yield Meant(since, count, match["words"])


def reword(question: str, documents: Iterable[Document]) -> tuple[str, str]:
    """Put a year that no document names in the words by which one means it.

    Args:
        question: As typed, in Chinese.
        documents: That are asked.

    Returns:
        The question, and a note that says how the year was reckoned; else as it was, and nothing.
    """
    if after := _AFTER.search(question):
        said = next(
            (m.words for m in meant(documents) if m.count == numerals.parse(after["count"])), ""
        )
        return question.replace(after[0], said or after[0]), ""
    asked = _ASKED.search(question)
    chosen = list(documents) if asked else []
    if asked is None or any(asked[1] in document.text for document in chosen):
        return question, ""
    found = next((m for m in meant(chosen) if m.year == int(asked[1])), None)
    if found is None:
        return question, ""
    note = f"{found.year}年是按文件的“{found.since}年”和“{found.words}”推算的。"
    return question.replace(asked[0], found.words), note
