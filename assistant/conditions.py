"""A consequence comes with its own condition, not with that of another clause. Pure."""

from collections.abc import Sequence
from itertools import pairwise

from assistant.alignment import Part, grams_of
from assistant.quotes import Quote
from assistant.shorten import parts


def mixed(laid: Sequence[Part], question: str) -> str:
    """Say whether a sentence gives one clause's consequence to what another speaks of.

    Where parts rest on several statements, what each says must come with its own condition.
    """
    quotes = sorted({part.source.quote for part in laid}, key=lambda q: (q.document_id, q.span))
    by_quote = {part.source.quote: part.source.text for part in laid}
    joined = all(_is_joined(a, b, by_quote[a]) for a, b in pairwise(quotes))
    if len(quotes) < 2 or joined:
        return ""
    asked = grams_of(question)
    for quote in quotes:
        own = [part for part in laid if part.source.quote == quote]
        condition = _condition(own)
        said = set().union(*(grams_of(part.text) for part in own))
        if condition and not condition & said and len(condition & asked) < 2:
            return f"条件与结果出自不同的规定：{own[0].text.strip('，。；')}"
    return ""


def _is_joined(one: Quote, other: Quote, text: str) -> bool:
    """Say whether a semicolon makes one statement of two neighbouring source sentences."""
    near = one.document_id == other.document_id and other.span.start - one.span.end <= 2
    return near and text.endswith(("；", ";"))


def _condition(group: Sequence[Part]) -> set[str]:
    """Return the pairs of characters of the conditions (…的，) before what is rendered."""
    source = group[0].source.text
    pieces = [span.of(source) for span in parts(source)]
    grams = set().union(*(grams_of(part.text) for part in group))
    first = next((i for i, piece in enumerate(pieces) if len(grams & grams_of(piece)) >= 2), 0)
    conditions = [piece for piece in pieces[:first] if piece.endswith(("的，", "的,"))]
    return set().union(*map(grams_of, pieces[:first])) if conditions else set()
