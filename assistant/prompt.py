"""Question and evidence → what a language model is sent. The words stand in ``prompts/``."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.evidence import Numbered
from assistant.llm import Message
from assistant.question import Query

PROMPTS = Path(__file__).with_name("prompts")
REFUSAL = "没有规定"
"""What the model writes where the evidence does not answer."""


@dataclass(frozen=True)
class Prompt:
    """The instructions in one language; ``version`` names the file and changes with its text."""

    text: str
    version: str


@lru_cache(maxsize=4)
def prompt(*, english: bool, structured: bool = False) -> Prompt:
    """Return the instructions for the language of a question, and for a reply in JSON."""
    language = "en" if english else "zh"
    names = [f"answer-{language}"] + [f"structure-{language}"] * structured
    text = "\n".join((PROMPTS / f"{name}.txt").read_text(encoding="utf-8") for name in names)
    return Prompt(text, f"{'+'.join(names)}@{hashlib.sha256(text.encode()).hexdigest()[:8]}")


@lru_cache(maxsize=1)
def schema() -> Mapping[str, Any]:
    """Return the JSON schema of a structured reply."""
    found: dict[str, Any] = json.loads((PROMPTS / "structure.json").read_text(encoding="utf-8"))
    return found


def messages(
    query: Query, evidence: Sequence[Numbered], *, structured: bool = False
) -> list[Message]:
    """Return what is sent: the rules, then evidence and question as material.

    Brackets that would close the evidence are taken out of it, so that a document cannot.
    """
    shown = "\n\n".join(map(_shown, evidence))
    asked = query.own if query.own == query.text else f"{query.own}（前文：{query.text}）"
    head, tail = ("Question", "Evidence") if query.english else ("问题", "依据")
    body = f"<{tail}>\n{shown}\n</{tail}>\n\n<{head}>\n{_plain(asked)}\n</{head}>"
    rules = prompt(english=query.english, structured=structured).text
    return [{"role": "system", "content": rules}, {"role": "user", "content": body}]


def _shown(item: Numbered) -> str:
    address = item.address
    place = [*address.path, f"第{address.paragraph}款" if address.paragraph > 1 else ""]
    place += [address.item or ""]
    head = f"[{item.number}] 《{item.names[-1]}》{' › '.join(filter(None, place))}"
    return f"{_plain(head)}\n{_plain(item.text)}"


def _plain(text: str) -> str:
    return text.replace("<", "＜").replace(">", "＞")
