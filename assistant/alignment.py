"""A written sentence laid beside its source, stretch by stretch, by what they share. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant import wording
from assistant.evidence import Stated
from assistant.figures import figures, without
from assistant.shorten import parts as _spans

_TITLE = re.compile("《[^《》]*》")  # checked by itself, word for word
_NEARLY = 0.7  # of what another holds: where the figures are weighs more
LEAST = 5  # characters of content; a shorter part is read with its neighbour


@dataclass(frozen=True)
class Part:
    """A stretch of a sentence beside the source sentence it is laid to."""

    text: str
    source: Stated
    covered: float
    own: float
    gap: int
    content: int


def stretches(text: str) -> list[str]:
    """Cut a sentence at its commas; what says too little alone stays with what it follows."""
    cut: list[str] = []
    for piece in (span.of(text) for span in _spans(text)):
        short = cut and (len(_content(piece)) < LEAST or len(_content(cut[-1])) < LEAST)
        if short and not cut[-1].endswith(("；", ";")):
            cut[-1] += piece
        else:
            cut.append(piece)
    return cut


def _content(text: str) -> str:
    """Return what is left of a text without the words that every sentence is made of."""
    return "".join(runs_of(text))


def runs_of(text: str) -> list[str]:
    """Return the runs of characters that say something; figures are compared on their own."""
    bare = re.sub(r"[^\w]+", " ", wording.canonical(without(_TITLE.sub(" ", text)), keep=" "))
    return wording.GLUE.sub(" ", bare).split()


def lay(pieces: Sequence[str], stated: Sequence[Stated]) -> list[Part]:
    """Lay each stretch beside the source sentence that holds most of it.

    Of two that hold as much, the one that holds more of the whole sentence is meant.
    """
    whole = [run for stretch in pieces for run in runs_of(stretch)]
    sources = [(one, wording.canonical(one.whole), wording.canonical(one.said)) for one in stated]
    common = {one.quote: held_by(whole, text)[0] for one, _, text in sources}
    laid = []
    for stretch in pieces:
        runs = runs_of(stretch)
        denies = bool(wording.negations(stretch))
        every = [
            (held_by(runs, full), held_by(runs, text)[0], common[one.quote], one)
            for one, full, text in sources
        ]
        held = _with_figures(stretch, every)
        # Of two that hold it alike the one that denies as it does: 未持…的 or 持用…的.
        (count, gap), own, _, source = max(
            held, key=lambda h: (h[0][0], h[1], denies and bool(wording.negations(h[3].text)), h[2])
        )
        content = sum(map(len, runs))
        share = max(content, 1)
        laid.append(Part(stretch, source, count / share, own / share, gap, content))
    return laid


_Held = tuple[tuple[int, int], int, int, Stated]


def _with_figures(stretch: str, held: Sequence[_Held]) -> Sequence[_Held]:
    """Return the sources that have the figures of a stretch, if they hold nearly as much of it."""
    own = {figure.key for figure in figures(stretch)}
    most = max(h[0][0] for h in held)
    able = [h for h in held if own <= {figure.key for figure in figures(h[3].said)}]
    able = [h for h in able if h[0][0] >= most * _NEARLY]
    return able if own and able else held


def held_by(runs: Sequence[str], source: str) -> tuple[int, int]:
    """Return how many characters of runs a source holds in pairs, and the longest gap."""
    held = longest = 0
    for run in runs:
        covered = [len(run) == 1 and run in source] * len(run)
        for i in range(len(run) - 1):
            if run[i : i + 2] in source:
                covered[i] = covered[i + 1] = True
        held += sum(covered)
        gaps = "".join("x" if not yes else " " for yes in covered).split()
        longest = max([longest, *map(len, gaps)])
    return held, longest


def beside(part: Part) -> str:
    """Return the stretch of the source sentence that a part renders, at commas.

    A part may render several stretches: those that hold what the others do not.
    """
    source = part.source.text
    pieces = [span.of(source) for span in _spans(source)]
    grams = grams_of(part.text)
    chosen: set[int] = set()
    left = set(grams)
    while left:
        gains = [len(left & grams_of(piece)) for piece in pieces]
        best = max(range(len(pieces)), key=lambda i: gains[i])
        if gains[best] < 2 and chosen:
            break
        chosen.add(best)
        left -= grams_of(pieces[best])
        if not gains[best]:
            break
    for span in _spans(part.text):
        own = grams_of(span.of(part.text))
        chosen.add(max(range(len(pieces)), key=lambda i: len(own & grams_of(pieces[i]))))
    return "".join(pieces[i] for i in sorted(chosen)) or source


def grams_of(text: str) -> set[str]:
    """Return the pairs of neighbouring characters that say something."""
    return {run[i : i + 2] for run in runs_of(text) for i in range(max(1, len(run) - 1))}


def nearest_pieces(piece: str, source: Stated) -> list[str]:
    """Return the pieces of the source that share most with a piece, nearest first; ties too."""
    grams = grams_of(piece)
    pieces = [span.of(source.text) for span in _spans(source.text)]
    shared = [len(grams & grams_of(other)) for other in pieces]
    order = sorted(range(len(pieces)), key=lambda i: -shared[i])
    return [pieces[i] for i in order if shared[i] >= shared[order[0]] - 1]
