"""The commands that measure parts: retrieval, refusal, speed."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import refusal
from corpus.store import further_documents, shipped_documents
from evals import bench, calibrate, retrieval
from evals.cases import Case
from index import expand
from index.encode import load_encoder
from index.training.benchmarks import TestSet


def measure_retrieval(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print and write the recall of one or more encoders."""
    sets: list[tuple[TestSet, tuple[int, ...]]] = [
        (test, (1, 5))
        for test in retrieval.question_sets(cases, [*shipped_documents(), *further_documents()])
    ]
    if args.shared.is_dir():
        sets += retrieval.benchmark_sets(args.shared)
    else:
        print(f"evals: {args.shared} is not there: no STARD, no XQuAD.", file=sys.stderr)
    encoders = [load_encoder(name) for name in args.encoder or [None]]
    rows = [retrieval.measure(encoder, *chosen) for encoder in encoders for chosen in sets]
    _keep(args.out / f"retrieval-{args.split}.md", retrieval.to_markdown(rows))
    return 0


def fit_refusal(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Fit the refusal, write it where the assistant reads it, and print the curve."""
    shared = args.shared if args.shared.is_dir() else None
    development = [case for case in cases if case.split == "dev"]
    labelled = calibrate.collect(development, load_encoder(), shared, expand.FOLDER)
    points = calibrate.write(labelled, refusal.MODEL)
    _keep(args.out / "refusal.md", calibrate.to_markdown(points, len(labelled)))
    return 0


def measure_speed(_: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print how long the steps take."""
    for what, figure in bench.run(cases):
        print(f"{what:<36} {figure}", flush=True)
    return 0


def _keep(path: Path, table: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table, encoding="utf-8")
    print(table)


COMMANDS: dict[str, Callable[[argparse.Namespace, Sequence[Case]], int]] = {
    "retrieval": measure_retrieval,
    "calibrate": fit_refusal,
    "bench": measure_speed,
}
