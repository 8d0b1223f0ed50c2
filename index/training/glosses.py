"""A short English word for every common Chinese word of laws and policies.

Our own glosses (``everyday/glosses.tsv``) go before the first sense of CC-CEDICT.

``python -m index.training.glosses --shared ../shared`` writes ``assistant/glosses.tsv``.
"""

import argparse
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from index.training.data import Source, read_pairs

OUT = Path(__file__).parents[2] / "assistant" / "glosses.tsv"
_OWN = Path(__file__).parent / "everyday" / "glosses.tsv"
_SOURCES = (Source("policy_docs"), Source("laws_title", 60_000), Source("policy_guangzhou"))
_COMMON = 12  # times a word must occur in these texts
_LONGEST = 6  # characters of a word
_DROP = re.compile(
    r"^(?:CL:|variant of|see |old variant|surname |abbr\. |used in|\(|also written|erhua)|"
    r"pr\. |[\[\]|]"
)
_ASIDE = re.compile(r"\([^()]*\)")
_NOTE = "# 中文词\tEnglish, first sense; in part from CC-CEDICT (cc-cedict.org), CC BY-SA 4.0\n"


def read_dictionary(shared: Path) -> dict[str, str]:
    """Return word → its first short English sense."""
    found: dict[str, str] = {}
    with lzma.open(shared / "lexicon" / "cedict_zh_en.tsv.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            word, _, senses = line.rstrip("\n").partition("\t")
            gloss = first_sense(senses)
            if gloss and 2 <= len(word) <= _LONGEST:
                found.setdefault(word, gloss)
    return found


def read_own() -> dict[str, str]:
    """Return word → our own gloss of it."""
    lines = _OWN.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


def first_sense(senses: str) -> str:
    """Return the first sense that is a plain word or two; empty if there is none."""
    for sense in re.split(r"[;/]", senses):
        plain = " ".join(_ASIDE.sub(" ", sense).split()).removeprefix("to ").strip(" ,.")
        if plain and not _DROP.search(sense.strip()) and len(plain.split()) <= 4:
            return plain
    return ""


def common(words: Mapping[str, str], texts: Iterable[str]) -> dict[str, str]:
    """Return the words that occur often, cut out of the texts longest first."""
    counts: Counter[str] = Counter()
    for text in texts:
        at = 0
        while at < len(text):
            ends = (n for n in range(_LONGEST, 1, -1) if text[at : at + n] in words)
            length = next(ends, 0)
            if length:
                counts[text[at : at + length]] += 1
            at += length or 1
    return {word: words[word] for word, count in sorted(counts.items()) if count >= _COMMON}


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(prog="python -m index.training.glosses", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    shared = parser.parse_args().shared
    texts = (pair.passage for source in _SOURCES for pair in read_pairs(shared, source))
    kept = dict(sorted((common(read_dictionary(shared), texts) | read_own()).items()))
    lines = (f"{word}\t{gloss}\n" for word, gloss in kept.items())
    OUT.write_text(_NOTE + "".join(lines), encoding="utf-8")
    print(f"{OUT}: {len(kept)} words")


if __name__ == "__main__":
    main()
