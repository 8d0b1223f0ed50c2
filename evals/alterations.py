"""Good sentences → bad ones, seeded: other figures, clauses, institutions, added facts, …."""

import random
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.verify import MARKERS, strip_markers
from corpus import numerals


@dataclass(frozen=True)
class Sentence:
    """A sentence of a written answer with what it rests on; ``[n]`` is the passage of quote n.

    ``kind`` is ``good`` or the alteration that it went through.
    """

    id: str
    kind: str
    document: str
    question: str
    quotes: tuple[str, ...]
    sentence: str


_NUMBER = re.compile(
    r"\d+(?:\.\d+)?|(?<=百分之)[一二三四五六七八九十]+|(?<!这)[一二三四五六七八九十]+(?=[日年个月元万]|分之)"
)


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    path = Path(__file__).parent / "adversarial" / "alterations.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def alter(good: Sequence[Sentence], seed: int = 7) -> list[Sentence]:
    """Alter every sentence in every way that it lends itself to.

    Args:
        good: Sentences that their passages bear out.
        seed: The same one gives the same sentences.
    """
    rng = random.Random(seed)
    found = []
    for one in good:
        for kind, change in _CHANGES.items():
            for n, text in enumerate(dict.fromkeys(change(one, good, rng))):
                if text != one.sentence:
                    name = f"{one.id}-{kind}-{n + 1}"
                    fields = (one.document, one.question, one.quotes, text)
                    found.append(Sentence(name, kind, *fields))
    return found


def _figure(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    body = MARKERS.sub(lambda m: "\0" * len(m[0]), one.sentence)
    places = list(_NUMBER.finditer(body))
    inside = _NUMBER.findall("".join(one.quotes))
    for place in places:
        new = _other_number(place[0], inside, rng)
        yield one.sentence[: place.start()] + new + one.sentence[place.end() :]
    if len(places) >= 2 and places[0][0] != places[1][0]:
        a, b = places[:2]
        text = one.sentence
        yield text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def _other_number(number: str, inside: Sequence[str], rng: random.Random) -> str:
    others = [n for n in inside if n != number and n.isascii() == number.isascii()]
    if others and rng.random() < 0.5:
        return rng.choice(others)
    value = int(float(number)) if number.isascii() else numerals.parse(number)
    changed = (
        value + rng.choice([-2, -1, 1, 2, 3, 5, 10]) if value > 2 else value + rng.randint(1, 4)
    )
    return str(changed) if number.isascii() else numerals.to_chinese(changed)


def _swap(kind: str) -> Callable[[Sentence, Sequence[Sentence], random.Random], Iterator[str]]:
    def change(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
        pairs = [pair.split("/") for pair in _words()["swaps"][kind]]
        held = [(a, b) for a, b in pairs if re.search(f"{a}(?!的?[，。])", one.sentence)]
        if kind == "strength":  # 可以 that is not the document's own word is no other claim
            held = [(a, b) for a, b in held if any(a in quote for quote in one.quotes)]
        for a, b in rng.sample(held, min(2, len(held))):
            yield re.sub(f"{a}(?!的?[，。])", b, one.sentence, count=1)

    return change


def _marker(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    n = len(one.quotes)
    other = n + rng.randint(1, 3)
    yield MARKERS.sub(f"[{other}]", one.sentence)  # a passage beside it
    yield MARKERS.sub("[29]", one.sentence)  # no passage at all
    yield MARKERS.sub("", one.sentence)


def _clause(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    number = numerals.to_chinese(rng.randint(50, 80))
    yield f"根据第{number}条，{one.sentence}"
    if rng.random() < 0.5:
        body, marker = _cut_marker(one.sentence)
        yield f"{body}（见《关于进一步加强{rng.choice(('人才', '科技'))}工作的通知》）。{marker}"


def _institution(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    held = [name for name in _words()["institutions"] if name in one.sentence]
    if held:
        name = max(held, key=len)
        yield one.sentence.replace(name, rng.choice(_words()["others"]), 1)
        yield one.sentence.replace(
            name, rng.choice([i for i in _words()["institutions"] if i not in held]), 1
        )


def _added(one: Sentence, good: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    body, marker = _cut_marker(one.sentence)
    yield f"{body}，{rng.choice(_words()['facts'])}。{marker}"
    foreign = rng.choice([g for g in good if g.document != one.document])
    piece = re.split("[，。：]", strip_markers(foreign.sentence)[0])
    yield f"{body}，{max(piece, key=len)}。{marker}"


def _quote(one: Sentence, _: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    body, marker = _cut_marker(one.sentence)
    yield f"{body}{rng.choice(_words()['quotes'])}。{marker}"


def _mixed(one: Sentence, good: Sequence[Sentence], rng: random.Random) -> Iterator[str]:
    """Give what one sentence speaks of the consequence of another, of the same document."""
    body, marker = _cut_marker(one.sentence)
    pieces = [p for p in re.split("[，,]", body) if p]
    others = [g for g in good if g.document == one.document and not set(g.quotes) & set(one.quotes)]
    tails = [re.split("[，,]", _cut_marker(g.sentence)[0])[-1] for g in others]
    tails = [tail for tail in tails if len(tail) >= 8]
    if len(pieces) >= 2 and len(pieces[0]) >= 8 and tails:
        yield f"{pieces[0]}，{rng.choice(tails)}。{marker}"


def _cut_marker(sentence: str) -> tuple[str, str]:
    bare, numbers = strip_markers(sentence)
    return bare.rstrip("。"), "".join(f"[{n}]" for n in sorted(numbers))


_CHANGES: dict[str, Callable[[Sentence, Sequence[Sentence], random.Random], Iterator[str]]] = {
    "figure": _figure,
    "bound": _swap("bound"),
    "negation": _swap("negation"),
    "strength": _swap("strength"),
    "direction": _swap("direction"),
    "marker": _marker,
    "clause": _clause,
    "institution": _institution,
    "added": _added,
    "quote": _quote,
    "mixed": _mixed,
}
