"""A second opinion: a model judges each answer by the quotes that hold the gold answer.

A model's judgement is no measurement: beside it stands how far it agrees with the keys, and the
prompt that it was given. Questions that were refused, or have no quote, are not judged.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import MalformedReply
from corpus.errors import TiaowenError
from evals.cases import QuestionSetError
from evals.metrics import plain
from evals.report import aligned
from evals.run import Outcome, Report

if TYPE_CHECKING:
    from assistant.llm import Message, OpenAIModel

PROMPT = Path(__file__).parent / "prompts" / "judge.txt"
Verdict = Literal["right", "partly", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
_NO_FORM = "the reply is not the JSON object asked for"


class Opinion(BaseModel):
    """What the judge replies: strictly this object."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: Verdict
    reason: str


@dataclass(frozen=True)
class Judged:
    """The judgement of one answer, or why there is none.

    Attributes:
        case: Id of the question.
        by_keys: Whether the answer holds the keys; ``None`` for a question without.
        opinion: The judge's; ``None`` if it failed.
        failure: Why it failed, in one sentence; empty if it did not.
    """

    case: str
    by_keys: bool | None
    opinion: Opinion | None = None
    failure: str = ""


@dataclass(frozen=True)
class Agreement:
    """How far judge and keys say the same of ``n`` answers: right, or not (partly, wrong).

    ``kappa`` is Cohen's, from -1 to 1; ``None`` where both say the same of every answer, so that
    agreement by chance cannot be told from it.
    """

    n: int
    accuracy: float
    kappa: float | None


@dataclass(frozen=True)
class Judgement:
    """All judgements of a run, with the prompt and the model that they come from."""

    model: str
    served: str
    prompt: str
    items: tuple[Judged, ...]

    @property
    def version(self) -> str:
        """Name of the prompt; changes with its text."""
        return f"{PROMPT.stem}@{hashlib.sha256(self.prompt.encode()).hexdigest()[:8]}"

    @property
    def failures(self) -> Counter[str]:
        """Why there is no judgement, and how often."""
        return Counter(item.failure for item in self.items if item.failure)

    @cached_property
    def counts(self) -> Counter[tuple[Verdict, bool | None]]:
        """How often the judge said what of answers of which the keys say what."""
        return Counter((i.opinion.verdict, i.by_keys) for i in self.items if i.opinion)

    @cached_property
    def agreement(self) -> Agreement | None:
        """How far judge and keys agree; ``None`` if they have no answer in common."""
        from sklearn.metrics import accuracy_score, cohen_kappa_score  # noqa: PLC0415 (heavy)

        pairs = [(verdict == "right", keys) for verdict, keys in self.counts.elements()]
        both = [(judge, keys) for judge, keys in pairs if keys is not None]
        if not both:
            return None
        judge, keys = (list(column) for column in zip(*both, strict=True))
        varied = len({*judge, *keys}) > 1
        kappa = float(cohen_kappa_score(judge, keys)) if varied else None
        return Agreement(len(both), float(accuracy_score(keys, judge)), kappa)


@contextmanager
def open_judge() -> "Iterator[OpenAIModel]":
    """Open the model that the settings name for judging.

    Raises:
        QuestionSetError: They name none.
        BadSettings: They name it wrongly, or its client is not installed.
    """
    from assistant.llm import OpenAIModel  # noqa: PLC0415
    from assistant.settings import Settings  # noqa: PLC0415

    settings = Settings.from_environ(os.environ).judge()
    if settings.llm_base_url is None:
        raise QuestionSetError(
            "--judge needs TIAOWEN_JUDGE_BASE_URL and TIAOWEN_JUDGE_MODEL, or those of --llm."
        )
    with closing(OpenAIModel(settings)) as model:
        yield model


def judge(report: Report, model: "OpenAIModel", jobs: int = 1) -> Judgement:
    """Ask for a judgement of every answer to a question that has quotes.

    Args:
        report: The run whose answers are judged.
        model: The judge.
        jobs: Answers judged at a time.

    Returns:
        The judgements in the order of the questions. A judge that is down or answers anything but
        the object asked for is a failure of that judgement and ends nothing.
    """
    rules = PROMPT.read_text(encoding="utf-8")
    chosen = [o for o in report.outcomes if o.case.quotes and o.response.get("answerable")]
    with ThreadPoolExecutor(jobs) as pool:
        items = tuple(pool.map(lambda outcome: _judged(outcome, model, rules), chosen))
    return Judgement(model.name, model.served, rules, items)


