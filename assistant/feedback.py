"""What people think of answers: kept in SQLite, given back as rows for a question set."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from assistant.asked import Asked, facts, kind_of
from assistant.question import is_elliptical, is_english
from corpus.errors import TiaowenError

Rating = Literal["up", "down"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    answer_id TEXT NOT NULL UNIQUE,
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    reason TEXT NOT NULL,
    question TEXT NOT NULL,
    history TEXT NOT NULL,
    answerable INTEGER NOT NULL,
    answer TEXT NOT NULL,
    citations TEXT NOT NULL,
    versions TEXT NOT NULL
)
"""
_SAVE = """
INSERT INTO feedback
    (at, answer_id, rating, reason, question, history, answerable, answer, citations, versions)
VALUES
    (:at, :answer_id, :rating, :reason, :question, :history, :answerable, :answer, :citations,
     :versions)
ON CONFLICT (answer_id) DO UPDATE SET at = :at, rating = :rating,
    reason = CASE WHEN :reason = '' AND rating = :rating THEN reason ELSE :reason END
"""


class FeedbackUnavailable(TiaowenError):
    """The file of the feedback cannot be read or written."""


@dataclass(frozen=True)
class Quoted:
    """A citation as it was shown: the quote, its clause's label and where it stands."""

    document_id: str
    label: str
    cited_text: str
    start_char_index: int
    end_char_index: int


@dataclass(frozen=True)
class Feedback:
    """One person's view of one answer.

    ``versions`` says what answered: the package, the encoder, the documents.
    """

    answer_id: str
    rating: Rating
    reason: str
    question: str
    history: tuple[str, ...]
    answerable: bool
    answer: str
    citations: tuple[Quoted, ...]
    versions: Mapping[str, str]
    at: str = ""


class FeedbackStore:
    """Feedback in one SQLite file, made when the first arrives. Safe for several processes."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def save(self, feedback: Feedback) -> None:
        """Keep feedback; a second one on the same answer replaces its rating and reason.

        The same rating said again without a reason takes back no reason.

        Raises:
            FeedbackUnavailable: The file cannot be written; names it.
        """
        values = asdict(feedback) | {"at": datetime.now(UTC).isoformat(timespec="seconds")}
        for name in ("history", "citations", "versions"):
            values[name] = json.dumps(values[name], ensure_ascii=False)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
                connection.execute(_SCHEMA)
                connection.execute(_SAVE, values)
        except (OSError, sqlite3.Error) as error:
            raise FeedbackUnavailable(f"无法写入反馈 {self._path}：{error}") from None

    def read(self, rating: Rating | None = None) -> Iterator[Feedback]:
        """Yield what was kept, oldest first; of one rating, if given.

        Raises:
            FeedbackUnavailable: There is no such file, or it is none of ours; names it.
        """
        if not self._path.is_file():
            raise FeedbackUnavailable(f"还没有反馈：{self._path} 不存在")
        try:
            with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as connection:
                connection.row_factory = sqlite3.Row
                rows = connection.execute("SELECT * FROM feedback ORDER BY id").fetchall()
            kept = [_feedback(row) for row in rows]
        except (sqlite3.Error, LookupError, TypeError, ValueError) as error:
            raise FeedbackUnavailable(f"无法读取反馈 {self._path}：{error}") from None
        yield from (feedback for feedback in kept if rating in (None, feedback.rating))


def _feedback(row: sqlite3.Row) -> Feedback:
    values: dict[str, Any] = {key: row[key] for key in row.keys() if key != "id"}  # noqa: SIM118
    for name in ("history", "citations", "versions"):
        values[name] = json.loads(values[name])
    values["history"] = tuple(values["history"])
    values["citations"] = tuple(Quoted(**quoted) for quoted in values["citations"])
    values["answerable"] = bool(values["answerable"])
    return Feedback(**values)


def as_case(feedback: Feedback, number: int) -> dict[str, Any]:
    """Write feedback as a row of a question set, to be read by a person before it joins one.

    Clauses and quotes are those of the answer; its values, or else the quotes, are the keys. What
    was rated ``down`` is answered wrongly, so the row says what to correct, not what is right.
    """
    answerable = feedback.answerable
    quotes = [quoted.cited_text.strip() for quoted in feedback.citations]
    values = [f.of(q) for q in quotes for f in facts(feedback.question, q)] or quotes
    documents = [quoted.document_id for quoted in feedback.citations]
    return {
        "id": f"feedback-{number:04}",
        "document": documents[0] if documents else None,
        "type": _type_of(feedback) if answerable else "unanswerable_near",
        "question": feedback.question,
        "history": list(_history(feedback)),
        "answerable": answerable,
        "clauses": list(dict.fromkeys(quoted.label for quoted in feedback.citations)),
        "quotes": quotes,
        "keys": [[value] for value in dict.fromkeys(values)],
    }


def _history(feedback: Feedback) -> tuple[str, ...]:
    """Return the earlier questions if the rated one leans on them."""
    return feedback.history if is_elliptical(feedback.question) else ()


def _type_of(feedback: Feedback) -> str:
    if _history(feedback):
        return "followup"
    if is_english(feedback.question):
        return "english"
    kinds = {Asked.LIST: "list", Asked.YES_NO: "yes_no"}
    return kinds.get(kind_of(feedback.question), "fact_colloquial")
