"""The wire types of the OpenAI-compatible routes: what of them we read, and what we add.

Requests may carry any other field of OpenAI's (temperature, tools, …): it is ignored.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from assistant import answer as domain
from assistant.api.schemas import CitationOut
from assistant.errors import BadQuestion
from assistant.question import MAX_HISTORY, Turn

MODEL = "tiaowen"
_LONGEST_TURN = 4000  # characters kept of an earlier turn, as /v1/ask takes them
_EXAMPLE: JsonDict = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "海外人才居住证（B证）的有效期最长几年？"}],
}


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    """A message; those that are neither the user's nor the assistant's are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Its text, parts joined."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""

    @property
    def only_text(self) -> bool:
        """Whether it holds nothing but text: no picture, no file."""
        parts = self.content if isinstance(self.content, list) else []
        return all(part.type == "text" for part in parts)


class StreamOptions(BaseModel):
    """Options of a stream."""

    include_usage: Annotated[
        bool | None, Field(strict=True, description="send a last chunk with `usage` and no choices")
    ] = None


class ChatRequest(BaseModel):
    """A conversation whose last user message is the question."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    model: Annotated[
        str, Field(description="`tiaowen`, or `tiaowen/<document id>` to ask one document")
    ]
    messages: Annotated[list[ChatMessage], Field(min_length=1)]
    stream: Annotated[bool | None, Field(strict=True)] = None
    stream_options: StreamOptions | None = None

    def turns(self) -> tuple[str, list[Turn]]:
        """Return the question and what was said before it, newest ``MAX_HISTORY`` turns.

        Raises:
            BadQuestion: No message is the user's, or the question holds more than text.
        """
        last = max((n for n, m in enumerate(self.messages) if m.role == "user"), default=None)
        if last is None:
            raise BadQuestion("messages 里没有用户的问题，请加一条 role 为 user 的消息")
        if not self.messages[last].only_text:
            raise BadQuestion("问题里有图片或文件，这里只读文字，请把要问的写成文字")
        earlier = [
            Turn(message.role, message.text[:_LONGEST_TURN])
            for message in self.messages[:last]
            if message.role in ("user", "assistant") and message.text
        ]
        return self.messages[last].text, earlier[-MAX_HISTORY:]


class Usage(BaseModel):
    """Sizes in characters (Unicode code points), not tokens: no language model counted any.

    `prompt_tokens` are those of the question and of the earlier turns that were read,
    `completion_tokens` those of the answer with its source list.
    """

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int

    @classmethod
    def of(cls, question: str, history: list[Turn], said: str) -> "Usage":
        """Count."""
        prompt = len(question) + sum(len(turn.content) for turn in history)
        completion = len(said)
        return cls(
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=prompt + completion,
        )


class Extra(BaseModel):
    """What stands beside the text and OpenAI does not know."""

    citations: Annotated[list[CitationOut], Field(description="the same objects as in /v1/ask")]
    refusal_reason: domain.Reason | None

    @classmethod
    def from_domain(cls, outcome: domain.Outcome) -> "Extra":
        """Translate an outcome."""
        if isinstance(outcome, domain.Refusal):
            return cls(citations=[], refusal_reason=outcome.reason)
        found = [CitationOut.from_domain(citation) for citation in outcome.citations]
        return cls(citations=found, refusal_reason=None)


class AnswerMessage(Extra):
    """The answer, or why there is none, with its source list."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: AnswerMessage
    logprobs: None = None
    finish_reason: Literal["stop"] = "stop"


class ChatCompletion(BaseModel):
    """What comes back unless it is streamed."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class ChunkChoice(BaseModel):
    """A piece of the answer; the last one's `delta` holds `citations` and `refusal_reason`."""

    index: Literal[0] = 0
    delta: dict[str, Any]
    logprobs: None = None
    finish_reason: Literal["stop"] | None = None


class ChatChunk(BaseModel):
    """What one server-sent event of a stream carries."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None


class ModelOut(BaseModel):
    """What can be asked: all documents, or one."""

    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: Literal["tiaowen"] = "tiaowen"
    name: Annotated[str, Field(description="what a person calls it")]


class ModelList(BaseModel):
    """Everything that can be asked."""

    object: Literal["list"] = "list"
    data: list[ModelOut]
