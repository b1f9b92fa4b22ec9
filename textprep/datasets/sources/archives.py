"""Members of .tar and .zip archives, streamed one after the other; nothing is ever unpacked to disk.

An archive that could do harm to a program that unpacks it is refused as a whole, though this one unpacks
nothing: what it is meant to do elsewhere it should not get a chance to do, and no honest archive does it.
"""

from __future__ import annotations

import contextlib
import io
import re
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple

from textprep.datasets.sources.source import Source, decompressed, naming
from textprep.errors import DatasetError

TAR = re.compile(r"\.(tar(\.(gz|bz2|xz|zst|lz4))?|tgz|tbz2?|txz)$", re.IGNORECASE)
RATIO_COUNTS_FROM = 10 * 2**20  # bytes: a short text of one letter is no bomb
EXTENDED = {
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
}
LONGEST_HEADER = 2**20  # bytes of a member's extended header

Wanted = Callable[[str], bool]


class Limits(NamedTuple):
    """What an archive may be at most; counted while it is read, whatever it says of itself.

    Attributes:
        entries: members, folders included.
        bytes: of all members together, decompressed.
        ratio: decompressed bytes to compressed ones.
    """

    entries: int = 1_000_000
    bytes: int = 10**11
    ratio: int = 200


def is_archive(name: str) -> bool:
    """Whether a file is an archive, by its name.

    >>> is_archive("reviews.tar.gz"), is_archive("reviews.ZIP"), is_archive("reviews.csv.gz")
    (True, True, False)
    """
    return bool(TAR.search(name)) or name.lower().endswith(".zip")


def members(source: Source, wanted: Wanted, limits: Limits) -> Iterator[Source]:
    """The wanted members in their order; each can be read until the next is asked for.

    Raises:
        DatasetError: it is no archive, is damaged, or is refused: a member has an absolute path, leads out
            of the archive, is a link, a device or encrypted, has the name of another (also but for upper and
            lower case), or a limit is passed.
    """
    with naming(source.name), contextlib.closing(source.raw()) as stored:
        checks = _Checks(source.name, limits)
        if source.name.lower().endswith(".zip"):
            yield from _zip_members(stored, checks, wanted)
        elif TAR.search(source.name):
            yield from _tar_members(stored, checks, wanted)
        else:
            raise DatasetError(f"{source.name}: an archive is called .tar, .tar.gz, .tgz, .tar.bz2 … or .zip")


class _Checks:
    """What was seen of an archive so far, held against the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.entries = self.stored = self.plain = 0
        self._files: set[bytes] = set()

    def refuse(self, reason: str, member: str = "") -> DatasetError:
        where = f"{self.name}: the member {member!r:.100}" if member else self.name
        return DatasetError(f"{where} {reason}: the archive is refused, and nothing of it was written")

    def entry(self, name: str, *, is_folder: bool) -> None:
        """Check a member's name."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise self.refuse(f"holds over {self.limits.entries:,} entries")
        if reason := _bad_name(name):
            raise self.refuse(reason, name)
        key = blake2b(
            unicodedata.normalize("NFC", name.strip("/")).casefold().encode(), digest_size=12
        ).digest()
        if key in self._files and not is_folder:
            raise self.refuse("is there twice, or differs from another in upper and lower case only", name)
        self._files.update(() if is_folder else (key,))

    def count(self, size: int) -> None:
        """Count decompressed bytes."""
        self.plain += size
        if self.plain > self.limits.bytes:
            raise self.refuse(f"holds over {self.limits.bytes:,} bytes, decompressed")
        if self.plain > max(RATIO_COUNTS_FROM, self.limits.ratio * self.stored):
            raise self.refuse(
                f"grows to over {self.limits.ratio} times its size: this is a decompression bomb"
            )

    def count_stored(self, size: int) -> None:
        """Count compressed bytes."""
        self.stored += size


class _Metered(io.RawIOBase):
    """A stream whose bytes are counted."""

    def __init__(self, stream: Any, count: Callable[[int], None]) -> None:
        self._stream, self._count = stream, count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._stream.read(len(buffer))
        self._count(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _bad_name(name: str) -> str | None:
    if not name or "\0" in name or any(unicodedata.category(character) == "Cc" for character in name):
        return "has no name, or control characters in it"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "has an absolute path"
    if "\\" in name:
        return "has a backslash in its path"
    return "leads out of the archive" if ".." in PurePosixPath(name).parts else None


class _Header(tarfile.TarInfo):
    """A header, refused before an extended one is read into memory that is no header by its length."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> _Header:
        header = super().frombuf(buf, encoding, errors)
        if header.type in EXTENDED and header.size > LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {header.size:,} bytes: the archive is refused")
        return header


def _tar_members(stored: IO[bytes], checks: _Checks, wanted: Wanted) -> Iterator[Source]:
    plain = decompressed(io.BufferedReader(_Metered(stored, checks.count_stored)), checks.name)
    stream = io.BufferedReader(_Metered(plain, checks.count), 2**18)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        for entry in archive:
            checks.entry(entry.name, is_folder=entry.isdir())
            if not (entry.isreg() or entry.isdir()) or entry.issparse():
                kind = "a link" if entry.issym() or entry.islnk() else "a device or another special file"
                raise checks.refuse(f"is {kind}", entry.name)
            if entry.isreg() and wanted(entry.name):
                yield Source(f"{checks.name}/{entry.name}", lambda: _opened(archive, entry))  # noqa: B023
            archive.members = []  # type: ignore[attr-defined] # otherwise half a kilobyte stays per member


def _opened(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(entry)
    if stream is None:
        raise OSError("it is no file")
    return stream


def _zip_members(stored: IO[bytes], checks: _Checks, wanted: Wanted) -> Iterator[Source]:
    checks.count_stored(stored.seek(0, io.SEEK_END))
    with zipfile.ZipFile(stored) as archive:
        for entry in archive.infolist():  # all names before any byte of a member
            checks.entry(entry.orig_filename, is_folder=entry.is_dir())
            mode = stat.S_IFMT(entry.external_attr >> 16)
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise checks.refuse("is a link" if mode == stat.S_IFLNK else "is a device", entry.filename)
            if entry.flag_bits & 1:
                raise checks.refuse("is encrypted", entry.filename)
        for entry in archive.infolist():
            if not entry.is_dir() and wanted(entry.filename):
                yield Source(f"{checks.name}/{entry.filename}", lambda: _metered(archive, entry, checks))  # noqa: B023


def _metered(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, checks: _Checks) -> IO[bytes]:
    return io.BufferedReader(_Metered(archive.open(entry), checks.count))
