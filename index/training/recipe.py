"""The mixture: which streams a run draws from, and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from index.training import data, exchange, lexicon
from index.training.batches import PairStream, Stream, TextStream
from index.training.benchmarks import stard_fit_pairs
from index.training.data import Pair, Source
from index.training.everyday import Everyday, fit_pairs, read_everyday
from index.training.train import Weighted

READING = (
    *(Source(name) for name in ("drcd", "crud_qa", "kdconv", "dureader_demo", "finance_qa")),
    Source("cjrc", 3_000),
    Source("alpaca_zh", 3_000),
)
LEGAL = (Source("lawyer_llama_qa"), Source("lawyer_llama_statute"), Source("lawbench"))
TITLES = (
    *(Source(name) for name in ("xwlb_news", "policy_docs", "policy_guangzhou", "rules_gomate")),
    Source("laws_title", 30_000),
)
PATIENTS = (Source("medical_qa", 6_000), Source("medical_qa2", 3_000))
SAME = (Source("paraphrase", 40_000), Source("triples_simclue_rank"))


@dataclass(frozen=True)
class Inputs:
    """What the streams are made of.

    Attributes:
        shared: The folder of shared data.
        everyday: The folder of everyday terms and questions.
        tokenizer: Cuts every text.
        seed: Of the made questions.
    """

    shared: Path
    everyday: Path
    tokenizer: Tokenizer
    seed: int

    def pairs(self, sources: Iterable[Source]) -> list[Pair]:
        """Return the pairs of several files."""
        return [pair for source in sources for pair in data.read_pairs(self.shared, source)]

    def stream(self, pairs: list[Pair], pool: Sequence[str] = ()) -> Stream:
        """Return a stream of given pairs, with more negatives out of a pool."""
        return PairStream(self.tokenizer, pairs, pool)

    def texts(self, *names: str) -> list[str]:
        """Return the distinct passages of some text sources."""
        return [text for texts in data.read_texts(self.shared, names).values() for text in texts]

    def text_stream(self, *names: str, block: int = 1) -> Stream:
        """Return a stream of parts of texts and their neighbours."""
        return TextStream(self.tokenizer, self.texts(*names), block)

    def rng(self, salt: int) -> np.random.Generator:
        """Return the random numbers of one kind of made questions."""
        return np.random.default_rng((self.seed, salt))

    def thinned(self) -> list[str]:
        """Return 100,000 texts of all kinds, those nearest to policy first."""
        near = self.texts("policy_docs", "policy_guangzhou", "rules_gomate", "xwlb_news")
        return near + self.texts("laws_title")[::4] + self.texts("crud_news")[::4]


def english_questions(inputs: Inputs) -> Stream:
    """Parts of Chinese texts said in English words → the texts."""
    table: dict[str, tuple[str, ...]] = dict(lexicon.read_glosses(inputs.shared))
    table |= {t.policy: t.english for t in lexicon.read_terms(inputs.everyday) if t.english}
    texts = inputs.thinned()
    pairs = exchange.english_pairs([*texts, *texts], table, inputs.rng(1))
    return inputs.stream(pairs)


def reworded(inputs: Inputs) -> Stream:
    """Parts of texts with synonyms and abbreviations in place of their words → the texts."""
    groups = lexicon.read_synonyms(inputs.shared) + lexicon.read_abbreviations(inputs.shared)
    table = {word: [o for o in group if o != word] for group in groups for word in group}
    table = {word: others for word, others in table.items() if len(word) > 1 and others}
    return inputs.stream(exchange.reworded_pairs(inputs.thinned(), table, inputs.rng(2)))


def everyday_words(inputs: Inputs) -> Stream:
    """Everyday words → texts in which the policy term for them stands."""
    terms = lexicon.read_terms(inputs.everyday)
    texts = inputs.thinned()
    return inputs.stream(exchange.everyday_pairs(texts, terms, 40, inputs.rng(3)))


def dictionary(inputs: Inputs) -> Stream:
    """English → Chinese words."""
    return inputs.stream(lexicon.gloss_pairs(inputs.shared))


def synonyms(inputs: Inputs) -> Stream:
    """Words → words of the same meaning, everyday words → policy terms."""
    groups = lexicon.read_synonyms(inputs.shared) + lexicon.read_abbreviations(inputs.shared)
    terms = lexicon.term_pairs(lexicon.read_terms(inputs.everyday))
    return inputs.stream(lexicon.group_pairs(groups) + terms)


def bilingual(inputs: Inputs) -> Stream:
    """English sentences → Chinese ones."""
    pairs = inputs.pairs([Source("bilingual_zh_en")])
    return inputs.stream([Pair(pair.passage[:200], pair.query) for pair in pairs])


def everyday_questions(inputs: Inputs) -> Stream:
    """Everyday questions → clauses, the held-out ones left out."""
    read = read_everyday(inputs.shared, inputs.everyday)
    return inputs.stream(fit_pairs(read), pool(read))


def layperson_questions(inputs: Inputs) -> Stream:
    """STARD's questions → articles, the kept-out fifth left out."""
    read = read_everyday(inputs.shared, inputs.everyday)
    return inputs.stream(stard_fit_pairs(inputs.shared), pool(read))


def pool(read: Everyday) -> list[str]:
    """Return all articles of the laws that everyday questions ask about."""
    return [article for articles in read.articles.values() for article in articles]


MAKERS: Mapping[str, Callable[[Inputs], Stream]] = {
    "news": lambda i: i.text_stream("crud_news"),
    "laws": lambda i: i.text_stream("laws_title"),
    "broadcast": lambda i: i.text_stream("xwlb_news"),
    "policy": lambda i: i.text_stream("policy_docs", "policy_guangzhou", "rules_gomate"),
    "titles": lambda i: i.stream(i.pairs(TITLES)),
    "reading": lambda i: i.stream(data.read_cmrc(i.shared) + i.pairs(READING)),
    "legal": lambda i: i.stream(i.pairs(LEGAL)),
    "patients": lambda i: i.stream(i.pairs(PATIENTS)),
    "abstracts": lambda i: i.stream(i.pairs([Source("csl")])),
    "same": lambda i: i.stream(i.pairs(SAME)),
    "bilingual": bilingual,
    "dictionary": dictionary,
    "synonyms": synonyms,
    "english": english_questions,
    "reworded": reworded,
    "everyday words": everyday_words,
    "everyday": everyday_questions,
    "stard": layperson_questions,
}
"""Stream name → how it is made."""

SHARES: Mapping[str, float] = {
    "news": 0.08,
    "laws": 0.09,
    "broadcast": 0.05,
    "policy": 0.06,
    "titles": 0.05,
    "reading": 0.05,
    "legal": 0.04,
    "patients": 0.015,
    "abstracts": 0.015,
    "same": 0.04,
    "bilingual": 0.06,
    "dictionary": 0.07,
    "synonyms": 0.04,
    "english": 0.11,
    "reworded": 0.03,
    "everyday words": 0.10,
    "everyday": 0.20,
    "stard": 0.04,
}
"""Stream name → share of the steps."""


def mixture(inputs: Inputs, shares: Mapping[str, float] = SHARES) -> list[Weighted]:
    """Make the streams of all shares above 0."""
    return [
        Weighted(name, MAKERS[name](inputs), share) for name, share in shares.items() if share > 0
    ]
