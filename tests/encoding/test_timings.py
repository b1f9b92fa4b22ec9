"""Timings: a second is counted once."""

from __future__ import annotations

import threading
import time

import pytest

from textprep.encoding.timings import STAGES, Timings


def test_a_stage_within_another_counts_only_once():
    stages = Timings()
    start = time.perf_counter()
    with stages.timed("count"):
        with stages.timed("clean"):
            time.sleep(0.02)
        time.sleep(0.01)
    total = time.perf_counter() - start
    assert stages["clean"] >= 0.02
    assert 0.01 <= stages["count"] < total - 0.019
    assert sum(stages.values()) == pytest.approx(total, rel=0.05)


def test_threads_are_added_up():
    stages = Timings()

    def work() -> None:
        with stages.timed("split"):
            time.sleep(0.01)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stages["split"] >= 0.04
    assert tuple(stages) == STAGES
    assert "split 0." in repr(stages)
