"""A model's reply → sentences with the markers of their evidence, as they come.

A reply is plain text with markers, or the JSON object of ``prompts/structure.json``; which of
them is seen from how it begins, for a server may accept a format and not hold the model to it.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from assistant.errors import MalformedReply, ModelUnavailable
from assistant.prompt import REFUSAL

_OPENS = r"\[［【"
_CLOSES = r"”’」』）)\"。！？!?"
_MARKER = rf"\s*[{_OPENS}][\d\s,，、;；]+[\]］】]"
_STOP = rf"[。！？!?]+[”’」』）)\"]*|(?<=[A-Za-z)”\"）])\.(?=\s|[{_OPENS}])|\n"
# A sentence with the markers behind it; only what follows tells that no other marker comes.
_SENTENCE = re.compile(
    rf"\s*(.*?(?:{_STOP})(?:{_MARKER})*)(?=\s*[^\s{_OPENS}{_CLOSES}])", re.DOTALL
)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
_LAYOUT = re.compile(r"^(?:[-*•·#>]+\s*|\d{1,2}[.、)）]\s*)+|\*\*|__|`")
_LONGEST = 100_000  # characters of a reply; a server that never ends is cut off here
_MOST_SENTENCES = 50
_FENCE = re.compile(r"^\s*(?:```(?:json)?\s*)?")
_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters: no text can hold them
_NOT_AS_AGREED = "语言模型的回答不是约定的格式"


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Cut a reply, plain or structured, into sentences with the markers behind them.

    A sentence of a structured reply is given the numbers in its ``citations`` as markers; an
    object without sentences says that the evidence does not answer.

    Raises:
        MalformedReply: It begins as an object and is not the one agreed on.
        ModelUnavailable: The reply does not come to an end.
    """
    coming = iter(pieces)
    opening = ""
    for piece in coming:
        opening = _THOUGHT.sub("", opening + piece)
        if not _may_be_either(opening) or len(opening) > _LONGEST:
            break
    start = _FENCE.sub("", opening, count=1)
    if not start.startswith("{"):
        yield from split(chain([opening], coming))
        return
    for number, item in enumerate(_items(chain([start], coming))):
        if number == _MOST_SENTENCES:
            raise ModelUnavailable("语言模型的回答长得没有尽头")
        yield from _marked(item)


def in_form(reply: str) -> list[Any]:
    """Return the items of a whole structured reply.

    Raises:
        MalformedReply: It is not the object agreed on.
    """
    return _listed(as_json(reply))


def as_json(reply: str) -> Any:
    """Read the JSON that a whole reply begins with, after thoughts and within code fences.

    Raises:
        MalformedReply: There is none.
    """
    return _whole(_FENCE.sub("", _THOUGHT.sub("", reply), count=1))


def _may_be_either(opening: str) -> bool:
    """Say whether it cannot be told yet from its beginning what a reply is."""
    text = opening.lstrip()
    begun = any(start.startswith(text) for start in ("<think>", "```json"))
    return begun or text.startswith("<think>") or not _FENCE.sub("", text, count=1)


def split(pieces: Iterable[str]) -> Iterator[str]:
    """Cut a reply into sentences with the markers behind them, as soon as each has ended.

    Thoughts (``<think>``) and Markdown's layout are left out.

    Raises:
        ModelUnavailable: The reply does not come to an end.
    """
    rest, length = "", 0
    for piece in pieces:
        length += len(piece)
        if length > _LONGEST:
            raise ModelUnavailable("语言模型的回答长得没有尽头")
        rest = _THOUGHT.sub("", rest + _SURROGATE.sub("", piece))
        if rest.lstrip().startswith("<think>"):
            continue
        while found := _SENTENCE.match(rest):
            yield _LAYOUT.sub("", found[1].strip())
            rest = rest[found.end() :]
    if rest.strip() and not rest.lstrip().startswith("<think>"):
        for line in rest.strip().splitlines():
            yield _LAYOUT.sub("", line.strip())


def _marked(item: Any) -> Iterator[str]:
    """Give each sentence of an item the markers of its citations."""
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        raise MalformedReply(_NOT_AS_AGREED)
    numbers = item.get("citations")
    markers = "".join(f"[{_number(n)}]" for n in numbers) if isinstance(numbers, list) else ""
    yield from (sentence + markers for sentence in split([item["text"]]) if sentence)


def _number(value: Any) -> int:
    """Return a number that a marker can hold; 0, which no evidence has, for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 < value < 100 else 0


def _items(pieces: Iterable[str]) -> Iterator[Any]:
    """Read the items of ``sentences`` as they come; one has ended where the next has begun."""
    text, done = "", 0
    for piece in pieces:
        text += piece
        if len(text) > _LONGEST:
            raise ModelUnavailable("语言模型的回答长得没有尽头")
        if "{" in piece:
            for item in _so_far(text)[done:-1]:
                yield item
                done += 1
    found = _listed(_whole(text))
    yield from found[done:] if found else [{"text": REFUSAL}]


def _so_far(text: str) -> list[Any]:
    """Return the items of an object that is still being written; the last may be incomplete."""
    import jiter  # noqa: PLC0415 (comes with the client: only where a model is configured)

    try:
        value = jiter.from_json(text.encode(), partial_mode=True)
    except ValueError:  # whether it is an object after all shows at its end
        return []
    found = value.get("sentences")
    return found if isinstance(found, list) else []


def _whole(text: str) -> Any:
    """Read the object that a text begins with; models like to say something behind it."""
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError) as error:
        raise MalformedReply(_NOT_AS_AGREED) from error


def _listed(value: Any) -> list[Any]:
    found = value.get("sentences") if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise MalformedReply(_NOT_AS_AGREED)
    return found
