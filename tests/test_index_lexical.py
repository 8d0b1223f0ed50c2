"""BM25 agrees with its formula."""

import json
import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index.lexical import FILES, LexicalSide
from index.tokens import terms

TEXTS = [
    "引进海外高层次人才。缩短外籍高层次人才永久居留证申办周期。",
    "居住证（B证）有效期限最高延长到10年。",
    "科研人员可以兼职，收益归属团队所得不低于70%。",
    "",
    "人才，人才，还是人才。Talent matters.",
]


def reference(texts: list[str], query: str) -> list[float]:
    """BM25 with Lucene's idf, straight from the formula; k1 1.2, b 0.6."""
    bags = [Counter(terms(text)) or Counter([""]) for text in texts]
    lengths = [bag.total() for bag in bags]
    average = sum(lengths) / len(lengths)
    scores = [0.0] * len(texts)
    for term in terms(query):
        held = sum(term in bag for bag in bags)
        if not held:
            continue
        idf = math.log(1 + (len(texts) - held + 0.5) / (held + 0.5))
        for i, bag in enumerate(bags):
            dampening = 1.2 * (1 - 0.6 + 0.6 * lengths[i] / average)
            scores[i] += idf * bag[term] / (bag[term] + dampening)
    return scores


@pytest.mark.parametrize(
    "query",
    ["人才", "居住證的有效期", "兼职收益70%怎么分", "TALENT 人才 人才", "完全陌生的量子芯片词"],
)
def test_scores_equal_the_formula(query: str) -> None:
    found = LexicalSide.from_texts(TEXTS).scores(query)
    assert found.dtype == np.float32
    assert found == pytest.approx(reference(TEXTS, query), rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("query", ["", "，。", "zzz", "犇"])
def test_without_a_known_term_all_scores_are_zero(query: str) -> None:
    assert LexicalSide.from_texts(TEXTS).scores(query).tolist() == [0.0] * 5


def test_rarity_falls_with_frequency_and_is_the_formulas() -> None:
    side = LexicalSide.from_texts(TEXTS)
    assert side.rarity("人才") == pytest.approx(math.log(1 + 3.5 / 2.5))
    assert side.rarity("兼职") == pytest.approx(math.log(1 + 4.5 / 1.5))
    assert side.rarity("犇") == side.rarity("兼职")  # unknown counts as in one
    assert side.rarity("人才") < side.rarity("兼职")


def test_knows() -> None:
    side = LexicalSide.from_texts(TEXTS)
    assert side.knows("兼职")
    assert not side.knows("犇")


def test_saved_and_loaded_it_scores_the_same(tmp_path: Path) -> None:
    side = LexicalSide.from_texts(TEXTS)
    side.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES)
    loaded = LexicalSide.load(tmp_path, len(TEXTS))
    assert np.array_equal(loaded.scores("海外人才"), side.scores("海外人才"))
    assert loaded.rarity("人才") == side.rarity("人才")


def test_files_of_another_number_of_passages_are_refused(tmp_path: Path) -> None:
    LexicalSide.from_texts(TEXTS).save(tmp_path)
    with pytest.raises(ValueError, match="5 texts for 4 passages"):
        LexicalSide.load(tmp_path, 4)


def test_the_vocabulary_is_written_as_json_not_pickle(tmp_path: Path) -> None:
    LexicalSide.from_texts(TEXTS).save(tmp_path)
    vocabulary = json.loads((tmp_path / "lexical-vocabulary.json").read_text(encoding="utf-8"))
    assert "人才" in vocabulary
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_nothing_to_index_is_refused() -> None:
    with pytest.raises(ValueError, match="no texts"):
        LexicalSide.from_texts([])


def test_one_text_without_terms_is_indexed() -> None:
    assert LexicalSide.from_texts(["，"]).scores("人才").tolist() == [0.0]
