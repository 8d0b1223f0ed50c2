"""How fast: the steps of a first answer and of a thousandth, on this machine, as one table."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from assistant.pipeline import Assistant
from assistant.question import Turn
from assistant.settings import Settings
from corpus.store import shipped_documents
from evals.cases import Case
from index.build import build
from index.encode import SHIPPED, Encoder, SentenceTransformerEncoder, load_encoder
from index.search import Searcher

_ROUNDS = 5
_COLD = ("ask", "海外人才居住证（B证）的有效期最长几年？", "--index")


def run(cases: Sequence[Case]) -> Iterator[tuple[str, str]]:
    """Measure each step; medians of several rounds.

    Args:
        cases: The questions to ask.

    Yields:
        What was measured, and the figure with its unit.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "index"
        encoder = load_encoder()
        documents = shipped_documents()
        yield "build an index", _milliseconds(lambda: build(documents, encoder, folder), 1)
        yield (
            "build it again, nothing amended",
            _milliseconds(lambda: build(documents, encoder, folder)),
        )
        yield "open it", _milliseconds(lambda: Searcher.open(folder, encoder))
        assistant = Assistant(Searcher.open(folder, encoder), Settings())
        yield "answer, warm: median, p95", _per_question(assistant, cases)
        yield "answer, cold process", _milliseconds(lambda: _cold(folder))
    yield from _encoders(encoder, [case.question for case in cases])


def _encoders(static: Encoder, questions: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Compare the fast path with the library it stands in for, in turn, on the same model."""
    peer = SentenceTransformerEncoder(str(SHIPPED))
    ours = _seconds(lambda: [static.encode_query([question]) for question in questions])
    theirs = _seconds(lambda: [peer.encode_query([question]) for question in questions])
    yield "encode a question", f"{1000 * ours / len(questions):.3f} ms"
    yield "the same by sentence-transformers", f"{theirs / ours:.0f} times as long"


def _per_question(assistant: Assistant, cases: Sequence[Case]) -> str:
    taken = []
    for case in cases:
        history = [Turn("user", earlier) for earlier in case.history]
        start = time.perf_counter()
        assistant.ask(case.question, history)
        taken.append(1000 * (time.perf_counter() - start))
    return f"{np.median(taken):.1f} ms, {np.percentile(taken, 95):.1f} ms"


def _cold(folder: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", *_COLD, str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _milliseconds(step: Callable[[], object], rounds: int = _ROUNDS) -> str:
    return f"{1000 * _seconds(step, rounds):.0f} ms"


def _seconds(step: Callable[[], object], rounds: int = _ROUNDS) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        step()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))
