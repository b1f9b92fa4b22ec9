"""The cache folder: entries that appear whole or not at all, each made once.

<cache>/<name>/              a finished entry
<cache>/.<name>.work/        an entry in the making, or what a run that was killed left of one
    lock, lock.json              who is at it (`textprep.storage.locks.sole_process`)
    store/                       files that are done; becomes <cache>/<name> when all of them are
    records/                     of each file that is done its size, checksum and counts, written after it
    drafts/                      files that are being written
<cache>/.<name>.gone-…/      an entry that is being removed

What goes with the rows of an entry is an entry of ``<cache>/<name>/columns`` in just this way.

A file comes into ``store/`` by a rename, when it is on the disk; a file without a record that fits does not
count as done, so nothing that a crash can leave behind is ever taken for a result. What a killed run had
finished is kept for a day, for the next run of the same thing to go on with; after that the next run of
anything removes it. A run that fails leaves nothing.
"""

from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import pyarrow as pa

from textprep.errors import PreparationError
from textprep.preparation.manifest import COLUMNS, FileRecord, Written, checked_content
from textprep.preparation.progress import announce
from textprep.storage.files import publish_folder, write_atomically, write_parts
from textprep.storage.locks import is_held, sole_process

Opened = TypeVar("Opened")

LOCK = "lock"
ATTEMPTS = 5
LEFTOVERS_KEPT = 24 * 60 * 60  # seconds
DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


