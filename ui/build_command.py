"""``tiaowen build``: documents → index, with a model's questions about the clauses if asked for."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings, default_index

if TYPE_CHECKING:
    from assistant.asking import Asked
    from corpus.model import Document

_OK, _FAULT = 0, 1


def add(
    parser: argparse.ArgumentParser, add_index: Callable[[argparse.ArgumentParser], None]
) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help=".txt、.md 文件或文件夹（默认：自带文件）",
    )
    parser.add_argument(
        "--with-questions",
        action="store_true",
        help="让语言模型为每条写几个读者会问的问题，一起检索（条款原文会发给它）",
    )
    add_index(parser)
    parser.set_defaults(run=_build)


def _build(arguments: argparse.Namespace) -> int:
    from corpus.readers import READERS  # noqa: PLC0415
    from corpus.store import collect, shipped_paths  # noqa: PLC0415
    from index.build import build  # noqa: PLC0415
    from index.encode import load_encoder  # noqa: PLC0415
    from index.errors import OtherSources  # noqa: PLC0415
    from index.layout import sources_of  # noqa: PLC0415

    settings = Settings.from_environ(os.environ, index=arguments.index)
    directory = (settings.index or default_index()).absolute()
    if not arguments.paths and (others := sources_of(directory)):
        raise OtherSources(directory, others)
    collection = collect(arguments.paths or shipped_paths())
    for path in collection.skipped:
        print(f"tiaowen: 跳过 {path}：文件里没有文字", file=sys.stderr)
    for path in collection.foreign:
        print(f"tiaowen: 跳过 {path}：请先另存为 {'、'.join(READERS)}", file=sys.stderr)
    written = _ask(collection.documents, settings, directory) if arguments.with_questions else None
    with _Progress("段") as progress:
        report = build(
            collection.documents,
            load_encoder(settings.encoder),
            directory,
            sources=[str(path.absolute()) for path in arguments.paths],
            questions=written.records if written else (),
            progress=progress,
        )
    manifest = report.manifest
    print(
        f"{manifest.documents} 份文件，{manifest.passages} 段"
        f"（新编码 {report.encoded}，沿用 {report.reused}）→ {directory}"
    )
    return _tell(written) if written else _OK


def _ask(documents: "Sequence[Document]", settings: Settings, directory: Path) -> "Asked":
    from assistant.asking import ask_for_index  # noqa: PLC0415

    with _Progress("条") as progress:
        return ask_for_index(documents, settings, directory, progress)


def _tell(written: "Asked") -> int:
    count = sum(len(record.questions) for record in written.records)
    print(
        f"模型写的问题 {count} 个，在 {len(written.records)} 条里"
        f"（这次问了 {written.asked} 条，其余沿用）"
    )
    if not written.missing:
        return _OK
    print(
        f"tiaowen: 有 {written.missing} 条没有写成：{written.fault}。"
        "索引可以用；再运行一次同样的命令，只会问这些条",
        file=sys.stderr,
    )
    return _FAULT


class _Progress:
    """A progress bar on stderr that appears with the first report."""

    def __init__(self, unit: str) -> None:
        self._unit = unit

    def __enter__(self) -> "_Progress":
        self._bar: Any = None
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def __call__(self, done: int, total: int) -> None:
        from tqdm import tqdm  # noqa: PLC0415

        if self._bar is None:
            self._bar = tqdm(total=total, unit=self._unit, file=sys.stderr, disable=None)
        self._bar.update(done - self._bar.n)