def _judged(outcome: Outcome, model: "OpenAIModel", rules: str) -> Judged:
    from assistant.llm import Structure  # noqa: PLC0415 (only where there is a judge)
    from assistant.reply import as_json  # noqa: PLC0415

    right = outcome.scores.get("right")
    by_keys = None if right is None else right == 1
    messages = _messages(outcome, rules)
    try:
        wanted = Structure(messages, Opinion.model_json_schema())
        reply = "".join(model.complete_structured(messages, wanted))
        opinion = Opinion.model_validate(as_json(reply))
    except (ValidationError, MalformedReply):
        model.distrust_structure()
        return Judged(outcome.case.id, by_keys, failure=_NO_FORM)
    except TiaowenError as error:
        return Judged(outcome.case.id, by_keys, failure=str(error))
    return Judged(outcome.case.id, by_keys, opinion)


def _messages(outcome: Outcome, rules: str) -> "list[Message]":
    case = outcome.case
    parts = {
        "问题": " → ".join([*case.history, case.question]),
        "标准依据": "\n".join(case.quotes),
        "答复": plain(outcome.response["answer"]),
    }
    body = "\n\n".join(f"<{name}>\n{_inert(text)}\n</{name}>" for name, text in parts.items())
    return [{"role": "system", "content": rules}, {"role": "user", "content": body}]


def _inert(text: str) -> str:
    """Return a text that cannot close the part it stands in."""
    return text.replace("<", "＜").replace(">", "＞")


def to_text(judgement: Judgement) -> str:
    """Write the judgements in all, what the keys say beside them, the failures and the prompt."""
    lines = [
        f"Judged by {judgement.served or judgement.model}, prompt {judgement.version}: "
        f"{len(judgement.items)} answers, {judgement.failures.total()} without a judgement.",
        "",
        aligned(_table(judgement)),
        "",
        _agreement(judgement),
        *(f"No judgement, {n} times: {why}" for why, n in judgement.failures.most_common()),
        "",
        f"Prompt {judgement.version}:",
        *(f"    {line}".rstrip() for line in judgement.prompt.splitlines()),
    ]
    return "\n".join(lines)


def to_markdown(judgement: Judgement) -> str:
    """The same as a section of a report, then the answers of which judge and keys differ."""
    differing = [
        f"- {item.case}: {_difference(item)}" for item in judgement.items if _differs(item)
    ]
    listed = ["", "Judge and keys differ:", "", *differing] if differing else []
    lines = ["## Judged by a model", "", "```", to_text(judgement), "```", *listed]
    return "\n".join(lines) + "\n"


def to_json(judgement: Judgement) -> str:
    """Every judgement, with the model, the prompt and the agreement."""
    content: dict[str, Any] = {
        "model": judgement.model,
        "served": judgement.served,
        "prompt": {"version": judgement.version, "text": judgement.prompt},
        "agreement": asdict(judgement.agreement) if judgement.agreement else None,
        "failures": judgement.failures.total(),
        "judgements": [
            asdict(item) | {"opinion": item.opinion and item.opinion.model_dump()}
            for item in judgement.items
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _table(judgement: Judgement) -> list[Sequence[str]]:
    columns: dict[str, bool | None] = {"keys: right": True, "keys: not": False, "no keys": None}
    counts = judgement.counts
    rows: list[Sequence[str]] = [["", *columns]]
    for verdict in VERDICTS:
        rows.append([verdict, *(str(counts[verdict, value]) for value in columns.values())])
    return rows


def _agreement(judgement: Judgement) -> str:
    found = judgement.agreement
    if found is None:
        return "Agreement with the keys: no answer has both."
    kappa = "undefined (all alike)" if found.kappa is None else f"{found.kappa:.3f}"
    return (
        f"Agreement with the keys (right or not) on {found.n} answers: "
        f"accuracy {found.accuracy:.3f}, Cohen's kappa {kappa}."
    )


def _differs(item: Judged) -> bool:
    known = item.opinion is not None and item.by_keys is not None
    return known and (item.opinion.verdict == "right") != item.by_keys  # type: ignore[union-attr]


def _difference(item: Judged) -> str:
    assert item.opinion
    keys = "right" if item.by_keys else "not right"
    reason = " ".join(item.opinion.reason.split()).replace("<", "&lt;")
    return f"judge {item.opinion.verdict}, keys {keys}: {reason}"
