"""Members of .tar and .zip archives, streamed one after the other; nothing is ever unpacked to disk.

An archive that could do harm to a program that unpacks it is refused as a whole, though this one unpacks
nothing: what it is meant to do elsewhere it should not get a chance to do, and no honest archive does it.
"""

from __future__ import annotations

import bz2
import contextlib
import io
import lzma
import re
import stat
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from copy import copy
from functools import partial
from hashlib import blake2b
from types import SimpleNamespace
from typing import IO, Any, NamedTuple, TypeAlias

from textprep.datasets.sources.source import (
    COMPRESSIONS,
    RATIO,
    Meter,
    Source,
    checked,
    counted,
    decompressed,
    naming,
    readable,
)
from textprep.errors import DatasetError

TAR = re.compile(r"\.(tar(\.(gz|bz2|xz|zst|lz4))?|tgz|tbz2?|txz)$", re.IGNORECASE)
EXTENDED = {
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CHUNK = 2**16
LONGEST_HEADER = 2**20  # bytes of a member's extended header

Named: TypeAlias = "tuple[str, Source]"


class Limits(NamedTuple):
    """What an archive may be at most; counted while it is read, whatever it says of itself.

    Attributes:
        entries: members, folders included.
        bytes: of all members together, decompressed.
        ratio: decompressed bytes to compressed ones.
    """

    entries: int = 1_000_000
    bytes: int = 10**11
    ratio: int = RATIO


def is_archive(name: str) -> bool:
    """Whether a file is an archive, by its name.

    >>> is_archive("reviews.tar.gz"), is_archive("reviews.ZIP"), is_archive("reviews.csv.gz")
    (True, True, False)
    """
    return bool(TAR.search(name)) or name.lower().endswith(".zip")


def members(source: Source, limits: Limits) -> Iterator[Named]:
    """The files in an archive in their order, with their names; each is read before the next is asked for.

    Raises:
        DatasetError: it is no archive, is damaged, or is refused: a member has an absolute path, leads out
            of the archive, is a link, a device or encrypted, has the name of another (also but for upper and
            lower case), or a limit is passed.
    """
    with naming(source.name), contextlib.closing(source.raw()) as stored:
        checks = _Checks(source.name, limits)
        if source.name.lower().endswith(".zip"):
            yield from _zip_members(checked(stored, source.name, "zip", "npz", "torch"), checks)
        elif TAR.search(source.name):
            yield from _tar_members(checked(stored, source.name, "tar", *COMPRESSIONS), checks)
        else:
            raise DatasetError(f"{source.name}: an archive is called .tar, .tar.gz, .tgz, .tar.bz2 … or .zip")


class Refused(DatasetError):  # noqa: N818 - as the room calls it
    """An archive of which nothing more is read."""


class _Checks:
    """What was seen of an archive so far, held against the limits."""

    def __init__(self, name: str, limits: Limits) -> None:
        self.name, self.limits, self.entries = name, limits, 0
        self.meter = Meter(limits.bytes, limits.ratio, self.pass_limit)
        self._files: set[bytes] = set()

    def member(self, name: str, opened: Callable[[], IO[bytes]]) -> Named:
        """A member that can be read."""
        name = readable(name)
        return name, Source(f"{self.name}/{name}", opened, meter=self.meter)

    def refuse(self, reason: str, member: str) -> Refused:
        where = f"{self.name}: the member {member!r:.100}"
        return Refused(f"{where} {reason}: the archive is refused, and nothing of it was written")

    def pass_limit(self, reason: str) -> Refused:
        hint = f"if you trust it, set limits={{{', '.join(f'{name!r}: …' for name in Limits._fields)}}}"
        return Refused(f"{self.name} {reason}: the archive is refused", option="limits", hint=hint)

    def entry(self, name: str, *, is_folder: bool) -> None:
        """Check a member's name."""
        self.entries += 1
        if self.entries > self.limits.entries:
            raise self.pass_limit(f"holds over {self.limits.entries:,} entries")
        if reason := _bad_name(name.replace("Icon\r", "Icon")):  # which macOS leaves
            raise self.refuse(reason, name)
        path = "/".join(part for part in name.split("/") if part not in ("", "."))
        key = blake2b(
            unicodedata.normalize("NFC", path).casefold().encode("utf-8", "surrogatepass"), digest_size=12
        ).digest()
        if key in self._files and not is_folder:
            raise self.refuse("is there twice, or differs from another in upper and lower case only", name)
        self._files.update(() if is_folder else (key,))


def _bad_name(name: str) -> str | None:
    if not name or CONTROL.search(name):
        return "has no name, or control characters in it"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "has an absolute path"
    if "\\" in name:
        return "has a backslash in its path"
    return "leads out of the archive" if ".." in name.split("/") else None


class _Header(tarfile.TarInfo):
    """A header; tarfile takes a damaged one for the end, and reads an extended one of any length."""

    @classmethod
    def frombuf(cls, buf: Any, encoding: str, errors: str) -> _Header:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if any(buf):
                raise tarfile.ReadError(f"{error}: this is no .tar archive, or a damaged one") from error
            raise
        if header.type in EXTENDED and header.size > LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {header.size:,} bytes: the archive is refused")
        return header


def _tar_members(stored: IO[bytes], checks: _Checks) -> Iterator[Named]:
    stream = decompressed(counted(stored, checks.meter.count_stored), checks.name, checks.meter)
    if checks.name.lower().endswith(".tar"):  # whose bytes nothing has counted yet
        stream = counted(stream, checks.meter.count)
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        for entry in archive:
            checks.entry(entry.name, is_folder=entry.isdir())
            if not (entry.isreg() or entry.isdir()) or entry.issparse():
                kind = "a link" if entry.issym() or entry.islnk() else "a device or another special file"
                raise checks.refuse(f"is {kind}", entry.name)
            if entry.isreg():
                yield checks.member(entry.name, partial(_member, archive, entry, checks.name))
            archive.members = []  # type: ignore[attr-defined] # otherwise half a kilobyte stays per member
        while rest := archive.fileobj.read(CHUNK) if archive.fileobj else b"":
            if rest.strip(b"\0"):
                raise tarfile.ReadError("more follows on its end, such as a second .tar: take it apart")


def _member(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str) -> IO[bytes]:
    """A member; where it breaks off, the archive does."""
    stream = archive.extractfile(entry)

    def read(size: int) -> bytes:
        with naming(name, Refused):
            return stream.read(size) if stream else b""

    return counted(SimpleNamespace(read=read), lambda size: None)


def _zip_members(stored: IO[bytes], checks: _Checks) -> Iterator[Named]:
    checks.meter.whole = stored.seek(0, io.SEEK_END)
    with zipfile.ZipFile(stored) as archive:
        for entry in archive.infolist():  # all names before any byte of a member
            checks.entry(entry.orig_filename, is_folder=entry.is_dir())
            mode = stat.S_IFMT(entry.external_attr >> 16)
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise checks.refuse("is a link" if mode == stat.S_IFLNK else "is a device", entry.filename)
            if entry.flag_bits & 1:
                raise checks.refuse("is encrypted", entry.filename)
        for entry in archive.infolist():
            if not entry.is_dir():
                yield checks.member(entry.filename, partial(_inflated, archive, entry, checks.meter))


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, meter: Meter) -> IO[bytes]:
    """A member, a little at a time; zipfile inflates bzip2 and LZMA by the kilobyte of what is stored."""
    if entry.compress_type not in METHODS:
        raise NotImplementedError("it is compressed in a way that is not read: pack it anew as .tar.gz")
    plain = copy(entry)
    plain.compress_type, plain.file_size = zipfile.ZIP_STORED, entry.compress_size
    del plain.CRC  # it is that of the inflated bytes
    stored = counted(archive.open(plain), meter.count_stored)
    return counted(_Inflated(METHODS[entry.compress_type](stored), entry), meter.count)


