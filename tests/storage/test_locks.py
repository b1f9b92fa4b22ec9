from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time

import pytest

from tests.faults.preparing import NoLock
from textprep.storage import locks
from textprep.storage.locks import is_held, sole_process, try_lock

OWNING = """
import sys
from pathlib import Path
from textprep.storage.locks import sole_process

with sole_process(Path(sys.argv[1]), print):
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "work" / "lock"


@pytest.fixture
def other(lock):
    """A process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNING, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"mine\n"
    yield process
    process.kill()
    process.communicate()


def hold(lock, told=print):
    with sole_process(lock, told):
        pass


def leave_note(lock, **fields):
    lock.parent.mkdir()
    lock.touch()
    owner = {"pid": os.getpid(), "host": platform.node(), **fields}
    lock.with_name("lock.json").write_text(json.dumps(owner))


def test_the_holder_says_who_it_is_and_takes_it_back(lock):
    with sole_process(lock, print):
        note = json.loads(lock.with_name("lock.json").read_text())
        assert (note["pid"], note["host"]) == (os.getpid(), platform.node())
        assert is_held(lock)
        assert try_lock(lock) is None
    assert [path.name for path in lock.parent.iterdir()] in (["lock"], [])
    assert not is_held(lock)


@pytest.mark.parametrize("kind", ["as they are", "do nothing"])
def test_one_works_and_the_others_wait(lock, monkeypatch, kind):
    if kind == "do nothing":
        monkeypatch.setattr(locks, "FileLock", NoLock)
    at_work, most = [], []

    def work(number):
        with sole_process(lock, print):
            at_work.append(number)
            most.append(len(at_work))
            time.sleep(0.05)
            at_work.remove(number)

    threads = [threading.Thread(target=work, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1]


@pytest.mark.parametrize("kind", ["as they are", "do nothing"])
def test_a_live_holder_is_waited_for_and_a_killed_one_is_not(lock, monkeypatch, kind, other):
    if kind == "do nothing":
        monkeypatch.setattr(locks, "FileLock", NoLock)
    told = []
    waiter = threading.Thread(target=hold, args=[lock, told.append])
    waiter.start()
    waiter.join(timeout=1.5)
    assert waiter.is_alive()
    assert told == [f"process {other.pid} of {platform.node()}"]
    other.kill()
    if kind == "do nothing":
        other.wait()  # where locks work, one that is not reaped is gone as well
    waiter.join(timeout=10)
    assert not waiter.is_alive()


@pytest.mark.parametrize("fields", [{}, {"pid": 2**22 + 1}, {"host": "another machine"}, {"pid": "?"}])
def test_a_note_without_a_lock_keeps_nobody_waiting(lock, fields):
    leave_note(lock, **fields)
    start = time.monotonic()
    hold(lock)
    assert time.monotonic() - start < 2


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        hold(tmp_path / "file" / "lock")
