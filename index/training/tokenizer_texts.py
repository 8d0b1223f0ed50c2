"""The texts that the tokenizer is learnt from: a spread over all kinds, with much English."""

from __future__ import annotations

from pathlib import Path

from index.training import data, lexicon
from index.training.everyday import read_rows

TEXTS = {
    "crud_news": 2_000_000,
    "laws_title": 1_500_000,
    "xwlb_news": 800_000,
    "policy_docs": 1_200_000,
    "policy_guangzhou": 1_000_000,
    "rules_gomate": 1_000_000,
}
"""Text source → most characters taken."""
QUESTIONS = {
    "lawyer_llama_qa": 600_000,
    "medical_qa": 200_000,
    "drcd": 400_000,
    "paraphrase": 600_000,
    "csl": 200_000,
}
"""Pair source → most characters taken, half of them queries."""


def tokenizer_texts(shared: Path, everyday: Path) -> tuple[list[str], list[str]]:
    """Return the Chinese and the English texts."""
    texts = data.read_texts(shared, TEXTS)
    chinese = [text for name, limit in TEXTS.items() for text in data.sample(texts[name], limit)]
    for name, limit in QUESTIONS.items():
        pairs = data.read_pairs(shared, data.Source(name))
        chinese += data.sample([pair.query for pair in pairs], limit // 2)
        chinese += data.sample([pair.passage for pair in pairs], limit // 2)
    bilingual = data.read_pairs(shared, data.Source("bilingual_zh_en"))
    chinese += data.sample([pair.query for pair in bilingual], 200_000)
    chinese += [row["q"] for _, row in read_rows(everyday)]
    english = [pair.passage for pair in bilingual]
    english += [pair.query for pair in lexicon.gloss_pairs(shared)]
    return chinese, english
