"""A file of questions: JSONL, one object a line, as in a question set."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.question import Turn
from corpus.errors import TiaowenError


class BadQuestionFile(TiaowenError):
    """The file cannot be read, or a line of it is no question."""


@dataclass(frozen=True)
class Question:
    """A question with what was asked before it; ``id`` is ``None`` for one typed by hand."""

    text: str
    id: str | int | None = None
    history: tuple[Turn, ...] = ()
    documents: tuple[str, ...] = ()


def read_questions(name: str) -> list[Question]:
    """Read a question set; only ``question`` is required, ``id`` is the line's number without one.

    Args:
        name: A path; ``-`` for standard input.

    Raises:
        BadQuestionFile: Names the file and the line.
    """
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadQuestionFile(f"没有问题集 {name}，请核对路径") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionFile(f"无法读取问题集 {name}：{error}") from None
    questions = list(_parse(name, text))
    if not questions:
        raise BadQuestionFile(f"问题集 {name} 是空的")
    return questions


def _parse(name: str, text: str) -> Iterator[Question]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield _question(json.loads(line), number)
            except json.JSONDecodeError:
                reason = '不是 JSON，每行应如 {"question": "…"}'
                raise BadQuestionFile(f"问题集 {name} 第 {number} 行有误：{reason}") from None
            except (ValueError, TypeError, KeyError) as error:
                reason = f"缺少 {error}" if isinstance(error, KeyError) else str(error)
                raise BadQuestionFile(f"问题集 {name} 第 {number} 行有误：{reason}") from None


def _question(values: Mapping[str, Any], number: int) -> Question:
    if not isinstance(values, dict):
        raise TypeError("每行应是一个 JSON 对象")
    if not isinstance(values["question"], str):
        raise TypeError("question 应为字符串")
    document = values.get("document")
    if not isinstance(document, str | None):
        raise TypeError("document 应为字符串")
    if not isinstance(values.get("id", number), str | int):
        raise TypeError("id 应为字符串或整数")
    return Question(
        text=values["question"],
        id=values.get("id", number),
        history=tuple(map(_turn, values.get("history") or ())),
        documents=(document,) if document else (),
    )


def _turn(value: Any) -> Turn:
    """Earlier questions may be plain strings or messages with a role."""
    if isinstance(value, str):
        return Turn("user", value)
    return Turn(str(value["role"]), str(value["content"]))
