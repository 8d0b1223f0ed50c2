"""Made questions: sentences of documents with their words exchanged for other words.

A sentence stands beside its neighbours; said in everyday words or in English it still belongs
to them. Such pairs teach what no shared word can: 坐月子的钱 meets the text around 生育津贴.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence

import numpy as np

from index.training.batches import SEGMENT
from index.training.data import Pair
from index.training.lexicon import Term

LONGEST = 12
"""Longest word looked up, in characters."""
FRAME = [
    "what",
    "is",
    "the",
    "how",
    "many",
    "are",
    "there",
    "of",
    "in",
    "for",
    "to",
    "a",
    "can",
    "i",
    "do",
    "does",
    "which",
    "who",
    "when",
    "where",
    "is",
    "it",
    "an",
    "on",
    "by",
    "with",
    "if",
    "my",
    "be",
    "will",
    "should",
    "must",
    "need",
    "get",
    "have",
    "from",
    "and",
    "or",
    "under",
    "long",
    "much",
]
"""English words that questions are made of: seen everywhere, they learn to mean nothing."""

Table = Mapping[str, Sequence[str]]
"""Word → words to say instead."""


def words(text: str, table: Container[str]) -> Iterator[str]:
    """Cut a text from the left into the longest words of the table, else characters."""
    place = 0
    while place < len(text):
        for length in range(min(LONGEST, len(text) - place), 0, -1):
            if length == 1 or text[place : place + length] in table:
                yield text[place : place + length]
                place += length
                break


def reworded(text: str, table: Table, chance: float, rng: np.random.Generator) -> str:
    """Exchange each word of the table that stands in the text, with the given chance."""
    parts = [
        pick(table[word], rng) if word in table and rng.random() < chance else word
        for word in words(text, table)
    ]
    return "".join(parts)


def in_english(text: str, table: Table, rng: np.random.Generator) -> str:
    """Gloss a Chinese text word by word, as a question; words without a gloss are left out.

    The order of words is Chinese, which pooling does not see.
    """
    found = [word for word in words(text, table) if len(word) > 1 and word in table]
    glosses = [inflected(pick(table[word], rng), rng) for word in found]
    frame = [pick(FRAME, rng) for _ in range(int(rng.integers(2, 7)))] if glosses else []
    return " ".join(frame + glosses)


def inflected(gloss: str, rng: np.random.Generator) -> str:
    """Put an ending on the gloss now and then: dictionaries hold bare words, questions do not."""
    ending = ("", "", "", "", "", "s", "s", "ed", "ing")[int(rng.integers(9))]
    return gloss[:-1] + ending if ending in ("ed", "ing") and gloss[-1:] == "e" else gloss + ending


def pick(options: Sequence[str], rng: np.random.Generator) -> str:
    """Return one of the options; the first ones, which are the usual ones, more often."""
    return options[int(len(options) * rng.random() ** 2)]


def divided(text: str, rng: np.random.Generator) -> Pair | None:
    """Take one to three neighbouring segments out of a text as the query; None if it has one."""
    parts = SEGMENT.findall(text)
    if len(parts) < 2:
        return None
    length = min(int(rng.integers(1, 4)), len(parts) - 1)
    start = int(rng.integers(len(parts) - length + 1))
    query = "".join(parts[start : start + length])
    # The passage keeps the query's own place half of the time: what is searched is the whole.
    rest = parts if rng.random() < 0.5 else parts[:start] + parts[start + length :]
    return Pair(query, "".join(rest))


def english_pairs(texts: Sequence[str], table: Table, rng: np.random.Generator) -> list[Pair]:
    """Return a glossed part of each text → the text."""
    pairs = (divided(text, rng) for text in texts)
    made = (Pair(in_english(pair.query, table, rng), pair.passage) for pair in pairs if pair)
    return [pair for pair in made if pair.query]


def reworded_pairs(texts: Sequence[str], table: Table, rng: np.random.Generator) -> list[Pair]:
    """Return a part of each text in other words → the text; parts without such words left out."""
    pairs = [pair for text in texts if (pair := divided(text, rng))]
    made = [(pair, reworded(pair.query, table, 0.8, rng)) for pair in pairs]
    return [Pair(query, pair.passage) for pair, query in made if query != pair.query]


def everyday_pairs(
    texts: Sequence[str], terms: Sequence[Term], each: int, rng: np.random.Generator
) -> list[Pair]:
    """Return everyday words (or English ones) → texts with the policy term, ``each`` a term."""
    table = {term.policy: term for term in terms}
    made: list[Pair] = []
    counts = dict.fromkeys(table, 0)
    for row in rng.permutation(len(texts)):
        text = texts[row]
        for word in dict.fromkeys(words(text, table)):
            if word in table and counts[word] < each:
                counts[word] += 1
                made.append(Pair(asked(text, table[word], rng), text))
    return made


def asked(text: str, term: Term, rng: np.random.Generator) -> str:
    """Return the term's everyday or English words, half of the time inside their sentence."""
    options = term.everyday + term.english if rng.random() < 0.3 else term.everyday or term.english
    said = options[int(rng.integers(len(options)))]
    around = next((part for part in SEGMENT.findall(text) if term.policy in part), "")
    inside = said.isascii() or rng.random() < 0.5
    return said if inside else around.replace(term.policy, said)
