"""Sentences in English about a Chinese source: each is held to the Chinese words that it quotes."""

import re
from collections.abc import Sequence

from assistant import wording
from assistant.evidence import Stated
from assistant.figures import figures
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
    fragments = [next(filter(None, match.groups())) for match in QUOTED.finditer(text)]
    chinese = [f for f in fragments if len(re.findall(r"[\u3400-\u9fff]", f)) >= 4]
    if not chinese:
        return (), "英文句子没有附上原文"
    sources = [s for f in chinese for s in stated if bare(f) in bare(s.text)]
    spans = list(dict.fromkeys(source.quote for source in sources))
    if not spans:
        return (), "英文句子所附的原文不在可引用的句子里"
    own = _english_figures(QUOTED.sub(" ", text))
    theirs = {figure.value for f in chinese for figure in figures(f)}
    theirs |= {value / 12 for value in theirs}
    if any(value not in theirs for value in own):
        return (), "英文句子里的数字不在所附的原文里"
    denied = any(map(wording.negations, chinese))
    if bool(_ENGLISH_NOT.search(QUOTED.sub(" ", text))) != denied:
        return (), "英文句子的肯定或否定与原文相反"
    return tuple(spans), ""


_ENGLISH_NOT = re.compile(
    r"\b(?:not|no|never|none|nor|neither|without|cannot|prohibit\w*|forbid\w*|forbidden|ban(?:ned)?"
    r"|exempt\w*|excluded?|unless|abolish\w*|repeal\w*|cancel\w*|revok\w*|longer|instead)\b|n't\b",
    re.IGNORECASE,
)
_WORDS = (
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_ENGLISH_NUMBERS = {word: value for value, word in enumerate(_WORDS, 2)}


def _english_figures(text: str) -> list[object]:
    digits = [figure.value for figure in figures(re.sub(r"\bper ?cent\b", "%", text))]
    words = re.findall("[a-z]+", text.lower())
    return [*digits, *(_ENGLISH_NUMBERS[word] for word in words if word in _ENGLISH_NUMBERS)]
