"""Word lists: Chinese–English, synonyms, abbreviations and the everyday words for policy terms."""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.training.data import Pair

ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
LEADING = re.compile(r"^(to|a|an|the|sb|sth) ")
NO_GLOSS = re.compile(r"variant of|surname |abbr\. for|CL:|see also|see |[一-鿿]")


@dataclass(frozen=True)
class Term:
    """A policy term and what people say instead.

    Attributes:
        policy: The words of documents.
        everyday: The words of people, at least one.
        english: English words for it, perhaps none.
    """

    policy: str
    everyday: tuple[str, ...]
    english: tuple[str, ...]


def tsv(path: Path) -> Iterator[list[str]]:
    """Yield the cells of each line of a plain or xz-compressed table."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield line.rstrip("\n").split("\t")


def read_terms(folder: Path) -> list[Term]:
    """Read all ``terms-*.tsv`` and ``phrases-*.tsv`` of the everyday folder, in this order."""
    paths = [path for kind in ("terms", "phrases") for path in sorted(folder.glob(f"{kind}-*.tsv"))]
    rows = (row for path in paths for row in tsv(path))
    cells = ([*row, "", ""][:3] for row in rows if not row[0].startswith("#"))
    return [Term(p.strip(), listed(e), listed(en)) for p, e, en in cells if listed(e) or listed(en)]


def listed(cell: str) -> tuple[str, ...]:
    """Split a cell at its bars, blanks removed."""
    return tuple(word.strip() for word in cell.split("|") if word.strip())


def read_glosses(shared: Path) -> dict[str, tuple[str, ...]]:
    """Return Chinese word → its English words from CC-CEDICT, notes and references left out."""
    glosses: dict[str, list[str]] = {}
    for chinese, english, *_ in tsv(shared / "lexicon" / "cedict_zh_en.tsv.xz"):
        cleaned = [clean_gloss(part) for part in english.split(";")]
        glosses.setdefault(chinese, []).extend(part for part in cleaned if part)
    return {word: tuple(dict.fromkeys(parts)) for word, parts in glosses.items() if parts}


def clean_gloss(gloss: str) -> str:
    """Return one English meaning without notes, articles and "to"; empty if it only refers."""
    if NO_GLOSS.search(gloss):
        return ""
    plain = " ".join(ASIDE.sub(" ", gloss).split()).lower()
    while plain != (plain := LEADING.sub("", plain)):
        pass
    return plain if len(plain.split()) <= 5 else ""


def read_synonyms(shared: Path) -> list[tuple[str, ...]]:
    """Return Cilin's groups of words that mean the same."""
    rows = tsv(shared / "lexicon" / "cilin_groups.tsv.xz")
    return [tuple(row[1:]) for row in rows if row[0].startswith("syn:") and len(row) > 2]


def read_abbreviations(shared: Path) -> list[tuple[str, ...]]:
    """Return (short, full) names."""
    return [tuple(row[:2]) for row in tsv(shared / "lexicon" / "abbrev_full.tsv.xz")]


def gloss_pairs(shared: Path) -> list[Pair]:
    """Return English → Chinese words, one pair for each of a word's first three meanings."""
    glosses = read_glosses(shared)
    return [Pair(english, word) for word, parts in glosses.items() for english in parts[:3]]


def group_pairs(groups: list[tuple[str, ...]]) -> list[Pair]:
    """Return each word of a group with the next one, the last with the first."""
    return [
        Pair(word, group[(place + 1) % len(group)])
        for group in groups
        for place, word in enumerate(group)
    ]


def term_pairs(terms: list[Term]) -> list[Pair]:
    """Return everyday and English words → policy term, and English → everyday words."""
    said = [Pair(word, term.policy) for term in terms for word in (*term.everyday, *term.english)]
    both = [Pair(en, zh) for term in terms for en in term.english for zh in term.everyday[:2]]
    return said + both
