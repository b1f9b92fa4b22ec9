"""One file of bytes, wherever it lies, decompressed as its name says."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError
from textprep.storage import contents

BROKEN = (
    OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError,
    UnicodeDecodeError,  # of a member's name
)  # fmt: skip
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
COMPRESSIONS = ("gzip", "bzip2", "xz", "zstd", "lz4")  # as their contents are called
RATIO = 200  # decompressed bytes to stored ones: more is a decompression bomb
TRUSTED = "if you trust it, decompress it first"
RATIO_COUNTS_FROM = 10 * 2**20  # bytes: a short text of one letter is no bomb


class Source(NamedTuple):
    """A file of bytes.

    Attributes:
        name: how messages call it: its path, its URL without a password, or archive and member.
        raw: opens it, as it is stored.
        local: its path, where it is a file on this machine.
        meter: counts what comes out of it too, where it lies in an archive.
    """

    name: str
    raw: Callable[[], IO[bytes]]
    local: Path | None = None
    meter: Meter | None = None

    @property
    def is_compressed(self) -> bool:
        """Whether its name ends as that of a compressed file."""
        return self.name.lower().removesuffix("?…").endswith(COMPRESSED)

    @contextlib.contextmanager
    def open(self, *reads: str) -> Iterator[IO[bytes]]:
        """Its bytes, decompressed; whatever goes wrong while they are read names the file.

        Args:
            *reads: the kinds of contents that are wanted, as `textprep.storage.contents` names them; a file
                that is recognised as any other is refused.

        Raises:
            DatasetError: it cannot be opened, is something else than its reader reads, or breaks off,
                or is a decompression bomb.
        """
        with contextlib.ExitStack() as stack, naming(self.name):
            stored = stack.enter_context(contextlib.closing(self.raw()))
            if self.is_compressed:
                head, stored = _looked_at(stored, rewind=False)
                _check_compressed(head, self.name)
                stored = stack.enter_context(contextlib.closing(decompressed(stored, self.name, self.meter)))
            rewind = self.meter is None and not self.is_compressed  # a member of an archive streams by
            yield checked(stored, self.name, *reads, rewind=rewind)


def checked(stream: IO[bytes], name: str, *reads: str, rewind: bool = True) -> IO[bytes]:
    """The stream from its beginning on, unless it is recognised as another kind than it ``reads``."""
    head, stream = _looked_at(stream, rewind=rewind)
    contents.check(head, name, DatasetError, reads=reads)
    return stream


def _looked_at(stream: IO[bytes], *, rewind: bool) -> tuple[bytes, IO[bytes]]:
    """What a stream begins with, and the stream at its beginning again."""
    head = stream.read(contents.LOOKED_AT)
    while len(head) < contents.LOOKED_AT and (more := stream.read(contents.LOOKED_AT - len(head))):
        head += more
    with contextlib.suppress(OSError, ValueError):  # a stream of fsspec may say so only now
        if rewind and stream.seekable():
            stream.seek(0)
            return head, stream
    return head, counted(stream, lambda _: None, head)


def _check_compressed(head: bytes, name: str) -> None:
    kind = contents.kind_of(head)
    if head and (kind is None or kind.name not in COMPRESSIONS):
        reason = f"it is called {Path(name).suffix} and is {kind.said if kind else 'not compressed'}"
        raise DatasetError(f"{name}: cannot be read: {reason}", file=name, hint="call it by its own ending")


class Meter:
    """Counts what goes into a file's decompressors and comes out of them, nested ones too, as it is read.

    Args:
        most: bytes that may come out.
        ratio: of bytes that come out to bytes that go in, at most.
        refuse: makes an error of the reason why it is too much.

    Attributes:
        whole: bytes that are stored; members of a .zip may claim the same ones.
    """

    def __init__(
        self,
        most: int = sys.maxsize,
        ratio: int = RATIO,
        refuse: Callable[[str], Exception] = lambda reason: OSError(f"it {reason}; {TRUSTED}"),
    ) -> None:
        self._most, self._ratio, self._refuse = most, ratio, refuse
        self._stored = self._plain = 0
        self.whole = sys.maxsize

    def count_stored(self, size: int) -> None:
        """Count bytes as they are stored."""
        self._stored = min(self._stored + size, self.whole)

    def count(self, size: int) -> None:
        """Count decompressed bytes."""
        self._plain += size
        if self._plain > self._most:
            raise self._refuse(f"holds over {self._most:,} bytes, decompressed")
        if self._plain > max(RATIO_COUNTS_FROM, self._ratio * self._stored):
            raise self._refuse(f"grows to over {self._ratio} times its size: this is a decompression bomb")


def metered(name: str, stored: int = 0) -> Meter:
    """A meter for a format that has compression of its own, whose error names the file."""
    meter = Meter(refuse=lambda reason: DatasetError(f"{name}: cannot be read: it {reason}"))
    meter.count_stored(stored)
    return meter


def counted(stream: Any, count: Callable[[int], None], head: bytes = b"") -> IO[bytes]:
    """``stream``, its bytes counted as they are read; ``head`` was read of it already."""
    return io.BufferedReader(_Counted(stream, count, head), 2**16)


class _Counted(io.RawIOBase):
    def __init__(self, stream: Any, count: Callable[[int], None], head: bytes) -> None:
        self._stream, self._count, self._head = stream, count, head

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        self._count(len(chunk))
        buffer[: len(chunk)] = chunk
        return len(chunk)


@contextlib.contextmanager
def naming(name: str, kind: type[DatasetError] = DatasetError) -> Iterator[None]:
    """Errors of files, streams and decompressors as one of ``kind``, with the name of the file."""
    try:
        yield
    except DatasetError:
        raise
    except BROKEN as error:
        reason = getattr(error, "strerror", None) or shown(error)
        raise kind(f"{name}: cannot be read: {reason}{_advice(error, name)}") from error


def _advice(error: Exception, name: str) -> str:
    if isinstance(error, EOFError):
        return "; fetch it again, the end is missing"
    if isinstance(error, IsADirectoryError):
        return f"; name files in it, as in {Path(name, '*')}, or read one folder per class (dataset 'folder')"
    return ""


def local_source(path: Path) -> Source:
    """A file on this machine."""
    return Source(readable(str(path)), lambda: path.open("rb"), path)


def readable(name: str) -> str:
    """A path, with the bytes that are not UTF-8 written out.

    >>> readable("caf\\udce9.txt")
    'caf\\\\xe9.txt'
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def decompressed(stream: IO[bytes], name: str, meter: Meter | None = None) -> Any:
    """``stream``, decompressed as the end of its ``name`` says (.gz, .bz2, .xz, .zst or .lz4), and metered.

    Args:
        stream: the bytes as they are stored.
        name: of the file.
        meter: counts what comes out, and somebody else what goes in; by default one that counts both.
    """
    ending = Path(name.lower().removesuffix("?…")).suffix
    if ending not in DECOMPRESSORS:
        return stream
    if meter is None:
        meter = Meter()
        stream = counted(stream, meter.count_stored)
    return counted(DECOMPRESSORS[ending](stream), meter.count)


def _by_arrow(kind: str) -> Callable[[IO[bytes]], Any]:
    def opened(stream: IO[bytes]) -> Any:
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(stream, "r"), kind)

    return opened


DECOMPRESSORS: dict[str, Callable[[IO[bytes]], Any]] = {
    **dict.fromkeys((".gz", ".tgz"), lambda stream: gzip.GzipFile(fileobj=stream)),
    **dict.fromkeys((".bz2", ".tbz", ".tbz2"), bz2.BZ2File),
    **dict.fromkeys((".xz", ".txz"), lzma.LZMAFile),
    ".zst": _by_arrow("zstd"),
    ".lz4": _by_arrow("lz4"),
}
