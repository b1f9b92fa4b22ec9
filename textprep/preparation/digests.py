"""The digest of texts, taken once for what cannot have changed since.

Texts are read whole to be digested, unless their digest is remembered. What is trusted then:

- A `Split` in the process's own memory keeps its digest as long as it lives: Arrow's arrays never change.
- One that is mapped from files (an Arrow file, a ``datasets.Dataset``) keeps it as long as their device,
  inode, size and times of change stay what they were. For other processes it is in the cache folder, under
  these and the places of the texts in the files. It is kept only of files that had not changed for a while
  when they were read, so that a later change shows in their times.

Where the system does not say what memory is a file's (elsewhere than on Linux) texts are always read.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from textprep.encoding.blocks import threads
from textprep.errors import PreparationError
from textprep.preparation.mapped import Extent, FileState, Mappings, settled_extents
from textprep.ragged import large_offsets
from textprep.storage.files import write_text

if TYPE_CHECKING:
    from textprep.datasets.split import Split

FOLDER = ".digests"
FORGOTTEN_AFTER = 90 * 24 * 60 * 60  # seconds
SPAN = 2**22


class Known(NamedTuple):
    """The digest of the characters of ``table``, as long as its ``files`` stay as they were."""

    table: pa.Table
    files: frozenset[FileState]
    digest: str

    def holds(self, table: pa.Table) -> bool:
        """Whether it is that of ``table``, now."""
        return self.table is table and all(file.is_current() for file in self.files)


_known: WeakKeyDictionary[Split, Known] = WeakKeyDictionary()


def text_digest(split: Split, cache: Path | None = None) -> str:
    """Of the characters and of where each text ends, however Arrow has cut and shifted the column.

    Args:
        split: whose texts.
        cache: the cache folder, where digests are remembered; not given, those of files are not.
    """
    chunks = [chunk for chunk in split.text.cast(pa.large_string()).chunks if len(chunk)]
    parts = [_characters(chunk) for chunk in chunks]
    lengths = hashlib.blake2b(digest_size=16)
    for chunk in chunks:
        lengths.update(np.diff(large_offsets(chunk)).tobytes())
    return blake2b(bytes.fromhex(_remembered(split, parts, cache)) + lengths.digest())


def blake2b(data: bytes) -> str:
    """128 bits, hexadecimal."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _characters(chunk: pa.LargeStringArray) -> pa.Buffer:
    ends = large_offsets(chunk)
    return chunk.buffers()[2].slice(int(ends[0]), int(ends[-1] - ends[0]))


def _remembered(split: Split, parts: Sequence[pa.Buffer], cache: Path | None) -> str:
    """The digest of the characters: as it is remembered, or taken and remembered."""
    known = _known.get(split)
    if known and known.holds(split.table):
        return known.digest
    digest, files = _noted(parts, cache)
    if files is not None:
        _known[split] = Known(split.table, files, digest)
    return digest


def _noted(parts: Sequence[pa.Buffer], cache: Path | None) -> tuple[str, frozenset[FileState] | None]:
    """The digest, as it is noted in ``cache`` or else taken, and of which files the texts are mapped.

    These are ``None`` where a change of the texts would not show.
    """
    mappings = Mappings()
    memory = [(part.address, part.size) for part in parts if part.size]
    if mappings.are_known and all(mappings.is_anonymous(address) for address, _ in memory):
        return _characters_digest(parts), frozenset()
    extents = settled_extents(memory, mappings)
    if extents is None:
        return _characters_digest(parts), None
    files, note = frozenset(extent.file for extent in extents), cache and _note(cache, extents)
    if note and (noted := _read(note)):
        return noted, files
    digest = _characters_digest(parts)
    if settled_extents(memory, mappings) != extents:
        return digest, None
    if note:
        _write(note, digest)
    return digest, files


def _note(cache: Path, extents: Sequence[Extent]) -> Path:
    """The file for the digest of texts that are mapped from ``extents``."""
    places = [(*file[1:], start, stop) for file, start, stop in extents]
    return cache / FOLDER / blake2b(repr(places).encode())


def _characters_digest(parts: Sequence[pa.Buffer]) -> str:
    """Of digests of `SPAN` bytes each, which several threads take at once."""
    with threads(None) as pool:
        digests = [digest.result() for _, digest in pool.ahead(_span_digest, _spans(parts))]
    return blake2b(b"".join(digests))


def _span_digest(span: Sequence[memoryview]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in span:
        digest.update(part)
    return digest.digest()


def _spans(parts: Sequence[pa.Buffer]) -> Iterator[list[memoryview]]:
    """All bytes in spans of `SPAN` bytes, however they are parted."""
    span: list[memoryview] = []
    room = SPAN
    for buffer in parts:
        part, start = memoryview(buffer), 0
        while start < len(part):
            span.append(part[start : start + room])
            start += len(span[-1])
            room -= len(span[-1])
            if not room:
                yield span
                span, room = [], SPAN
    if span:
        yield span


def _read(file: Path) -> str | None:
    with suppress(OSError, ValueError):
        digest, check = file.read_text("ascii").split()
        if check == _check(file, digest):
            return digest
    return None


def _write(file: Path, digest: str) -> None:
    """Remember it, where the disk takes it."""
    with suppress(OSError, PreparationError):
        file.parent.mkdir(parents=True, exist_ok=True)
        for other in file.parent.iterdir():
            if other.stat().st_mtime < time.time() - FORGOTTEN_AFTER:
                other.unlink()
        write_text(file, f"{digest} {_check(file, digest)}\n", PreparationError)


def _check(file: Path, digest: str) -> str:
    return blake2b(f"{file.name} {digest}".encode())
