"""Sentences about a passage, from close to its words to everyday ones, some with an invention.

What rules and alterations do not reach: how far may a true sentence go from the passage's words,
and is a plausible detail noticed that no rule has put in? Written once, never tuned on as a whole:
of ``graded.jsonl`` the lines of part 1 were looked at, those of part 2 only counted.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.model import Document
from corpus.passages import cut
from evals.alterations import Sentence

FILE = Path(__file__).parent / "adversarial" / "graded.jsonl"
GRADES = {
    "close": ("close",),
    "rephrased": ("rephrased", "invented"),
    "everyday": ("everyday", "invented_everyday"),
}
"""Part → the sentences of a line that it holds: true ones first, then those with an invention."""
_BRACKETS = str.maketrans("", "", "⟦⟧")  # around what is invented


@lru_cache(maxsize=1)
def documents() -> dict[str, Document]:
    """Return each passage as a document of one article, by id, in the order of the file."""
    texts = [f"第一条　{row['passage']}" for row in _rows()]
    made = [Document(id=f"graded-{n:03}", title="规定", text=t) for n, t in enumerate(texts, 1)]
    return {document.id: document for document in made}


def sentences(grade: str, part: int = 0) -> list[Sentence]:
    """Return the sentences of one of ``GRADES``, each citing all that its passage was cut into.

    Args:
        grade: One of ``GRADES``.
        part: 1 for those that were looked at, 2 for those held out; 0 for all.
    """
    true, *invented = GRADES[grade]
    found = []
    for document, row in zip(documents().values(), _rows(), strict=True):
        if part in (0, row["part"]):
            # A quote stands for its passage: its first line is enough.
            quotes = tuple(passage.text.splitlines()[0] for passage in cut(document))
            markers = "".join(f"[{n}]" for n in range(1, len(quotes) + 1))
            for kind, name in [("good", true), *(("invented", name) for name in invented)]:
                text = row[name].translate(_BRACKETS) + markers
                found.append(Sentence(f"{document.id}-{name}", kind, document.id, "", quotes, text))
    return found


def _rows() -> Iterator[dict[str, Any]]:
    return map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