class Work:
    """The work folder of the entry ``name`` of ``cache``.

    Attributes:
        entry: where the finished store will be.
        folder: the work folder.
        lock: the file that whoever works here holds.
        store: what is to become the entry.
    """

    def __init__(self, cache: Path, name: str) -> None:
        self.entry = cache / name
        self.folder = cache / f".{name}.work"
        self.lock = self.folder / LOCK
        self.store = self.folder / "store"
        self._records = self.folder / "records"
        self._drafts = self.folder / "drafts"

    def begin(self) -> None:
        """Make the folders; what a run that was killed had finished stays in them."""
        for folder in (self.store, self._records, self._drafts):
            folder.mkdir(parents=True, exist_ok=True)

    def keep(self, file: str, *parts: bytes | pa.Buffer, **facts: Any) -> dict[str, Any]:
        """`keep_all` of these ``parts``, one behind the other."""
        return self.keep_all(file, parts, **facts)

    def keep_all(self, file: str, parts: Iterable[bytes | pa.Buffer], **facts: Any) -> dict[str, Any]:
        """Put a file of ``parts`` into the store, flushed to the disk, and remember ``facts`` with it.

        Returns:
            Its record: ``facts``, ``bytes`` and ``blake2b``.

        Raises:
            OSError: the disk does not take it, or another process has finished or removed this work.
        """
        written = Written()
        write_parts(self.store / file, written.through(parts), drafts=self._drafts)
        record = {**facts, **written.record()}
        note = json.dumps(record).encode()
        write_atomically(self._records / f"{file}.json", note, drafts=self._drafts, flush=False)
        return record

    def kept(self, file: str, **facts: Any) -> dict[str, Any] | None:
        """The record of ``file`` if it is done and whole, and ``facts`` are what was remembered with it."""
        try:
            record: dict[str, Any] = json.loads((self._records / f"{file}.json").read_bytes())
            if facts.items() <= record.items():
                checked_content(
                    self.store / file, FileRecord(bytes=record["bytes"], blake2b=record["blake2b"])
                )
                return record
        except (OSError, ValueError, KeyError, AttributeError, PreparationError):
            pass  # not there, or a crash has left it in pieces: it will be made again
        return None

    def publish(self) -> None:
        """Make the store the entry, at once; if another process was first, its entry is the same."""
        publish_folder(self.store, self.entry)

    def remove(self) -> None:
        """Remove the work folder as far as that is possible."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Job(Protocol):
    """What makes an entry."""

    def fill(self, work: Work, /) -> None:
        """Put every file into ``work`` that it has not kept yet."""

    def bytes_needed(self, work: Work, /) -> int:
        """About how many bytes are still to be written."""


def open_entry(
    cache: Path, name: str, job: Job, opener: Callable[[Path], Opened], *, parents: bool = True
) -> Opened:
    """The entry ``name``, opened; ``job`` makes it if it is not there.

    Of several processes that ask at once, one works and the others wait for it. A process that is killed,
    or stopped by Ctrl-C, leaves the files that it has finished, and the next goes on from there. What another
    process removes meanwhile, the work folder or the finished entry, is made again.

    Args:
        cache: the cache folder; made if need be.
        name: the folder's name in it.
        job: fills the work folder.
        opener: opens the entry.
        parents: whether the folders above ``cache`` are made, too; not those of an entry, which may just have
            been removed.

    Raises:
        PreparationError: the disk is full or the cache cannot be written; names the path. Or ``opener``
            raises it: the entry is damaged.
    """
    work, problem = Work(cache, name), "it is gone as soon as it is made"
    for _ in range(ATTEMPTS):
        try:
            if not work.entry.exists():
                _make(work, job, parents)
        except (FileNotFoundError, FileExistsError) as error:
            problem = f"{error.strerror}: {error.filename}"
            continue
        tidy_up(work.entry)
        try:
            return opener(work.entry)
        except PreparationError:
            if work.entry.exists():
                raise
    raise PreparationError(f"other processes keep removing {work.folder} ({problem}): try again later")


def tidy_up(entry: Path) -> None:
    """Remove the work folder of a finished entry, of this run or of one that was killed just before that."""
    work = Work(entry.parent, entry.name)
    if work.folder.exists():
        work.remove()


def _make(work: Work, job: Job, parents: bool) -> None:
    """Make the entry, unless another process does so while this one waits for it.

    Raises:
        FileNotFoundError, FileExistsError: another process has removed the work folder under this one.
        PreparationError: the disk does not take it.
    """
    try:
        _remove_old_leftovers(work.entry.parent)
        (work.folder if parents else work.folder.parent).mkdir(parents=parents, exist_ok=True)
        with sole_process(work.lock, _announce):
            if not work.entry.exists():
                work.begin()
                job.fill(work)
                work.publish()
    except Exception as error:
        if work.entry.exists():
            return  # locks are a pretence here: another process did the same at once, and was first
        if isinstance(error, (FileNotFoundError, FileExistsError)):
            raise
        failure = _cannot_write(work, job, error) if isinstance(error, OSError) else None
        _clear(work)
        if failure is None:
            raise
        raise failure from error


def _clear(work: Work) -> None:
    if not is_held(work.lock):
        work.remove()


def _announce(owner: str) -> None:
    announce(f"waiting for {owner}, which is preparing the same")


def _cannot_write(work: Work, job: Job, error: OSError) -> PreparationError:
    full = error.errno in DISK_FULL
    room = f"it needs about {job.bytes_needed(work):,} bytes more: make room there, or " if full else ""
    return PreparationError(
        f"cannot write prepared data to {work.entry}: {error.strerror or error}",
        hint=f"{room}choose another folder with cache_dir= or TEXTPREP_CACHE",
    )


def remove_entry(entry: Path) -> None:
    """Remove an entry so that nobody ever sees half of it; nothing happens if it is not there.

    Raises:
        PreparationError: it cannot be removed.
    """
    doomed = entry.with_name(f".{entry.name}.gone-{uuid4().hex}")
    try:
        entry.rename(doomed)
    except FileNotFoundError:
        return
    except OSError as error:
        raise PreparationError(f"cannot remove {entry}: {error.strerror or error}") from error
    remove_folder(doomed)


def remove_folder(folder: Path) -> None:
    """Remove a folder as far as that is possible."""
    shutil.rmtree(folder, ignore_errors=True)


def leftovers(cache: Path) -> list[Path]:
    """What killed runs have left in ``cache``: nobody is at work there."""
    return [folder for folder in _hidden(cache) if not is_held(folder / LOCK)]


def _remove_old_leftovers(cache: Path) -> None:
    for folder in leftovers(cache):
        with suppress(OSError):
            if ".gone-" in folder.name or time.time() - _last_change(folder) > LEFTOVERS_KEPT:
                remove_folder(folder)


def _hidden(cache: Path) -> list[Path]:
    places = ("", f"*/{COLUMNS}/")
    return [folder for at in places for kind in ("work", "gone-*") for folder in cache.glob(f"{at}.*.{kind}")]


def _last_change(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
