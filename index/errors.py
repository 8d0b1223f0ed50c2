"""What can go wrong with an index or an encoder.

corpus.errors.TiaowenError
├── IndexFault               a published index cannot be used or written
│   ├── MissingIndex         the directory is not there
│   ├── DamagedIndex         a file is missing or is not what the manifest says
│   ├── StaleIndex           built by another encoder or another format
│   ├── NotAnIndex           the target directory holds something else
│   ├── BuildInProgress      another build holds the lock
│   ├── OtherSources         a build without paths would replace other documents' index
│   └── Unwritable           the system does not let us write there
└── EncoderUnavailable       the model folder or name cannot be loaded
"""

import shlex
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import TiaowenError


def build_command(directory: Path, sources: Sequence[str] = ()) -> str:
    """Return the shell command that builds an index anew."""
    return shlex.join(["tiaowen", "build", *sources, "--index", str(directory)])


class IndexFault(TiaowenError):
    """A published index cannot be used or written."""


class MissingIndex(IndexFault):
    """The directory is not there."""

    def __init__(self, directory: Path) -> None:
        own = build_command(directory, ["文件…"])
        super().__init__(
            f"没有索引 {directory}，请运行：{build_command(directory)}（自己的文件：{own}）"
        )


class DamagedIndex(IndexFault):
    """A file is missing or is not what the manifest says."""

    def __init__(
        self, directory: Path, name: str, reason: str, sources: Sequence[str] = ()
    ) -> None:
        repair = build_command(directory, sources)
        super().__init__(f"索引文件 {directory / name} {reason}，请重建：{repair}")
        self.name = name


class StaleIndex(IndexFault):
    """Built by another encoder or another format."""

    def __init__(self, directory: Path, reason: str, sources: Sequence[str] = ()) -> None:
        super().__init__(f"索引 {directory} {reason}，请重建：{build_command(directory, sources)}")


class NotAnIndex(IndexFault):
    """The directory holds something else: nothing to read, and a build would overwrite it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"{directory} 里有别的文件，不是索引；请用 --index 换一个文件夹")


class BuildInProgress(IndexFault):
    """Another build holds the lock."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"另一个 tiaowen build 正在写 {directory}，请等它结束再试")


class Unwritable(IndexFault):
    """The system does not let us write there."""

    def __init__(self, directory: Path, reason: str) -> None:
        super().__init__(f"无法写入 {directory}（{reason}），请换一个 --index")


class OtherSources(IndexFault):
    """A build without paths would replace an index of other documents by the shipped ones."""

    def __init__(self, directory: Path, sources: Sequence[str]) -> None:
        command = build_command(directory, sources)
        super().__init__(f"{directory} 是用别的文件建的，没有改动它；要重建请运行：{command}")


class EncoderUnavailable(TiaowenError):
    """The model folder or name cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"无法加载编码器 {name}：{reason}")
