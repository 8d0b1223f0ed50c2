"""How many at once: ``POST /v1/ask`` under load, beside a plain retrieval service, by ``wrk``."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from corpus.errors import TiaowenError

WORKERS = 2
_SCRIPT = Path(__file__).with_name("load.lua")
_PEER = ("-m", "evals.load_peer")
_OURS = ("-m", "ui.cli", "serve")


class NoDriver(TiaowenError):
    """The program that makes the load is not installed."""

    def __init__(self) -> None:
        super().__init__("找不到 wrk，请先安装（Debian：apt install wrk）")


@dataclass(frozen=True)
class Load:
    """What a service bore.

    ``p50``, ``p95`` and ``p99`` are milliseconds; ``errors`` counts refused and broken connections,
    time-outs and statuses of 400 and above. Memory is that of all its processes after the run, in
    MiB: ``resident`` counts what they share once for each, ``proportional`` once in all (0 where
    the system does not tell).
    """

    service: str
    requests: int
    per_second: float
    p50: float
    p95: float
    p99: float
    errors: int
    resident: float
    proportional: float


def run(questions: Sequence[str], seconds: int, clients: int) -> Iterator[Load]:
    """Load both services, one after the other, with the same questions in turn.

    Args:
        questions: What is asked.
        seconds: How long each.
        clients: Connections that ask at the same time.

    Raises:
        NoDriver: ``wrk`` is not on the PATH.
    """
    if shutil.which("wrk") is None:
        raise NoDriver
    for name, command in (("tiaowen", _OURS), ("LangChain + FAISS, retrieval only", _PEER)):
        with _served(command) as (port, process):
            found = _drive(port, questions, seconds, clients)
            resident, proportional = _memory(process, "Rss:"), _memory(process, "Pss:")
            yield Load(service=name, resident=resident, proportional=proportional, **found)


def _drive(port: int, questions: Sequence[str], seconds: int, clients: int) -> dict[str, Any]:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as bodies:
        for question in questions:
            bodies.write(json.dumps({"question": question}, ensure_ascii=False) + "\n")
        bodies.flush()
        url = f"http://127.0.0.1:{port}/v1/ask"
        options = ["-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT)]
        done = subprocess.run(
            ["wrk", *options, url, "--", bodies.name],
            check=True,
            capture_output=True,
            encoding="utf-8",
        )
    line = next(line for line in done.stdout.splitlines() if line.startswith("{"))
    return dict(json.loads(line))


@contextmanager
def _served(command: Sequence[str]) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--port", str(port), "--workers", str(WORKERS)]
    environ = {**os.environ, "TIAOWEN_RATE": "off", "PYTHONUTF8": "1"}
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [sys.executable, *command, *options], stdout=quiet, stderr=quiet, env=environ
    ) as process:
        try:
            _until_ready(port, process)
            yield port, process
        finally:
            process.terminate()
            process.wait(20)


def _until_ready(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TiaowenError(f"服务没有在一分钟内启动：{' '.join(map(str, process.args))}")  # type: ignore[arg-type]


def _memory(process: "subprocess.Popen[bytes]", kind: str) -> float:
    """Return the memory of a process and its children: MiB; 0 where unknown."""
    total = 0
    for pid in [process.pid, *_children(process.pid)]:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line[:4] == kind)
    return total / 1024


def _children(pid: int) -> list[int]:
    try:
        path = Path(f"/proc/{pid}/task/{pid}/children")
        return [int(child) for child in path.read_text(encoding="ascii").split()]
    except OSError:
        return []


def to_table(loads: Sequence[Load]) -> str:
    """Write the figures as a Markdown table."""
    head = ["service", "requests/s", "p50", "p95", "p99", "errors", "requests", "RSS", "PSS"]
    rows = [
        [
            load.service,
            f"{load.per_second:.0f}",
            *(f"{ms:.0f} ms" for ms in (load.p50, load.p95, load.p99)),
            str(int(load.errors)),
            str(int(load.requests)),
            f"{load.resident:.0f} MiB",
            f"{load.proportional:.0f} MiB",
        ]
        for load in loads
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
