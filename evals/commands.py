"""The commands that measure or fit parts: retrieval, reader and refusal, speed."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import reader, refusal
from corpus.store import further_documents, shipped_documents
from evals import bench, calibrate, fit_reader, retrieval
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


def calibrate_assistant(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Fit the reader and then the refusal, write both where the assistant reads them."""
    shared = args.shared if args.shared.is_dir() else None
    encoder = load_encoder()
    fitting = fit_reader.fitting_documents(shared)
    development = [case for case in cases if case.split == "dev"]
    chosen = [*development, *fit_reader.fitting_cases(fitting)]
    documents = [*shipped_documents(), *further_documents(), *fitting]
    with calibrate.searchers(documents, encoder) as opened:
        examples = fit_reader.collect_examples(chosen, opened)
        fitted = fit_reader.fit(examples)
        reader.MODEL.write_text(fitted.to_json(), encoding="utf-8")
        _keep(args.out / "reader.md", fit_reader.to_markdown(fit_reader.cross_validate(examples)))
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            laws = (
                calibrate.label_laws(shared, expand.FOLDER, encoder, place, fitted)
                if shared
                else ()
            )
            labelled = calibrate.collect(chosen, opened, laws, fitted)
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
    "calibrate": calibrate_assistant,
    "bench": measure_speed,
}
