"""Every recipe of docs/recipes, run as it stands against ``tiaowen serve``."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from serving import tiaowen_serve
from support import ROOT, check_contract, shipped_index

from corpus.store import shipped_documents

RECIPES = ROOT / "docs" / "recipes"
TEXTS = {document.id: document.text for document in shipped_documents()}


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with tiaowen_serve() as address:
        yield address


def cook(name: str, origin: str) -> str:
    """Run a recipe as a person would, and return what it prints."""
    command = [sys.executable, str(RECIPES / name)] if name.endswith(".py") else [RECIPES / name]
    environ = {**os.environ, "TIAOWEN_URL": origin, "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", env=environ, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def events(stream: str) -> list[str]:
    return [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data:")]


def config(name: str) -> dict[str, Any]:
    read = json.loads((RECIPES / name).read_text(encoding="utf-8"))
    return dict(read["mcpServers"]["tiaowen"])


def test_every_recipe_is_run_here() -> None:
    source = (ROOT / "tests" / "test_docs_recipes.py").read_text(encoding="utf-8")
    names = [path.name for path in RECIPES.iterdir() if path.is_file()]
    assert names
    assert not [name for name in names if f'"{name}"' not in source]


def test_ask_with_curl(origin: str) -> None:
    values = json.loads(cook("ask.sh", origin))
    check_contract(values, TEXTS)
    assert "10年" in values["answer"]


def test_ask_with_curl_as_a_stream(origin: str) -> None:
    sent = events(cook("ask_stream.sh", origin))
    check_contract(json.loads(sent[-1]), TEXTS)


def test_chat_with_curl(origin: str) -> None:
    message = json.loads(cook("chat.sh", origin))["choices"][0]["message"]
    assert message["citations"][0]["clause"]["label"] == "（十二）"
    assert "\n来源：\n[1] 《科创22条》" in message["content"]


def test_chat_with_curl_as_a_stream(origin: str) -> None:
    *sent, last = events(cook("chat_stream.sh", origin))
    assert last == "[DONE]"
    chunks = [json.loads(data) for data in sent]
    said = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    whole = json.loads(cook("chat.sh", origin))["choices"][0]["message"]
    assert said == whole["content"]
    assert chunks[-1]["choices"][0]["delta"]["citations"] == whole["citations"]


def test_ask_with_httpx(origin: str) -> None:
    said = cook("ask_httpx.py", origin)
    assert "最高到10年。[1]" in said
    assert f"{origin}/documents/" in said


def test_chat_with_openai(origin: str) -> None:
    said = cook("chat_openai.py", origin)
    assert said.count("最高到10年。[1]") == 2
    assert "（八） 完善" in said


def test_an_agent_over_http(origin: str) -> None:
    said = cook("agent_mcp.py", origin)
    assert "最高到10年。[1]" in said
    assert f"{origin}/documents/" in said


def test_the_configuration_of_a_client_over_http(origin: str) -> None:
    settings = config("mcp_http.json")
    assert settings["url"].startswith("http://127.0.0.1:8000/")
    url = settings["url"].replace("http://127.0.0.1:8000", origin)
    assert asyncio.run(_tools(url)) == ["ask_document", "search_clauses", "read_clause"]


def test_the_configuration_of_a_desktop_client() -> None:
    settings = config("mcp_stdio.json")
    assert settings["command"] == "tiaowen"  # what pyproject.toml installs
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "ui.cli", *settings["args"]],
        env={"TIAOWEN_INDEX": str(shipped_index()), "PYTHONUTF8": "1"},
        cwd=ROOT,
    )
    assert asyncio.run(_tools(server)) == ["ask_document", "search_clauses", "read_clause"]


async def _tools(server: Any) -> list[str]:
    async with Client(server) as client:
        return [tool.name for tool in (await client.list_tools()).tools]
