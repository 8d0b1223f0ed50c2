"""The heart of written answers: a sentence is shown only if the passages that it cites bear it out.

A sentence is cut at its commas; each part is laid beside the sentence of the cited passages that
it shares most with, and is held to it: its words, its figures in order, what it denies, who acts.
Pure: the same sentence and evidence have the same verdict.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant import agreement, conditions, denial, english, institutions, verbatim, wording
from assistant.alignment import (
    LEAST,
    Part,
    grams_of,
    held_by,
    lay,
    nearest_pieces,
    runs_of,
    stretches,
)
from assistant.evidence import Numbered, Stated
from assistant.figures import figures
from assistant.quotes import Quote
from assistant.shorten import parts

Likeness = Callable[[str, Sequence[str]], Sequence[float]]
"""Cosines of a text with other texts, each -1 to 1."""

MARKERS = re.compile(r"\s*[\[［【]\s*(\d{1,2}(?:\s*[,，、;；]\s*\d{1,2})*)\s*[\]］】]")
_VERDICT = re.compile("^(?:[^，,。：:！；]{1,6}[，,！]|[^，,。：:！；]{1,10}[：:])")
_YES = re.compile(
    "^(?:一般|通常)?(?:是|一样|可以|能|会|行|允许|需要|有|对|应当|应该|必须|支持|鼓励|要)"
)
_NO = re.compile("^(?:一般|通常)?(?:不|没有?|无)")
_BESIDES = re.compile("除了?(?!外[，,])(?=[^，。；]{1,40}[，,][^。；，,]{0,30}(?:还|也|另))")
_RATIO = re.compile(r"(?<=\d)[:：](?=\d)")  # 1:3 is no break
_LABEL = 2  # characters that only name a figure
_SHORT = 3  # characters that open a sentence and claim nothing themselves
_FRAME = 5  # characters that announce what follows: 不过要满足三个条件：
_SHORT_CLAIM = 8  # characters of which likeness alone can judge
_CONDITION = re.compile("[的时后][，,]$")
_MOST_SUPPORTS = 4


@dataclass(frozen=True)
class Limits:
    """How much of a sentence must be in its source; fitted by ``python -m evals adversarial``.

    Attributes:
        covered: Least share of the content characters of a part that its source sentence holds.
        gap: Most content characters in a row that it does not hold.
        alike: Cosine from which a part may be covered by ``loose`` only.
        loose: Least share then.
        own: Least share that the source sentence itself holds, its headings left out.
        whole: Least share of the content of the whole sentence.
        near: Cosine with a stretch of the source from which a paraphrase needs no shared words.
    """

    covered: float = 0.5
    gap: int = 5
    alike: float = 0.65
    loose: float = 0.4
    own: float = 0.4
    whole: float = 0.6
    near: float = 0.45


LIMITS = Limits()


@dataclass(frozen=True)
class Checked:
    """A sentence after checking.

    Attributes:
        text: Without markers, quotations set right.
        quotes: What supports it, in the order of its parts; empty if it fails.
        fault: Why it fails, for people; empty if it holds.
    """

    text: str
    quotes: tuple[Quote, ...] = ()
    fault: str = ""


def check(
    sentence: str,
    evidence: Sequence[Numbered],
    question: str = "",
    likeness: Likeness | None = None,
    limits: Limits = LIMITS,
) -> Checked:
    """Check one sentence of a written answer against the evidence that it cites.

    Args:
        sentence: With its markers ``[n]``.
        evidence: All that the answer may cite.
        question: What was asked: what it speaks of may be left unsaid.
        likeness: By which a paraphrase is recognised; by its characters alone unless given.
        limits: How much must be in the source.
    """
    bare, numbers = strip_markers(sentence)
    cited = [item for item in evidence if item.number in numbers]
    if not numbers:
        return Checked(bare, fault="没有标出依据")
    if len(cited) < len(numbers):
        return Checked(bare, fault="标出的依据不存在")
    stated = [one for item in cited for one in item.stated]
    if not stated:
        return Checked(bare, fault="依据里没有可引用的句子")
    text, fault = verbatim.with_exact_quotes(bare, cited)
    fault = fault or verbatim.foreign_label(text, cited)
    if fault:
        return Checked(text, fault=fault)
    if english.is_english(text):
        quotes, fault = english.support(text, stated)
        return Checked(text, quotes[:_MOST_SUPPORTS], fault)
    return _check_chinese(text, stated, question, likeness, limits)


def strip_markers(sentence: str) -> tuple[str, set[int]]:
    """Return a sentence without its markers, and the numbers in them."""
    found = [marker[1] for marker in MARKERS.finditer(sentence)]
    numbers = {int(n) for text in found for n in re.findall(r"\d+", text)}
    return MARKERS.sub("", sentence).strip(), numbers


def _check_chinese(
    text: str,
    stated: Sequence[Stated],
    question: str,
    likeness: Likeness | None,
    limits: Limits,
) -> Checked:
    verdict, body = _opening(text)
    claimed, disclaimed = wording.without_disclaimer(body)
    laid = lay(stretches(_RATIO.sub("∶", _BESIDES.sub("", claimed))), stated)
    if disclaimed and any(wording.must(part.source.text) for part in laid):
        return Checked(text, fault=f"“{disclaimed}”超出了依据")
    fault = (
        _uncovered(laid, stated, question, likeness, limits)
        or agreement.wrong_figures(laid)
        or denial.reversed_part(laid)
        or _overclaims(laid, stated)
        or _foreign_institution(body, laid, question)
        or conditions.mixed(laid, question)
    )
    if fault:
        return Checked(text, fault=fault)
    sources = list(dict.fromkeys(part.source.quote for part in laid))
    # What cannot be told from the source is not said; the rest of the sentence stands by itself.
    shown = text if _is_borne_out(verdict, laid) else body
    return Checked(shown, tuple(sources[:_MOST_SUPPORTS]))


def _opening(text: str) -> tuple[str, str]:
    """Split off a short 可以， or 不会， before what the clause says."""
    found = _VERDICT.match(text)
    if not found or len(text) - found.end() < LEAST:
        return "", text
    claims = bool(_YES.match(text) or _NO.match(text))
    if not claims and (found.end() > _SHORT or not runs_of(found[0])):  # 同时，
        return "", text
    return found[0], text[found.end() :]


def _is_borne_out(verdict: str, laid: Sequence[Part]) -> bool:
    """Say whether an opening word agrees with what the source denies or not."""
    if not verdict:
        return True
    if len(verdict) > 4 or not _COMMONPLACE.match(verdict):
        return False
    denied = any(
        wording.negations(part.text) and not part.text.endswith(("的，", "的,")) for part in laid
    )
    return denied == bool(_NO.match(verdict))


_COMMONPLACE = re.compile(
    "(?:不?可以|不?能|不?会|不?行|不?允许|不?需要|不?用|不必|有|没有|是|是的|不是|不?要|不?得)[，,：:！]"
)


def _uncovered(
    laid: Sequence[Part],
    stated: Sequence[Stated],
    question: str,
    likeness: Likeness | None,
    limits: Limits,
) -> str:
    source = [span.of(one.text) for one in stated for span in parts(one.text)]
    for n, part in enumerate(laid):
        pieces = [span.of(part.text) for span in parts(part.text)]
        open_ = [
            piece
            for m, piece in enumerate(pieces)
            if not (n == m == 0 and _announces(piece))
            and not _is_near(piece, source, likeness, limits)
        ]
        if open_ and not _covers(part, question, likeness, limits):
            return f"依据里没有：{part.text.strip('，。；,;')}"
        for piece in open_:
            runs = runs_of(piece)
            if sum(map(len, runs)) <= _LABEL and figures(piece):  # 保额500万元: the figure is held
                continue
            nearest = _nearest_source(piece, part, stated).whole
            held, _ = held_by(runs, wording.canonical(f"{nearest}\n{question}"))
            if held * 3 < sum(map(len, runs)) or (runs and not held):
                return f"依据里没有：{piece.strip('，。；,;')}"
    total = sum(part.content for part in laid) or 1
    if sum(part.covered * part.content for part in laid) / total < limits.whole:
        return "与依据的措辞相差太远"
    return ""


def _covers(part: Part, question: str, likeness: Likeness | None, limits: Limits) -> bool:
    """Say whether a source sentence holds enough of the words of a part."""
    asked, gap = held_by(runs_of(part.text), wording.canonical(f"{part.source.whole}\n{question}"))
    covered = asked / max(part.content, 1)
    near = covered >= limits.loose and _alike(part, likeness) >= limits.alike
    return part.own >= limits.own and gap <= limits.gap and (covered >= limits.covered or near)


def _announces(piece: str) -> bool:
    """Say whether the first words of a sentence only lead to what follows, and claim nothing."""
    claims = wording.negations(piece) or institutions.named(piece) or wording.stakes(piece)
    return sum(map(len, runs_of(piece))) <= _FRAME and not claims and not _CONDITION.search(piece)


def _is_near(piece: str, source: Sequence[str], likeness: Likeness | None, limits: Limits) -> bool:
    """Say whether a stretch of the source says in other words what a piece does."""
    short = sum(map(len, runs_of(piece))) <= _SHORT_CLAIM
    if not (likeness and source and short) or institutions.named(piece) or wording.stakes(piece):
        return False
    return max(likeness(piece, source)) >= limits.near


def _alike(part: Part, likeness: Likeness | None) -> float:
    return likeness(part.text, [part.source.text])[0] if likeness else 0.0


def _overclaims(laid: Sequence[Part], stated: Sequence[Stated]) -> str:
    whole = "".join(part.text for part in laid)
    choice = bool(_CHOICE.search(whole))
    for part in laid:
        for piece in (span.of(part.text) for span in parts(part.text)):
            source = _nearest_source(piece, part, stated)
            near = nearest_pieces(piece, source)
            word = wording.claims_more(piece, near, source.whole)
            if word and not (word == "可以" and choice and _CHOICES.search(source.text)):
                return f"“{word}”超出了依据"
            if actor := institutions.other_actor(piece, near):
                return f"依据里不是由它：{actor}"
    return ""


# 可以是甲，也可以是乙 leaves a choice where the source says 甲、乙等方式 or 甲或者乙.
_CHOICE = re.compile("可以[^。]*也可以|也可以(?:通过|采用|采取)|之一[，,]也?可以?")
_CHOICES = re.compile("或|等(?:方式|形式|途径|办法|措施)")


def _nearest_source(piece: str, part: Part, stated: Sequence[Stated]) -> Stated:
    """Return the cited sentence that a short piece, read with its neighbour, is nearest to."""
    grams = grams_of(piece)
    own = {figure.key for figure in figures(piece)}
    all_ = (part.source, *stated)
    able = [one for one in all_ if own <= {figure.key for figure in figures(one.said)}]
    return max(
        able or all_,
        key=lambda one: (len(grams & grams_of(one.text)), one is part.source),
    )


def _foreign_institution(text: str, laid: Sequence[Part], question: str) -> str:
    sources = "\n".join(part.source.whole for part in laid)
    before = "\n".join(part.source.before for part in laid)
    name = institutions.unknown_institution(text, sources, before, question)
    return f"依据里没有这个机构：{name}" if name else ""
