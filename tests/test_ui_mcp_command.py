"""``tiaowen mcp``: the protocol over stdio, in a process of its own."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from support import B_PERMIT, ROOT, SHIPPED_ID, shipped_index

COMMAND = [sys.executable, "-m", "ui.cli", "mcp"]
CLIENT = {"name": "test", "version": "1"}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": CLIENT},
}


def environ() -> dict[str, str]:
    return {"TIAOWEN_INDEX": str(shipped_index()), "PYTHONUTF8": "1"}


@contextmanager
def running() -> Iterator["subprocess.Popen[bytes]"]:
    """The command, once it has answered the first message."""
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(COMMAND, cwd=ROOT, env=os.environ | environ(), **pipes) as process:
        try:
            assert json.loads(say(process, INITIALIZE))["result"]["serverInfo"]["name"] == "tiaowen"
            yield process
        finally:
            process.kill()


def say(process: "subprocess.Popen[bytes]", message: Any) -> bytes:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()
    return process.stdout.readline()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_sdk_client_asks_searches_and_reads(mode: str) -> None:
    server = StdioServerParameters(
        command=COMMAND[0], args=COMMAND[1:], env=environ(), cwd=str(ROOT)
    )

    async def use() -> None:
        async with Client(server, mode=mode) as client:
            answer: Any = await client.call_tool("ask_document", {"question": B_PERMIT})
            assert "10年" in answer.structured_content["answer"]
            assert "\n来源：\n[1] 《科创22条》" in answer.content[0].text
            assert "http" not in answer.content[0].text  # there is no server to link to
            found: Any = await client.call_tool("search_clauses", {"query": "居住证", "limit": 1})
            assert len(found.structured_content["hits"]) == 1
            clause = {"document": SHIPPED_ID, "label": "（八）"}
            read: Any = await client.call_tool("read_clause", clause)
            assert "10年" in read.content[0].text
            (resource,) = (await client.list_resources()).resources
            assert resource.uri == f"tiaowen://documents/{SHIPPED_ID}"

    asyncio.run(use())


def test_stdout_carries_the_protocol_alone() -> None:
    with running() as process:
        asked = {"name": "ask_document", "arguments": {"question": ""}}
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": asked}
        answer = json.loads(say(process, call))
        assert answer["result"]["isError"] is True
        rest, _ = process.communicate(timeout=20)  # closes its input
    assert rest == b""
    assert process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_although_its_input_is_open(number: signal.Signals) -> None:
    with running() as process:
        process.send_signal(number)
        assert process.wait(10) == -number
        assert process.stderr
        assert b"Traceback" not in process.stderr.read()


def test_a_missing_index_is_one_line_and_no_protocol(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--index", str(tmp_path / "nowhere")],
        check=False,
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("tiaowen: 没有索引")
    assert done.stderr.count("\n") == 1
