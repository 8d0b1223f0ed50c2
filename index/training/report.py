"""The figures of a model folder, one line for each test set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from safetensors.numpy import load_file
from tokenizers import Tokenizer

from index.training import benchmarks
from index.training.evaluate import Static, figures
from index.training.everyday import held_out_set, read_everyday
from index.training.export import WEIGHTS


def load(folder: Path) -> Static:
    """Load the encoder from its folder.

    Raises:
        FileNotFoundError: The folder lacks ``tokenizer.json`` or ``model.safetensors``.
    """
    for name in ("tokenizer.json", WEIGHTS):
        if not (folder / name).exists():
            raise FileNotFoundError(f"{folder / name} is missing; run python -m index.training")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return Static(tokenizer, load_file(folder / WEIGHTS)["embedding.weight"])


def lines(
    folder: Path, shared: Path, everyday: Path, questions: Path | None = None
) -> Iterator[str]:
    """Yield a line of figures for each test set, as they are measured.

    Args:
        folder: The model.
        shared: The folder of shared data.
        everyday: The folder of everyday questions.
        questions: Development questions over the Shanghai opinion, if they are there.
    """
    encoder = load(folder)
    if questions is not None:
        for test in benchmarks.policy(shared, questions).values():
            yield figures(encoder, test).line()
    for language in ("zh", "en"):
        yield figures(encoder, benchmarks.xquad(shared, language)).line()
    test = held_out_set(read_everyday(shared, everyday))
    yield figures(encoder, test, (1, 5, 10), by_sentence=False).line()
    yield figures(encoder, benchmarks.stard(shared), (10, 100), by_sentence=False).line()
