"""Asking every question of a set, one after another, and keeping what came back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from evals.cases import Case
from evals.metrics import Response, score
from evals.stats import Group, Latency, aggregate, latency

Ask = Callable[[str, list[dict[str, str]]], dict[str, Any]]
"""Question and earlier turns (`role`, `content`) to the response object of `POST /v1/ask`."""

Progress = Callable[[int, int], None]
"""Called after each question with how many are done, of how many."""


@dataclass(frozen=True)
class Failure:
    """The exception that a question ended in: a fault, and neither answer nor refusal."""

    type: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What one question led to: a response and its figures, or a failure and none."""

    case: Case
    response: Response = field(default_factory=dict)
    scores: Mapping[str, float | None] = field(default_factory=dict)
    latency_ms: float | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Report:
    """Everything a run found, in the order of the questions."""

    outcomes: tuple[Outcome, ...]
    groups: tuple[Group, ...]
    latency: Latency | None

    @property
    def failures(self) -> int:
        """How many questions ended in an exception, and so are in no figure."""
        return sum(outcome.failure is not None for outcome in self.outcomes)


def evaluate(
    cases: Sequence[Case],
    ask: Ask,
    texts: Mapping[str, str],
    progress: Progress | None = None,
) -> Report:
    """Ask all questions and measure the responses.

    Args:
        cases: The questions, asked in this order.
        ask: The system under test.
        texts: Document id to its untouched text, to check the citations against.
        progress: Told after each question, if given.

    Returns:
        The report. An exception of `ask`, or a response against the contract, becomes the failure
        of its question and ends nothing.
    """
    outcomes: list[Outcome] = []
    for case in cases:
        outcomes.append(_outcome(case, ask, texts))
        if progress:
            progress(len(outcomes), len(cases))
    return Report(
        tuple(outcomes),
        aggregate([(outcome.case.type, outcome.scores) for outcome in outcomes]),
        latency([o.latency_ms for o in outcomes if o.latency_ms is not None]),
    )


def _outcome(case: Case, ask: Ask, texts: Mapping[str, str]) -> Outcome:
    history = [{"role": "user", "content": question} for question in case.history]
    try:
        start = perf_counter()
        response = ask(case.question, history)
        elapsed = (perf_counter() - start) * 1000
        return Outcome(case, response, score(case, response, texts), elapsed)
    except Exception as error:  # whatever it is, the other questions are still asked
        return Outcome(case, failure=Failure(type(error).__name__, str(error)))
