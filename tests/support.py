"""What the tests of the upper layers share: assistants over real indexes, built once a session."""

import atexit
import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from fakes import LAW_TEXT, POLICY_TEXT
from fastapi import FastAPI

from assistant.pipeline import Assistant
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import shipped_documents
from index.build import build
from index.encode import Encoder, HashEncoder, load_encoder
from index.search import Searcher

ROOT = Path(__file__).parent.parent
SHIPPED_ID = "shanghai-innovation-centre-2015"
B_PERMIT = "海外人才居住证（B证）的有效期最长几年？"
SCRIPT = "<script>alert(1)</script>"
ONERROR = '<img src=x onerror="window.hacked=1">'
HOSTILE_TEXT = f"""一、要求{ONERROR}
（一）居住证{SCRIPT}办理。居住证{SCRIPT}的有效期限&最高延长到10年{ONERROR}。
（二）人才服务。人才'服务'由"人才办"负责。
"""
ASK_KEYS = {
    "id", "answerable", "mode", "answer", "citations", "evidence", "confidence", "refusal",
    "timings_ms", "model", "generation",
}  # fmt: skip
CITATION_KEYS = {
    "index", "answer_start", "answer_end", "document_id", "document_title", "cited_text",
    "start_char_index", "end_char_index", "clause", "url",
}  # fmt: skip
CLAUSE_KEYS = {"label", "path", "paragraph", "item"}


@lru_cache(maxsize=1)
def workspace() -> Path:
    """A folder for the whole session, removed at its end."""
    folder = Path(tempfile.mkdtemp(prefix="tiaowen-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=1)
def shipped_encoder() -> Encoder:
    return load_encoder()


@lru_cache(maxsize=1)
def shipped_index() -> Path:
    """The published index of the shipped document by the shipped encoder."""
    directory = workspace() / "shipped"
    build(shipped_documents(), shipped_encoder(), directory)
    return directory


@lru_cache(maxsize=1)
def shipped_assistant() -> Assistant:
    return Assistant(Searcher.open(shipped_index(), shipped_encoder()), Settings())


@lru_cache(maxsize=1)
def two_document_assistant() -> Assistant:
    """A policy and a law by the shipped encoder."""
    return assistant_of(
        Document("policy", "某市关于建设创新中心的意见", POLICY_TEXT, short_title="创新九条"),
        Document("law", "中华人民共和国示范法", LAW_TEXT),
        encoder=shipped_encoder(),
    )


def assistant_of(*documents: Document, encoder: Encoder | None = None) -> Assistant:
    """An assistant of any documents; by hashed terms unless an encoder is given."""
    encoder = encoder or HashEncoder(64)
    directory = Path(tempfile.mkdtemp(dir=workspace())) / "index"
    build(list(documents), encoder, directory)
    return Assistant(Searcher.open(directory, encoder), Settings())


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        host, port = server.servers[0].sockets[0].getsockname()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def hostile_document() -> Document:
    """A document whose every field tries to run a script."""
    return Document(
        "hostile", f"标题{SCRIPT}", HOSTILE_TEXT, short_title=f"短{ONERROR}", issuer=f"机关{SCRIPT}"
    )


def dev_questions() -> list[dict[str, Any]]:
    """The development half of the shipped question set."""
    path = ROOT / "evals" / "questions" / "shanghai-2015-dev.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def without_times(values: dict[str, Any]) -> dict[str, Any]:
    """An answer without what differs between two runs."""
    return {key: value for key, value in values.items() if key not in ("id", "timings_ms")}


def check_contract(values: dict[str, Any], texts: dict[str, str]) -> None:
    """Check an answer on the wire against the contract; ``texts`` are the documents by id."""
    assert set(values) - {"question_id"} == ASK_KEYS
    assert values["answerable"] is (values["refusal"] is None)
    assert 0 <= values["confidence"] <= 1
    assert set(values["model"]) == {"encoder", "generator"}
    assert all(isinstance(ms, int | float) and ms >= 0 for ms in values["timings_ms"].values())
    for citation in values["citations"]:
        _check_citation(citation, values["answer"], texts, written=values["mode"] == "generative")
    assert [c["index"] for c in values["citations"]] == list(range(1, len(values["citations"]) + 1))
    _check_evidence(values["evidence"], texts)
    if values["answerable"]:
        assert values["citations"]
        assert values["answer"]
    else:
        _check_refusal(values)


def _check_citation(
    citation: dict[str, Any], answer: str, texts: dict[str, str], *, written: bool
) -> None:
    assert set(citation) == CITATION_KEYS
    assert set(citation["clause"]) == CLAUSE_KEYS
    start, end = citation["start_char_index"], citation["end_char_index"]
    assert texts[citation["document_id"]][start:end] == citation["cited_text"]
    assert citation["cited_text"].strip()
    supported = answer[citation["answer_start"] : citation["answer_end"]]
    assert written or squeeze(supported) == squeeze(citation["cited_text"])
    markers = re.match(r"(?:\[\d+\])+", answer[citation["answer_end"] :])
    assert markers
    assert f"[{citation['index']}]" in markers[0]
    assert citation["url"].startswith(f"/documents/{quote(citation['document_id'])}#")


def _check_evidence(evidence: Sequence[dict[str, Any]], texts: dict[str, str]) -> None:
    assert [hit["rank"] for hit in evidence] == list(range(1, len(evidence) + 1))
    scores = [hit["score"] for hit in evidence]
    assert scores == sorted(scores, reverse=True)
    for hit in evidence:
        assert {"clause", "text", "score", "rank"} <= set(hit)
        assert set(hit["clause"]) == CLAUSE_KEYS
        assert hit["text"] in texts[hit["document_id"]]


def _check_refusal(values: dict[str, Any]) -> None:
    assert values["citations"] == []
    assert values["answer"] == ""
    refusal = values["refusal"]
    assert set(refusal) == {"reason", "message", "nearest"}
    assert refusal["reason"] in {"not_in_document", "off_topic", "greeting", "too_vague"}
    assert refusal["message"]
    for clause in refusal["nearest"]:
        assert set(clause) >= CLAUSE_KEYS


def assert_error(response: Any, status: int, code: str) -> dict[str, Any]:
    """The one shape of an error, whatever went wrong and wherever."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    error = response.json()["error"]
    assert set(error) == {"code", "message", "detail"}
    assert error["code"] == code
    assert error["message"]
    assert "Traceback" not in response.text
    return dict(error)


def squeeze(text: str | Iterable[str]) -> str:
    """A text without white space: what stays the same however lines are broken."""
    return "".join("".join(text).split())
