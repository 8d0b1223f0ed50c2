"""A model puts a question differently before it is searched for. What it says is no evidence.

One request does all that is switched on: a question that leans on earlier ones is completed, one in
everyday words is put in those of a policy, one of several things is taken apart. The reply is not
trusted: what is too long, adds numbers or speaks of something else is left out, and where nothing
is left, or the model fails, the question is searched for as typed.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

from assistant.answer import Generation
from assistant.asked import Asked, kind_of
from assistant.errors import ModelUnavailable
from assistant.llm import ChatModel, Message, load_model
from assistant.prompt import PROMPTS, Prompt
from assistant.question import Query, Turn, understand
from assistant.settings import LLM_HELPS, Settings

HELPS = LLM_HELPS
_KEYS = {"followup": "complete", "wording": "wording", "parts": "parts"}
_LONGEST = 150  # characters of a question put differently
_PARTS = 4
_TOKENS = 400  # of a reply
_REPLY = 4000  # characters of a reply that are read
_EARLIER = 6  # turns of the history that are shown
_TURN = 300  # characters of each
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_NUMBER = re.compile(r"\d+")

Likeness = Callable[[str, str], float]
"""The cosine of two questions, -1 to 1."""
# Below it, what was written is about something else. Of 206 recorded ones (development half) one
# wording is lost; of those of another question 72 % (wordings) and 92 % (others) are.
_UNLIKE, _UNLIKE_WORDING = 0.2, 0.1


@dataclass(frozen=True)
class Rewriting:
    """What a model made of a question; each field is empty where it made nothing of it.

    Attributes:
        complete: The question with what it goes back to.
        wording: The question in a policy's words.
        parts: The things asked, each a question, at least two.
        note: Why the question was searched for as typed, in one sentence.
        version: The version of the prompt; empty if no model was asked.
    """

    complete: str = ""
    wording: str = ""
    parts: tuple[str, ...] = ()
    note: str = ""
    version: str = ""

    @property
    def searched(self) -> tuple[str, ...]:
        """What is searched for instead of, or beside, the question as typed."""
        found = filter(None, (self.complete, self.wording, *self.parts))
        return tuple(dict.fromkeys(found))

    def generation(self) -> Generation | None:
        """Return the account of it, where nothing is written by a model."""
        if not self.version:
            return None
        return Generation(0, 0, self.note, self.version, self.searched)

    def beside(self, generation: Generation) -> Generation:
        """Add the account of it to that of what a model wrote."""
        note = "；".join(filter(None, (self.note, generation.note)))
        return replace(generation, note=note, searched=self.searched)


AS_TYPED = Rewriting()


@lru_cache(maxsize=1)
def instructions() -> Prompt:
    """Return the instructions with their version."""
    text = (PROMPTS / "rewrite.txt").read_text(encoding="utf-8")
    return Prompt(text, f"rewrite@{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def messages(question: str, history: Sequence[Turn], helps: Sequence[str]) -> list[Message]:
    """Return what is sent: the question, the reader's earlier ones, nothing of the documents."""
    earlier = [turn.content[:_TURN] for turn in history if turn.role == "user"][-_EARLIER:]
    asked = {
        "question": question,
        "history": earlier if "followup" in helps else [],
        "keys": [_KEYS[name] for name in helps],
    }
    body = json.dumps(asked, ensure_ascii=False)
    return [
        {"role": "system", "content": instructions().text},
        {"role": "user", "content": body},
    ]


