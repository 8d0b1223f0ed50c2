"""Questions that a model wrote about clauses when the index was built, searched beside the text.

They lead to passages and are nothing else: no answer quotes them, no refusal weighs them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import layout
from index.dense import DenseSide, Rows, Vectors
from index.encode import Encoder


@dataclass(frozen=True)
class Generated:
    """A question and the key of the passage that answers it."""

    key: str
    text: str


@dataclass(frozen=True)
class ClauseQuestions:
    """The questions about one clause; ``clause`` is the hash of what they were written from."""

    clause: str
    questions: tuple[Generated, ...]

    @classmethod
    def from_json(cls, line: str) -> "ClauseQuestions":
        """Read a line of the file.

        Raises:
            ValueError: It is not what ``to_json`` wrote.
        """
        try:
            values: Mapping[str, Any] = json.loads(line)
            questions = tuple(Generated(str(q["key"]), str(q["text"])) for q in values["questions"])
            return cls(str(values["clause"]), questions)
        except (KeyError, TypeError) as error:
            raise ValueError(f"no questions in {line[:80]!r}") from error

    def to_json(self) -> str:
        """Write as one line."""
        return json.dumps(asdict(self), ensure_ascii=False)


class QuestionSide:
    """The vectors of questions, by the passages that they lead to."""

    def __init__(self, dense: DenseSide, places: Rows) -> None:
        """Take the vectors, and for each passage of theirs its place in the index, ascending."""
        self._dense, self._places = dense, places

    def nearest(self, query: Vectors, k: int, allowed: Rows | None = None) -> Rows:
        """Return the places of the passages that the k nearest questions lead to, ascending."""
        own = None if allowed is None else np.flatnonzero(np.isin(self._places, allowed))
        return self._places[self._dense.nearest(query, k, own)]

    def score(self, query: Vectors, passages: Rows) -> NDArray[np.float32]:
        """Return the cosine of each passage's nearest question, (n,) float32; -1 without one."""
        scores = np.full(len(passages), -1, np.float32)
        held = np.flatnonzero(np.isin(passages, self._places))
        own = np.searchsorted(self._places, passages[held])
        scores[held] = self._dense.score(query, own)
        return scores


def of_passages(
    records: Iterable[ClauseQuestions], keys: Sequence[str]
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the questions by the place of their passage, ascending; of others none."""
    place = {key: number for number, key in enumerate(keys)}
    found = [(place[q.key], q.text) for r in records for q in r.questions if q.key in place]
    ordered = sorted(dict.fromkeys(found))
    return [(p, tuple(t for _, t in own)) for p, own in groupby(ordered, lambda pair: pair[0])]


def write(
    target: Path, records: Sequence[ClauseQuestions], keys: Sequence[str], encoder: Encoder
) -> None:
    """Write questions and their vectors into an index that is being built, if there are any."""
    found = of_passages(records, keys)
    if not found:
        return
    write_records(target / layout.QUESTIONS, records)
    vectors = encoder.encode_query([text for _, texts in found for text in texts])
    dense = DenseSide.from_vectors(vectors, [len(texts) for _, texts in found])
    (target / layout.QUESTION_VECTORS).write_bytes(dense.to_bytes())


def write_records(path: Path, records: Iterable[ClauseQuestions]) -> None:
    """Write records, one a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(record.to_json() + "\n" for record in records)


def load(place: Path, keys: Sequence[str]) -> QuestionSide | None:
    """Read what ``write`` wrote; ``None`` where there are no questions.

    Raises:
        ValueError: The files do not fit each other.
    """
    if not (place / layout.QUESTIONS).exists():
        return None
    with (place / layout.QUESTIONS).open(encoding="utf-8") as file:
        found = of_passages(map(ClauseQuestions.from_json, file), keys)
    counts = [len(texts) for _, texts in found]
    dense = DenseSide.from_file(place / layout.QUESTION_VECTORS, counts)
    return QuestionSide(dense, np.array([passage for passage, _ in found], np.int64))


def read_records(path: Path) -> list[ClauseQuestions]:
    """Return the records of a file; a line that was not written to its end is left out."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    records = []
    for line in lines:
        try:
            records.append(ClauseQuestions.from_json(line))
        except ValueError:
            continue
    return records
