"""A report as people and programs read it: terminal table, Markdown, JSON."""

import html
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evals.metrics import LONGEST_ANSWER, Response, plain
from evals.run import Outcome, Report
from evals.stats import Estimate

HEADINGS: Mapping[str, str] = {
    "recall@1": "recall@1",
    "recall@5": "recall@5",
    "mrr": "MRR",
    "right": "right",
    "cite_precision": "cite P",
    "cite_recall": "cite R",
    "exact": "exact",
    "wrong_refusal": "wrong refusal",
    "wrong_answer": "wrong answer",
}

_NOTHING = "–"


def to_terminal(report: Report) -> str:
    """The figures in all and by type, then the intervals of all, then latency and failures."""
    means = [["", "n", *HEADINGS.values()], *_rows(report, _mean)]
    everything = report.groups[0].figures
    intervals = [["all", "mean", "95 %", "n"]]
    for name, heading in HEADINGS.items():
        if found := everything.get(name):
            intervals.append([heading, _mean(found), _interval(found), str(found.n)])
    return "\n".join([aligned(means), "", aligned(intervals), "", *_remarks(report)])


def to_markdown(report: Report, title: str) -> str:
    """The figures with their intervals, and every question that went wrong, with what was given."""
    rows = [["", "n", *HEADINGS.values()], *_rows(report, _mean_and_interval)]
    rule = ["---", *["---:"] * (len(rows[0]) - 1)]
    table = [f"| {' | '.join(row)} |" for row in (rows[0], rule, *rows[1:])]
    wrong = [outcome for outcome in report.outcomes if faults(outcome)]
    failed = [f"## Failed questions ({len(wrong)})", *map(_failed, wrong)]
    # No times: the file is kept in the repository and must not change with the machine.
    remarks = ["Brackets hold 95 % bootstrap intervals.", *_failures(report)]
    return "\n\n".join([f"# {title}", "\n".join(table), "\n".join(remarks), *failed]) + "\n"


def to_json(report: Report) -> str:
    """The figures, and of every question what was expected, given and measured."""
    content = {
        "groups": [asdict(group) for group in report.groups],
        "latency_ms": asdict(report.latency) if report.latency else None,
        "failures": report.failures,
        "questions": [_question(outcome) for outcome in report.outcomes],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def faults(outcome: Outcome) -> list[str]:
    """What was wrong with the outcome of a question; nothing if it went well."""
    if outcome.failure:
        return [f"raised {outcome.failure.type}: {outcome.failure.message}"]
    scores = outcome.scores
    found = []
    if scores.get("wrong_refusal") == 1:
        found.append("wrong refusal")
    elif scores.get("right") == 0:
        found.append(_why_not_right(outcome))
    if scores.get("wrong_answer") == 1:
        found.append("wrong answer")
    if scores.get("exact") not in (None, 1):
        found.append("a citation is not in the source")
    return found


def width(text: str) -> int:
    """Columns that a text takes in a terminal: wide and full-width characters take two."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def _why_not_right(outcome: Outcome) -> str:
    answer = plain(outcome.response.get("answer") or "")
    if len(answer) > LONGEST_ANSWER:
        return f"answer of {len(answer)} characters"
    return "lacks " + ", ".join(" | ".join(group) for group in outcome.case.missing_keys(answer))


def _rows(report: Report, cell: Callable[[Estimate | None], str]) -> list[list[str]]:
    return [
        [group.name, str(group.n), *(cell(group.figures.get(name)) for name in HEADINGS)]
        for group in report.groups
    ]


def _mean(found: Estimate | None) -> str:
    return f"{found.mean:.3f}" if found else _NOTHING


def _interval(found: Estimate) -> str:
    return f"{found.low:.3f}–{found.high:.3f}"


def _mean_and_interval(found: Estimate | None) -> str:
    return f"{_mean(found)} [{_interval(found)}]" if found else _NOTHING


def _remarks(report: Report) -> list[str]:
    remarks = []
    if report.latency:
        median, p95 = report.latency.median, report.latency.p95
        remarks.append(f"Latency a question: median {median:.1f} ms, p95 {p95:.1f} ms.")
    return remarks + _failures(report)


def _failures(report: Report) -> list[str]:
    if not report.failures:
        return []
    return [f"{report.failures} of {len(report.outcomes)} questions raised; no figure counts them."]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return a table: columns two spaces apart, the first flush left, the others flush right."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        gaps = [" " * (full - width(cell)) for full, cell in zip(widths, row, strict=True)]
        cells = [
            row[0] + gaps[0],
            *(gap + cell for gap, cell in zip(gaps[1:], row[1:], strict=True)),
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def _failed(outcome: Outcome) -> str:
    case, response = outcome.case, outcome.response
    facts = {
        "asked": " → ".join([*case.history, case.question]),
        "fault": "; ".join(faults(outcome)),
        "given": _given(response),
        "cited": "、".join(_labels(response, "citations")),
        "evidence": "、".join(_labels(response, "evidence")),
        "gold": "、".join(case.clauses),
        "keys": ", ".join(" | ".join(group) for group in case.keys),
    }
    lines = [f"- {name}: {_one_line(fact)}" for name, fact in facts.items() if fact]
    return "\n".join([f"### {_one_line(case.id)} ({case.type})", "", *lines])


def _given(response: Response) -> str:
    refusal = response.get("refusal")
    return f"refusal, {refusal['reason']}" if refusal else response.get("answer") or ""


def _labels(response: Response, key: str) -> list[str]:
    """Labels of the clauses that are listed under `key`, each once, in order."""
    return list(dict.fromkeys(item["clause"]["label"] for item in response.get(key, [])))


def _one_line(text: str) -> str:
    """Text that breaks no Markdown list and is no HTML."""
    return html.escape(" ".join(text.split()), quote=False)


def _question(outcome: Outcome) -> dict[str, Any]:
    response = outcome.response
    return {
        **outcome.case.model_dump(mode="json"),
        "response": {
            "answerable": response.get("answerable"),
            "answer": response.get("answer"),
            "refusal": response.get("refusal") and response["refusal"]["reason"],
            "confidence": response.get("confidence"),
            "cited": _labels(response, "citations"),
            "evidence": [
                {"clause": item["clause"]["label"], "text": item["text"]}
                for item in response.get("evidence", [])
            ],
        },
        "scores": dict(outcome.scores),
        "latency_ms": outcome.latency_ms,
        "failure": asdict(outcome.failure) if outcome.failure else None,
    }
