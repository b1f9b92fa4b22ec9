from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from textprep.errors import PreparationError
from textprep.preparation.cache import cache_folder, make_entry


def fill(folder):
    (folder / "file").write_text("whole")


def visible(cache):
    """What is in the cache but the empty lock files."""
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


def test_an_entry_is_made_once(tmp_path):
    calls = []

    def counted(folder):
        calls.append(folder)
        fill(folder)

    cache = tmp_path / "new" / "cache"
    assert make_entry(cache, "entry", counted) == make_entry(cache, "entry", counted) == cache / "entry"
    assert len(calls) == 1
    assert visible(cache) == ["entry"]
    assert (cache / "entry" / "file").read_text() == "whole"


def test_a_failure_leaves_nothing_and_does_not_stand_in_the_way(tmp_path):
    def failing(folder):
        fill(folder)
        assert not (tmp_path / "entry").exists()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_entry(tmp_path, "entry", failing)
    assert visible(tmp_path) == []
    make_entry(tmp_path, "entry", fill)
    assert visible(tmp_path) == ["entry"]


KILLED = """
import sys, time
from pathlib import Path
from textprep.preparation.cache import make_entry

def fill(folder):
    (folder / "half").write_text("half")
    print("begun", flush=True)
    time.sleep(60)

make_entry(Path(sys.argv[1]), sys.argv[2], fill)
"""


def begin(cache, name):
    """A process in the middle of writing the entry ``name``."""
    process = subprocess.Popen([sys.executable, "-c", KILLED, cache, name], stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"begun\n"
    return process


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_what_killed_runs_left_is_cleaned_by_the_next(tmp_path):
    for process in [begin(tmp_path, name) for name in ("entry", "other")]:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert visible(tmp_path) == [".entry.partial", ".other.partial"]
    make_entry(tmp_path, "entry", fill)
    assert visible(tmp_path) == ["entry"]
    assert [path.name for path in (tmp_path / "entry").iterdir()] == ["file"]


def test_what_a_live_process_is_writing_is_left_alone(tmp_path):
    process = begin(tmp_path, "other")
    try:
        make_entry(tmp_path, "entry", fill)
        assert visible(tmp_path) == [".other.partial", "entry"]
    finally:
        process.kill()
        process.communicate()


def slow_entry(cache):
    def slow(folder):
        with (cache / "log").open("a") as log:
            log.write("filled\n")
        time.sleep(0.3)
        fill(folder)

    return (make_entry(cache, "entry", slow) / "file").read_text()


def test_processes_that_ask_at_once_do_the_work_once(tmp_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert pool.map(slow_entry, [tmp_path] * 4, chunksize=1) == ["whole"] * 4
    assert (tmp_path / "log").read_text() == "filled\n"


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PreparationError, match=r"taken.*choose another folder with cache_dir="):
        make_entry(tmp_path / "taken", "entry", fill)


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def too_much(folder):
        fill(folder)
        (folder / "large").write_bytes(bytes(1_000_000))

    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(PreparationError, match=r"entry: File too large; make room"):
            make_entry(tmp_path, "entry", too_much)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert visible(tmp_path) == []


def test_the_folder_is_the_given_one_else_the_environments_else_the_platforms(tmp_path, monkeypatch):
    monkeypatch.setenv("TEXTPREP_CACHE", str(tmp_path / "environment"))
    assert cache_folder(tmp_path / "given") == tmp_path / "given"
    assert cache_folder(str(tmp_path)) == tmp_path
    assert cache_folder() == tmp_path / "environment"
    monkeypatch.delenv("TEXTPREP_CACHE")
    assert "textprep" in cache_folder().parts
    assert cache_folder("~/somewhere") == Path.home() / "somewhere"
