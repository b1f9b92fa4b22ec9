"""A loader whose worker dies, whose store vanishes or who is interrupted: an error at once, nothing left behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import textprep as tp
from textprep.errors import LoaderError, PreparationError
from textprep.preparation.store import open_split

SECONDS = 5
ROWS = [" ".join("abcdefgh"[: number % 8]) for number in range(400)]

posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def split(tmp_path):
    data = tp.prepare({"train": ROWS}, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    return open_split(data.path, "train")


def processes_of(loader):
    return [worker._process for worker in loader._workers._running]


def children(pid):
    """The processes that a process has started and that still run, Linux only."""
    found = [
        int(number)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for number in file.read_text().split()
    ]
    return [child for child in found if (Path(f"/proc/{child}/stat").read_text().split()[2]) != "Z"]


def shared_memory():
    folder = Path("/dev/shm")
    return set(folder.iterdir()) if folder.is_dir() else set()


@posix
@pytest.mark.parametrize("prefetch", [0, 4])
def test_a_worker_that_is_killed_is_an_error_at_once_and_a_restart_works(split, prefetch):
    before = shared_memory()
    loader = split.loader(batch_size=2, num_workers=2, prefetch=prefetch, shuffle=True)
    batches = iter(loader)
    taken = [next(batches)]
    started = processes_of(loader)
    os.kill(started[1].pid, signal.SIGKILL)
    begun = time.perf_counter()
    with pytest.raises(
        LoaderError, match="worker process 2 of 2 failed: it was ended by signal 9; iterate again"
    ):
        taken.extend(batches)
    assert time.perf_counter() - begun < SECONDS
    assert all(process.poll() is not None for process in started), "the others have ended, too"
    assert shared_memory() == before
    state = loader.state_dict()
    loader.load_state_dict(state)
    rows = [row for batch in [*taken, *loader] for row in batch.row_ids.tolist()]
    assert sorted(rows) == list(range(len(ROWS))), "the rest comes, and nothing twice"
    assert shared_memory() == before


@pytest.mark.parametrize("num_workers", [0, 1])
def test_a_store_that_vanishes_is_an_error_of_the_next_pass(split, num_workers):
    loader = split.loader(batch_size=2, num_workers=num_workers)
    batches = iter(loader)
    next(batches)
    gone = split.path.rename(split.path.with_name("gone"))
    assert sum(1 for _ in batches) == len(loader) - 1, "what is mapped stays readable"
    begun = time.perf_counter()
    with pytest.raises(PreparationError, match="cannot be read"):
        next(iter(loader))
    assert time.perf_counter() - begun < SECONDS
    gone.rename(split.path)
    assert len(list(loader)) == len(loader)


@posix
def test_a_store_that_is_cut_while_workers_read_it_is_an_error_at_once(split):
    before = shared_memory()
    loader = split.loader(batch_size=2, num_workers=2, shuffle=True)
    batches = iter(loader)
    next(batches), next(batches)  # one of each worker, which has mapped the files then
    started = processes_of(loader)
    for file in split.path.glob("*.arrow"):
        os.truncate(file, 0)
    begun = time.perf_counter()
    with pytest.raises(LoaderError, match=f"ended by signal {signal.SIGBUS.value}, as when a file .* is cut"):
        list(batches)
    with pytest.raises(PreparationError, match="0 bytes"):
        next(iter(loader))
    assert time.perf_counter() - begun < SECONDS
    assert all(process.poll() is not None for process in started)
    assert shared_memory() == before


def test_workers_that_find_no_store_say_so(split):
    loader = split.loader(batch_size=2, num_workers=2)
    shutil.copytree(split.path, split.path.with_name("copy"))
    manifest = split.path / "manifest.json"
    kept = manifest.read_bytes()
    manifest.unlink()
    begun = time.perf_counter()
    with pytest.raises(
        LoaderError, match=r"worker process 1 of 2 failed: .* holds no prepared data.*; iterate again"
    ):
        list(loader)
    assert time.perf_counter() - begun < SECONDS
    manifest.write_bytes(kept)
    assert len(list(loader)) == len(loader)


ENDLESS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it otherwise
from textprep.preparation.store import open_split

loader = open_split(sys.argv[1], "train").loader(batch_size=2, num_workers=2, shuffle=True)
print("ready", flush=True)
while True:
    for batch in loader:
        pass
"""


@posix
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for orphans in /proc")
@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_a_process_ends_no_worker_outlives_it(split, how, tmp_path):
    before = shared_memory()
    script = tmp_path / "endless.py"
    script.write_text(ENDLESS)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, str(script), str(split.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        assert process.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 30
        while len(workers := children(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(workers) == 2
        time.sleep(1)  # they are at work
        os.killpg(process.pid, how)
        begun = time.perf_counter()
        try:
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    while (
        any(Path(f"/proc/{worker}").exists() for worker in workers)
        and time.perf_counter() - begun < 2 * SECONDS
    ):
        time.sleep(0.02)
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    assert time.perf_counter() - begun < SECONDS
    assert shared_memory() == before
    if how == signal.SIGINT:
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert errors.count("Traceback") == 1
    else:
        assert not errors


@posix
def test_ctrl_c_in_a_pass_leaves_a_loader_that_goes_on(split):
    loader = split.loader(batch_size=2, num_workers=1, shuffle=True)
    taken = []

    def interrupted():
        for batch in loader:
            taken.append(batch)
            if len(taken) == 3:
                signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    loader.load_state_dict(loader.state_dict())
    rows = [row for batch in [*taken, *loader] for row in batch.row_ids.tolist()]
    assert sorted(rows) == list(range(len(ROWS)))


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="measures memory in /proc")
@pytest.mark.slow
def test_four_workers_and_ten_epochs_take_no_more_memory_than_two_epochs(split):
    loader = split.loader(batch_size=2, num_workers=4, shuffle=True)

    def used():
        pids = [os.getpid(), *(process.pid for process in processes_of(loader))]
        return [
            int(
                next(
                    line for line in Path(f"/proc/{pid}/status").open() if line.startswith("RssAnon")
                ).split()[1]
            )
            for pid in pids
        ]

    after = []
    for _ in range(10):
        for _ in loader:
            pass
        after.append(used())
    grown = [last - second for second, last in zip(after[1], after[-1], strict=True)]
    assert max(grown) < 2_000, f"kB, of this process and its workers: {after}"
