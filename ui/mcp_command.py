"""``tiaowen mcp``: the Model Context Protocol over stdio, for a client on the same machine."""

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client closes our standard input; stdout carries the protocol alone."""
    import anyio  # noqa: PLC0415

    from assistant.mcp import create_mcp_server  # noqa: PLC0415
    from assistant.opening import load_assistant  # noqa: PLC0415

    settings = Settings.from_environ(os.environ, index=arguments.index)
    server = create_mcp_server(load_assistant(settings), settings)
    if sys.stdin.isatty():
        print("tiaowen mcp: 等待 MCP 客户端从标准输入连接（Ctrl+C 停止）", file=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a thread reads our input: nothing else ends it
    anyio.run(_serve, server)
    return 0


async def _serve(server: "Server[Any]") -> None:
    from mcp.server.stdio import stdio_server  # noqa: PLC0415

    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
