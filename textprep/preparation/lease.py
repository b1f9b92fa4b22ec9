"""Who has a store open: a shared lock on its manifest, which pruning asks for alone.

Nothing is written for it, so that a store can be opened where nothing may be written. Where the system has
no such locks (Windows), it does not let go of files that are mapped, which comes to the same.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textprep.preparation.manifest import MANIFEST

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]


class Lease:
    """Keeps the store in ``folder`` from being pruned as long as it lives, and marks it as used now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        path = folder / MANIFEST
        with suppress(OSError):  # no store, or one that may only be read
            os.utime(path)
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            weakref.finalize(self, os.close, handle)
            if fcntl:
                fcntl.flock(handle, fcntl.LOCK_SH)

    def __reduce__(self) -> tuple[Any, ...]:
        return Lease, (self._folder,)


@contextmanager
def sole_user(folder: Path) -> Iterator[bool]:
    """Whether nobody has the store in ``folder`` open; as long as this lasts, nobody can open it."""
    with (folder / MANIFEST).open("rb") as file:
        try:
            if fcntl:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def last_use(folder: Path) -> float:
    """When the store in ``folder`` was made or last opened, in seconds since 1970."""
    return (folder / MANIFEST).stat().st_mtime
