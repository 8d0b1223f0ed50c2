"""Asking every question of a set and keeping what came back."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from evals.cases import Case
from evals.metrics import Response, score
from evals.stats import Group, Latency, aggregate, latency

Ask = Callable[[Case], dict[str, Any]]
"""A question, with its history and document, to the response object of `POST /v1/ask`."""

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
    jobs: int = 1,
) -> Report:
    """Ask all questions and measure the responses.

    Args:
        cases: The questions.
        ask: The system under test.
        texts: Document id to its untouched text, to check the citations against.
        progress: Told after each question, if given.
        jobs: Questions asked at a time. More than one pays where `ask` waits for a server; latency
            is then that of a loaded system.

    Returns:
        The report, its outcomes in the order of the questions. An exception of `ask`, or a response
        against the contract, becomes the failure of its question and ends nothing.
    """
    outcomes: list[Outcome] = []
    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(lambda case: _outcome(case, ask, texts), cases):
            outcomes.append(outcome)
            if progress:
                progress(len(outcomes), len(cases))
    return Report(
        tuple(outcomes),
        aggregate([(o.case.type, o.case.document, o.scores) for o in outcomes]),
        latency([o.latency_ms for o in outcomes if o.latency_ms is not None]),
    )


def _outcome(case: Case, ask: Ask, texts: Mapping[str, str]) -> Outcome:
    try:
        start = perf_counter()
        response = ask(case)
        elapsed = (perf_counter() - start) * 1000
        return Outcome(case, response, score(case, response, texts), elapsed)
    except Exception as error:  # whatever it is, the other questions are still asked
        return Outcome(case, failure=Failure(type(error).__name__, str(error)))
