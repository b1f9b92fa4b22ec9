"""One file of bytes, wherever it lies, decompressed as its name says."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from textprep.datasets.sources.urls import shown
from textprep.errors import DatasetError

BROKEN = (
    OSError, EOFError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, NotImplementedError
)  # fmt: skip
COMPRESSED = (".gz", ".bz2", ".xz", ".zst", ".lz4")


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
        return self.name.lower().endswith(COMPRESSED)

    @contextlib.contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Its bytes, decompressed; whatever goes wrong while they are read names the file.

        Raises:
            DatasetError: it cannot be opened, or breaks off.
        """
        with contextlib.ExitStack() as stack, naming(self.name):
            stored = stack.enter_context(contextlib.closing(self.raw()))
            yield stack.enter_context(contextlib.closing(decompressed(stored, self.name)))


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
