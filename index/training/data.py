"""Readers of the shared training data: texts and question → passage pairs.

Everything here yields plain strings, in the order of the files, so that a seeded run sees the
same data in the same order. Nothing reads the benchmarks except ``stard_fit_pairs`` (in
``benchmarks.py``), which gives the four fifths of STARD's train split that may be trained on.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_QUERY = 200
"""Longest query kept, in characters."""
MAX_PASSAGE = 512
"""Longest passage kept, in characters."""


@dataclass(frozen=True)
class Pair:
    """A query and a passage that answers it.

    Attributes:
        query: What is asked, at most ``MAX_QUERY`` characters.
        passage: The text to be found, at most ``MAX_PASSAGE`` characters.
        negative: A text that looks right and is not, or empty.
    """

    query: str
    passage: str
    negative: str = ""


@dataclass(frozen=True)
class Source:
    """One file of pairs and how far it is trusted.

    Attributes:
        name: File name in ``training/`` without its suffix.
        limit: Most pairs taken from it, spread evenly over the file.
    """

    name: str
    limit: int = 1_000_000


TEXT_SOURCES = (
    "crud_news",
    "laws_title",
    "xwlb_news",
    "policy_docs",
    "policy_guangzhou",
    "rules_gomate",
)
"""Files whose passages are read as plain text, without a question."""


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of an xz-compressed or plain JSONL file, in order.

    Raises:
        FileNotFoundError: ``path`` does not exist.
    """
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def training_file(shared: Path, name: str) -> Path:
    """Return the path of one training file below ``shared``."""
    return shared / "training" / f"{name}.jsonl.xz"


def read_pairs(shared: Path, source: Source) -> list[Pair]:
    """Read one source's pairs, thinned evenly to its limit."""
    rows = list(read_jsonl(training_file(shared, source.name)))
    step = max(1, -(-len(rows) // source.limit))
    return [
        Pair(row["q"][:MAX_QUERY], row["p"][:MAX_PASSAGE], row.get("neg", "")[:MAX_PASSAGE])
        for row in rows[::step]
    ]


def read_texts(shared: Path, names: Iterable[str] = TEXT_SOURCES) -> dict[str, list[str]]:
    """Read the distinct passages of each text source, in file order.

    Returns:
        Source name → its passages; one met in an earlier source is left out, and so is one
        that the passage before it ends with (an article without its first sentence).
    """
    seen: set[str] = set()
    texts: dict[str, list[str]] = {}
    for name in names:
        found = dict.fromkeys(str(row["p"]) for row in read_jsonl(training_file(shared, name)))
        pairs = zip(["", *found], found, strict=False)
        texts[name] = [text for last, text in pairs if not (text in seen or last.endswith(text))]
        seen.update(found)
    return texts


def sample(texts: list[str], characters: int) -> list[str]:
    """Return every n-th text, n chosen so that about ``characters`` characters come out."""
    return texts[:: max(1, sum(map(len, texts)) // characters)]


def read_cmrc(shared: Path) -> list[Pair]:
    """Read CMRC 2018's training questions, each with the text around its answer."""
    passages = read_jsonl(training_file(shared, "cmrc2018_train_passages"))
    texts = {row["id"]: str(row["text"]) for row in passages}
    rows = read_jsonl(training_file(shared, "cmrc2018_train_queries"))
    return [
        Pair(row["q"], around(texts[row["gold"][0]], row["answers"][0]["start"])) for row in rows
    ]


def around(text: str, place: int) -> str:
    """Return at most ``MAX_PASSAGE`` characters of a text with ``place`` among them."""
    start = max(0, min(place - MAX_PASSAGE // 2, len(text) - MAX_PASSAGE))
    return text[start : start + MAX_PASSAGE]
