"""How a clause is found: encoder, FAISS, BM25, lookup by number; its public face is Searcher."""

from index.build import BuildReport, build
from index.encode import Encoder, load_encoder
from index.search import Hit, Searcher

__all__ = ["BuildReport", "Encoder", "Hit", "Searcher", "build", "load_encoder"]
