"""Two scorings into one, worked by hand."""

import numpy as np
import pytest

from index.fuse import Scores, fuse, z_scores


def scores(*values: float) -> Scores:
    return np.array(values, np.float32)


def test_z_scores_by_hand() -> None:
    # mean 3, deviations -2 0 2, variance 8/3
    found = z_scores(scores(1, 3, 5))
    assert found.dtype == np.float32
    assert found == pytest.approx([-1.2247449, 0, 1.2247449])


@pytest.mark.parametrize("values", [(), (7,), (2, 2, 2), (0.1, 0.1)])
def test_scores_that_do_not_differ_are_all_average(values: tuple[float, ...]) -> None:
    found = z_scores(scores(*values))
    assert found.tolist() == [0] * len(values)


def test_the_weighted_sum_by_hand() -> None:
    dense, lexical = scores(0, 1), scores(4, 2)  # z: (-1, 1) and (1, -1)
    assert fuse(dense, lexical, 0.5) == pytest.approx([0, 0])
    assert fuse(dense, lexical, 0.75) == pytest.approx([-0.5, 0.5])
    assert fuse(dense, lexical, 0.0) == pytest.approx([1, -1])
    assert fuse(dense, lexical, 1.0) == pytest.approx([-1, 1])


def test_the_scale_of_a_side_does_not_matter() -> None:
    dense, lexical = scores(0.1, 0.5, 0.2), scores(3, 1, 9)
    assert fuse(dense, lexical * 100 + 7) == pytest.approx(fuse(dense, lexical), abs=1e-5)


def test_a_side_without_opinion_leaves_the_order_to_the_other() -> None:
    found = fuse(scores(0.3, 0.9, 0.1), scores(0, 0, 0))
    assert np.argsort(-found).tolist() == [1, 0, 2]
    assert found.dtype == np.float32
