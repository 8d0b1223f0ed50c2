"""Dense search in FAISS: a passage has several vectors (whole, sentences), its best counts."""

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


# A question's search is too small to be shared between cores: where one is busy, waiting for it
# takes eight times as long as the search itself. Requests run side by side instead.
faiss.omp_set_num_threads(1)


_HEAD = struct.Struct("<4siq")  # of a FAISS flat index: its kind, dimension, number of rows
_BEFORE_ROWS = 45  # bytes


def cosines(vectors: Vectors, query: Vectors) -> NDArray[np.float32]:
    """Return the inner products of unit vectors, (n, d), with a query, (d,): (n,) float32.

    On one core, for the same reason; ``@`` would use all.
    """
    products: NDArray[np.float32] = np.einsum("ij,j->i", vectors, query)
    return products


class DenseSide:
    """Exact inner-product search over the vectors of passages.

    Rows belong to passages in order: the first ``counts[0]`` to passage 0, and so on.
    """

    def __init__(self, flat: "faiss.Index", counts: Sequence[int]) -> None:
        """Take a flat index and the number of its rows that each passage owns, at least one.

        Raises:
            ValueError: The counts do not add up to the number of rows, or one is below one.
        """
        if sum(counts) != flat.ntotal or min(counts, default=1) < 1:
            raise ValueError(f"{flat.ntotal} vectors for passages that own {sum(counts)}")
        self._flat = flat
        self._vectors = self._view()
        self._ends = np.cumsum(counts, dtype=np.int64)
        self._starts = self._ends - np.asarray(counts, np.int64)
        self._owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)

    @classmethod
    def from_vectors(cls, vectors: Vectors, counts: Sequence[int]) -> "DenseSide":
        """Build from (n, d) float32 unit vectors."""
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        return cls(flat, counts)

    @classmethod
    def from_bytes(cls, data: bytes, counts: Sequence[int]) -> "DenseSide":
        """Load what ``to_bytes`` wrote.

        Raises:
            ValueError: The bytes are no FAISS index or do not fit the counts.
        """
        try:
            flat = faiss.deserialize_index(np.frombuffer(data, np.uint8))
        except RuntimeError as error:
            raise ValueError(str(error)) from error
        return cls(flat, counts)

    @classmethod
    def from_file(cls, path: Path, counts: Sequence[int]) -> "DenseSide":
        """Map what ``to_bytes`` wrote into memory: several processes share one copy.

        Raises:
            OSError: The file cannot be read.
            ValueError: It is no FAISS index or does not fit the counts.
        """
        # FAISS crashes on a mapped file that was cut; and Windows locks one that is mapped.
        if os.name == "nt" or not _is_whole(path):
            return cls.from_bytes(path.read_bytes(), counts)
        try:
            flat = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:  # replaced by a new index just now
            raise ValueError(str(error)) from error
        return cls(flat, counts)

    def to_bytes(self) -> bytes:
        """Serialise; written by Python, since FAISS fails on non-ASCII paths on Windows."""
        return bytes(faiss.serialize_index(self._flat).tobytes())

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._flat.d)

    def rows(self, passage: int) -> Vectors:
        """Return the vectors of a passage: (count, d) float32."""
        # A copy: the view's memory goes with this index, which a caller may outlive.
        return self._vectors[self._starts[passage] : self._ends[passage]].copy()

    def centroid(self) -> Vectors:
        """Return the mean of all vectors: (d,) float32, not normalised."""
        return np.asarray(self._vectors.mean(axis=0), np.float32)

    def _view(self) -> Vectors:
        """Return all vectors, (n, d) float32, without a copy: the memory is the index's own."""
        size = self._flat.ntotal * self._flat.d
        if not size:
            return np.zeros((0, self._flat.d), np.float32)
        flat: Any = faiss.downcast_index(self._flat)
        memory = faiss.rev_swig_ptr(flat.get_xb(), size)
        return np.asarray(memory, np.float32).reshape(self._flat.ntotal, self._flat.d)

    def nearest(self, query: Vectors, k: int, allowed: Rows | None = None) -> Rows:
        """Return the passages that own the k nearest vectors.

        Args:
            query: (d,) float32 unit vector.
            k: Number of vectors looked at.
            allowed: Passages to search in; all unless given.

        Returns:
            Distinct passage numbers, int64, ascending.
        """
        k = min(k, self._flat.ntotal)
        if k == 0:
            return np.zeros(0, np.int64)
        parameters = None
        if allowed is not None:
            rows = np.flatnonzero(np.isin(self._owner, allowed))
            parameters = faiss.SearchParameters(  # type: ignore[call-arg]
                sel=faiss.IDSelectorBatch(rows)
            )
        _, found = self._flat.search(query[None], k, params=parameters)
        return np.unique(self._owner[found[0][found[0] >= 0]])

    def score(self, query: Vectors, passages: Rows) -> NDArray[np.float32]:
        """Return the cosine of each passage's best vector: (n,) float32, in the order given."""
        if not passages.size:
            return np.zeros(0, np.float32)
        counts = self._ends[passages] - self._starts[passages]
        ends = np.cumsum(counts)
        # The rows of each passage one after another: its first row, and the count of those before.
        rows = np.arange(ends[-1]) + np.repeat(self._starts[passages] - (ends - counts), counts)
        return np.maximum.reduceat(cosines(self._vectors[rows], query), ends - counts)


def _is_whole(path: Path) -> bool:
    """Say whether a file is a flat inner-product index of just the length that it claims."""
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return False
    kind, dimension, count = _HEAD.unpack(head)
    size = _BEFORE_ROWS + 4 * int(dimension) * int(count)
    return bool(kind == b"IxFI") and path.stat().st_size == size
