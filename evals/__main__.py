"""`python -m evals run` measures the assistant, `python -m evals validate` the question set.

Exit codes: 0 all went well, 1 a question raised, the set has faults or a threshold of the gate was
missed, 2 the call was wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import TiaowenError
from evals.cases import TYPES, Case, QuestionSetError, Source, load_cases, validate
from evals.compare import compare, read_result, to_text
from evals.gate import THRESHOLDS, judge, read_thresholds
from evals.report import to_json, to_markdown, to_terminal
from evals.run import Ask, Report, evaluate

HERE = Path(__file__).parent


@dataclass(frozen=True)
class System:
    """What is measured: how to ask it, and the documents it answers from, by id."""

    ask: Ask
    documents: Mapping[str, Source]


def load_system(folder: Path | None) -> System:
    """The assistant over the index in `folder`, or over its default one.

    Imported here, for it is heavy, and `--help` needs none of it.
    """
    from assistant.api.schemas import AskResponse  # noqa: PLC0415
    from assistant.opening import load_assistant  # noqa: PLC0415
    from assistant.question import Turn  # noqa: PLC0415
    from assistant.settings import Settings  # noqa: PLC0415

    assistant = load_assistant(Settings.from_environ(os.environ, index=folder))

    def ask(question: str, history: list[dict[str, str]]) -> dict[str, Any]:
        outcome = assistant.ask(question, [Turn(**turn) for turn in history])
        response: dict[str, Any] = AskResponse.from_domain(outcome).model_dump(mode="json")
        return response

    return System(ask, {d.id: assistant.library.outline(d.id) for d in assistant.documents})


def main(
    argv: Sequence[str] | None = None, load: Callable[[Path | None], System] = load_system
) -> int:
    """Run the command line over the system that `load` gives; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        if args.command == "compare":
            return _compare(args)
        if args.command in ("run", "validate", "gate"):
            return {"run": _run, "validate": _validate, "gate": _gate}[args.command](args, load)
        from evals import commands  # noqa: PLC0415 (numpy, scikit-learn, training code)

        cases = _chosen(args) if args.command == "retrieval" else _loaded(args)
        return commands.COMMANDS[args.command](args, cases)
    except (TiaowenError, OSError) as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace, load: Callable[[Path | None], System]) -> int:
    report = _evaluated(args, load)
    print(to_terminal(report))
    name = _name(args)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"{name}.json").write_text(to_json(report), encoding="utf-8")
    (args.out / f"{name}.md").write_text(to_markdown(report, f"Figures: {name}"), encoding="utf-8")
    print(f"\nWritten to {args.out / name}.json and .md")
    return 1 if report.failures else 0


def _evaluated(args: argparse.Namespace, load: Callable[[Path | None], System]) -> Report:
    """Ask the chosen questions of the system over the index named."""
    cases = _chosen(args)
    system = load(args.index)
    texts = {name: document.text for name, document in system.documents.items()}
    return evaluate(cases, system.ask, texts, _show_progress)


def _compare(args: argparse.Namespace) -> int:
    print(to_text(compare(read_result(args.before), read_result(args.after))))
    return 0


def _gate(args: argparse.Namespace, load: Callable[[Path | None], System]) -> int:
    thresholds = read_thresholds(args.thresholds)
    report = _evaluated(args, load)
    verdicts = judge(report, thresholds, partial=bool(args.types))
    for verdict in verdicts:
        print(verdict)
    missed = sum(not verdict.passed for verdict in verdicts)
    print(f"{len(verdicts)} thresholds, {missed} missed; {report.failures} questions raised.")
    return 1 if missed or report.failures or not verdicts else 0


def _validate(args: argparse.Namespace, load: Callable[[Path | None], System]) -> int:
    cases = _loaded(args)
    problems = validate(cases, load(args.index).documents)
    for problem in problems:
        print(problem)
    print(f"{len(cases)} questions, {len(problems)} problems.")
    return 1 if problems else 0


def _loaded(args: argparse.Namespace) -> list[Case]:
    return [case for path in args.questions for case in load_cases(path)]


def _chosen(args: argparse.Namespace) -> list[Case]:
    """The questions of the split and types; a file of neither half belongs to every split."""
    chosen = [
        case
        for case in _loaded(args)
        if args.split in ("all", case.split) or case.split is None
        if not args.types or case.type in args.types
    ]
    if not chosen:
        raise QuestionSetError("no question is left by --questions, --split and --types.")
    return chosen


def _name(args: argparse.Namespace) -> str:
    """Name of the result files, so that runs over other questions do not overwrite each other."""
    folders = {HERE / "questions": args.split}
    sets = [
        path.stem if path.is_file() else folders.get(path, f"{path.name}-{args.split}")
        for path in args.questions
    ]
    return "-".join([*sets, *(args.types or [])])


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals", description=(__doc__ or "").split("\n")[0]
    )
    commands = parser.add_subparsers(dest="command", required=True)
    asked, split, out, data = _questions(), _split(), _out(), _data()
    commands.add_parser(
        "run", parents=[asked, split, out], help="ask the questions, print the figures"
    )
    commands.add_parser("validate", parents=[asked], help="check the questions")
    found = commands.add_parser(
        "retrieval", parents=[asked, split, out, data], help="measure retrieval alone"
    )
    found.add_argument(
        "--encoder",
        nargs="+",
        metavar="NAME",
        help="sentence-transformers folders or hub names (default: the shipped model)",
    )
    commands.add_parser(
        "calibrate", parents=[asked, out, data], help="fit the refusal on development questions"
    )
    gate = commands.add_parser(
        "gate", parents=[asked, split], help="fail if a figure misses its threshold"
    )
    gate.add_argument(
        "--thresholds",
        type=Path,
        metavar="FILE",
        default=THRESHOLDS,
        help="TOML: a table for all or a type, figure = threshold (default: evals/gate.toml)",
    )
    pair = commands.add_parser("compare", help="what changed from one run to another")
    pair.add_argument("before", type=Path, metavar="A", help="JSON of a run, A")
    pair.add_argument("after", type=Path, metavar="B", help="JSON of a run, B")
    commands.add_parser("bench", parents=[asked], help="measure speed")
    return parser


def _questions() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--questions",
        type=Path,
        nargs="+",
        metavar="PATH",
        default=[HERE / "questions"],
        help="JSONL files or folders of them (default: evals/questions)",
    )
    parser.add_argument("--index", type=Path, metavar="DIR", help="a published index")
    return parser


def _split() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--split",
        choices=["dev", "test", "all"],
        default="test",
        help="files ending in -dev or -test, or all (default: test)",
    )
    parser.add_argument("--types", nargs="+", choices=TYPES, metavar="TYPE", help=", ".join(TYPES))
    return parser


def _out() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=Path("evals/results"),
        help="where results go (default: evals/results)",
    )
    return parser


def _data() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--shared",
        type=Path,
        metavar="DIR",
        default=Path("../shared"),
        help="benchmarks and other documents (default: ../shared)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
