"""Who is at work in a folder: one process at a time, and no longer than it lives.

The worker holds a file lock and leaves a record of itself, ``owner.json``, whose modification time it
renews every second. Whoever wants to do the same work waits while that goes on. An owner is gone when its
process is (on the same machine, at once), or when its record has not changed for 8 seconds.

This only saves work. Where file locks do nothing and clocks differ, two processes may do the same work at
once; the result is right all the same, since files only ever appear by atomic renames (see `work`).
"""

from __future__ import annotations

import errno
import json
import os
import platform
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from filelock import FileLock, Timeout

from textprep.preparation.progress import announce

RECORD = "owner.json"
LOCK = "lock"
HEARTBEAT = 1.0
SILENCE = 8.0
LONGEST_PAUSE = 0.25
NO_LOCKS_HERE = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


class Owner(NamedTuple):
    """What a record says of its process."""

    token: str
    host: str = ""
    pid: int = 0
    started: str = ""

    def is_gone(self) -> bool:
        """Whether this is a process of this machine that has ended."""
        return self.host == platform.node() and self.started != _started(self.pid)


@contextmanager
def sole_worker(folder: Path, is_done: Callable[[], bool]) -> Iterator[bool]:
    """Wait until this process may work in ``folder`` (``True``), or until nothing is left to do (``False``).

    Args:
        folder: is made if need be.
        is_done: whether another process has done the work.

    Raises:
        OSError: the folder cannot be written.
    """
    claim = _Claim(folder)
    pause = 0.01
    while not is_done():
        if pause == LONGEST_PAUSE:
            claim.announce_owner()
        if claim.take():
            try:
                yield True
            finally:
                claim.release()
            return
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    yield False


def is_busy(folder: Path) -> bool:
    """Whether somebody seems to be at work in ``folder``, as far as one look can tell."""
    owner, renewed = _read(folder / RECORD)
    return owner is not None and not owner.is_gone() and time.time() - renewed < 60


class _Claim:
    """One process's attempts to become the owner of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._record = folder / RECORD
        self._lock = FileLock(folder / LOCK, timeout=0)
        self._me = Owner(uuid4().hex, platform.node(), os.getpid(), _started(os.getpid()))
        self._seen: tuple[Owner | None, float] = (None, 0.0)
        self._since = time.monotonic()
        self._over = threading.Event()
        self._announced = False

    def take(self) -> bool:
        """Become the owner if nobody else is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            if self._may_take(self._lock_file()) and self._write_record():
                threading.Thread(target=self._beat, daemon=True).start()
                return True
        except BaseException:
            self._lock.release()
            raise
        self._lock.release()
        return False

    def release(self) -> None:
        """Let others work."""
        self._over.set()
        if self._is_mine():
            self._record.unlink(missing_ok=True)
        self._lock.release()

    def announce_owner(self) -> None:
        """Tell a person, once, for whom this process waits."""
        owner = self._seen[0]
        if owner and not self._announced:
            announce(f"waiting for process {owner.pid} of {owner.host}, which is preparing the same")
            self._announced = True

    def _lock_file(self) -> bool:
        try:
            self._lock.acquire()
        except Timeout:
            return False
        except NotImplementedError:
            return True
        except OSError as error:
            if error.errno not in NO_LOCKS_HERE:
                raise
        return True

    def _may_take(self, locked: bool) -> bool:
        """Whether no other process lives that owns the folder, or is about to."""
        seen = owner, _ = _read(self._record)
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        silent = time.monotonic() - self._since > SILENCE
        return silent or (locked and (owner is None or owner.is_gone()))

    def _write_record(self) -> bool:
        """Leave the record, whole; ``False`` if another process was faster."""
        draft = self._folder / f"{RECORD}.{self._me.token}"
        draft.write_text(json.dumps(self._me._asdict()))
        try:
            if self._seen[0] is None:
                _link(draft, self._record)
            else:
                draft.replace(self._record)
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT) and self._is_mine():
            with suppress(OSError):
                os.utime(self._record)

    def _is_mine(self) -> bool:
        return _read(self._record)[0] == self._me


def _link(draft: Path, name: Path) -> None:
    """Give ``draft`` the further ``name``, which must be free, where the file system can do that."""
    try:
        os.link(draft, name)
    except FileExistsError:
        raise
    except OSError:
        draft.replace(name)


def _read(record: Path) -> tuple[Owner | None, float]:
    """The owner and when it last renewed its record; an unreadable record is of somebody unknown."""
    try:
        renewed = record.stat().st_mtime
        text = record.read_bytes()
    except OSError:
        return None, 0.0
    try:
        return Owner(**json.loads(text)), renewed
    except (ValueError, TypeError):
        return Owner(""), renewed


def _started(pid: int) -> str:
    """When the process began, in the machine's own words; empty if there is none. Known on Linux only."""
    if not Path("/proc/self/stat").exists():
        return "unknown" if _may_exist(pid) else ""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in "ZX" else fields[18]  # a zombie has ended; field 22 is its time of start


def _may_exist(pid: int) -> bool:
    if os.name != "posix":  # elsewhere os.kill would end it
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
