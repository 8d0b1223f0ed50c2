"""A model writes questions about clauses at build time: ``tiaowen build --with-questions``.

Each clause is asked about once: what was written is kept by the hash of the clause's text, and a
build asks only about clauses it has nothing for. What a model writes is not trusted: it is cut to
one short line each, and only ever leads to a passage.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path

from assistant.errors import BadSettings, ModelUnavailable
from assistant.llm import ChatModel, Message, load_model
from assistant.prompt import PROMPTS, Prompt
from assistant.question import content
from assistant.rewriting import clean, parse
from assistant.settings import Settings
from corpus.model import Document, Passage
from index.build import keyed_passages
from index.errors import Unwritable
from index.layout import QUESTIONS, build_lock, cache_of
from index.questions import ClauseQuestions, Generated, read_records, write_records

_LONGEST = 60  # characters of a question
_SHORTEST = 3  # characters of its content
_MOST = 6  # questions about a clause
_SHOWN = 4000  # characters of a clause in one request; a longer one is shown in portions
_REPLY = 8000  # characters of a reply that are read
_GIVE_UP = 5  # failures in a row

Keep = Callable[[ClauseQuestions], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Portion:
    """A clause, or as much of a long one as is shown at a time, with its passages' keys."""

    title: str
    path: tuple[str, ...]
    passages: tuple[tuple[str, Passage], ...]

    @property
    def hash(self) -> str:
        """What the questions depend on: the passages' keys and the prompt."""
        blob = json.dumps([instructions().version, [key for key, _ in self.passages]])
        return hashlib.sha256(blob.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Asked:
    """What came of asking.

    Attributes:
        records: Questions by clause, kept and new, in the order of the documents.
        asked: Clauses the model was asked about now.
        missing: Clauses without a reply.
        fault: Why, in one sentence; the last reason.
    """

    records: tuple[ClauseQuestions, ...]
    asked: int
    missing: int = 0
    fault: str = ""


@lru_cache(maxsize=1)
def instructions() -> Prompt:
    """Return the instructions with their version."""
    text = (PROMPTS / "questions.txt").read_text(encoding="utf-8")
    return Prompt(text, f"questions@{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def portions(document: Document) -> Iterator[Portion]:
    """Yield the clauses of a document that have text of their own."""
    for path, group in groupby(keyed_passages(document), lambda pair: pair[1].address.path):
        shown: list[tuple[str, Passage]] = []
        for pair in group:
            if shown and sum(len(p.text) for _, p in [*shown, pair]) > _SHOWN:
                yield Portion(document.title, path, tuple(shown))
                shown = []
            shown.append(pair)
        yield Portion(document.title, path, tuple(shown))


def messages(portion: Portion) -> list[Message]:
    """Return what is sent about a clause: its text and the headings above it."""
    paragraphs = [{"n": n, "text": p.text} for n, (_, p) in enumerate(portion.passages, 1)]
    shown = {"title": portion.title, "path": portion.path, "paragraphs": paragraphs}
    return [
        {"role": "system", "content": instructions().text},
        {"role": "user", "content": json.dumps(shown, ensure_ascii=False)},
    ]


def ask_about(portion: Portion, model: ChatModel) -> ClauseQuestions:
    """Let a model write questions about a clause.

    Raises:
        ModelUnavailable: It failed, or its reply cannot be read.
    """
    reply = "".join(islice(model.complete(messages(portion)), _REPLY))[:_REPLY]
    values = parse(reply)
    listed = values.get("questions") if values else None
    if not isinstance(listed, list):
        raise ModelUnavailable("语言模型写的问题无法读取")
    usable = tuple(_usable(listed, portion))[:_MOST]
    if listed and not usable:  # kept, it would never be asked for again
        raise ModelUnavailable("语言模型写的问题无法读取")
    return ClauseQuestions(portion.hash, usable)


def ask_about_all(  # noqa: PLR0913 (one call does it all)
    documents: Sequence[Document],
    model: ChatModel,
    known: Mapping[str, ClauseQuestions],
    keep: Keep,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Asked:
    """Let a model write questions about every clause that nothing is known of.

    Args:
        documents: Whose clauses.
        model: Who writes.
        known: What was written before, by hash.
        keep: Told of each reply at once, so that a build that is stopped goes on from there.
        jobs: Requests at a time.
        progress: Called with (clauses done, clauses to ask about).

    Returns:
        What there is. After several failures in a row the rest is not asked.
    """
    every = [portion for document in documents for portion in portions(document)]
    fresh = list({p.hash: p for p in every if p.hash not in known}.values())
    found, failures, fault = dict(known), 0, ""
    with ThreadPoolExecutor(jobs) as pool:
        for done, (portion, outcome) in enumerate(_replies(fresh, model, pool, jobs), 1):
            if isinstance(outcome, ModelUnavailable):
                failures, fault = failures + 1, str(outcome)
            else:
                failures, found[portion.hash] = 0, outcome
                keep(outcome)
            if progress:
                progress(done, len(fresh))
            if failures == _GIVE_UP:
                break
    records = {p.hash: found[p.hash] for p in every if p.hash in found}
    missing = sum(p.hash not in found for p in fresh)
    return Asked(tuple(records.values()), len(fresh), missing, fault if missing else "")


def ask_for_index(
    documents: Sequence[Document], settings: Settings, directory: Path, progress: Progress
) -> Asked:
    """Let the model of the settings write the questions for an index.

    What is written is kept in a file beside the index as it comes, and read from there and from the
    index that stands.

    Raises:
        BadSettings: No model is configured.
        NotAnIndex: The directory holds other files.
        BuildInProgress: Another build is writing it.
        Unwritable: It cannot be written.
    """
    model = load_model(settings)
    if model is None:
        raise BadSettings(
            "--with-questions 需要语言模型，请先设置 TIAOWEN_LLM_BASE_URL 和 TIAOWEN_LLM_MODEL"
        )
    with build_lock(directory):  # before anything is asked: the index can be written
        cache = cache_of(directory)
    before = [*read_records(directory / QUESTIONS), *read_records(cache)]
    known = {record.clause: record for record in before}
    try:
        rewritten = cache.with_suffix(".new")
        write_records(rewritten, known.values())
        rewritten.replace(cache)
        with cache.open("a", encoding="utf-8", newline="\n") as file:

            def keep(record: ClauseQuestions) -> None:
                file.write(record.to_json() + "\n")
                file.flush()

            jobs = settings.llm_concurrency
            return ask_about_all(documents, model, known, keep, jobs=jobs, progress=progress)
    except OSError as error:
        raise Unwritable(cache, error.strerror or str(error)) from error


def _replies(
    fresh: Sequence[Portion], model: ChatModel, pool: ThreadPoolExecutor, jobs: int
) -> Iterator[tuple[Portion, ClauseQuestions | ModelUnavailable]]:
    """Ask about a few clauses at a time, so that giving up leaves few requests behind."""

    def attempt(portion: Portion) -> ClauseQuestions | ModelUnavailable:
        try:
            return ask_about(portion, model)
        except ModelUnavailable as error:
            return error

    for start in range(0, len(fresh), jobs):
        batch = fresh[start : start + jobs]
        yield from zip(batch, pool.map(attempt, batch), strict=True)


def _usable(listed: Sequence[object], portion: Portion) -> Iterator[Generated]:
    seen = set[str]()
    for given in listed:
        bare = isinstance(given, str) and len(portion.passages) == 1
        item = {"n": 1, "question": given} if bare else given
        if not isinstance(item, dict) or not isinstance(item.get("n"), int):
            continue
        text, number = clean(item.get("question"), _LONGEST), item["n"]
        if text in seen or not 1 <= number <= len(portion.passages):
            continue
        if len(content(text)) >= _SHORTEST:
            seen.add(text)
            yield Generated(portion.passages[number - 1][0], text)
