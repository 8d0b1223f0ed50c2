"""Everyday questions and the clauses that they ask about, of laws and of policies."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.training.benchmarks import TestSet
from index.training.data import MAX_PASSAGE, Pair, Source, read_pairs

ARTICLE = re.compile(
    r"^[ \t　*#]*第[一二三四五六七八九十百千零〇两\d]+条(?:之[一二三四五六七八九十]+)?[ \t　*]*"
)
HEADING = re.compile(r"^(#|第[一二三四五六七八九十百零\d]+[编章节])")
HELD_OUT = 10
"""The questions about every so many-th clause are for choosing, never for training."""
POLICIES = "training/"
"""Sources that begin so are paragraphs of policies, in a training file of that name; others are
laws of the archive, or ``MEASURES``."""
MEASURES = "measures"
"""The source of policy measures written for training, in ``measures-*.jsonl`` beside the questions:
``passage`` and the ``questions`` it answers."""


@dataclass(frozen=True)
class Asked:
    """An everyday question and the clause it asks about.

    Attributes:
        question: As people talk.
        source: Path of the law inside the archive, or ``POLICIES`` and the name of a file.
        passage: Text of the clause, at most ``MAX_PASSAGE`` characters.
    """

    question: str
    source: str
    passage: str


@dataclass(frozen=True)
class Everyday:
    """The everyday questions and all articles of the laws that they ask about.

    Attributes:
        fit: Questions to train on.
        held_out: Questions to choose by.
        articles: Law → its articles.
        lost: Questions whose clause was not found, as ``file: question``.
    """

    fit: list[Asked]
    held_out: list[Asked]
    articles: dict[str, list[str]]
    lost: list[str]


def read_everyday(shared: Path, folder: Path) -> Everyday:
    """Read the questions and the texts they name, and hold every tenth clause out."""
    rows = read_rows(folder)
    articles = read_articles(shared, {row["source"] for _, row in rows})
    written = read_measures(folder)
    if written:
        articles[MEASURES] = [row["passage"] for _, row in written]
    rows += [
        (name, {"q": question, "source": MEASURES, "starts": row["passage"]})
        for name, row in written
        for question in row["questions"]
    ]
    bare = {source: [squeezed(text) for text in texts] for source, texts in articles.items()}
    asked, lost = [], []
    for name, row in rows:
        place = find_passage(bare.get(row["source"], []), row["starts"])
        if place is None:
            lost.append(f"{name}: {row['q']}")
        else:
            asked.append(Asked(row["q"], row["source"], articles[row["source"]][place]))
    numbers = {text: n for n, text in enumerate(dict.fromkeys(one.passage for one in asked))}
    held_out = [one for one in asked if numbers[one.passage] % HELD_OUT == 0]
    fit = [one for one in asked if numbers[one.passage] % HELD_OUT]
    return Everyday(fit, held_out, articles, lost)


def read_articles(shared: Path, sources: set[str]) -> dict[str, list[str]]:
    """Read the articles of laws and the paragraphs of policies, by source."""
    policies = sorted(source for source in sources if source.startswith(POLICIES))
    texts = read_laws(shared, sources.difference(policies))
    found = {source: split_articles(text) for source, text in texts.items()}
    for source in policies:
        pairs = read_pairs(shared, Source(source.removeprefix(POLICIES)))
        found[source] = list(dict.fromkeys(pair.passage for pair in pairs))
    return found


def read_rows(folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Return (file name, row) for each line of ``questions-*.jsonl``, in order of the names."""
    return _lines(folder, "questions-*.jsonl")


def read_measures(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return (file name, row) for each line of ``measures-*.jsonl``, in order of the names."""
    return _lines(folder, "measures-*.jsonl")


def _lines(folder: Path, names: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (path.name, json.loads(line))
        for path in sorted(folder.glob(names))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


def read_laws(shared: Path, sources: set[str]) -> dict[str, str]:
    """Read the named members of the archive of laws, sorted; names not in it are left out."""
    texts: dict[str, str] = {}
    with tarfile.open(shared / "benchmarks" / "laws.tar.xz") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if name in sources and (file := archive.extractfile(member)):
                texts[name] = file.read().decode("utf-8")
    return dict(sorted(texts.items()))


def split_articles(text: str) -> list[str]:
    """Return the articles of a law in Markdown, without their numbers.

    Lines before the first article are one entry each, since some texts have no articles.
    """
    entries: list[list[str]] = []
    within = False
    for line in text.splitlines():
        started = ARTICLE.match(line)
        bare = ARTICLE.sub("", line).strip(" \t　")
        if HEADING.match(bare) and not started:
            continue
        if started or not within:
            within = within or bool(started)
            entries.append([bare])
        else:
            entries[-1].append(bare)
    texts = ("\n".join(line for line in lines if line) for lines in entries)
    return [text[:MAX_PASSAGE] for text in texts if text]


def find_passage(articles: Sequence[str], starts: str) -> int | None:
    """Return the place of the article that begins with ``starts``, or holds it.

    Args:
        articles: Without white space.
        starts: The beginning that is sought.

    Returns:
        ``None`` if there is none.
    """
    wanted = squeezed(starts)
    begun = (place for place, article in enumerate(articles) if article.startswith(wanted))
    holding = (place for place, article in enumerate(articles) if wanted in article)
    return next(begun, next(holding, None))


def squeezed(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def held_out_set(everyday: Everyday) -> TestSet:
    """Return the held-out questions over all articles of all laws asked about."""
    passages = list(dict.fromkeys(a for articles in everyday.articles.values() for a in articles))
    place = {passage: number for number, passage in enumerate(passages)}
    gold = [frozenset({place[one.passage]}) for one in everyday.held_out]
    questions = [one.question for one in everyday.held_out]
    return TestSet("everyday", questions, passages, gold, list(range(len(passages))))


def fit_pairs(everyday: Everyday) -> list[Pair]:
    """Return question → clause, each with a neighbouring article of the same law as negative."""
    pairs = []
    for place, one in enumerate(everyday.fit):
        others = [a for a in everyday.articles[one.source] if a != one.passage]
        # A step of a prime walks through the articles without a random number.
        negative = others[place * 7919 % len(others)] if others else ""
        pairs.append(Pair(one.question, one.passage, negative))
    return pairs
