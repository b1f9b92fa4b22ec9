"""What of a source is not read: what operating systems leave, and a note on all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from textprep.datasets.rows import Block, note

LONGEST_NAME = 80  # characters of a path in a note: its end
NAMED = 3  # files that a note names for a reason
SYSTEM = "left by operating systems"
LITTER = {
    "__macosx", ".ds_store", ".appledouble", ".spotlight-v100", ".trashes", ".fseventsd", "icon\r",
    ".temporaryitems", ".documentrevisions-v100", ".appledb", ".appledesktop", ".localized", ".directory",
    "thumbs.db", "thumbs.db:encryptable", "ehthumbs.db", "desktop.ini", "$recycle.bin", "found.000",
    "system volume information", "@eadir", "#recycle", "@recycle", "lost+found",
}  # fmt: skip


class LeftOut:
    """Counts what of a source is not read, and why.

    >>> left = LeftOut()
    >>> for number in range(1000):
    ...     left.add("in hidden folders", f".git/{number}.txt")
    >>> print(left)
    left out: 1,000 in hidden folders: .git/0.txt, .git/1.txt, .git/2.txt, …
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._names: dict[str, list[str]] = {}

    def add(self, reason: str, name: str) -> None:
        """Count a file, unless there is no reason worth a note."""
        if not reason:
            return
        self.counts[reason] += 1
        if self.counts[reason] <= NAMED + 1:
            named = name if len(name) <= LONGEST_NAME else f"…{name[-LONGEST_NAME:]}"
            self._names.setdefault(reason, []).append(named if self.counts[reason] <= NAMED else "…")

    def __str__(self) -> str:
        each = (
            f"{count:,} {reason}: {', '.join(self._names[reason])}" for reason, count in self.counts.items()
        )
        return f"left out: {'; '.join(each)}" if self.counts else ""

    def note(self, where: object, advice: Mapping[str, str] = MappingProxyType({})) -> Iterator[Block]:
        """A note on it, if there is something to say of the source that is called so."""
        if self.counts:
            said = "".join(f"; {advice[reason]}" for reason in self.counts if reason in advice)
            yield note(f"{where}: {self}{said}")


def left_by_system(name: str) -> bool:
    """Whether an operating system left such a file beside those that it was asked to keep.

    >>> left_by_system("__MACOSX/pos/._1.txt"), left_by_system("pos/Thumbs.db"), left_by_system("pos/1.txt")
    (True, True, False)
    """
    parts = name.casefold().split("/")
    is_odd = parts[-1].startswith(("._", "~$", ".~lock.", ".nfs0", ".fuse_hidden"))
    return is_odd or parts[-1].endswith(":zone.identifier") or not LITTER.isdisjoint(parts)
