"""Real servers on 127.0.0.1: one in this process, and ``tiaowen serve`` as its own."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import uvicorn
from support import ROOT, shipped_index, workspace


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def uvicorn_of(app: Any, **options: Any) -> Iterator[str]:
    """Serve an application; yields its address without a last slash."""
    port = free_port()
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", ws="none", lifespan="on", **options
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)


@contextmanager
def tiaowen_serve(*options: str, **environ: str) -> Iterator[str]:
    """Run ``tiaowen serve`` on the shipped index; yields its address without a last slash."""
    with run_server(["-m", "ui.cli", "serve", *options, "--port"], **environ) as (address, _):
        yield address


@contextmanager
def run_server(
    command: Sequence[str], **environ: str
) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """Run a server of its own on the shipped index, and stop it.

    Args:
        command: Python's arguments; a port is put behind them.
        environ: Variables besides.

    Yields:
        Its address without a last slash, once it is ready, and its process.
    """
    port = str(free_port())
    log = workspace() / f"serve-{port}.log"
    inherited = {
        **os.environ,
        "TIAOWEN_INDEX": str(shipped_index()),
        "PYTHONUTF8": "1",
        "PYTHONPATH": str(ROOT),
    }
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [sys.executable, *command, port], stdout=out, stderr=out, env=inherited | environ
        ) as server,
    ):
        try:
            until_ready(f"http://127.0.0.1:{port}/readyz", server, log)
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.terminate()
            server.wait(20)


def until_ready(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until an address answers; what the server wrote is the failure if it does not."""
    for _ in range(300):
        assert server.poll() is None, log.read_text(encoding="utf-8")
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"{url} did not come up within a minute")
