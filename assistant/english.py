"""Sentences in English about a Chinese source: each is held to the Chinese words that it quotes."""

import re
from collections.abc import Sequence
from fractions import Fraction

from assistant import wording
from assistant.evidence import Stated
from assistant.figures import Figure, figures
from assistant.quotes import Quote
from assistant.verbatim import QUOTED, bare


def is_english(text: str) -> bool:
    """Say whether a sentence is written in English, whatever Chinese it quotes."""
    unquoted = QUOTED.sub("", text)
    chinese = len(re.findall(r"[\u3400-\u9fff]", unquoted))
    return len(re.findall("[A-Za-z]", unquoted)) > 2 * chinese


def support(text: str, stated: Sequence[Stated]) -> tuple[tuple[Quote, ...], str]:
    """Hold a sentence in English to the Chinese words that it quotes.

    Nothing of English is found in a Chinese source, so each sentence must quote the words it
    renders; then its figures must be theirs.

    Returns:
        The source sentences that are quoted, and why the sentence fails; nothing if it holds.
    """
    if foreign := _unquoted(text, stated):
        return (), f"英文句子里的中文不是原文：{foreign}"
    fragments = [next(filter(None, match.groups())) for match in QUOTED.finditer(text)]
    chinese = [f for f in fragments if len(re.findall(r"[\u3400-\u9fff]", f)) >= 4]
    if not chinese:
        return (), "英文句子没有附上原文"
    sources = [s for f in chinese for s in stated if bare(f) in bare(s.text)]
    spans = list(dict.fromkeys(source.quote for source in sources))
    if not spans:
        return (), "英文句子所附的原文不在可引用的句子里"
    said = _ARTICLE.sub(" ", QUOTED.sub(" ", text))
    if not _has_their_figures(said, [figure for f in chinese for figure in figures(f)]):
        return (), "英文句子里的数字不在所附的原文里"
    denied = any(map(wording.negations, chinese))
    for pattern in _BOUNDS.values():
        said = pattern.sub(" ", said)
    if bool(_ENGLISH_NOT.search(said)) != denied:
        return (), "英文句子的肯定或否定与原文相反"
    return tuple(spans), ""


def _has_their_figures(said: str, stated: Sequence[Figure]) -> bool:
    """Say whether the figures of an English sentence are those it quotes, as bounded."""
    theirs = {figure.value for figure in stated}
    theirs |= {value / 12 for value in theirs}
    bounds = {figure.bound for figure in stated}
    as_bounded = all(
        not pattern.search(said) or not bounds or bound in bounds
        for bound, pattern in _BOUNDS.items()
    )
    return as_bounded and all(value in theirs for value in _english_figures(said))


def _unquoted(text: str, stated: Sequence[Stated]) -> str:
    """Return Chinese words outside quotation marks that the sources do not hold."""
    runs = re.findall(r"[\u3400-\u9fff]{2,}", QUOTED.sub(" ", text))
    return next((run for run in runs if not any(run in one.whole for one in stated)), "")


_ARTICLE = re.compile(r"\b(?:article|chapter|paragraph|section|item)s?\s+\d+", re.IGNORECASE)
_BOUNDS = {
    "least": re.compile(r"\bnot? (?:be )?(?:less|fewer|lower) than\b|\bat least\b", re.IGNORECASE),
    "most": re.compile(
        r"\bnot? (?:be )?(?:more|later|higher) than\b|\bnot exceed\w*|\bat most\b", re.IGNORECASE
    ),
}
_ENGLISH_NOT = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|prohibit\w*|forbid\w*|forbidden|ban(?:ned)?"
    r"|exempt\w*|excluded?|unless|abolish\w*|repeal\w*|cancel\w*|revok\w*|longer|instead|refus\w*|fail\w*|lack\w*|unable)\b|n't\b",
    re.IGNORECASE,
)
_UNITS = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    "|sixteen|seventeen|eighteen|nineteen"
)
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL = {word: n for n, word in enumerate(_UNITS.split("|"))} | {
    word: 10 * n for n, word in enumerate(_TENS.split("|"), 2)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_NUMBER_WORDS = "|".join((*_SMALL, *_SCALES))
_SPELT = re.compile(
    rf"\b(?:{_NUMBER_WORDS})\b(?:(?:[\s-]+|(?<=hundred)\s+and\s+)(?:{_NUMBER_WORDS})\b)*",
    re.IGNORECASE,
)
_FRACTIONS = {"half": Fraction(1, 2), "third": Fraction(1, 3), "quarter": Fraction(1, 4)}
_FRACTION = re.compile(r"\b(?:one|a)[\s-]+(half|third|quarter)\b", re.IGNORECASE)
# One of something counts nothing: one of them, no one.
_ONE = re.compile(r"\bone\b(?![\s-]+(?:year|month|week|day|hour|person|per|time))", re.IGNORECASE)


def _english_figures(text: str) -> list[Fraction]:
    """Return the figures of a text, spelt or in digits, without their units."""
    shares = [_FRACTIONS[found[1].lower()] for found in _FRACTION.finditer(text)]
    bare = _FRACTION.sub(" ", text)
    spelt = [_spelt(found[0]) for found in _SPELT.finditer(bare) if not _ONE.fullmatch(found[0])]
    digits = re.sub(r"\bper ?cent\b", "%", _SPELT.sub(" ", bare))
    return [*shares, *spelt, *(figure.value for figure in figures(digits))]


def _spelt(words: str) -> Fraction:
    """Return the number that English words spell: two thousand and five hundred → 2500."""
    total = current = 0
    for word in re.findall("[a-z]+", words.lower()):
        if word in _SMALL:
            current += _SMALL[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return Fraction(total + current)
