"""Test sets of the evaluation: questions, passages and which passages answer which question."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.training.data import MAX_PASSAGE, Pair, read_jsonl

KEPT_OUT = 5
"""STARD questions whose id is divisible by this are for choosing, never for training."""


@dataclass(frozen=True)
class TestSet:
    """Questions over a pool of passages.

    Attributes:
        name: For the report.
        questions: What is asked.
        passages: Texts to search.
        gold: For each question, the numbers of the passages that answer it.
        groups: For each passage the number of the unit that is found (a clause of several
            paragraphs is found by its best one); gold holds these numbers.
    """

    name: str
    questions: list[str]
    passages: list[str]
    gold: list[frozenset[int]]
    groups: list[int]


def stard(shared: Path) -> TestSet:
    """Return STARD's kept-out fifth of the train split over all 58,570 articles."""
    rows = [row for row in stard_rows(shared) if row["id"] % KEPT_OUT == 0]
    articles = list(read_jsonl(shared / "benchmarks" / "stard_corpus.jsonl.xz"))
    place = {row["id"]: number for number, row in enumerate(articles)}
    gold = [frozenset(place[i] for i in row["gold"]) for row in rows]
    texts = [str(row["text"]) for row in articles]
    return TestSet("stard", [row["q"] for row in rows], texts, gold, list(range(len(texts))))


def stard_rows(shared: Path) -> list[dict[str, Any]]:
    """Return the rows of STARD's train split."""
    return list(read_jsonl(shared / "benchmarks" / "stard_queries_train.jsonl.xz"))


def stard_fit_pairs(shared: Path) -> list[Pair]:
    """Return question → article for the four fifths of STARD that may be trained on."""
    articles = read_jsonl(shared / "benchmarks" / "stard_corpus.jsonl.xz")
    texts = {row["id"]: str(row["text"])[:MAX_PASSAGE] for row in articles}
    rows = [row for row in stard_rows(shared) if row["id"] % KEPT_OUT]
    return [Pair(row["q"], texts[i]) for row in rows for i in row["gold"]]


def xquad(shared: Path, language: str) -> TestSet:
    """Return XQuAD: questions in ``language`` (zh or en) over the 240 Chinese passages."""
    folder = shared / "benchmarks"
    rows = list(read_jsonl(folder / f"xquad_{language}_queries.jsonl.xz"))
    passages = list(read_jsonl(folder / "xquad_zh_passages.jsonl.xz"))
    place = {row["id"]: number for number, row in enumerate(passages)}
    gold = [frozenset(place[i] for i in row["gold"]) for row in rows]
    texts = [str(row["text"]) for row in passages]
    name = f"xquad {language}→zh"
    return TestSet(name, [row["q"] for row in rows], texts, gold, list(range(len(texts))))


POINT = re.compile(r"^[\s　]*（[一二三四五六七八九十]+）")
CHAPTER = re.compile(r"^[\s　]*([一二三四五六七八九十]+、)")


def paragraphs(text: str) -> list[tuple[str, str]]:
    """Return (clause label, paragraph) for each line of an opinion numbered 一、（一）."""
    label, found = "前言", []
    for line in text.splitlines():
        if match := POINT.match(line) or CHAPTER.match(line):
            label = match.group().strip(" 　")
        if line.strip():
            found.append((label, line.strip(" 　")))
    return found


def policy(shared: Path, questions: Path) -> dict[str, TestSet]:
    """Return the development questions over the Shanghai opinion, by type of question.

    Questions that no clause answers and follow-ups, which need their history, are left out.

    Raises:
        ValueError: ``questions`` is not a development half.
    """
    if not questions.stem.endswith("-dev"):
        raise ValueError(f"{questions}: only development questions are for choosing")
    source = shared / "corpus" / "shanghai-innovation-centre-2015.txt"
    labelled = paragraphs(source.read_text(encoding="utf-8"))
    labels = list(dict.fromkeys(label for label, _ in labelled))
    groups = [labels.index(label) for label, _ in labelled]
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["answerable"] and not row.get("history")]

    def of_type(wanted: Callable[[str], bool], name: str) -> TestSet:
        chosen = [row for row in rows if wanted(row["type"])]
        gold = [frozenset(labels.index(c) for c in row["clauses"] if c in labels) for row in chosen]
        return TestSet(
            name, [r["question"] for r in chosen], [p for _, p in labelled], gold, groups
        )

    types = sorted({row["type"] for row in rows})
    sets = {t: of_type(lambda kind, t=t: kind == t, f"policy {t}") for t in types}  # type: ignore[misc]
    return {"all": of_type(lambda kind: kind != "clause_number", "policy all"), **sets}
