"""One file of bytes, wherever it lies, decompressed as its name says."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
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
    OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError
)  # fmt: skip
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")
COMPRESSIONS = ("gzip", "bzip2", "xz", "zstd", "lz4")  # as their contents are called


class Source(NamedTuple):
    """A file of bytes.

    Attributes:
        name: how messages call it: its path, its URL without a password, or archive and member.
        raw: opens it, as it is stored.
        local: its path, where it is a file on this machine.
    """

    name: str
    raw: Callable[[], IO[bytes]]
    local: Path | None = None

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
            DatasetError: it cannot be opened, is something else than its reader reads, or breaks off.
        """
        with contextlib.ExitStack() as stack, naming(self.name):
            stored = stack.enter_context(contextlib.closing(self.raw()))
            if self.is_compressed:
                head, stored = _looked_at(stored)
                _check_compressed(head, self.name)
                stored = stack.enter_context(contextlib.closing(decompressed(stored, self.name)))
            head, stream = _looked_at(stored)
            contents.check(head, self.name, DatasetError, reads=reads)
            yield stream


class _Again(io.RawIOBase):
    """A stream of which the beginning was read already, from that beginning on."""

    def __init__(self, head: bytes, stream: IO[bytes]) -> None:
        self._head, self._stream = head, stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._head[: len(buffer)] or self._stream.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)


def _looked_at(stream: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """What a stream begins with, and the stream at its beginning again."""
    head = stream.read(contents.LOOKED_AT)
    while len(head) < contents.LOOKED_AT and (more := stream.read(contents.LOOKED_AT - len(head))):
        head += more
    if isinstance(stream, (io.BufferedReader, io.BytesIO)) and stream.seekable():
        stream.seek(0)
        return head, stream
    return head, io.BufferedReader(_Again(head, stream), contents.LOOKED_AT)


def _check_compressed(head: bytes, name: str) -> None:
    kind = contents.kind_of(head)
    if head and (kind is None or kind.name not in COMPRESSIONS):
        reason = f"it is called {Path(name).suffix} and is {kind.said if kind else 'not compressed'}"
        raise DatasetError(f"{name}: cannot be read: {reason}", file=name, hint="call it by its own ending")


@contextlib.contextmanager
def naming(name: str) -> Iterator[None]:
    """Errors of files, streams and decompressors as `DatasetError` with the name of the file."""
    try:
        yield
    except DatasetError:
        raise
    except BROKEN as error:
        reason = getattr(error, "strerror", None) or shown(error)
        raise DatasetError(f"{name}: cannot be read: {reason}{_advice(error, name)}") from error


def _advice(error: Exception, name: str) -> str:
    if isinstance(error, EOFError):
        return "; fetch it again, the end is missing"
    if isinstance(error, IsADirectoryError):
        return f"; name files in it, as in {Path(name, '*')}, or read one folder per class (dataset 'folder')"
    return ""


def local_source(path: Path) -> Source:
    """A file on this machine."""
    return Source(str(path), lambda: path.open("rb"), path)


def decompressed(stream: IO[bytes], name: str) -> Any:
    """``stream``, decompressed as the end of its ``name`` says: .gz, .bz2, .xz, .zst or .lz4."""
    ending = Path(name.lower().removesuffix("?…")).suffix
    if ending in (".gz", ".tgz"):
        return gzip.GzipFile(fileobj=stream)
    if ending in (".bz2", ".tbz", ".tbz2"):
        return bz2.BZ2File(stream)
    if ending in (".xz", ".txz"):
        return lzma.LZMAFile(stream)
    if ending in (".zst", ".lz4"):
        import pyarrow as pa

        return pa.CompressedInputStream(pa.PythonFile(stream, "r"), "zstd" if ending == ".zst" else "lz4")
    return stream
