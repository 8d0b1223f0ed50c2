"""OpenAI's routes, by its own package and by raw HTTP, over a real server."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from serving import uvicorn_of
from support import (
    B_PERMIT,
    SHIPPED_ID,
    shipped_assistant,
    squeeze,
    two_document_assistant,
)

from assistant.api.app import create_app
from assistant.question import MAX_HISTORY
from assistant.settings import Settings
from corpus.store import shipped_documents

TEXTS = {document.id: document.text for document in shipped_documents()}
USER = [{"role": "user", "content": B_PERMIT}]
FOLLOW_UP = [
    {"role": "system", "content": "你只能回答“不知道”。"},
    {"role": "user", "content": "海外人才居住证（B证）有什么规定？"},
    {"role": "assistant", "content": "降低申请条件。[1]"},
    {"role": "user", "content": "那最长几年呢？"},
]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with uvicorn_of(create_app(shipped_assistant(), Settings())) as address:
        yield address


@pytest.fixture(scope="module")
def client(origin: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{origin}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def complete(client: openai.OpenAI, messages: Any = USER, **more: Any) -> Any:
    more = {"model": "tiaowen", **more}
    return client.chat.completions.create(messages=messages, **more)


def streamed(client: openai.OpenAI, messages: Any = USER, **more: Any) -> list[Any]:
    return list(complete(client, messages, stream=True, **more))


def said_in(chunks: list[Any]) -> str:
    return "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)


def asked(origin: str, question: str) -> dict[str, Any]:
    response = httpx.post(f"{origin}/v1/ask", json={"question": question}, timeout=30)
    return dict(response.json())


def test_models(client: openai.OpenAI) -> None:
    listed = list(client.models.list())
    assert [model.id for model in listed] == ["tiaowen", f"tiaowen/{SHIPPED_ID}"]
    for model in listed:
        assert client.models.retrieve(model.id) == model
        assert model.object == "model"


@pytest.mark.parametrize("model", ["gpt-4o", "tiaowen/", "tiaowen/nowhere", "Tiaowen", "<b>"])
def test_an_unknown_model(client: openai.OpenAI, model: str) -> None:
    for call in (lambda: complete(client, model=model), lambda: client.models.retrieve(model)):
        with pytest.raises(openai.NotFoundError) as caught:
            call()
        assert caught.value.code == "model_not_found"
        assert f"没有模型 {model!r}；现有：tiaowen" in caught.value.message


def test_an_answer(client: openai.OpenAI, origin: str) -> None:
    completion = complete(client)
    (choice,) = completion.choices
    values = asked(origin, B_PERMIT)
    citation = values["citations"][0]
    said, _, sources = choice.message.content.partition("\n\n来源：\n")
    assert said == values["answer"]
    assert choice.message.citations == values["citations"]
    assert choice.message.refusal_reason is None
    assert (choice.finish_reason, choice.message.role) == ("stop", "assistant")
    span = f"{citation['start_char_index']}-{citation['end_char_index']}"
    path, _, anchor = citation["url"].partition("#")
    assert sources == (
        f"[1] 《科创22条》{' › '.join(citation['clause']['path'])}："
        f"“{citation['cited_text']}” {origin}{path}?quote={span}#{anchor}"
    )
    assert (completion.object, completion.model) == ("chat.completion", "tiaowen")


def test_every_marker_has_its_source(client: openai.OpenAI) -> None:
    message = (
        complete(client, [{"role": "user", "content": "第八条和第九条讲什么"}]).choices[0].message
    )
    assert len(message.citations) > 1
    for citation in message.citations:
        start, end = citation["start_char_index"], citation["end_char_index"]
        assert TEXTS[citation["document_id"]][start:end] == citation["cited_text"]
        assert message.content.count(f"[{citation['index']}]") == 2
        assert squeeze(f"“{citation['cited_text']}”") in squeeze(message.content)


def test_usage_counts_characters(client: openai.OpenAI) -> None:
    completion = complete(client, FOLLOW_UP)
    usage = completion.usage
    assert usage.prompt_tokens == sum(len(m["content"]) for m in FOLLOW_UP[1:])
    assert usage.completion_tokens == len(completion.choices[0].message.content)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize(
    "question", [B_PERMIT, "第三部分有哪些条款", "第三十条", "你好", "What does article 8 say?"]
)
def test_a_stream_is_the_same_in_chunks(client: openai.OpenAI, question: str) -> None:
    messages = [{"role": "user", "content": question}]
    whole = complete(client, messages)
    chunks = streamed(client, messages, stream_options={"include_usage": True})
    assert said_in(chunks) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    *_, last, usage = chunks
    assert last.choices[0].finish_reason == "stop"
    assert last.choices[0].delta.citations == whole.choices[0].message.citations
    assert last.choices[0].delta.refusal_reason == whole.choices[0].message.refusal_reason
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert len({chunk.id for chunk in chunks}) == 1
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks[:-2])


def test_usage_is_streamed_only_if_asked_for(client: openai.OpenAI) -> None:
    assert all(chunk.choices and chunk.usage is None for chunk in streamed(client))


def test_a_stream_as_it_goes_over_the_wire(origin: str) -> None:
    body = {"model": "tiaowen", "messages": USER, "stream": True}
    response = httpx.post(f"{origin}/v1/chat/completions", json=body, timeout=30)
    assert response.headers["content-type"].startswith("text/event-stream")
    *sent, last = response.text.removesuffix("\n\n").split("\n\n")
    assert last == "data: [DONE]"
    assert all(block.startswith("data: {") and "\n" not in block for block in sent)
    assert [json.loads(block[6:])["object"] for block in sent] == ["chat.completion.chunk"] * len(
        sent
    )


def test_the_async_client(origin: str) -> None:
    async def both() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{origin}/v1", api_key="none") as client:
            arguments: Any = {"model": "tiaowen", "messages": USER}
            whole = await client.chat.completions.create(**arguments)
            stream: Any = await client.chat.completions.create(**arguments, stream=True)
            chunks = [chunk async for chunk in stream]
            return str(whole.choices[0].message.content), said_in(chunks)

    whole, in_chunks = asyncio.run(both())
    assert whole == in_chunks
    assert "10年" in whole


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("第三十条", "not_in_document"),
        ("今天天气怎么样？", "off_topic"),
        ("你好", "greeting"),
        ("是什么", "too_vague"),
    ],
)
def test_a_refusal_is_an_answer(
    client: openai.OpenAI, origin: str, question: str, reason: str
) -> None:
    (choice,) = complete(client, [{"role": "user", "content": question}]).choices
    refusal = asked(origin, question)["refusal"]
    assert choice.finish_reason == "stop"
    assert choice.message.citations == []
    assert choice.message.refusal_reason == refusal["reason"] == reason
    message, _, nearest = choice.message.content.partition("\n\n最接近的条款：\n")
    assert message == refusal["message"]
    assert len(nearest.splitlines()) == len(refusal["nearest"])
    for line, clause in zip(nearest.splitlines(), refusal["nearest"], strict=True):
        assert line.startswith(f"· 《科创22条》{clause['path'][0]}")
        assert line.endswith(f" {origin}{clause['url']}")


def test_history_is_read_and_system_messages_are_not(client: openai.OpenAI) -> None:
    message = complete(client, FOLLOW_UP).choices[0].message
    assert "（八）" in [citation["clause"]["label"] for citation in message.citations]


def test_a_long_conversation_goes_on(client: openai.OpenAI) -> None:
    turns = FOLLOW_UP[1:3] * MAX_HISTORY
    long = [{"role": "user", "content": "长" * 9000}, *turns, FOLLOW_UP[-1]]
    message = complete(client, long).choices[0].message
    assert "（八）" in message.content


def test_content_in_parts(client: openai.OpenAI) -> None:
    parts = [
        {"type": "text", "text": "海外人才居住证（B证）的"},
        {"type": "text", "text": "有效期最长几年？"},
    ]
    in_parts = complete(client, [{"role": "user", "content": parts}])
    assert "10年" in in_parts.choices[0].message.content


def test_what_openai_knows_and_we_do_not_is_ignored(client: openai.OpenAI) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    ignored: dict[str, Any] = {
        "temperature": 0.3,
        "max_tokens": 5,
        "n": 2,
        "tools": [tool],
        "tool_choice": "none",
        "response_format": {"type": "json_object"},
        "user": "someone",
        "extra_body": {"chat_id": "x"},
    }
    found = complete(client, **ignored).choices
    assert [c.message.content for c in found] == [complete(client).choices[0].message.content]


def test_messages_after_the_question_and_without_text_are_ignored(client: openai.OpenAI) -> None:
    more = [{"role": "assistant", "content": None, "tool_calls": []}, *USER]
    more += [{"role": "assistant", "content": "好的，"}]
    assert "10年" in complete(client, more).choices[0].message.content


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": None}],
        [{"role": "user", "content": []}],
        [{"role": "user", "content": "问" * 501}],
        [{"role": "system", "content": B_PERMIT}],
        [{"role": "robot", "content": B_PERMIT}],
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "这是什么？"},
                    {"type": "image_url", "image_url": {"url": "x"}},
                ],
            }
        ],
        "问",
    ],
    ids=range(9),
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_question_that_cannot_be_used(client: openai.OpenAI, messages: Any, stream: bool) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as caught:
        complete(client, messages, stream=stream)
    assert caught.value.code in ("bad_question", "invalid_request")
    assert isinstance(caught.value.body, dict)
    assert set(caught.value.body) == {"code", "message", "detail"}


def test_a_model_of_one_document_answers_from_it_alone() -> None:
    app = create_app(two_document_assistant(), Settings())
    question = [{"role": "user", "content": "示范人应当具备什么条件？"}]
    with (
        uvicorn_of(app) as origin,
        openai.OpenAI(base_url=f"{origin}/v1", api_key="none") as client,
    ):
        everywhere = complete(client, question).choices[0].message
        law = complete(client, question, model="tiaowen/law").choices[0].message
        policy = complete(client, question, model="tiaowen/policy").choices[0].message
    assert everywhere.citations == law.citations
    assert {citation["document_id"] for citation in law.citations} == {"law"}
    assert not [c for c in policy.citations if c["document_id"] == "law"]


def test_under_a_root_path_links_lead_through_it() -> None:
    app = create_app(shipped_assistant(), Settings())
    with uvicorn_of(app, root_path="/policy") as origin:
        body = {"model": "tiaowen", "messages": USER}
        response = httpx.post(f"{origin}/v1/chat/completions", json=body, timeout=30)
    said = response.json()["choices"][0]["message"]["content"]
    assert f" {origin}/policy/documents/{SHIPPED_ID}?quote=" in said


def test_an_english_question_has_english_headings(client: openai.OpenAI) -> None:
    asking = [{"role": "user", "content": "What does article 8 say?"}]
    assert "\n\nSources:\n[1] " in complete(client, asking).choices[0].message.content
