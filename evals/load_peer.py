"""A plain retrieval service to compare with: LangChain's interface, FAISS, FastAPI; same encoder.

Started by ``python -m evals load``. It cuts the text with LangChain's splitter, embeds the pieces
and returns the nearest four: no clauses, no answer, no citation, no refusal.
"""

import argparse
import socket
from collections.abc import Iterable
from typing import Any

import faiss
import numpy as np
import uvicorn
from fastapi import FastAPI
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_text_splitters import RecursiveCharacterTextSplitter
from pydantic import BaseModel
from uvicorn.supervisors import Multiprocess

from corpus.store import shipped_documents
from index.encode import load_encoder


class Question(BaseModel):
    """A request."""

    question: str


class _Ours(Embeddings):
    def __init__(self) -> None:
        self._encoder = load_encoder()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return list(self._encoder.encode_document(texts).tolist())

    def embed_query(self, text: str) -> list[float]:
        return list(self._encoder.encode_query([text])[0].tolist())


class _Faiss(VectorStore):
    """What langchain-community's FAISS store does, without its forty packages."""

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        self._texts: list[str] = []
        self._index: Any = None

    def add_texts(self, texts: Iterable[str], *_: Any, **__: Any) -> list[str]:
        self._texts = list(texts)
        vectors = np.array(self._embedding.embed_documents(self._texts), np.float32)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)
        return [str(number) for number in range(len(self._texts))]

    def similarity_search(self, query: str, k: int = 4, **_: Any) -> list[Document]:
        vector = np.array([self._embedding.embed_query(query)], np.float32)
        _, found = self._index.search(vector, k)
        return [Document(page_content=self._texts[number]) for number in found[0]]

    @classmethod
    def from_texts(cls, texts: list[str], embedding: Embeddings, *_: Any, **__: Any) -> "_Faiss":
        store = cls(embedding)
        store.add_texts(texts)
        return store


def application() -> FastAPI:
    """Return the service, its index built anew."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=300, chunk_overlap=30)
    pieces = [piece for d in shipped_documents() for piece in splitter.split_text(d.text)]
    store = _Faiss.from_texts(pieces, _Ours())
    app = FastAPI()

    @app.get("/readyz")
    def readyz() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/v1/ask")
    def ask(body: Question) -> dict[str, list[str]]:
        found = store.similarity_search(body.question)
        return {"passages": [document.page_content for document in found]}

    return app


def main() -> None:
    """Serve it as `tiaowen serve` serves: workers on one socket that sends at once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    given = parser.parse_args()
    config = uvicorn.Config(
        "evals.load_peer:application",
        factory=True,
        port=given.port,
        workers=given.workers,
        log_level="warning",
    )
    listening = config.bind_socket()
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # see ui/server.py
    Multiprocess(config, sockets=[listening]).run()


if __name__ == "__main__":
    main()
