"""Which file a piece of memory is mapped from, as far as the system tells: Linux does."""

from __future__ import annotations

import os
import re
import time
from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_MAPS = Path("/proc/self/maps")
# start-end, permissions, offset, device, inode, path
_LINE = re.compile(r"(\w+)-(\w+) (.{4}) (\w+) (\w+):(\w+) (\d+) *(.*)")
_AS_IN_FILE = re.compile("r-.p|r..s")  # what may be written and is not shared may differ from the file
SETTLED = 2 * 10**9  # nanoseconds: no file system's clock is coarser, so a later change has a later time


class FileState(NamedTuple):
    """A file, and the state that it was in.

    Attributes:
        path: a name that it had.
        device, inode: which file.
        size: in bytes.
        modified, changed: when its contents, and when anything about it, changed last; nanoseconds.
    """

    path: str
    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: str) -> FileState | None:
        """That of the file ``path`` now; ``None`` where there is none."""
        try:
            state = Path(path).stat()
        except (OSError, ValueError):
            return None
        return cls(path, state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)

    def is_settled(self) -> bool:
        """Whether any change from now on will show in the times."""
        return max(self.modified, self.changed) < time.time_ns() - SETTLED

    def is_current(self) -> bool:
        """Whether the file is still there, and in this state."""
        return FileState.of(self.path) == self


class Extent(NamedTuple):
    """The bytes from ``start`` to before ``stop`` of a file."""

    file: FileState
    start: int
    stop: int


class Mappings:
    """What is mapped into this process right now."""

    def __init__(self) -> None:
        try:
            self._lines = _MAPS.read_text(errors="surrogateescape").splitlines()
        except OSError:
            self._lines = []
        self._starts = [int(line.partition("-")[0], 16) for line in self._lines]

    @property
    def are_known(self) -> bool:
        """Whether this system tells."""
        return bool(self._lines)

    def extent(self, address: int, size: int) -> Extent | None:
        """What file ``size`` bytes at ``address`` are mapped from.

        ``None`` where they are not, or the file has no name any more, or is private to the process.
        """
        found = _LINE.fullmatch(self._line(address))
        if found is None or not _AS_IN_FILE.fullmatch(found[3]):
            return None
        start, end, _, offset, major, minor, inode, path = found.groups()
        file, mapped = FileState.of(path), (os.makedev(int(major, 16), int(minor, 16)), int(inode))
        if file is None or (file.device, file.inode) != mapped or address + size > int(end, 16):
            return None
        first = address - int(start, 16) + int(offset, 16)
        return Extent(file, first, first + size)

    def is_anonymous(self, address: int) -> bool:
        """Whether the memory at ``address`` is the process's own and no file's."""
        found = _LINE.fullmatch(self._line(address))
        return found is not None and found[7] == "0"

    def _line(self, address: int) -> str:
        place = bisect_right(self._starts, address) - 1
        return self._lines[place] if place >= 0 else ""


def settled_extents(memory: Sequence[tuple[int, int]], mappings: Mappings) -> list[Extent] | None:
    """Of which settled files all of ``memory``, addresses and sizes, is mapped; ``None`` if not all is."""
    extents = [mappings.extent(*each) for each in memory]
    if any(extent is None or not extent.file.is_settled() for extent in extents):
        return None
    return extents  # type: ignore[return-value]
