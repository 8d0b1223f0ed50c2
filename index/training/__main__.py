"""Train the shipped encoder: ``python -m index.training --shared ../shared --out index/model``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from index.training import report
from index.training.export import export
from index.training.recipe import SHARES, Inputs, mixture
from index.training.tokenizer import parts_of_pieces, save_tokenizer, train_tokenizer
from index.training.tokenizer_texts import tokenizer_texts
from index.training.train import Run, Settings, run_all, start_vectors

EVERYDAY = Path(__file__).parent / "everyday"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m index.training", description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="the shared data")
    parser.add_argument("--out", type=Path, default=Path("index/model"), help="the model's folder")
    parser.add_argument(
        "--cache", type=Path, default=Path(".cache/train"), help="tokenizer and checkpoint"
    )
    parser.add_argument("--steps", type=int, default=Settings.steps, help="length of the run")
    parser.add_argument("--seed", type=int, default=Settings.seed)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch")
    parser.add_argument(
        "--without", action="append", default=[], choices=sorted(SHARES), help="leave a stream out"
    )
    parser.add_argument("--figures", action="store_true", help="only measure the model in --out")
    parser.add_argument("--questions", type=Path, help="development questions to measure too")
    return parser.parse_args(given)


def tokenizer_of(shared: Path, cache: Path) -> Tokenizer:
    """Return the cached tokenizer, learnt first if there is none."""
    path = cache / "tokenizer.json"
    if not path.exists():
        print("learning the tokenizer (some minutes)", flush=True)
        save_tokenizer(train_tokenizer(*tokenizer_texts(shared, EVERYDAY)), path)
    return Tokenizer.from_file(str(path))


def train(options: argparse.Namespace) -> None:
    """Train, or go on from the checkpoint, and write the model."""
    torch.set_num_threads(options.threads)
    settings = replace(Settings(), steps=options.steps, seed=options.seed)
    tokenizer = tokenizer_of(options.shared, options.cache)
    inputs = Inputs(options.shared, EVERYDAY, tokenizer, options.seed)
    started = time.monotonic()
    shares = {name: share for name, share in SHARES.items() if name not in options.without}
    streams = mixture(inputs, shares)
    print(f"{len(streams)} streams after {time.monotonic() - started:.0f}s", flush=True)
    initial = start_vectors(tokenizer.get_vocab_size(), settings)
    run = Run(streams, initial, settings, parts_of_pieces(tokenizer))
    checkpoint = options.cache / "checkpoint.pt"
    if checkpoint.exists():
        run.load(checkpoint)
    run_all(run, checkpoint)
    digest = export(options.out, tokenizer, np.asarray(run.vectors().detach(), np.float32))
    checkpoint.unlink(missing_ok=True)
    print(f"{options.out}: sha256 {digest}")


def main() -> None:
    """Do what the command line asks for."""
    options = arguments()
    if not options.figures:
        train(options)
    for line in report.lines(options.out, options.shared, EVERYDAY, options.questions):
        print(line, flush=True)


if __name__ == "__main__":
    main()
