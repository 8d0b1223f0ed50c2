"""The steps of a streamed answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assistant.answer import Answer, Outcome


@dataclass(frozen=True)
class Event:
    """A step of a streamed answer; the last one is ``done`` and carries the whole outcome.

    ``data`` is the evidence of ``retrieved``, the text of ``delta``, the citation of ``citation``.
    """

    kind: str
    data: Any


def events(outcome: Outcome) -> Iterator[Event]:
    """Tell an outcome that is there already in steps."""
    yield Event("retrieved", outcome.evidence)
    yield from said(outcome)


def said(outcome: Outcome) -> Iterator[Event]:
    """Tell what is said, without the evidence."""
    if isinstance(outcome, Answer):
        start = 0
        for citation in outcome.citations:
            marker = outcome.text.index("]", citation.answer_span.end) + 1
            yield Event("delta", outcome.text[start:marker])
            yield Event("citation", citation)
            start = marker
        if outcome.text[start:]:
            yield Event("delta", outcome.text[start:])
    yield Event("done", outcome)
