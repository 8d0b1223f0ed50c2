"""A language model behind an OpenAI-compatible endpoint. The only file that knows ``openai``."""

import queue
import threading
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict, runtime_checkable

from assistant.breaker import Breaker
from assistant.errors import BadSettings, ModelUnavailable
from assistant.settings import Settings

_RETRIES = 2  # the client's own, with its backoff
_UNFINISHED = (None, "length", "content_filter")
_CONNECT = 3.0  # seconds
_UNSUPPORTED = (400, 404, 415, 422, 501)  # what servers answer to a format that they do not know
_HOME = Path(__file__).parents[1]


class Message(TypedDict):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatModel(Protocol):
    """Writes text. ``name`` is what the response calls it."""

    name: str

    def complete(self, messages: Sequence[Message]) -> Iterator[str]:
        """Return a reply in pieces as they come.

        Raises:
            ModelUnavailable: While iterating: there is no reply, or it broke off.
        """
        ...


@dataclass
class Structure:
    """The form in which a reply is wanted, and the words that go with it.

    Attributes:
        messages: What is sent in place of the plain messages.
        schema: The JSON schema that the server is asked to hold the reply to.
        sent: Set by the model: whether this was sent, and not the plain messages.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any]
    sent: bool = False


@runtime_checkable
class StructuringModel(ChatModel, Protocol):
    """A model that can be asked for a reply in JSON."""

    def complete_structured(
        self, messages: Sequence[Message], structure: Structure
    ) -> Iterator[str]:
        """Return a reply to ``structure`` if the server takes it, else to ``messages``.

        Both within one time limit.

        Raises:
            ModelUnavailable: As ``complete``.
        """
        ...

    def distrust_structure(self) -> None:
        """Note that a reply was not in the form agreed on."""
        ...


def install_command(home: Path = _HOME) -> str:
    """Return the command that installs the client: for a clone, or for the installed package."""
    if (home / "constraints.txt").exists() and (home / "pyproject.toml").exists():
        return ".venv/bin/pip install -c constraints.txt -e '.[llm]'"
    return "pip install 'tiaowen[llm]'"


def load_model(settings: Settings) -> ChatModel | None:
    """Return the model that the settings name; ``None`` if they name none.

    Raises:
        BadSettings: The ``openai`` package is not installed.
    """
    if settings.llm_base_url is None:
        return None
    return OpenAIModel(settings)


class OpenAIModel:
    """The official client against any base URL; a whole reply within the time limit, or none.

    ``served`` is what the server called the model of its last reply; empty if it did not say.
    """

    def __init__(self, settings: Settings, breaker: Breaker | None = None) -> None:
        """Open the client; no request is made.

        Raises:
            BadSettings: The ``openai`` package is not installed.
        """
        try:
            import openai  # noqa: PLC0415 (a second; only where a model is configured)
        except ImportError as error:
            raise BadSettings(
                f"设置了 TIAOWEN_LLM_BASE_URL，但没有安装 openai，请运行 {install_command()}"
            ) from error
        self.name = settings.llm_model or ""
        self.served = ""
        self._structured = settings.llm_structured
        self._limit = settings.llm_timeout
        self._tokens = settings.llm_max_tokens
        self._places = threading.BoundedSemaphore(settings.llm_concurrency)
        self._breaker = breaker or Breaker()
        self._openai = openai
        self._own = threading.local()  # of each reading thread: whether it is still waited for
        before = partial(_still_wanted, self._own)
        self._client = openai.OpenAI(
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key or "none",
            timeout=openai.Timeout(settings.llm_timeout, connect=min(_CONNECT, self._limit)),
            max_retries=_RETRIES,
            http_client=openai.DefaultHttpxClient(event_hooks={"request": [before]}),
        )
        weakref.finalize(self, self._client.close)

    def complete(self, messages: Sequence[Message]) -> Iterator[str]:
        """See ``ChatModel``; the time limit is for waiting, writing and retrying together."""
        return self._complete(messages, None)

    def complete_structured(
        self, messages: Sequence[Message], structure: Structure
    ) -> Iterator[str]:
        """See ``StructuringModel``; the time limit holds for both attempts together."""
        return self._complete(messages, None if self._structured == "off" else structure)

    def distrust_structure(self) -> None:
        """Ask for plain text from now on, unless the settings insist."""
        if self._structured == "auto":
            self._structured = "off"

    def _complete(self, messages: Sequence[Message], structure: Structure | None) -> Iterator[str]:
        self._breaker.check()
        deadline = time.monotonic() + self._limit
        if not self._places.acquire(timeout=self._limit):
            raise ModelUnavailable(f"语言模型太忙，{self._limit:g} 秒内没有轮到")
        pieces: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        stop = threading.Event()
        # A thread of its own: neither a silent server nor the client's backoff outlasts the limit.
        arguments = (list(messages), structure, pieces, stop)
        threading.Thread(target=self._read, args=arguments, daemon=True).start()
        try:
            yield from self._arriving(pieces, deadline)
        except ModelUnavailable:
            self._breaker.failed()
            raise
        finally:
            stop.set()
        self._breaker.succeeded()

    def close(self) -> None:
        """Close the connections; a reply that is being written breaks off."""
        self._client.close()

    def models(self) -> list[str]:
        """Return the names of the models that the endpoint offers.

        Raises:
            ModelUnavailable: It cannot be reached or refuses us.
        """
        try:
            return [model.id for model in self._client.models.list()]
        except Exception as error:
            raise self._explained(error) from error

    def _arriving(
        self, pieces: "queue.SimpleQueue[str | Exception | None]", deadline: float
    ) -> Iterator[str]:
        while True:
            try:
                piece = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise ModelUnavailable(f"语言模型 {self._limit:g} 秒内没有答完") from None
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise self._explained(piece) from piece
            yield piece

    def _read(
        self,
        messages: list[Message],
        structure: Structure | None,
        pieces: "queue.SimpleQueue[str | Exception | None]",
        stop: threading.Event,
    ) -> None:
        self._own.stop = stop
        try:
            reasons: set[str | None] = set()
            with self._open(messages, structure) as stream:
                framed = _is_framed(stream.response.headers)
                for chunk in stream:
                    if stop.is_set():
                        return
                    self.served = chunk.model or self.served
                    for choice in (chunk.choices or ())[:1]:
                        if choice.delta and choice.delta.content:
                            pieces.put(choice.delta.content)
                        reasons.add(choice.finish_reason)
            # Some servers name no reason: then a body that ends as announced is whole.
            finished = bool(reasons.difference(_UNFINISHED)) or (framed and reasons == {None})
            pieces.put(None if finished else ModelUnavailable("语言模型的回答中途断开"))
        except Exception as error:  # handed to the reader, which says what it means
            pieces.put(error)
        finally:
            self._places.release()

    def _open(self, messages: list[Message], structure: Structure | None) -> Any:
        if structure is None:
            return self._create(messages)
        named = {"name": "answer", "strict": True, "schema": structure.schema}
        wanted = {"type": "json_schema", "json_schema": named}
        try:
            stream = self._create(list(structure.messages), response_format=wanted)
            structure.sent = True
        except self._openai.APIStatusError as error:
            if self._structured == "on" or not _may_be_the_format(error):
                raise
            stream = self._create(messages)
            self.distrust_structure()  # only now: else the fault lay elsewhere
        return stream

    def _create(self, messages: list[Message], **more: Any) -> Any:
        return self._client.chat.completions.create(
            model=self.name,
            messages=messages,  # type: ignore[arg-type]
            max_tokens=self._tokens,
            temperature=0,
            stream=True,
            **more,
        )

    def _explained(self, error: Exception) -> ModelUnavailable:
        """Say in one sentence what an error of the client means; the most specific class wins."""
        if isinstance(error, ModelUnavailable):
            return error
        api = self._openai
        known = (
            (api.AuthenticationError, "语言模型拒绝了密钥，请检查 TIAOWEN_LLM_API_KEY"),
            (api.PermissionDeniedError, "语言模型不允许使用，请检查密钥的权限"),
            (api.NotFoundError, "语言模型的地址或名称不存在，请检查 TIAOWEN_LLM_MODEL"),
            (api.RateLimitError, "语言模型请求过多（429），请稍后再试"),
            (api.APITimeoutError, f"语言模型 {self._limit:g} 秒内没有答完"),
            (api.APIConnectionError, "连不上语言模型，请检查 TIAOWEN_LLM_BASE_URL"),
        )
        for kind, text in known:
            if isinstance(error, kind):
                return ModelUnavailable(text)
        if isinstance(error, api.APIStatusError):
            insisted = self._structured == "on" and _may_be_the_format(error)
            hint = _INSISTED if insisted else ""
            return ModelUnavailable(f"语言模型返回错误（HTTP {error.status_code}）{hint}")
        return ModelUnavailable("语言模型的回答无法读取")


def _is_framed(headers: Mapping[str, str]) -> bool:
    """Say whether a body that breaks off is an error of the connection.

    Such a body that ends is whole, though its server may name no ``finish_reason``; one that only
    the end of the connection ends may have been cut anywhere.
    """
    return "content-length" in headers or "chunked" in headers.get("transfer-encoding", "")


_INSISTED = "，它可能不支持结构化输出，请把 TIAOWEN_LLM_STRUCTURED 设为 auto 或 off"


def _may_be_the_format(error: Any) -> bool:
    return error.status_code in _UNSUPPORTED or "response_format" in str(error)


def _still_wanted(own: threading.local, _: Any) -> None:
    """Send no second request for a reply that nobody waits for any more."""
    stop = getattr(own, "stop", None)
    if stop is not None and stop.is_set():
        raise ModelUnavailable("没有人在等这个回答了")
