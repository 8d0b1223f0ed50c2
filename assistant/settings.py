"""The only reader of the environment: every setting, its variable, its default."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path, user_data_path

from assistant.errors import BadSettings

PREFIX = "TIAOWEN_"
_COUNTS = ("max_question", "max_answer", "max_body", "workers", "llm_concurrency", "llm_max_tokens")
_ROOT_PATH = re.compile(r"(?:/[\w.~-]+)+")
LLM_HELPS = ("followup", "wording", "parts")
DEFAULT_RATE = "120/minute"


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


def default_keys() -> Path:
    """Return where keys are kept: the user's data directory."""
    return user_data_path("tiaowen") / "keys.sqlite"


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
            "description": "names, comma-separated, under which the server is reached besides "
            "localhost; * for any"
        },
    )
    host_check: str = field(
        default="auto",
        metadata={
            "description": "on, off, or auto: on loopback without keys, requests to other names "
            "are refused; /mcp refuses them always"
        },
    )
    keys: Path | None = field(
        default=None,
        metadata={"description": "file that keys are kept in; default: the user's data"},
    )
    auth: str = field(
        default="auto",
        metadata={"description": "on, off, or auto: keys are asked for unless on loopback"},
    )
    page: str = field(
        default="open",
        metadata={"description": "open or closed: whether chat and document pages are served"},
    )
    rate: str | None = field(
        default=None,
        metadata={"description": f"requests per caller, or off; default: {DEFAULT_RATE}"},
    )
    rate_storage: str = field(
        default="memory://",
        metadata={"description": "where requests are counted, as an address of `limits`"},
    )
    max_body: int = field(
        default=262_144, metadata={"description": "longest request body accepted, in bytes"}
    )
    timeout: float = field(
        default=30.0, metadata={"description": "seconds until an answer must have begun"}
    )
    workers: int = field(default=1, metadata={"description": "processes that serve side by side"})
    root_path: str = field(
        default="",
        metadata={"description": "path under which a proxy serves us, such as /policy"},
    )
    log_questions: bool = field(
        default=False, metadata={"description": "1: the text of questions is logged"}
    )

    llm_base_url: str | None = field(
        default=None,
        metadata={
            "description": "OpenAI-compatible endpoint that writes answers, such as "
            "`http://127.0.0.1:11434/v1`; none: answers are quotes"
        },
    )
    llm_model: str | None = field(
        default=None, metadata={"description": "name of the model there; needed with the endpoint"}
    )
    llm_api_key: str | None = field(
        default=None,
        repr=False,
        metadata={"description": "key of the endpoint, if it wants one; never shown"},
    )
    llm_timeout: float = field(
        default=20.0, metadata={"description": "seconds a whole written answer may take"}
    )
    llm_concurrency: int = field(
        default=4, metadata={"description": "answers written at a time; others wait"}
    )
    llm_max_tokens: int = field(
        default=1000, metadata={"description": "longest reply of the model, in tokens"}
    )
    llm_structured: str = field(
        default="auto",
        metadata={
            "description": "on, off, or auto: the reply is JSON held to a schema where the server "
            "offers it"
        },
    )

    judge_base_url: str | None = field(
        default=None,
        metadata={
            "description": "endpoint that judges answers in an evaluation; default: the same"
        },
    )
    judge_model: str | None = field(
        default=None, metadata={"description": "name of the model that judges; default: the same"}
    )
    judge_api_key: str | None = field(
        default=None, repr=False, metadata={"description": "key of that endpoint; never shown"}
    )
    llm_help: tuple[str, ...] = field(
        default=(),
        metadata={
            "description": "what the model does before the search, comma-separated: followup, "
            "wording, parts; one more request's time. Default: nothing"
        },
    )
    llm_help_timeout: float = field(
        default=3.0, metadata={"description": "seconds that may take; then as typed"}
    )

    def __post_init__(self) -> None:
        if not 1 <= self.top_k <= 50:
            raise BadSettings(f"{PREFIX}TOP_K 应在 1 到 50 之间，得到 {self.top_k}")
        for name in _COUNTS:
            if getattr(self, name) < 1:
                raise BadSettings(f"{PREFIX}{name.upper()} 应为正整数，得到 {getattr(self, name)}")
        if self.root_path and not _ROOT_PATH.fullmatch(self.root_path):
            raise BadSettings(
                f"{PREFIX}ROOT_PATH 应以 / 开头、不以 / 结尾，得到 {self.root_path!r}"
            )
        if not 0 < self.timeout < float("inf"):
            raise BadSettings(f"{PREFIX}TIMEOUT 应为正的秒数，得到 {self.timeout}")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                listed = "、".join(choices)
                raise BadSettings(
                    f"{PREFIX}{name.upper()} 应为 {listed} 之一，得到 {getattr(self, name)!r}"
                )
        self._check_endpoint()

    def to_environ(self) -> dict[str, str]:
        """Return the variables that ``from_environ`` reads these settings from."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        written = {name: ",".join(getattr(self, name)) for name in ("hosts", "llm_help")}
        written["log_questions"] = str(int(self.log_questions))
        values = {k: written.get(k, v) for k, v in values.items() if v not in (None, "")}
        return {PREFIX + name.upper(): str(value) for name, value in values.items()}

    def judge(self) -> "Settings":
        """Return the settings under which answers are judged; a key goes to its own endpoint only.

        Raises:
            BadSettings: The judge's endpoint is given without its model, or is no address.
        """
        if self.judge_base_url and not self.judge_model:
            raise BadSettings(
                f"设置了 {PREFIX}JUDGE_BASE_URL，还需要用 {PREFIX}JUDGE_MODEL 写明模型"
            )
        shared = None if self.judge_base_url else self.llm_api_key
        return replace(
            self,
            llm_base_url=self.judge_base_url or self.llm_base_url,
            llm_model=self.judge_model or self.llm_model,
            llm_api_key=self.judge_api_key or shared,
        )

    def _check_endpoint(self) -> None:
        if not 0 < self.llm_timeout <= 600:  # NaN is refused, too
            raise BadSettings(f"{PREFIX}LLM_TIMEOUT 应在 0 到 600 秒之间，得到 {self.llm_timeout}")
        if not 0 < self.llm_help_timeout <= 600:
            raise BadSettings(
                f"{PREFIX}LLM_HELP_TIMEOUT 应在 0 到 600 秒之间，得到 {self.llm_help_timeout}"
            )
        for name in self.llm_help:
            if name not in LLM_HELPS:
                raise BadSettings(f"{PREFIX}LLM_HELP 应取自 {'、'.join(LLM_HELPS)}，得到 {name!r}")
        if self.llm_help and self.llm_base_url is None:
            raise BadSettings(
                f"设置了 {PREFIX}LLM_HELP，还需要用 {PREFIX}LLM_BASE_URL 写明语言模型的地址"
            )
        if self.llm_base_url is None:
            return
        if not self.llm_base_url.startswith(("http://", "https://")):
            raise BadSettings(
                f"{PREFIX}LLM_BASE_URL 应以 http:// 或 https:// 开头，得到 {self.llm_base_url!r}"
            )
        if not self.llm_model:
            raise BadSettings(f"设置了 {PREFIX}LLM_BASE_URL，还需要用 {PREFIX}LLM_MODEL 写明模型")

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


_CHOICES = {
    "auth": ("auto", "on", "off"),
    "host_check": ("auto", "on", "off"),
    "page": ("open", "closed"),
    "llm_structured": ("auto", "on", "off"),
}
_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def _convert(name: str, value: Any) -> Any:
    if name in ("index", "feedback", "keys"):
        try:
            return Path(value).expanduser()
        except RuntimeError:  # no such user
            raise BadSettings(f"{PREFIX}{name.upper()} 不是可用的路径：{value!r}") from None
    if name in ("hosts", "llm_help"):
        return tuple(filter(None, map(str.strip, str(value).split(","))))
    if name in ("top_k", *_COUNTS):
        return _number(int, "整数", name, value)
    if name in ("timeout", "llm_timeout", "llm_help_timeout"):
        return _number(float, "秒数", name, value)
    if name == "log_questions":
        if (word := str(value).lower()) not in _WORDS:
            raise BadSettings(f"{PREFIX}{name.upper()} 应为 1 或 0，得到 {value!r}")
        return _WORDS[word]
    return str(value)


def _number(kind: type[int] | type[float], expected: str, name: str, value: Any) -> int | float:
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise BadSettings(f"{PREFIX}{name.upper()} 应为{expected}，得到 {value!r}") from None