def rewrite(
    question: str,
    history: Sequence[Turn],
    helps: Sequence[str],
    model: ChatModel,
    likeness: Likeness,
) -> Rewriting:
    """Ask a model to put a question differently.

    Args:
        question: As typed.
        history: Earlier turns, oldest first.
        helps: Some of ``HELPS``.
        model: Who is asked; its time limit is the limit of this.
        likeness: Tells whether what it wrote is still about the question.

    Returns:
        What may be searched for; nothing but a note if the model failed. Never raises for what a
        model does.
    """
    helps = [name for name in helps if name != "followup" or history]
    if not helps:
        return AS_TYPED
    version = instructions().version
    try:
        pieces = islice(model.complete(messages(question, history, helps)), _REPLY)
        reply = "".join(pieces)[:_REPLY]
    except ModelUnavailable as error:
        return Rewriting(note=f"{error}，按原来的问法检索", version=version)
    values = parse(reply)
    if values is None:
        return Rewriting(note="语言模型改写问题的回答无法读取，按原来的问法检索", version=version)
    spoken = " ".join([turn.content for turn in history if turn.role == "user"] + [question])
    found = _trusted(values, helps, question, spoken, likeness)
    note = "语言模型改写的问题与原来的不符，按原来的问法检索"
    return replace(found, version=version, note="" if found.searched or found.note else note)


@dataclass(frozen=True)
class Helper:
    """A model with what it is asked to help with: some of ``HELPS``."""

    model: ChatModel
    helps: Sequence[str]

    def rewrite(self, question: str, history: Sequence[Turn], likeness: Likeness) -> Rewriting:
        """See ``rewrite``."""
        return rewrite(question, history, self.helps, self.model, likeness)


def load_helper(settings: Settings) -> Helper | None:
    """Return the help that the settings switch on; ``None`` if none.

    A client of its own, with its own time limit and breaker: a model too slow for this may still be
    quick enough to write.

    Raises:
        BadSettings: The ``openai`` package is not installed.
    """
    if not settings.llm_help:
        return None
    limits = {"llm_timeout": settings.llm_help_timeout, "llm_max_tokens": _TOKENS}
    model = load_model(replace(settings, **limits))  # type: ignore[arg-type]
    return Helper(model, settings.llm_help) if model else None


def parse(reply: str) -> Mapping[str, Any] | None:
    """Read the JSON object in a reply, whatever stands around it; ``None`` if there is none."""
    text = _THOUGHT.sub("", reply)
    try:
        values, _ = json.JSONDecoder().raw_decode(text, text.index("{"))
    except (ValueError, RecursionError):
        return None
    return values if isinstance(values, dict) else None


def applied(query: Query, rewriting: Rewriting) -> Query:
    """Return what is searched for; what is asked for and in which language stays as typed."""
    base = query
    if rewriting.complete:
        base = replace(understand(rewriting.complete), own=query.own, english=query.english)
        base = replace(base, asked=query.asked if query.asked is not Asked.OTHER else base.asked)
    if rewriting.wording:
        base = replace(base, text=f"{base.text} {rewriting.wording}", topic="")
        if base.asked is Asked.OTHER:
            base = replace(base, asked=kind_of(rewriting.wording))
        base = replace(base, parts=(base.text,)) if len(base.parts) < 2 else base
    return replace(base, parts=rewriting.parts, topic="") if rewriting.parts else base


def _trusted(
    values: Mapping[str, Any],
    helps: Sequence[str],
    question: str,
    spoken: str,
    likeness: Likeness,
) -> Rewriting:
    def usable(value: Any, least: float = _UNLIKE) -> str:
        text = clean(value)
        added = set(_NUMBER.findall(text)) - set(_NUMBER.findall(spoken))
        return "" if not text or added or likeness(text, spoken) < least else text

    complete = usable(values.get("complete")) if "followup" in helps else ""
    wording = usable(values.get("wording"), _UNLIKE_WORDING) if "wording" in helps else ""
    listed = values.get("parts") if "parts" in helps else None
    given = listed if isinstance(listed, list) else []
    parts = tuple(dict.fromkeys(filter(None, map(usable, given))))[:_PARTS]
    same = ("", question)
    return Rewriting(
        complete="" if complete in same else complete,
        wording="" if wording in same else wording,
        parts=parts if len(parts) > 1 and len(parts) == len(given) else (),
    )


def clean(value: Any, longest: int = _LONGEST) -> str:
    """Return a text in one line without control characters; empty if it is none or too long."""
    if not isinstance(value, str):
        return ""
    shown = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value)
    text = " ".join(shown.split())
    return text if len(text) <= longest else ""
