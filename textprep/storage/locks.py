"""Locks between processes: one at a time works at one thing, and no longer than it lives.

This only saves work. Where a file system pretends to lock and the processes run on different machines, two
may do the same work at once; the result is right all the same, because files only ever appear by renames.

A `Lease` is a lock that many may have: who reads a store keeps it from being removed.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

PAUSE = 0.25  # seconds between two looks at who holds a lock
NO_LOCKS_HERE = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}


@contextmanager
def sole_process(lock: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Wait until no other process holds the file ``lock``, and hold it.

    The lock of a process that is killed is free at once. Beside it lies a note of who holds it, which also
    keeps processes of one machine apart where the file system only pretends to lock.

    Args:
        lock: a file that is made if need be, as is its folder, but not the folder of that.
        waiting: is told once who is waited for, such as ``"process 17 of host"``, if that takes a while.

    Raises:
        OSError: the folder cannot be written.
    """
    lock.parent.mkdir(exist_ok=True)
    told = False
    while (held := _try_to_hold(lock)) is None:
        if not told and (owner := _owner(lock)):
            waiting("process {pid} of {host}".format(**owner))
            told = True
    try:
        yield
    finally:
        with suppress(OSError):
            _note(lock).unlink(missing_ok=True)
        held.release()


def is_held(lock: Path) -> bool:
    """Whether some process seems to hold the file ``lock``, as far as one look can tell."""
    return lock.exists() and (_is_locked(lock) or _lives(_owner(lock)))


def try_lock(path: Path, timeout: float = 0) -> FileLock | None:
    """A lock on the file ``path``; ``None`` if another process has it, still after ``timeout`` seconds.

    The system releases it where its holder is killed. Where the file system has no locks, everybody gets it.

    Raises:
        OSError: the file cannot be made.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=timeout, poll_interval=0.02)
    except Timeout:
        return None
    except (NotImplementedError, OSError) as error:
        if getattr(error, "errno", errno.ENOSYS) not in NO_LOCKS_HERE:
            raise
    return lock


def _try_to_hold(path: Path) -> FileLock | None:
    """The lock, with the note of it; ``None`` if another process has it."""
    lock = try_lock(path, PAUSE)
    if lock is None:
        return None
    try:
        if _leave_note(path):
            return lock
    except BaseException:
        lock.release()
        raise
    lock.release()
    time.sleep(PAUSE)
    return None


def _leave_note(lock: Path) -> bool:
    """Say who holds ``lock``; ``False`` if another process does, although the lock was to be had."""
    note, draft = _note(lock), lock.with_name(f"{lock.name}.{uuid4().hex}")
    if note.exists() and (not _lives(_owner(lock)) or _is_locked(lock)):
        note.unlink(missing_ok=True)  # of a process that was killed
    draft.write_text(json.dumps({"pid": os.getpid(), "host": platform.node()}))
    try:
        os.link(draft, note)  # whole, and only if there is none
    except FileExistsError:
        return False
    except OSError:
        pass  # a file system without links; the lock is what counts
    finally:
        draft.unlink(missing_ok=True)
    return True


def _note(lock: Path) -> Path:
    return lock.with_name(f"{lock.name}.json")


def _owner(lock: Path) -> dict[str, Any] | None:
    """Who holds ``lock``, by the note beside it."""
    try:
        owner = json.loads(_note(lock).read_bytes())
        return {"pid": int(owner["pid"]), "host": str(owner["host"])}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _lives(owner: dict[str, Any] | None) -> bool:
    """Whether it is a process of this machine that has not ended."""
    if owner is None or owner["host"] != platform.node():
        return False
    if os.name != "posix":  # elsewhere os.kill would end it, and locks are never a pretence
        return False
    try:
        os.kill(owner["pid"], 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _is_locked(path: Path) -> bool:
    """Whether a second lock on the file is refused: somebody has it, and locks are no pretence here."""
    try:
        lock = try_lock(path)
    except OSError:  # it may only be read
        return False
    if lock is None:
        return True
    lock.release()
    return False


class Lease:
    """As long as it lives, nobody is the `sole_user` of ``file``, which is marked as used now.

    Nothing is written for it, so that one can be had where nothing may be written. Where the system has no
    such locks (Windows), it does not let go of files that are mapped, which comes to the same.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        with suppress(OSError):  # it is not there, or may only be read
            os.utime(file)
        with suppress(OSError):
            handle = os.open(file, os.O_RDONLY)
            weakref.finalize(self, os.close, handle)
            if fcntl:
                fcntl.flock(handle, fcntl.LOCK_SH)

    def __reduce__(self) -> tuple[Any, ...]:
        return Lease, (self._file,)


@contextmanager
def sole_user(file: Path) -> Iterator[bool]:
    """Whether nobody has a `Lease` of ``file``; as long as this lasts, nobody gets one."""
    with file.open("rb") as opened:
        try:
            if fcntl:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
