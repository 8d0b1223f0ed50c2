"""`python -m evals run` measures the assistant, `python -m evals validate` the question set.

Exit codes: 0 all went well, 1 a question raised, the set has faults or a threshold of the gate was
missed, 2 the call was wrong.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from corpus.errors import TiaowenError
from evals import judge as second
from evals.arguments import parser
from evals.cases import Case, QuestionSetError, load_cases, validate
from evals.compare import compare, read_result, to_text
from evals.gate import judge, read_thresholds
from evals.html_report import to_html
from evals.report import to_json, to_markdown, to_terminal
from evals.run import Ask, Report, evaluate
from evals.system import System, open_system
from evals.written import side_by_side

HERE = Path(__file__).parent


Open = Callable[[Path | None], AbstractContextManager[System]]


def main(argv: Sequence[str] | None = None, system: Open = open_system) -> int:
    """Run the command line over the system that `system` opens; returns the exit code."""
    args = parser((__doc__ or "").split("\n")[0]).parse_args(argv)
    try:
        if args.command == "compare":
            return _compare(args)
        if args.command in ("run", "validate", "gate"):
            return {"run": _run, "validate": _validate, "gate": _gate}[args.command](args, system)
        from evals import commands  # noqa: PLC0415 (numpy, scikit-learn, training code)

        if args.command in ("reading", "adversarial"):  # they ask none of our questions
            cases: list[Case] = []
        else:
            cases = _chosen(args) if args.command == "retrieval" else _loaded(args)
        return commands.COMMANDS[args.command](args, cases)
    except (TiaowenError, OSError) as error:
        print(f"evals: {error}", file=sys.stderr)
        return 2


def _run(args: argparse.Namespace, system: Open) -> int:
    # Opened first: what it lacks is said before anything is asked.
    with second.open_judge() if args.judge else nullcontext() as model:
        name, report = _reported(args, system)
        if model:
            _judged(args.out / name, second.judge(report, model, args.jobs))
    return 1 if report.failures else 0


def _judged(place: Path, judgement: second.Judgement) -> None:
    """Print the judgements and add them to the files of the run."""
    print("\n" + second.to_text(judgement))
    markdown, data = (
        place.with_name(f"{place.name}.md"),
        place.with_name(f"{place.name}-judge.json"),
    )
    with markdown.open("a", encoding="utf-8") as file:
        file.write("\n" + second.to_markdown(judgement))
    data.write_text(second.to_json(judgement), encoding="utf-8")
    print(f"\nAdded to {markdown}, and written to {data}")


def _reported(args: argparse.Namespace, system: Open) -> tuple[str, Report]:
    name = _name(args)
    if args.llm:
        quoted, report = _both(args, system)
        name += "-llm"
        print(side_by_side(quoted, report) + "\n")
    else:
        report = _evaluated(args, system)
    print(to_terminal(report))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / f"{name}.json").write_text(to_json(report), encoding="utf-8")
    (args.out / f"{name}.md").write_text(to_markdown(report, f"Figures: {name}"), encoding="utf-8")
    (args.out / f"{name}.html").write_text(to_html(report, name), encoding="utf-8")
    print(f"\nWritten to {args.out / name}.json, .md and .html")
    return name, report


def _evaluated(args: argparse.Namespace, system: Open) -> Report:
    """Ask the chosen questions of the system over the index named."""
    with system(args.index) as opened:
        return _asked(args, opened, opened.ask)


def _asked(args: argparse.Namespace, opened: System, ask: Ask) -> Report:
    cases = _chosen(args)
    asked = [case for case in cases if case.document in (None, *opened.documents)]
    if len(asked) < len(cases):
        left = len(cases) - len(asked)
        print(f"evals: {left} questions about documents not in the index.", file=sys.stderr)
    if not asked:
        raise QuestionSetError("no question is about a document of this index.")
    texts = {name: document.text for name, document in opened.documents.items()}
    return evaluate(asked, ask, texts, _show_progress, args.jobs)


def _both(args: argparse.Namespace, system: Open) -> tuple[Report, Report]:
    """Ask everything twice: quoted and written."""
    with system(args.index) as opened:
        if opened.written is None:
            raise QuestionSetError("--llm needs TIAOWEN_LLM_BASE_URL and TIAOWEN_LLM_MODEL.")
        return _asked(args, opened, opened.ask), _asked(args, opened, opened.written)


def _compare(args: argparse.Namespace) -> int:
    print(to_text(compare(read_result(args.before), read_result(args.after))))
    return 0


def _gate(args: argparse.Namespace, system: Open) -> int:
    thresholds = read_thresholds(args.thresholds)
    report = _evaluated(args, system)
    verdicts = judge(report, thresholds, partial=bool(args.types))
    for verdict in verdicts:
        print(verdict)
    missed = sum(not verdict.passed for verdict in verdicts)
    print(f"{len(verdicts)} thresholds, {missed} missed; {report.failures} questions raised.")
    return 1 if missed or report.failures or not verdicts else 0


def _validate(args: argparse.Namespace, system: Open) -> int:
    cases = _loaded(args)
    with system(args.index) as opened:
        problems = validate(cases, opened.documents)
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
        if not args.documents or case.document in args.documents
    ]
    if not chosen:
        raise QuestionSetError(
            "no question is left by --questions, --split, --types and --documents."
        )
    return chosen


def _name(args: argparse.Namespace) -> str:
    """Name of the result files, so that runs over other questions do not overwrite each other."""
    folders = {HERE / "questions": args.split}
    sets = [
        path.stem if path.is_file() else folders.get(path, f"{path.name}-{args.split}")
        for path in args.questions
    ]
    return "-".join([*sets, *(args.types or []), *(args.documents or [])])


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
