"""Several processes prepare the same thing at once: it is done once, and right even where locks do nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOTAL = 360  # rows of both splits


@pytest.mark.slow
def test_eight_at_once_do_each_row_once(preparing, undisturbed, only_entry, log_of, tmp_path):
    files, _, _ = undisturbed()
    for number in range(20):
        cache, log = tmp_path / f"{number}", tmp_path / f"{number}.log"
        assert preparing(cache, processes=8, log=log)["ends"] == [0] * 8
        assert only_entry(cache) == files
        assert sum(map(int, log_of(log, "rows"))) == TOTAL
        assert log_of(log, "fit") == [""]


@pytest.mark.slow
@pytest.mark.parametrize("blind", [None, "locks", "all"])
def test_eight_at_once_correct_labels_and_encode_nothing(preparing, only_entry, log_of, tmp_path, blind):
    seen = set()
    for number in range(10):
        cache, log = tmp_path / f"{number}", tmp_path / f"{number}.log"
        assert preparing(cache)["ends"] == [0]
        assert preparing(cache, wrong=5, processes=8, blind=blind, log=log)["ends"] == [0] * 8
        assert preparing(cache, wrong=5)["ends"] == [0]
        assert (log_of(log, "rows"), log_of(log, "fit")) == ([], [])
        seen.add(tuple(sorted(only_entry(cache).items())))
    assert len(seen) == 1


@pytest.mark.slow
def test_where_file_locks_do_nothing_it_is_done_once_all_the_same(
    preparing, undisturbed, only_entry, log_of, tmp_path
):
    files, _, _ = undisturbed()
    for number in range(10):
        cache, log = tmp_path / f"{number}", tmp_path / f"{number}.log"
        assert preparing(cache, processes=8, blind="locks", log=log)["ends"] == [0] * 8
        assert only_entry(cache) == files
        assert sum(map(int, log_of(log, "rows"))) == TOTAL


@pytest.mark.slow
def test_where_nobody_sees_anybody_it_is_right_all_the_same(preparing, undisturbed, only_entry, tmp_path):
    files, _, _ = undisturbed()
    for number in range(20):
        cache = tmp_path / f"{number}"
        assert preparing(cache, processes=4, blind="all")["ends"] == [0] * 4
        assert preparing(cache)["ends"] == [0]
        assert only_entry(cache) == files


@pytest.mark.slow
def test_one_of_many_is_killed_and_another_goes_on(preparing, undisturbed, only_entry, tmp_path):
    files, calls, _ = undisturbed()
    for number in (3, calls // 2, calls - 16):  # the last are of the labels, perhaps another process's
        cache = tmp_path / f"{number}"
        ends = preparing(cache, processes=4, kill_at=("before", number))["ends"]
        assert ends.count(-9) >= 1
        assert preparing(cache)["ends"] == [0]
        assert only_entry(cache) == files


SEEDS = """
import sys
sys.path.insert(0, sys.argv[1])
import preparing
for workers in (1, 2, 4):
    assert preparing.child({"cache": f"{sys.argv[2]}-{workers}", "workers": workers}) == 0
"""


@pytest.mark.slow
def test_neither_workers_nor_hash_seeds_change_a_byte(undisturbed, only_entry, tmp_path):
    files, _, _ = undisturbed()
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    for seed in range(5):
        subprocess.run(
            [sys.executable, "-c", SEEDS, ROOT / "tests" / "faults", tmp_path / str(seed)],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": path},
            check=True,
        )
    caches = sorted(tmp_path.iterdir())
    assert len(caches) == 15
    assert all(only_entry(cache) == files for cache in caches)
