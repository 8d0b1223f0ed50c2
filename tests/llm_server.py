"""A scripted OpenAI-compatible server: real HTTP on a free port of 127.0.0.1, in a thread."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Script:
    """How the server answers.

    Attributes:
        reply: What it writes, given the prompt it was sent.
        status: Of the response; with an error status the reply is not written.
        headers: Sent with it.
        raw: Sent instead of the event stream, if given.
        before: Seconds of silence before the first piece.
        between: Seconds between pieces.
        cut: The connection is closed after so many pieces.
        finish: The reason given in the last piece; none is sent if it is None.
        chunked: The body says where it ends, instead of ending with the connection.
        structured: What it writes, in place of ``reply``, where a JSON schema is asked for.
        refuses: The error status that it has for a JSON schema, if any.
        served: What it calls the model.
    """

    reply: Callable[[str], str] = lambda _: "没有规定"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    before: float = 0.0
    between: float = 0.0
    cut: int | None = None
    finish: str | None = "stop"
    chunked: bool = False
    structured: Callable[[str], str] | None = None
    refuses: int | None = None
    served: str = "scripted"


class LLMServer:
    """The running server; ``requests`` are the bodies it was sent, with the key as ``key``."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.script = Script()
        self.requests: list[dict[str, Any]] = []
        self.active = 0
        self.most_active = 0


@contextmanager
def serve() -> Iterator[LLMServer]:
    """Run a server until the block ends."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    httpd.daemon_threads = True
    httpd.llm = LLMServer(f"http://127.0.0.1:{httpd.server_port}/v1")  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield httpd.llm  # type: ignore[attr-defined]
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def number_of(prompt: str, words: str) -> int:
    """Return the number of the evidence that holds some words."""
    for block in re.split(r"\n\n(?=\[\d+\] 《)", prompt):
        marker = re.search(r"\[(\d+)\] 《", block)
        if marker and words in block:
            return int(marker[1])
    raise AssertionError(f"no evidence holds {words}")


def pieces(text: str) -> Sequence[str]:
    """Cut a reply as a model does: a few characters at a time."""
    return [text[i : i + 3] for i in range(0, len(text), 3)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send(200, json.dumps({"object": "list", "data": [_model()]}).encode())

    def do_POST(self) -> None:
        server: LLMServer = self.server.llm  # type: ignore[attr-defined]
        server.active += 1
        server.most_active = max(server.active, server.most_active)
        try:
            self._answer(server)
        finally:
            server.active -= 1

    def _answer(self, server: LLMServer) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server.requests.append(body | {"key": self.headers.get("authorization")})
        script = server.script
        wants_schema = "response_format" in body
        status = (script.refuses if wants_schema else None) or script.status
        if status != 200:
            error = {"error": {"message": "scripted", "type": "scripted", "code": status}}
            self._send(status, json.dumps(error).encode(), script.headers)
        elif script.raw is not None:
            self._send(200, script.raw, {"content-type": "text/event-stream"})
        else:
            prompt = body["messages"][-1]["content"]
            try:
                reply = (script.structured if wants_schema else None) or script.reply
                self._stream(script, reply(prompt))
            except OSError:  # the client had enough
                self.close_connection = True

    def _stream(self, script: Script, reply: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        framing = ("transfer-encoding", "chunked") if script.chunked else ("connection", "close")
        self.send_header(*framing)
        self.end_headers()
        self.close_connection = True
        time.sleep(script.before)
        for number, piece in enumerate(pieces(reply)):
            if number == script.cut:
                return
            self._event({"content": piece}, None, script.served)
            time.sleep(script.between)
        if script.finish:
            self._event({}, script.finish, script.served)
        if script.finish or script.chunked:
            self._write(b"data: [DONE]\n\n")
            self._write(b"")

    def _event(self, delta: dict[str, str], finish: str | None, served: str) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": served,
            "choices": [choice],
        }
        self._write(f"data: {json.dumps(chunk)}\n\n".encode())

    def _write(self, data: bytes) -> None:
        """Send a piece of the body; an empty one ends a chunked body."""
        chunked = self.server.llm.script.chunked  # type: ignore[attr-defined]
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
        self.wfile.flush()

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"content-type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _model() -> dict[str, Any]:
    return {"id": "scripted", "object": "model", "created": 0, "owned_by": "tests"}
