"""Means and intervals."""

import pytest

from evals.stats import Estimate, aggregate, estimate, latency


def test_equal_values_leave_no_doubt() -> None:
    assert estimate([1.0] * 5) == Estimate(mean=1.0, low=1.0, high=1.0, n=5)


def test_the_interval_is_that_of_the_binomial_and_the_same_every_time() -> None:
    values = [1.0] * 50 + [0.0] * 50
    found = estimate(values)
    assert found == estimate(values)
    assert found is not None
    assert found.mean == 0.5
    assert found.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.015)
    assert found.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.015)


def test_nothing_measured_is_nothing() -> None:
    assert estimate([]) is None
    assert latency([]) is None


def test_latency() -> None:
    found = latency([float(ms) for ms in range(101)])
    assert found is not None
    assert (found.median, found.p95) == (50, 95)


def test_groups_are_all_and_each_type_in_the_order_of_the_types() -> None:
    groups = aggregate(
        [
            ("typo", "a", {"right": 0.0, "exact": None}),
            ("list", "a", {"right": 1.0, "exact": None}),
            ("list", None, {}),
        ]
    )
    assert [(group.name, group.n) for group in groups] == [("all", 3), ("list", 2), ("typo", 1)]
    everything, lists, _ = groups
    assert everything.figures["exact"] is None
    assert everything.figures["right"] is not None
    assert everything.figures["right"].mean == 0.5
    assert lists.figures["right"] == Estimate(1.0, 1.0, 1.0, n=1)


def test_several_documents_have_figures_of_their_own() -> None:
    scored = [("list", "b", {"right": 1.0}), ("list", "a", {"right": 0.0})]
    names = [(group.name, group.n) for group in aggregate(scored)]
    assert names == [("all", 2), ("list", 2), ("b", 1), ("a", 1)]
