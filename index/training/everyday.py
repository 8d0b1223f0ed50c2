"""Everyday questions and the clauses that they ask about, found in the archive of laws."""

from __future__ import annotations

import json
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path

from index.training.benchmarks import TestSet
from index.training.data import MAX_PASSAGE, Pair

ARTICLE = re.compile(
    r"^[ \t　*#]*第[一二三四五六七八九十百千零〇两\d]+条(?:之[一二三四五六七八九十]+)?[ \t　*]*"
)
HEADING = re.compile(r"^(#|第[一二三四五六七八九十百零\d]+[编章节])")
HELD_OUT = 10
"""Every so many-th everyday question is for choosing, never for training."""


@dataclass(frozen=True)
class Asked:
    """An everyday question and the clause it asks about.

    Attributes:
        question: As people talk.
        source: Path of the law inside the archive.
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
    """Read ``questions-*.jsonl`` and the laws they name, and hold every tenth question out."""
    rows = read_rows(folder)
    texts = read_laws(shared, {row["source"] for _, row in rows})
    articles = {source: split_articles(text) for source, text in texts.items()}
    asked, lost = [], []
    for name, row in rows:
        passage = find_passage(articles.get(row["source"], []), row["starts"])
        if passage:
            asked.append(Asked(row["q"], row["source"], passage))
        else:
            lost.append(f"{name}: {row['q']}")
    held_out = asked[::HELD_OUT]
    fit = [one for place, one in enumerate(asked) if place % HELD_OUT]
    return Everyday(fit, held_out, articles, lost)


def read_rows(folder: Path) -> list[tuple[str, dict[str, str]]]:
    """Return (file name, row) for each line of ``questions-*.jsonl``, in order of the names."""
    return [
        (path.name, json.loads(line))
        for path in sorted(folder.glob("questions-*.jsonl"))
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


def find_passage(articles: list[str], starts: str) -> str:
    """Return the article that begins with ``starts``, or holds it; empty if there is none."""
    wanted = squeezed(starts)
    plain = [(squeezed(article), article) for article in articles]
    exact = (article for bare, article in plain if bare.startswith(wanted))
    inside = (article for bare, article in plain if wanted in bare)
    return next(exact, "") or next(inside, "")


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
