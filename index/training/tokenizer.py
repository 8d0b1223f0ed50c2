"""The tokenizer: a Unigram model learnt over raw text, Chinese and English side by side."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from index.training.batches import Ragged

UNKNOWN = "[UNK]"
CHINESE = 28_000
"""Pieces learnt from Chinese text, digits and signs among them."""
ENGLISH = 12_000
"""Pieces of Latin letters, learnt from English text."""
LONGEST_HAN = 4
"""Longest Chinese piece, in characters: longer ones hide the words that a question shares."""
SHORTEST_STEM = 4
"""Letters of a word's beginning that may stand for the word."""
SURPLUS = 1.4
"""Pieces learnt per piece kept, so that enough remain when the long Chinese ones are dropped."""

Pieces = list[tuple[str, float]]


def blank_tokenizer(model: models.Model) -> Tokenizer:
    """Wrap a model with the normaliser and the splitting that training and use share.

    Text becomes NFKC and lower case; white space is dropped; runs of Han, Latin and digits and
    single signs are never joined, so pieces need no white space around them.
    """
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    runs = Regex(r"\p{Han}+|\p{Latin}+|\p{Nd}+|\p{P}|\p{S}")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(r"\s+"), behavior="removed"),
            pre_tokenizers.Split(runs, behavior="isolated"),
        ]
    )
    return tokenizer


def train_tokenizer(
    chinese: Iterable[str], english: Iterable[str], sizes: tuple[int, int] = (CHINESE, ENGLISH)
) -> Tokenizer:
    """Learn a tokenizer from Chinese and from English texts.

    Each script is learnt by itself. A run holds one script only, so the two never compete for a
    cut, and the small English text gets the pieces it needs.

    Args:
        chinese: Texts of which the pieces without Latin letters are kept.
        english: Texts of which the pieces of Latin letters are kept.
        sizes: How many pieces of either.

    Returns:
        A tokenizer whose id 0 is the unknown piece.
    """
    others = [entry for entry in learn(chinese, sizes[0]) if not is_latin(entry[0])]
    latin = [entry for entry in learn(english, sizes[1]) if is_latin(entry[0])]
    pieces = [(UNKNOWN, 0.0), *best(others, sizes[0] - 1), *best(latin, sizes[1])]
    return blank_tokenizer(models.Unigram(pieces, unk_id=0))


def learn(texts: Iterable[str], size: int) -> Pieces:
    """Learn somewhat more than ``size`` pieces of any script, with their log probabilities."""
    tokenizer = blank_tokenizer(models.Unigram())
    trainer = trainers.UnigramTrainer(
        vocab_size=int(size * SURPLUS),
        unk_token=UNKNOWN,
        special_tokens=[UNKNOWN],
        max_piece_length=16,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    entries: list[tuple[str, float]] = json.loads(tokenizer.to_str())["model"]["vocab"]
    return [(piece, score) for piece, score in entries if piece != UNKNOWN]


def best(pieces: Pieces, size: int) -> Pieces:
    """Keep the ``size`` likeliest pieces, long Chinese ones left out, likeliest first."""
    short = [entry for entry in pieces if len(entry[0]) <= LONGEST_HAN or not is_han(entry[0])]
    return sorted(short, key=lambda entry: (-entry[1], entry[0]))[:size]


def is_han(piece: str) -> bool:
    """Tell whether a piece begins with a Chinese character."""
    return unicodedata.name(piece[0], "").startswith("CJK UNIFIED")


def is_latin(piece: str) -> bool:
    """Tell whether a piece begins with a Latin letter."""
    return unicodedata.name(piece[0], "").startswith("LATIN")


def parts_of_pieces(tokenizer: Tokenizer) -> Ragged:
    """Return for each piece the ids of the shorter pieces in it that carry meaning of their own.

    Returns:
        One row a piece, in order of their ids; empty for single characters and signs.
    """
    pieces: dict[str, int] = tokenizer.get_vocab()
    rows = [
        np.array([pieces[part] for part in inner(piece) if part in pieces], np.int32)
        for piece in sorted(pieces, key=pieces.__getitem__)
    ]
    return Ragged(rows)


def inner(piece: str) -> list[str]:
    """Return what a piece is made of.

    That is the characters of Chinese pieces and the pairs of neighbours in longer ones, and the
    beginnings of Latin ones from four letters on: stems.
    """
    if is_latin(piece):
        return [piece[:length] for length in range(SHORTEST_STEM, len(piece))]
    if len(piece) == 1 or not is_han(piece):
        return []
    return [*piece, *(piece[i : i + 2] for i in range(len(piece) - 1) if len(piece) > 2)]


def save_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Write ``tokenizer.json``, compact: indented, it is twice as large."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path), pretty=False)