def _deflate(stored: IO[bytes]) -> Any:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def read(size: int) -> bytes:
        while True:
            data = inflate.unconsumed_tail or stored.read(2**14)
            chunk = inflate.decompress(data, size)
            if chunk or not data:
                return chunk

    return SimpleNamespace(read=read)


def _lzma(stored: IO[bytes]) -> lzma.LZMAFile:
    """What follows on the version, the length of the properties and the properties of an LZMA stream."""
    properties, dictionary = struct.unpack("<4xBI", stored.read(9).ljust(9))
    own = {"lc": properties % 9, "lp": properties // 9 % 5, "pb": properties // 45, "dict_size": dictionary}
    return lzma.LZMAFile(stored, format=lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **own}])


METHODS: dict[int, Callable[[IO[bytes]], Any]] = {
    zipfile.ZIP_STORED: lambda stored: stored,
    zipfile.ZIP_DEFLATED: _deflate,
    zipfile.ZIP_BZIP2: bz2.BZ2File,
    zipfile.ZIP_LZMA: _lzma,
}


class _Inflated:
    """A member of a zip as long as it is said to be, its checksum compared at its end."""

    def __init__(self, stream: IO[bytes], entry: zipfile.ZipInfo) -> None:
        self._stream, self._entry = stream, entry
        self._left, self._sum = entry.file_size, 0

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(min(size, self._left)) if self._left else b""  # 0 is no bound to zlib
        self._left, self._sum = self._left - len(chunk), zlib.crc32(chunk, self._sum)
        if not (chunk or size == 0) and (self._left or self._sum != self._entry.CRC):
            raise zipfile.BadZipFile(f"Bad CRC-32 for file {self._entry.filename!r}")
        return chunk
