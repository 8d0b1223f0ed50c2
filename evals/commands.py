"""The commands that measure or fit parts: retrieval, reader and refusal, speed."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import reader, refusal
from corpus.store import further_documents, shipped_documents
from evals import (
    adversarial,
    bench,
    calibrate,
    fit_reader,
    foreign,
    helping,
    load,
    reading,
    retrieval,
)
from evals.cases import Case
from index import expand
from index.encode import load_encoder
from index.training.benchmarks import TestSet


def measure_retrieval(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print and write the recall of one or more encoders."""
    sets = _sets(args, cases)
    encoders = [load_encoder(name) for name in args.encoder or [None]]
    rows = [retrieval.measure(encoder, *chosen) for encoder in encoders for chosen in sets]
    name = "-".join(folder.name for folder in args.beir or ()) or args.split
    if not args.beir and not args.shared.is_dir():
        name += "-own"  # the whole table, which is in the repository, stays
    _keep(args.out / f"retrieval-{name}.md", retrieval.to_markdown(rows))
    return 0


def _sets(args: argparse.Namespace, cases: Sequence[Case]) -> list[tuple[TestSet, tuple[int, ...]]]:
    """Return the BEIR folders that were named, or else our own questions and the benchmarks."""
    if args.beir:
        return [(foreign.read_beir(folder), (1, 5, 10)) for folder in args.beir]
    documents = [*shipped_documents(), *further_documents()]
    sets: list[tuple[TestSet, tuple[int, ...]]] = [
        (test, (1, 5)) for test in retrieval.question_sets(cases, documents)
    ]
    if not args.shared.is_dir():
        print(f"evals: {args.shared} is not there: no STARD, no XQuAD.", file=sys.stderr)
        return sets
    return [*sets, *retrieval.benchmark_sets(args.shared)]


def measure_reading(args: argparse.Namespace, _: Sequence[Case]) -> int:
    """Print and write how often a short answer holds the text that other people want."""
    paths: list[Path] = args.squad or []
    sets = [(path.stem, foreign.read_squad(path)) for path in paths]
    if not sets:
        sets = [
            ("CMRC 2018, trial", foreign.read_cmrc(args.shared / "benchmarks", "cmrc2018_trial"))
        ]
    encoder = load_encoder()
    for name, asked in sets:
        found = reading.measure(asked, encoder, args.longest)
        table = reading.to_markdown(name, found, args.longest)
        _keep(args.out / f"reading-{name.split(',')[0].replace(' ', '-').lower()}.md", table)
    return 0


def calibrate_assistant(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Fit the reader and then the refusal, write both where the assistant reads them."""
    shared = args.shared if args.shared.is_dir() else None
    encoder = load_encoder()
    fitting = fit_reader.fitting_documents(shared)
    development = [case for case in cases if case.split == "dev"]
    chosen = [*development, *fit_reader.fitting_cases(fitting)]
    documents = [*shipped_documents(), *further_documents(), *fitting]
    with (
        calibrate.searchers(documents, encoder) as opened,
        tempfile.TemporaryDirectory() as folder,
    ):
        place = Path(folder)
        examples = fit_reader.collect_examples(chosen, opened)
        others = fit_reader.cmrc_examples(shared, encoder, place / "cmrc") if shared else []
        fitted = fit_reader.fit(examples, others)
        reader.MODEL.write_text(fitted.to_json(), encoding="utf-8")
        shares = fit_reader.cross_validate(examples, others)
        _keep(args.out / "reader.md", fit_reader.to_markdown(shares))
        labelled = calibrate.collect(chosen, opened, fitted)
        if shared:
            labelled += calibrate.label_laws(shared, expand.FOLDER, encoder, place, fitted)
    points = calibrate.write(labelled, refusal.MODEL)
    _keep(args.out / "refusal.md", calibrate.to_markdown(points, len(labelled)))
    return 0


def measure_speed(_: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print how long the steps take."""
    for what, figure in bench.run(cases):
        print(f"{what:<36} {figure}", flush=True)
    return 0


def measure_load(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print what two services bear, one after the other, on this machine."""
    shipped = {document.id for document in shipped_documents()}  # what both services serve
    development = [case for case in cases if case.split == "dev" and case.document in shipped]
    questions = [case.question for case in development if not case.history]
    print(f"{len(questions)} questions in turn, {args.clients} clients, {args.seconds} s each\n")
    print(load.to_table(list(load.run(questions, args.seconds, args.clients))))
    return 0


def measure_verification(args: argparse.Namespace, _: Sequence[Case]) -> int:
    """Print and write how many altered sentences are caught, and how many good ones dropped."""
    if args.write:
        adversarial.write()
    encoder = load_encoder()
    found = {
        part: adversarial.measure(sentences, encoder)
        for part, sentences in adversarial.generate().items()
        if part in (args.part or adversarial.PARTS)
    }
    fitted = [one for part in adversarial.FITTED for one in found.get(part, ())]
    for result in fitted if args.show else ():
        if result.caught == (result.sentence.kind == "good"):
            print(f"{result.sentence.id}  {result.sentence.sentence}  {result.fault}")
    _keep(args.out / "adversarial.md", adversarial.to_markdown(found.items()))
    return 0


def measure_help(args: argparse.Namespace, cases: Sequence[Case]) -> int:
    """Print and write what a model's help with retrieval is worth, from recorded replies."""
    _keep(args.out / "help.md", helping.to_markdown(helping.measure(cases)))
    return 0


def _keep(path: Path, table: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table, encoding="utf-8")
    print(table)


COMMANDS: dict[str, Callable[[argparse.Namespace, Sequence[Case]], int]] = {
    "retrieval": measure_retrieval,
    "calibrate": calibrate_assistant,
    "reading": measure_reading,
    "bench": measure_speed,
    "load": measure_load,
    "adversarial": measure_verification,
    "help": measure_help,
}
