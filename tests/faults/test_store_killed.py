"""A run that is killed, wherever that is, is gone on with by the next, and the store is the same, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


def test_an_undisturbed_run_is_repeatable(preparing, undisturbed, only_entry, tmp_path):
    files, calls, _ = undisturbed()
    assert preparing(tmp_path / "cache")["ends"] == [0]
    assert only_entry(tmp_path / "cache") == files
    assert len(files) > 6
    assert calls > 3 * len(files)


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [False, True])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_rename_and_fsync(preparing, undisturbed, only_entry, tmp_path, moment, pairs):
    files, calls, _ = undisturbed(pairs=pairs)
    for number in range(1, calls + 1):
        cache = tmp_path / f"{number}"
        assert preparing(cache, pairs=pairs, kill_at=(moment, number))["ends"] == [-9]
        assert preparing(cache, pairs=pairs)["ends"] == [0]
        assert only_entry(cache) == files, number


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_every_rename_and_fsync_while_labels_are_corrected(
    preparing, only_entry, log_of, tmp_path, moment
):
    """The ids are whole and stay so; whatever is there of the new labels is whole or not read."""
    cache, log = tmp_path / "whole", tmp_path / "log"
    assert preparing(cache)["ends"] == [0]
    before = only_entry(cache)
    assert preparing(cache, wrong=3, log=log)["ends"] == [0]
    files, calls = only_entry(cache), len(log_of(log, "call"))
    assert (log_of(log, "rows"), log_of(log, "fit")) == ([], [])
    assert files.items() > before.items()
    for number in range(1, calls + 1):
        cache = tmp_path / f"{number}"
        assert preparing(cache)["ends"] == [0]
        assert preparing(cache, wrong=3, kill_at=(moment, number))["ends"] == [-9]
        assert preparing(cache)["ends"] == [0]
        assert preparing(cache, wrong=3)["ends"] == [0]
        assert only_entry(cache) == files, number


@pytest.mark.slow
def test_killed_at_fifty_random_moments(preparing, undisturbed, only_entry, tmp_path):
    files, _, seconds = undisturbed(1_000)
    again = (preparing(tmp_path / f"whole{number}", rows=1_000)["seconds"] for number in range(2))
    seconds = min(seconds, *again)  # other work on the machine only adds to it
    chosen = random.Random(0)
    killed = 0
    for number in range(50):
        cache = tmp_path / f"{number}"
        ends = preparing(cache, rows=1_000, kill_after=chosen.uniform(0, seconds))["ends"]
        killed += ends == [-9]
        assert preparing(cache, rows=1_000)["ends"] == [0]
        assert only_entry(cache) == files
    assert killed >= 25


@pytest.mark.slow
def test_killed_again_and_again_it_still_comes_to_its_end(preparing, undisturbed, only_entry, tmp_path):
    files, calls, _ = undisturbed()
    kills = 0
    while preparing(tmp_path / "cache", kill_at=("before", 7))["ends"] == [-9]:
        kills += 1
        assert kills < calls
    assert kills > 3
    assert only_entry(tmp_path / "cache") == files


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [False, True])
def test_killed_at_nine_tenths_little_is_done_again(preparing, only_entry, log_of, tmp_path, pairs):
    rows, total, cache = 6_000, 7_200 * (1 + pairs), tmp_path / "cache"
    job = {"rows": rows, "shard": None, "pairs": pairs}
    assert preparing(cache, **job, kill_rows=0.9 * total, log=tmp_path / "first")["ends"] == [-9]
    first = sum(map(int, log_of(tmp_path / "first", "rows")))
    assert first >= 0.9 * total
    assert preparing(cache, **job, log=tmp_path / "second")["ends"] == [0]
    second = sum(map(int, log_of(tmp_path / "second", "rows")))
    assert second <= 0.15 * total
    assert first + second - total <= 0.07 * total
    assert log_of(tmp_path / "first", "fit") == [""]
    assert log_of(tmp_path / "second", "fit") == []
    assert preparing(tmp_path / "whole", **job)["ends"] == [0]
    assert only_entry(cache) == only_entry(tmp_path / "whole")


@pytest.mark.slow
def test_killed_by_the_kernel_at_system_calls(preparing, undisturbed, only_entry, tmp_path):
    """The same once more with strace, which stops the process whatever code makes the call."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    job = tmp_path / "job.py"
    job.write_text(
        f"import sys; sys.path.insert(0, {str(HERE)!r}); import preparing\n"
        "sys.exit(preparing.child({'cache': sys.argv[1]}))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parents[1]), *sys.path])}
    files, _, _ = undisturbed()
    killed = 0
    for number, call in enumerate(["fsync", "rename", "fsync", "rename"]):
        cache = tmp_path / f"{number}"
        inject = f"inject={call}:signal=SIGKILL:when={3 + 2 * number}"
        command = [strace, "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync,rename", "-e", inject]
        done = subprocess.run(
            [*command, sys.executable, job, cache],
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if "Operation not permitted" in done.stderr:
            pytest.skip(f"strace may not trace here: {done.stderr.strip()[:80]}")
        killed += done.returncode != 0
        assert preparing(cache)["ends"] == [0]
        assert only_entry(cache) == files
    assert killed >= 3
