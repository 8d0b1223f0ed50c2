"""FAISS agrees with brute force."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import DenseSide, Vectors


@dataclass(frozen=True)
class Case:
    counts: list[int]
    vectors: Vectors
    query: Vectors

    def best(self) -> list[float]:
        """Each passage's best cosine, by plain numpy."""
        groups = np.split(self.vectors @ self.query, np.cumsum(self.counts)[:-1])
        return [float(group.max()) for group in groups]

    def owners(self, k: int, allowed: list[int]) -> set[int]:
        """The passages that own the k nearest rows, by sorting all of them."""
        owner = np.repeat(np.arange(len(self.counts)), self.counts)
        order = np.argsort(-(self.vectors @ self.query), kind="stable").tolist()
        return {int(owner[row]) for row in [r for r in order if owner[r] in allowed][:k]}


@st.composite
def cases(draw: st.DrawFn) -> Case:
    counts = draw(st.lists(st.integers(1, 4), min_size=1, max_size=12))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = generator.normal(size=(sum(counts) + 1, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return Case(counts, rows[:-1], rows[-1])


@given(cases(), st.integers(0, 60), st.data())
@settings(deadline=None)
def test_nearest_and_score_equal_brute_force(case: Case, k: int, data: st.DataObject) -> None:
    side = DenseSide.from_vectors(case.vectors, case.counts)
    everyone = list(range(len(case.counts)))
    allowed = data.draw(st.lists(st.sampled_from(everyone), unique=True))

    assert set(side.nearest(case.query, k).tolist()) == case.owners(k, everyone)
    some = side.nearest(case.query, k, np.array(allowed, np.int64))
    assert set(some.tolist()) == case.owners(k, allowed)
    assert some.tolist() == sorted(some.tolist())
    scores = side.score(case.query, np.array(everyone, np.int64))
    assert scores.dtype == np.float32
    assert scores == pytest.approx(case.best(), abs=1e-6)


@given(cases())
@settings(deadline=None, max_examples=25)
def test_bytes_bring_back_every_row(case: Case) -> None:
    side = DenseSide.from_bytes(
        DenseSide.from_vectors(case.vectors, case.counts).to_bytes(), case.counts
    )
    assert side.dimension == 8
    rows = [side.rows(number) for number in range(len(case.counts))]
    assert [len(row) for row in rows] == case.counts
    assert np.array_equal(np.concatenate(rows), case.vectors)


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="3 vectors for passages that own 2"):
        DenseSide.from_vectors(np.eye(3, dtype=np.float32), [1, 1])


@pytest.mark.parametrize("cut", [0, 3, 30, -1])
def test_what_is_no_faiss_index_is_refused(cut: int, tmp_path: Path) -> None:
    data = DenseSide.from_vectors(np.eye(3, dtype=np.float32), [2, 1]).to_bytes()
    with pytest.raises(ValueError, match="faiss"):
        DenseSide.from_bytes(data[:cut], [2, 1])
    (tmp_path / "cut").write_bytes(data[:cut])
    with pytest.raises(ValueError, match="faiss"):
        DenseSide.from_file(tmp_path / "cut", [2, 1])


def test_a_file_brings_back_every_row_whatever_its_name(tmp_path: Path) -> None:
    vectors = np.eye(3, dtype=np.float32)
    path = tmp_path / "向量.faiss"
    path.write_bytes(DenseSide.from_vectors(vectors, [2, 1]).to_bytes())
    side = DenseSide.from_file(path, [2, 1])
    assert np.array_equal(np.concatenate([side.rows(0), side.rows(1)]), vectors)
    path.unlink()  # a rebuilt index replaces the file under a reader
    assert np.array_equal(side.rows(1), vectors[2:])
    with pytest.raises(FileNotFoundError):
        DenseSide.from_file(path, [2, 1])


def test_rows_are_a_copy_that_may_outlive_the_index() -> None:
    side = DenseSide.from_vectors(np.eye(3, dtype=np.float32), [2, 1])
    rows = side.rows(0)
    assert rows.base is None or rows.flags.owndata
    rows[:] = 7
    assert np.array_equal(side.rows(0), np.eye(3, dtype=np.float32)[:2])
