"""When not to answer: a calibrated probability that the answer is there, and what forbids it.

The probability is a logistic regression over a few features, fitted by ``python -m evals
calibrate`` on development questions only; coefficients and threshold stand in ``refusal.json``.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path

from assistant import extract
from assistant.answer import Reason
from assistant.asked import expected, needs_value
from assistant.aspects import Aspect, unstated
from assistant.candidates import Candidate
from assistant.choose import likely
from assistant.question import Query
from assistant.signals import wanted_terms
from corpus import numerals
from index.search import Hit, Searcher
from index.tokens import fold

MODEL = Path(__file__).with_name("refusal.json")
OFF_TOPIC = Path(__file__).with_name("off_topic.txt")
# A smaller margin over what people ask any assistant is off the topic: so 87 % of far development
# questions are, and of answerable ones, were they refused, 9 %.
_OFF_TOPIC = 0.05
# A value that stands this far behind the best sentence belongs to something else. Of everyday
# questions about other laws, 1 % are refused wrongly, and 29 % of those whose clause is gone.
_ELSEWHERE = 0.3
_FAR_BEHIND = 5.0  # a difference of the reader's scores
SAME_THING = 0.3  # share of the question's terms in a sentence that speaks of the same thing

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年|[^\d%元]|$)")

_CHINESE_YEAR = re.compile("[一二][〇○零一二三四五六七八九]{3}(?=年)")


@dataclass(frozen=True)
class Features:
    """What speaks for or against an answer being there; each roughly within 0 to 1.

    Attributes:
        overlap: Share, by rarity, of the question's content terms in the best sentence.
        coverage: The same share found anywhere in the best hits.
        unknown: The same share that no document holds at all.
        dense: Cosine of the best sentence.
        topic: Mean cosine with all that the documents say.
        margin: How much nearer the best sentence is than the nearest off-topic question.
        nearer_terms: How much nearer it is than the ten nearest policy terms of no document.
        above_terms: How far above all those terms it is, in standard deviations over 10.
        nearer_words: ``nearer_terms`` with everyday expressions.
        above_words: ``above_terms`` with everyday expressions.
        lead: Lead of the best hit over the second best of another clause, fused score over 10.
        kind_found: 1 if a sentence of the best hit has the kind of value that is asked for.
        kind_missing: 1 if none of the best hits has it.
        kind_behind: How far the best sentence that has it scores behind the best of all, over 5, at
            most 1.
        score: Score of the best sentence by the reader, over 10.
        rival: How far the second best scores behind it, over 10, negative.
        aspect_missing: 1 if an aspect is asked for (who pays, where to apply) that no sentence
            which would stand in the answer states.
        year_missing: 1 if a year is asked about that none of the best hits names.
        english: 1 for a question in English, whose terms cannot overlap.
    """

    overlap: float
    coverage: float
    unknown: float
    dense: float
    topic: float
    margin: float
    nearer_terms: float
    above_terms: float
    nearer_words: float
    above_words: float
    lead: float
    kind_found: float
    kind_missing: float
    kind_behind: float
    score: float
    rival: float
    aspect_missing: float
    year_missing: float
    english: float


@dataclass(frozen=True)
class Calibration:
    """Fitted coefficients, in the order of ``Features``, and the threshold on the probability."""

    coefficients: tuple[float, ...]
    intercept: float
    threshold: float

    def probability(self, features: Features) -> float:
        """Return the probability, 0 to 1, that the documents answer the question."""
        terms = zip(self.coefficients, astuple(features), strict=True)
        logit = self.intercept + sum(weight * value for weight, value in terms)
        return 1 / (1 + math.exp(-logit))


@lru_cache(maxsize=1)
def off_topic_questions() -> tuple[str, ...]:
    """Return things people ask any assistant: what they resemble is likely off the topic."""
    return tuple(OFF_TOPIC.read_text(encoding="utf-8").split("\n")[:-1])


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    """Return the calibration that ships."""
    values = json.loads(MODEL.read_text(encoding="utf-8"))
    weights = tuple(values["coefficients"][field.name] for field in fields(Features))
    return Calibration(weights, values["intercept"], values["threshold"])


def measure(
    query: Query, hits: Sequence[Hit], candidates: Sequence[Candidate], searcher: Searcher
) -> Features:
    """Measure the features of a question.

    Args:
        query: What is asked.
        hits: Best first, at least one.
        candidates: Their sentences, best first, at least one.
        searcher: Where they were found.
    """
    best = candidates[0]
    terms = wanted_terms(query.text, searcher)
    total = sum(terms.values()) or 1.0
    held = {t for hit in hits[:3] for t in searcher.terms_of(hit)}
    pattern = expected(query.asked, query.own)
    own = [c for c in candidates if c.sentence.hit.number == best.sentence.hit.number]
    rival = next(
        (h for h in hits if h.passage.address.label != hits[0].passage.address.label), None
    )
    dense = max(candidate.sentence.dense for candidate in candidates)
    terms_near, words_near = searcher.standings(query.text, dense)
    return Features(
        overlap=best.overlap,
        coverage=sum(w for t, w in terms.items() if t in held) / total,
        unknown=sum(w for t, w in terms.items() if not searcher.knows(t)) / total,
        dense=dense,
        topic=searcher.topicality(query.text),
        margin=dense - searcher.likeness(query.text, off_topic_questions()),
        nearer_terms=terms_near.nearer,
        above_terms=terms_near.above / 10,
        nearer_words=words_near.nearer,
        above_words=words_near.above / 10,
        lead=(hits[0].score - rival.score) / 10 if rival else 0.0,
        kind_found=float(bool(pattern) and any(c.holds_kind for c in own)),
        kind_missing=float(bool(pattern) and not any(c.holds_kind for c in candidates)),
        kind_behind=min(1.0, extract.behind(candidates) / _FAR_BEHIND) if pattern else 0.0,
        score=best.score / 10,
        rival=(candidates[1].score - best.score) / 10 if len(candidates) > 1 else -1.0,
        aspect_missing=float(bool(missing_aspects(query, candidates))),
        year_missing=float(_names_other_year(query.own, candidates)),
        english=float(query.english),
    )


def decide(query: Query, features: Features) -> tuple[bool, float]:
    """Say whether to answer, and how likely it is, 0 to 1, that the documents answer."""
    threshold = calibration().threshold * leniency(query)
    confidence = calibration().probability(features)
    if barred(query, features):
        confidence = min(confidence, threshold) / 2
    return confidence >= threshold, confidence


def says_too_little(query: Query, features: Features) -> bool:
    """Say whether a refused question may go on with what was talked about before.

    Of 109 labelled follow-ups six were refused and are answered so, and one of 49 far questions,
    each put after another of the same document: 红烧肉怎么做 goes on with nothing.
    """
    likely = calibration().probability(features) * 4 >= calibration().threshold
    return likely and features.margin >= -_OFF_TOPIC and not barred(query, features)


def leniency(query: Query) -> float:
    """Return what the threshold is multiplied by.

    A few elliptical words after an earlier question tell little, but hardly leave its topic.
    """
    return 1 / 3 if _follows_up(query) else 1.0


def barred(query: Query, features: Features) -> bool:
    """Say whether a question is refused however like the documents it is.

    A question for a value is not answered by a sentence that has none, nor by one that has it but
    speaks of something else; nor one about a year by what does not name it; nor one for an aspect
    by sentences that leave it open.
    """
    limit = 1.0 if _follows_up(query) else _ELSEWHERE
    # Of several things asked, only one may want a value.
    single = needs_value(query.asked) and len(query.parts) == 1
    elsewhere = single and (features.kind_missing or features.kind_behind > limit)
    return bool(elsewhere or features.year_missing or features.aspect_missing)


def missing_aspects(query: Query, candidates: Sequence[Candidate]) -> tuple[Aspect, ...]:
    """Return the aspects that a single question asks for and its answer would not state."""
    if len(query.parts) > 1:
        return ()
    found = [candidate.sentence for candidate in likely(candidates)]
    headings = {heading for sentence in found for heading in sentence.hit.passage.address.path}
    return unstated(query.own, "\n".join([*headings, *(sentence.text for sentence in found)]))


def _follows_up(query: Query) -> bool:
    return query.text != query.own


def _names_other_year(question: str, candidates: Sequence[Candidate]) -> bool:
    asked = set(_YEAR.findall(_with_years(fold(question))))
    texts = [_with_years(candidate.sentence.text) for candidate in candidates] if asked else []
    return bool(asked) and not any(year in text for text in texts for year in asked)


def _with_years(text: str) -> str:
    """Write years in digits: 二〇二四年 is 2024年."""
    return _CHINESE_YEAR.sub(lambda m: str(numerals.parse(m[0])), text)


def reason_of(features: Features) -> Reason:
    """Say whether a refused question is off the documents' topic or only not answered there."""
    fitted = calibration()
    far = fitted.probability(features) < fitted.threshold and features.margin < _OFF_TOPIC
    return Reason.OFF_TOPIC if far and features.overlap < SAME_THING else Reason.NOT_IN_DOCUMENT
