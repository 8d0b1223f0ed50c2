"""Load on both services, short."""

import shutil

import pytest

from evals import load


def test_both_services_answer_under_load() -> None:
    if shutil.which("wrk") is None:
        pytest.skip("no wrk on the PATH: install it to test the load")
    ours, peer = load.run(["第八条讲什么", "科研人员可以兼职吗？"], 2, 4)
    assert ours.service == "tiaowen"
    assert (ours.errors, peer.errors) == (0, 0)
    assert min(ours.requests, peer.requests) > 10
    assert 0 < ours.p50 <= ours.p95 <= ours.p99
    for found in (ours, peer):
        assert 50 < found.proportional <= found.resident
    table = load.to_table([ours, peer])
    assert table.splitlines()[2].startswith("| tiaowen |")


def test_without_wrk_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(load.NoDriver, match="wrk"):
        next(load.run(["问"], 1, 1))
