"""The conversations that a visitor's browser keeps: plain values, read with suspicion."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from assistant import question
from ui.conversation import Turn, read_turns

MOST_CONVERSATIONS, MOST_TURNS = 30, 100
_TITLE = 24  # characters of the first question


@dataclass
class Conversation:
    """Turns, oldest first, under an id of their own."""

    id: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The first question, cut short."""
        first = self.turns[0].question if self.turns else ""
        return first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"

    @property
    def history(self) -> list[question.Turn]:
        """What the pipeline needs to know of it: the earlier questions."""
        asked = [question.Turn("user", turn.question) for turn in self.turns]
        return asked[-question.MAX_HISTORY :]


class Book:
    """All conversations of a visitor, newest first, one of them open."""

    def __init__(self, conversations: Iterable[Conversation] = (), current: str = "") -> None:
        self.conversations = list(conversations)
        self._current = current

    @classmethod
    def read(cls, values: Any) -> "Book":
        """Read what a browser kept; whatever cannot be read is left out."""
        values = values if isinstance(values, dict) else {}
        kept = values.get("conversations")
        found = [
            Conversation(str(value.get("id")), turns)
            for value in (kept if isinstance(kept, list) else [])
            if isinstance(value, dict) and (turns := read_turns(value.get("turns")))
        ]
        return cls(found, str(values.get("current") or ""))

    def to_browser(self) -> dict[str, Any]:
        """Return what the browser is to keep."""
        return {
            "current": self._current,
            "conversations": [
                {
                    "id": conversation.id,
                    "turns": [turn.model_dump(mode="json") for turn in conversation.turns],
                }
                for conversation in self.conversations
            ],
        }

    @property
    def current(self) -> Conversation:
        """The open conversation; an empty one, not kept yet, if none is."""
        found = (c for c in self.conversations if c.id == self._current)
        return next(found, Conversation(""))

    def open(self, identity: str) -> None:
        """Open another conversation; ``""`` begins a new one."""
        self._current = identity

    def add(self, turn: Turn) -> None:
        """Add a turn to the open conversation, which becomes the newest."""
        conversation = self.current
        if not conversation.id:
            conversation.id = uuid.uuid4().hex
        conversation.turns = [*conversation.turns, turn][-MOST_TURNS:]
        others = [c for c in self.conversations if c.id != conversation.id]
        self.conversations = [conversation, *others][:MOST_CONVERSATIONS]
        self._current = conversation.id

    def delete_current(self) -> None:
        """Forget the open conversation."""
        self.conversations = [c for c in self.conversations if c.id != self._current]
        self._current = ""
