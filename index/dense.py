"""Dense search in FAISS: a passage has several vectors (whole, sentences), its best counts."""

from collections.abc import Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]


class DenseSide:
    """Exact inner-product search over the vectors of passages.

    Rows belong to passages in order: the first ``counts[0]`` to passage 0, and so on.
    """

    def __init__(self, flat: "faiss.Index", counts: Sequence[int]) -> None:
        """Take an index and the number of its rows that each passage owns.

        Raises:
            ValueError: The counts do not add up to the number of rows.
        """
        if sum(counts) != flat.ntotal:
            raise ValueError(f"{flat.ntotal} vectors for passages that own {sum(counts)}")
        self._flat = flat
        self._ends = np.cumsum(counts, dtype=np.int64)
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

    def to_bytes(self) -> bytes:
        """Serialise; written by Python, since FAISS fails on non-ASCII paths on Windows."""
        return bytes(faiss.serialize_index(self._flat).tobytes())

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return int(self._flat.d)

    def rows(self, passage: int) -> Vectors:
        """Return the vectors of a passage: (count, d) float32."""
        start = int(self._ends[passage - 1]) if passage else 0
        return np.asarray(self._flat.reconstruct_n(start, int(self._ends[passage]) - start))

    def centroid(self) -> Vectors:
        """Return the mean of all vectors: (d,) float32, not normalised."""
        return np.asarray(self._flat.reconstruct_n(0, self._flat.ntotal).mean(axis=0), np.float32)

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
        best = [float((self.rows(int(passage)) @ query).max()) for passage in passages]
        return np.array(best, np.float32)
