"""A loader whose store vanishes or is cut, or that is interrupted: an error at once, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import textprep as tp
from textprep.errors import PreparationError
from textprep.prepared.split import open_split

SECONDS = 5
ROWS = [" ".join("abcdefgh"[: number % 8]) for number in range(400)]

posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def split(tmp_path):
    data = tp.prepare({"train": ROWS}, tp.Pipeline(tokenizer=tp.WordTokenizer()), cache_dir=tmp_path)
    return open_split(data.path, "train")


def test_a_store_that_vanishes_is_an_error_of_the_next_pass(split):
    loader = split.loader(batch_size=2)
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


def test_a_store_that_was_cut_is_an_error_of_the_next_pass(split):
    loader = split.loader(batch_size=2, shuffle=True)
    for file in split.path.glob("*.arrow"):
        with file.open("r+b") as opened:
            opened.truncate(0)
    with pytest.raises(PreparationError, match="0 bytes"):
        next(iter(loader))


ENDLESS = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it otherwise
from textprep.prepared.split import open_split

loader = open_split(sys.argv[1], "train").loader(batch_size=2, shuffle=True)
print("ready", flush=True)
while True:
    for batch in loader:
        pass
"""


@posix
@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_in_the_middle_of_a_pass_ends_at_once(split, how, tmp_path):
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
        time.sleep(1)  # it is at work
        os.killpg(process.pid, how)
        begun = time.perf_counter()
        try:
            _, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert time.perf_counter() - begun < SECONDS
    if how == signal.SIGINT:
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert errors.count("Traceback") == 1
    else:
        assert not errors


@posix
def test_ctrl_c_in_a_pass_leaves_a_loader_that_goes_on(split):
    loader = split.loader(batch_size=2, shuffle=True)
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
def test_ten_epochs_take_no_more_memory_than_two_epochs(split):
    loader = split.loader(batch_size=2, shuffle=True)

    def used():
        lines = Path("/proc/self/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("RssAnon")).split()[1])

    after = []
    for _ in range(10):
        for _ in loader:
            pass
        after.append(used())
    assert after[-1] - after[1] < 2_000, f"kB: {after}"
