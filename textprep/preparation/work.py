"""The folder in which an entry of the cache is made, and which keeps what is done when a run is killed.

<cache>/.<name>.work/
    lock, lock.json     who is at it (`textprep.storage.locks.sole_process`)
    store/              files that are done; becomes <cache>/<name> when all of them are
    records/            of each file that is done its size, checksum and counts, written after it
    drafts/             files that are being written

A file comes into ``store/`` by a rename, when it is on the disk; a file without a record that fits does
not count as done, so nothing that a crash can leave behind is ever taken for a result.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from textprep.errors import PreparationError
from textprep.preparation.manifest import FileRecord, checked_content, file_record
from textprep.storage.files import publish_folder, write_atomically

LOCK = "lock"


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

    def keep(self, file: str, content: bytes | pa.Buffer, **facts: Any) -> dict[str, Any]:
        """Put ``content`` into the store, flushed to the disk, and remember ``facts`` with it.

        Returns:
            Its record: ``facts``, ``bytes`` and ``blake2b``.

        Raises:
            OSError: the disk does not take it, or another process has finished or removed this work.
        """
        record = {**facts, **file_record(content)}
        write_atomically(self.store / file, content, drafts=self._drafts)
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
