"""The only reader of the environment: every setting, its variable, its default."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_data_path

from assistant.errors import BadSettings

PREFIX = "TIAOWEN_"


def package_version() -> str:
    """Return the installed version; ``0`` when run from a folder that was never installed."""
    try:
        return version("tiaowen")
    except PackageNotFoundError:
        return "0"


def default_index() -> Path:
    """Return where the index of the shipped documents is kept: the user's cache directory."""
    return user_cache_path("tiaowen") / "index"


def default_feedback() -> Path:
    """Return where feedback is kept: the user's data directory."""
    return user_data_path("tiaowen") / "feedback.sqlite"


@dataclass(frozen=True)
class Settings:
    """Settings of an assistant; each can be set as ``TIAOWEN_<NAME>`` in the environment."""

    index: Path | None = field(
        default=None,
        metadata={
            "description": "directory of the index; default: the user's cache, built on first use"
        },
    )
    encoder: str | None = field(
        default=None,
        metadata={
            "description": "sentence-transformers folder or hub name; default: the shipped model"
        },
    )
    top_k: int = field(default=8, metadata={"description": "hits listed as evidence, 1 to 50"})
    max_question: int = field(
        default=500, metadata={"description": "longest question accepted, in characters"}
    )
    max_answer: int = field(
        default=300, metadata={"description": "longest answer, in characters without markers"}
    )

    feedback: Path | None = field(
        default=None,
        metadata={"description": "file that feedback is kept in; default: the user's data"},
    )
    hosts: tuple[str, ...] = field(
        default=(),
        metadata={
            "description": "names, comma-separated, under which /mcp is reached besides localhost; "
            "* for any"
        },
    )

    def __post_init__(self) -> None:
        if not 1 <= self.top_k <= 50:
            raise BadSettings(f"{PREFIX}TOP_K 应在 1 到 50 之间，得到 {self.top_k}")
        for name in ("max_question", "max_answer"):
            if getattr(self, name) < 1:
                raise BadSettings(f"{PREFIX}{name.upper()} 应为正整数，得到 {getattr(self, name)}")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], **given: Any) -> "Settings":
        """Read the environment; what is given and not ``None`` goes before it.

        Raises:
            BadSettings: A variable holds a value of the wrong kind; names the variable.
        """
        values = {f.name: environ.get(PREFIX + f.name.upper()) for f in fields(cls)}
        values = {name: value for name, value in values.items() if value}
        values |= {name: value for name, value in given.items() if value is not None}
        return cls(**{name: _convert(name, value) for name, value in values.items()})


def _convert(name: str, value: Any) -> Any:
    if name in ("index", "feedback"):
        try:
            return Path(value).expanduser()
        except RuntimeError:  # no such user
            raise BadSettings(f"{PREFIX}{name.upper()} 不是可用的路径：{value!r}") from None
    if name == "hosts":
        return tuple(filter(None, map(str.strip, str(value).split(","))))
    if name in ("top_k", "max_question", "max_answer"):
        try:
            return int(value)
        except (TypeError, ValueError):
            raise BadSettings(f"{PREFIX}{name.upper()} 应为整数，得到 {value!r}") from None
    return str(value)
