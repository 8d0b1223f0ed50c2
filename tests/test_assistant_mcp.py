"""What an agent can do, by the SDK's own client: in one process, and over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from jsonschema import validate
from mcp import Client, MCPError
from serving import uvicorn_of
from support import (
    B_PERMIT,
    CITATION_KEYS,
    SHIPPED_ID,
    assistant_of,
    shipped_assistant,
    two_document_assistant,
)

from assistant.api import mcp_http
from assistant.api.app import create_app
from assistant.mcp import create_mcp_server
from assistant.pipeline import Assistant
from assistant.plain import to_plain
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import shipped_documents

TEXTS = {document.id: document.text for document in shipped_documents()}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
Use = Callable[[Client], Awaitable[Any]]


def application(hosts: tuple[str, ...] = (), assistant: Assistant | None = None) -> Any:
    settings = Settings(hosts=hosts)
    app = create_app(assistant or shipped_assistant(), settings)
    mcp_http.mount(app, assistant or shipped_assistant(), settings)
    return app


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with uvicorn_of(application()) as address:
        yield address


def within(use: Use, assistant: Assistant | None = None) -> Any:
    """Talk to a server without any transport."""
    return talk(create_mcp_server(assistant or shipped_assistant(), Settings()), use)


def talk(server: Any, use: Use, **more: Any) -> Any:
    async def run() -> Any:
        async with Client(server, **more) as client:
            return await use(client)

    return asyncio.run(run())


def call(name: str, assistant: Assistant | None = None, **arguments: Any) -> Any:
    return within(lambda client: client.call_tool(name, arguments), assistant)


def text(result: Any) -> str:
    (block,) = result.content
    return str(block.text)


def failed(result: Any) -> str:
    """A tool that fails says why in one sentence."""
    assert result.is_error
    assert result.structured_content is None
    assert "\n" not in text(result)
    assert "Traceback" not in text(result)
    return text(result)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("root_path", ["", "/policy"])
def test_over_http_in_both_generations_of_the_protocol(mode: str, root_path: str) -> None:
    async def use(client: Client) -> tuple[str, list[str], str]:
        found = await client.call_tool("ask_document", {"question": B_PERMIT})
        tools = [tool.name for tool in (await client.list_tools()).tools]
        (resource,) = (await client.list_resources()).resources
        read: Any = (await client.read_resource(resource.uri)).contents[0]
        return text(found), tools, read.text

    with uvicorn_of(application(), root_path=root_path) as origin:
        said, tools, document = talk(f"{origin}/mcp", use, mode=mode)
        assert f" {origin}{root_path}/documents/{SHIPPED_ID}?quote=" in said
    assert tools == ["ask_document", "search_clauses", "read_clause"]
    assert document == TEXTS[SHIPPED_ID]


def test_clients_at_the_same_time(origin: str) -> None:
    async def one(number: int) -> str:
        async with Client(f"{origin}/mcp") as client:
            asked = {"document": SHIPPED_ID, "label": f"第{number}条"}
            found: Any = (await client.call_tool("read_clause", asked)).structured_content
            return str(found["clauses"][0]["clause"]["label"])

    async def all_of_them() -> list[str]:
        return await asyncio.gather(*map(one, range(1, 11)))

    labels = asyncio.run(all_of_them())
    assert labels == [f"（{n}）" for n in "一二三四五六七八九十"]


def test_asking() -> None:
    result = call("ask_document", question=B_PERMIT)
    outcome = shipped_assistant().ask(B_PERMIT)
    assert text(result) == to_plain(outcome, shipped_assistant().library)
    values = result.structured_content
    assert values["answerable"] is True
    assert values["answer"] in text(result)
    for citation in values["citations"]:
        assert set(citation) == CITATION_KEYS
        start, end = citation["start_char_index"], citation["end_char_index"]
        assert TEXTS[citation["document_id"]][start:end] == citation["cited_text"]


def test_a_refusal_is_no_error() -> None:
    result = call("ask_document", question="第三十条")
    assert not result.is_error
    values = result.structured_content
    assert (values["answerable"], values["answer"], values["citations"]) == (False, "", [])
    assert values["refusal"]["reason"] == "not_in_document"
    assert text(result).startswith(values["refusal"]["message"])


def test_asking_one_document() -> None:
    question = "示范人应当具备什么条件？"
    law = call("ask_document", two_document_assistant(), question=question, document="law")
    policy = call("ask_document", two_document_assistant(), question=question, document="policy")
    assert {c["document_id"] for c in law.structured_content["citations"]} == {"law"}
    cited = policy.structured_content["citations"]
    assert not [c for c in cited if c["document_id"] == "law"]


def test_searching() -> None:
    result = call("search_clauses", query="外籍人才居留", limit=3, document=SHIPPED_ID)
    hits = result.structured_content["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert all(hit["text"] in text(result) for hit in hits)
    assert text(result).startswith("1. 《科创22条》")
    assert len(call("search_clauses", query="人才").structured_content["hits"]) == 8


@pytest.mark.parametrize("label", ["（八）", "第八条", "第8条"])
def test_reading_a_clause(label: str) -> None:
    result = call("read_clause", document=SHIPPED_ID, label=label)
    (clause,) = result.structured_content["clauses"]
    assert clause["clause"]["label"] == "（八）"
    assert text(result) == (
        f"《科创22条》三、建设创新创业人才高地 › （八）进一步引进海外高层次人才\n{clause['text']}"
    )


def test_what_a_tool_returns_is_what_its_schema_says() -> None:
    calls = {
        "ask_document": ({"question": B_PERMIT}, {"question": "第三十条"}, {"question": "你好"}),
        "search_clauses": ({"query": "人才", "limit": None}, {"query": "人才", "limit": 1}),
        "read_clause": ({"document": SHIPPED_ID, "label": "三、"},),
    }

    async def use(client: Client) -> None:
        for tool in (await client.list_tools()).tools:
            assert tool.description
            assert tool.output_schema
            for arguments in calls.pop(tool.name):
                validate(arguments, tool.input_schema)
                result: Any = await client.call_tool(tool.name, arguments)
                assert not result.is_error
                validate(result.structured_content, tool.output_schema)

    within(use)
    assert not calls


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("ask_document", {"question": " "}, "问题是空的"),
        ("ask_document", {"question": "问" * 501}, "最多 500 个"),
        ("ask_document", {"question": B_PERMIT, "document": "nowhere"}, SHIPPED_ID),
        ("ask_document", {}, "question"),
        ("ask_document", {"question": 7}, "question"),
        ("ask_document", {"question": B_PERMIT, "language": "zh"}, "language"),
        ("search_clauses", {"query": ""}, "问题是空的"),
        ("search_clauses", {"query": "人才", "limit": 0}, "limit"),
        ("search_clauses", {"query": "人才", "document": "nowhere"}, "nowhere"),
        ("read_clause", {"document": SHIPPED_ID, "label": "第三十条"}, "第三十条"),
        ("read_clause", {"document": "nowhere", "label": "（八）"}, "nowhere"),
    ],
)
def test_a_tool_says_in_one_sentence_what_is_wrong(
    name: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in failed(call(name, **arguments))


def test_our_own_faults_tell_nothing() -> None:
    with patch.object(Assistant, "ask", side_effect=RuntimeError("secret path")):
        assert failed(call("ask_document", question=B_PERMIT)) == "服务器内部错误，请稍后再试"


@pytest.mark.parametrize(
    "use",
    [
        lambda client: client.call_tool("delete_document", {}),
        lambda client: client.read_resource("tiaowen://documents/nowhere"),
        lambda client: client.read_resource("file:///etc/passwd"),
    ],
    ids=range(3),
)
def test_what_is_not_there(use: Use) -> None:
    async def refused(client: Client) -> None:
        with pytest.raises(MCPError, match="没有"):
            await use(client)

    within(refused)


def test_documents_are_resources_whatever_their_ids() -> None:
    names = ["劳动合同法", "a b&c?d#e", "100%"]
    assistant = assistant_of(*(Document(n, f"法{n}", f"第一条 {n}。\n") for n in names))

    async def use(client: Client) -> dict[str, str]:
        found = {}
        for resource in (await client.list_resources()).resources:
            read: Any = (await client.read_resource(resource.uri)).contents[0]
            found[resource.name] = read.text
            assert resource.size == len(read.text.encode())
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "tiaowen://documents/{document}"
        return found

    assert within(use, assistant) == {n: f"第一条 {n}。\n" for n in names}


def test_the_instructions_name_the_documents() -> None:
    many = assistant_of(*(Document(f"d{n:02}", f"法{n}", "第一条 甲。\n") for n in range(25)))

    async def use(client: Client) -> str:
        return str(client.instructions)

    assert f"{SHIPPED_ID}《科创22条》" in within(use)
    assert within(use, many).endswith("d19《法19》 … 5 more")


@pytest.mark.parametrize(
    ("method", "headers", "content", "expected"),
    [
        ("POST", {"host": "evil.example"}, b"{}", (421, "unknown_host")),
        ("POST", {"host": "127.0.0.1.evil.example"}, b"{}", (421, "unknown_host")),
        ("POST", {"origin": "http://evil.example"}, b"{}", (403, "unknown_origin")),
        ("POST", {"origin": "null"}, b"{}", (403, "unknown_origin")),
        ("POST", {"content-type": "text/plain"}, b"{}", (400, "invalid_request")),
        ("POST", {}, b" " * (mcp_http.MAX_BODY + 1), (413, "too_large")),
        ("GET", {}, b"", (405, "method_not_allowed")),
        ("DELETE", {}, b"", (405, "method_not_allowed")),
    ],
)
def test_what_is_turned_away_before_the_protocol(
    origin: str, method: str, headers: dict[str, str], content: bytes, expected: tuple[int, str]
) -> None:
    sent = {"content-type": "application/json"} | headers
    response = httpx.request(method, f"{origin}/mcp", headers=sent, content=content)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == expected
    assert set(error) == {"code", "message", "detail"}


def test_a_body_without_a_length_is_limited_too(origin: str) -> None:
    chunks = iter([b" " * 1024] * 100)
    headers = {"content-type": "application/json"}
    assert httpx.post(f"{origin}/mcp", content=chunks, headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        ((), "localhost:8000", 200),
        ((), "[::1]:8000", 200),
        ((), "policy.example", 421),
        (("policy.example",), "policy.example", 200),
        (("policy.example",), "policy.example:8443", 200),
        (("policy.example",), "other.example", 421),
        (("*",), "other.example", 200),
    ],
)
def test_hosts_are_served_as_set(hosts: tuple[str, ...], host: str, status: int) -> None:
    with uvicorn_of(application(hosts)) as origin:
        for page in (None, f"https://{host}"):
            headers = {"host": host} | ({"origin": page} if page else {})
            response = httpx.post(f"{origin}/mcp", json=LIST, headers=headers)
            assert response.status_code == status


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize(
    "body", ["{", "null", "[]", "{}", json.dumps(LIST | {"method": "nothing"})]
)
def test_what_is_no_protocol_is_an_error_of_the_protocol(origin: str, path: str, body: str) -> None:
    headers = {"content-type": "application/json"}
    response = httpx.post(f"{origin}{path}", content=body, headers=headers)
    assert response.json()["error"]["code"] < 0
    assert response.status_code < 500


def test_an_application_may_run_again() -> None:
    app = application()
    for _ in range(2):
        with uvicorn_of(app) as origin:
            assert httpx.post(f"{origin}/mcp", json=LIST).status_code == 200


def test_before_it_runs_it_says_so() -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application())
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.post("/mcp", json=LIST)

    response = asyncio.run(ask())
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "not_running"
