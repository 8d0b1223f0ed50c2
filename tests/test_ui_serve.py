"""``tiaowen serve`` as a process: it answers at once, and on SIGTERM finishes what it answers."""

import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from browser import SLOW, visit
from serving import run_server, tiaowen_serve
from support import B_PERMIT

_WORKERS = pytest.mark.parametrize("workers", ["1", "2"])
_GRACE = 25  # seconds to end in, beside other work: three for what still goes on, and a little


@contextmanager
def slow_serve(workers: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """``tiaowen serve`` as its own process, with an answer that takes seconds."""
    with run_server(SLOW, TIAOWEN_WORKERS=workers) as served:
        yield served


def _gone(server: "subprocess.Popen[bytes]") -> bool:
    """Whether the process ends soon, by itself or by the signal."""
    return server.wait(_GRACE) in (0, -15)


def test_two_workers_do_not_wait_for_acknowledgements() -> None:
    with tiaowen_serve("--workers", "2") as address, httpx.Client() as client:
        taken = [client.get(f"{address}/healthz").elapsed.total_seconds() for _ in range(31)]
    assert statistics.median(taken) < 0.03  # a system waits 40 ms before it acknowledges


@_WORKERS
def test_a_running_answer_is_finished(workers: str) -> None:
    with slow_serve(workers) as (address, server):
        body = {"question": B_PERMIT, "stream": True}
        with httpx.stream("POST", f"{address}/v1/ask", json=body, timeout=20) as streamed:
            lines = streamed.iter_lines()
            first = next(lines)
            server.terminate()
            rest = list(lines)
        assert "event: done" not in first
        assert "event: done" in rest
        assert _gone(server)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}/readyz")


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@_WORKERS
def test_an_open_chat_page_does_not_hold_it_up(browser: Any, workers: str) -> None:
    with slow_serve(workers) as (address, server), visit(browser, address) as opened:
        opened.page.wait_for_timeout(500)
        server.terminate()
        assert _gone(server)
        opened.complaints.clear()  # the page may say that its server is gone
