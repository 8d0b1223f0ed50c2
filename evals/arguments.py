"""The command line of ``python -m evals``."""

import argparse
from pathlib import Path

from evals.cases import TYPES
from evals.gate import THRESHOLDS

HERE = Path(__file__).parent


def parser(description: str) -> argparse.ArgumentParser:
    """Return what reads the command line of ``python -m evals``."""
    whole = argparse.ArgumentParser(prog="python -m evals", description=description)
    commands = whole.add_subparsers(dest="command", required=True)
    asked, split, out, data = _questions(), _split(), _out(), _data()
    jobs = _jobs()
    run = commands.add_parser(
        "run", parents=[asked, split, out, jobs], help="ask the questions, print the figures"
    )
    run.add_argument(
        "--llm",
        action="store_true",
        help="with the language model of the settings, beside the answers without it",
    )
    run.add_argument(
        "--judge",
        action="store_true",
        help="a model judges the answers by the gold quotes; its agreement with the keys is shown",
    )
    altered = commands.add_parser(
        "adversarial", parents=[out], help="how much of what a model makes up is caught"
    )
    altered.add_argument("--write", action="store_true", help="write the set's report half anew")
    altered.add_argument(
        "--show", action="store_true", help="print what went wrong (tune and development)"
    )
    parts = ["tune", "report", "development", "held-out", "second-held-out"]
    parts += ["graded-close", "graded-rephrased", "graded-everyday"]
    altered.add_argument(
        "--part",
        action="append",
        choices=parts,
        help="one part of the set (more than once: several)",
    )
    commands.add_parser(
        "help",
        parents=[asked, out],
        help="what a model's help with retrieval is worth, from recorded replies (dev half)",
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
    found.add_argument(
        "--beir",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="BEIR folders (corpus.jsonl, queries.jsonl, qrels/test.tsv) instead of our own sets",
    )
    read = commands.add_parser(
        "reading",
        parents=[out, data],
        help="how often a short answer holds the text that other people's questions want",
    )
    read.add_argument(
        "--squad",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="SQuAD-style JSON files (default: CMRC 2018's trial part of the shared data)",
    )
    read.add_argument(
        "--longest", type=_positive, default=80, metavar="N", help="characters (default: 80)"
    )
    commands.add_parser(
        "calibrate",
        parents=[asked, out, data],
        help="fit the reader and the refusal on labelled questions",
    )
    gate = commands.add_parser(
        "gate", parents=[asked, split, jobs], help="fail if a figure misses its threshold"
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
    crowd = commands.add_parser(
        "load", parents=[asked], help="POST /v1/ask under load, beside a plain retrieval service"
    )
    crowd.add_argument("--seconds", type=int, default=60, metavar="N", help="each (default: 60)")
    crowd.add_argument(
        "--clients", type=int, default=50, metavar="N", help="asking at a time (default: 50)"
    )
    return whole


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
    parser.add_argument("--documents", nargs="+", metavar="ID", help="ids of documents")
    return parser


def _jobs() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--jobs",
        type=_positive,
        default=1,
        metavar="N",
        help="questions asked at a time (default: 1)",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {number}")
    return number


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
