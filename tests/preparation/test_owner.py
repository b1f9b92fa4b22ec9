from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time

import pytest

from textprep.preparation import owner as owner_module
from textprep.preparation.owner import LOCK, RECORD, Owner, is_busy, sole_worker

OWNING = """
import sys, time
from pathlib import Path
from textprep.preparation.owner import sole_worker

with sole_worker(Path(sys.argv[1]), lambda: False):
    print("mine", flush=True)
    sys.stdin.read()
"""


class LockThatDoesNothing:
    """As on some network file systems."""

    def __init__(self, *_, **__):
        pass

    def acquire(self):
        pass

    def release(self):
        pass


@pytest.fixture
def other(tmp_path):
    """A process that owns the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNING, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"mine\n"
    yield process
    process.kill()
    process.communicate()


def never():
    return False


def seconds_to_own(folder):
    start = time.monotonic()
    with sole_worker(folder, never) as mine:
        assert mine
        return time.monotonic() - start


def test_the_worker_says_who_it_is_and_takes_it_back(tmp_path):
    folder = tmp_path / "work"
    with sole_worker(folder, never) as mine:
        assert mine
        record = json.loads((folder / RECORD).read_text())
        assert (record["pid"], record["host"]) == (os.getpid(), platform.node())
        assert is_busy(folder)
    assert [path.name for path in folder.iterdir()] in ([LOCK], [])
    assert not is_busy(folder)


def test_what_is_done_needs_nobody(tmp_path):
    with sole_worker(tmp_path / "work", lambda: True) as mine:
        assert not mine
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("locks", ["as they are", "do nothing"])
def test_one_works_and_the_others_wait(tmp_path, monkeypatch, locks):
    if locks == "do nothing":
        monkeypatch.setattr(owner_module, "FileLock", LockThatDoesNothing)
    at_work, most = [], []

    def work(number):
        with sole_worker(tmp_path, lambda: len(most) == 3) as mine:
            if mine:
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


@pytest.mark.parametrize("locks", ["as they are", "do nothing"])
def test_a_live_owner_is_waited_for_and_a_killed_one_is_not(tmp_path, monkeypatch, locks, other):
    if locks == "do nothing":
        monkeypatch.setattr(owner_module, "FileLock", LockThatDoesNothing)
    waited = []
    waiter = threading.Thread(target=lambda: waited.append(seconds_to_own(tmp_path)))
    waiter.start()
    waiter.join(timeout=0.5)
    assert waiter.is_alive()
    other.kill()  # and not reaped: what is left of it is a zombie
    waiter.join(timeout=10)
    assert len(waited) == 1
    assert waited[0] < 10


def test_who_is_waited_for_is_told_once(tmp_path, monkeypatch, other):
    told = []
    monkeypatch.setattr(owner_module, "announce", told.append)
    waiter = threading.Thread(target=seconds_to_own, args=[tmp_path])
    waiter.start()
    waiter.join(timeout=1.5)
    other.kill()
    waiter.join(timeout=10)
    assert told == [f"waiting for process {other.pid} of {platform.node()}, which is preparing the same"]


def leave_record(folder, **fields):
    owner = Owner("them", host="another machine", pid=os.getpid(), started="1")
    (folder / RECORD).write_text(json.dumps((owner._replace(**fields))._asdict()))


@pytest.mark.parametrize("record", ["of another machine", "unreadable"])
def test_an_owner_who_falls_silent_is_waited_for_no_longer_than_that(tmp_path, monkeypatch, record):
    monkeypatch.setattr(owner_module, "SILENCE", 0.5)
    leave_record(tmp_path)
    if record == "unreadable":
        (tmp_path / RECORD).write_text("")
    assert 0.4 < seconds_to_own(tmp_path) < 5


@pytest.mark.slow
def test_an_owner_on_another_machine_who_died_is_followed_within_ten_seconds(tmp_path):
    leave_record(tmp_path)
    assert seconds_to_own(tmp_path) < 10


def test_a_lock_that_nobody_lets_go_is_passed_when_its_owner_falls_silent(tmp_path, monkeypatch):
    monkeypatch.setattr(owner_module, "SILENCE", 0.5)
    held = owner_module.FileLock(tmp_path / LOCK)
    with held:
        assert 0.4 < seconds_to_own(tmp_path) < 5


def test_another_process_of_the_same_number_is_not_the_owner(tmp_path):
    if owner_module._started(os.getpid()) == "unknown":
        pytest.skip("this system does not say when a process began")
    leave_record(tmp_path, host=platform.node(), started="in another life")
    assert not is_busy(tmp_path)
    assert seconds_to_own(tmp_path) < 2


def test_a_slow_owner_stays_the_owner_as_long_as_it_gives_signs_of_life(tmp_path, monkeypatch):
    monkeypatch.setattr(owner_module, "SILENCE", 0.6)
    monkeypatch.setattr(owner_module, "HEARTBEAT", 0.1)
    monkeypatch.setattr(owner_module, "FileLock", LockThatDoesNothing)
    with sole_worker(tmp_path, never):
        waiter = threading.Thread(target=seconds_to_own, args=[tmp_path])
        waiter.start()
        waiter.join(timeout=1.5)
        assert waiter.is_alive()
    waiter.join(timeout=5)
    assert not waiter.is_alive()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"), sole_worker(tmp_path / "file" / "work", never):
        pass
