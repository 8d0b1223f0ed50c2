"""Answers that a language model writes beside those that are quoted, over the same questions."""

from collections.abc import Sequence
from dataclasses import dataclass

from evals.metrics import Response
from evals.report import HEADINGS, aligned
from evals.run import Report


@dataclass(frozen=True)
class Written:
    """What became of what a model wrote.

    Attributes:
        asked: Questions that the model was asked; others were refused or looked up before.
        written: Of these answered in its words.
        refused: Of these it found no answer to.
        sentences: Sentences it wrote.
        unsupported: Of these not borne out by their evidence, and so not shown.
        notes: Why answers were quoted instead, and how often.
    """

    asked: int
    written: int
    refused: int
    sentences: int
    unsupported: int
    notes: tuple[tuple[str, int], ...]


def account(report: Report) -> Written:
    """Count what became of a model's sentences in a run."""
    responses = [o.response for o in report.outcomes if _was_written(o.response)]
    generations = [response["generation"] for response in responses]
    quoted = [r["generation"]["note"] for r in responses if r["mode"] == "extractive"]
    counts = sorted(((note, quoted.count(note)) for note in set(quoted)), key=lambda n: -n[1])
    modes = [(r["mode"] == "generative", bool(r["answerable"])) for r in responses]
    return Written(
        asked=len(responses),
        written=modes.count((True, True)),
        refused=modes.count((True, False)),
        sentences=sum(g["sentences"] for g in generations),
        unsupported=sum(g["dropped"] for g in generations),
        notes=tuple(counts),
    )


def _was_written(response: Response) -> bool:
    """Say whether a model was asked to write, and not only to put the question differently."""
    generation = response.get("generation") or {"prompt": "rewrite@"}
    return not generation["prompt"].startswith("rewrite@")


def side_by_side(quoted: Report, written: Report) -> str:
    """Write the figures of both ways of answering, then the account of the model."""
    rows: list[Sequence[str]] = [["all", "quoted", "written"]]
    for name, heading in HEADINGS.items():
        both = [report.groups[0].figures.get(name) for report in (quoted, written)]
        if any(both):
            rows.append([heading, *(f"{found.mean:.3f}" if found else "–" for found in both)])
    found = account(written)
    share = found.unsupported / found.sentences if found.sentences else 0.0
    lines = [
        f"The model was asked {found.asked} of {len(written.outcomes)} questions: "
        f"{found.written} answered in its words, {found.refused} refused by it.",
        f"Unsupported sentences, not shown: {found.unsupported}/{found.sentences} ({share:.3f}).",
        *(f"Quoted instead, {count} times: {note}" for note, count in found.notes),
    ]
    return "\n".join([aligned(rows), "", *lines])
