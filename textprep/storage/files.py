"""Files and folders that are whole or not there, and the digests by which that shows."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import uuid4

import platformdirs

from textprep.errors import PreparationError, TextprepError
from textprep.storage.contents import check_file

if TYPE_CHECKING:
    import pyarrow as pa

Content: TypeAlias = "bytes | memoryview | pa.Buffer"
_FILE_URL = re.compile(r"file:(?://([^/]*))?(.*)", re.IGNORECASE | re.DOTALL)  # host, path
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.*", re.DOTALL)


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """``cache_dir``, else the environment's ``TEXTPREP_CACHE``, else the platform's folder for caches.

    >>> cache_folder("file:///tmp/my%20cache").name
    'my cache'

    Raises:
        PreparationError: it is a URL of something else than a folder of this machine.
    """
    path = os.fspath(cache_dir or os.environ.get("TEXTPREP_CACHE") or _platform_cache())
    if _URL.fullmatch(path) and not _FILE_URL.fullmatch(path):
        raise PreparationError(
            f"the cache cannot be at {path}: what is prepared is mapped into memory, locked and renamed, "
            "which takes a folder of this machine: give its path, or a file:// URL, as cache_dir= or "
            "TEXTPREP_CACHE"
        )
    return local_path(path, PreparationError).absolute()


def _platform_cache() -> str:
    """The platform's folder for caches, which is in the home folder."""
    with suppress(RuntimeError):  # as platformdirs says that there is none
        folder = platformdirs.user_cache_dir("textprep")
        if not folder.startswith("~"):
            return folder
    raise PreparationError(
        "this user has no home folder to keep prepared data in: set TEXTPREP_CACHE to a folder that can be "
        "written, or give one as cache_dir="
    )


def local_path(path: str | os.PathLike[str], error: type[TextprepError]) -> Path:
    """A path as people write them: with ``~`` for their home folder, or as a ``file:`` URL.

    >>> local_path("~/reviews.csv", TextprepError) == Path.home() / "reviews.csv"
    True

    Raises:
        error: there is no home folder, or the URL cannot be used, see `file_path`.
    """
    plain = file_path(os.fspath(path), error)
    found = os.path.expanduser(plain)  # noqa: PTH111 - that of a Path refuses a file that is called ~old
    if found == plain and re.match(r"~(?=[/\\]|$)", plain):
        raise error(f"{path}: this user has no home folder for ~ to stand for: write the whole path")
    return Path(found)


def file_path(path: str, error: type[TextprepError]) -> str:
    """``path`` as it is, or the one that a ``file:`` URL names (RFC 8089: with one slash or three).

    >>> file_path("file:/tmp/a%20b", TextprepError), file_path("C:/cache", TextprepError)
    ('/tmp/a b', 'C:/cache')

    Raises:
        error: such a URL names no absolute path, or another machine.
    """
    url = _FILE_URL.fullmatch(path)
    if url is None:
        return path
    host, named = url.groups()
    if (host or "localhost").lower() != "localhost" or not named.startswith("/"):
        raise error(f"{path} names no absolute path of this machine: write file:///folder/name, or no URL")
    from urllib.request import url2pathname  # takes long to import

    return url2pathname(named)


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a file. A text that somebody typed is none, however long it is."""
    return os.path.isfile(path)  # noqa: PTH113 - that of a Path raises where the name is too long


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is such a folder, likewise."""
    return os.path.isdir(path)  # noqa: PTH112


def write_text(path: Path, text: str, error: type[TextprepError]) -> None:
    """`write_bytes` of ``text`` as UTF-8."""
    write_bytes(path, text.encode("utf-8", "surrogatepass"), error)


def write_bytes(path: Path, content: bytes, error: type[TextprepError]) -> None:
    """`write_atomically`, with a failure as an ``error`` that names ``path``.

    Raises:
        error: the disk or the folder does not take it; an earlier file of that name is then untouched.
    """
    try:
        write_atomically(path, content)
    except OSError as problem:
        raise error(f"cannot write {path}: {problem.strerror or problem}") from problem


def write_atomically(path: Path, content: Content, *, drafts: Path | None = None, flush: bool = True) -> None:
    """`write_parts` of one part, all of the ``content``."""
    write_parts(path, [content], drafts=drafts, flush=flush)


def write_parts(
    path: Path, parts: Iterable[Content], *, drafts: Path | None = None, flush: bool = True
) -> None:
    """Write ``parts`` under a temporary name, flush them to the disk, and rename the file to ``path``.

    Args:
        path: the file.
        parts: what it holds, one behind the other.
        drafts: the folder for the temporary file, on the same disk; that of ``path`` if not given.
        flush: whether it has to last through a power cut.

    Raises:
        OSError: the disk or the folder does not take it; an earlier file of that name is then untouched.
    """
    draft = (drafts or path.parent) / f".{path.name}.{uuid4().hex[:12]}"
    try:
        with draft.open("wb") as file:
            for part in parts:
                file.write(part)
        publish_file(draft, path, flush=flush)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def publish_file(draft: Path, path: Path, *, flush: bool = True) -> None:
    """Rename a finished ``draft`` to ``path``, once it is on the disk.

    Raises:
        OSError: it cannot be flushed or renamed.
    """
    if flush:
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
    draft.replace(path)


def publish_folder(draft: Path, path: Path) -> bool:
    """Rename a finished folder to ``path``, so that it lasts; ``False`` if another process was first.

    Raises:
        OSError: it cannot be renamed.
    """
    _flush_folder(draft)
    try:
        draft.rename(path)
    except OSError:
        if not path.exists():
            raise
        return False
    _flush_folder(path.parent)
    return True


def _flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` last through a power cut; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def digest_of(*contents: Content) -> str:
    """BLAKE2b of ``contents``, one behind the other: 128 bits, as 32 hexadecimal digits.

    >>> digest_of(b"a film"), digest_of(b"a ", b"film")
    ('7db56f9057a074d669e7200d5a3192c5', '7db56f9057a074d669e7200d5a3192c5')
    """
    hasher = hashlib.blake2b(digest_size=16)
    for content in contents:
        hasher.update(content)
    return hasher.hexdigest()


def read_json(path: Path, error: type[TextprepError]) -> Any:
    """What the JSON file ``path`` holds.

    Raises:
        error: there is no such file, it cannot be read, or it is not JSON, or more than Python reads; names
            the line and column.
    """
    check_file(path, error, reads=("json", "jsonl"), hint="a JSON file that textprep wrote is needed")
    try:
        return json.loads(path.read_text(encoding="utf-8", errors="surrogatepass"))
    except json.JSONDecodeError as problem:
        raise error(
            f"{path}, line {problem.lineno}, column {problem.colno}: {problem.msg}; it is damaged"
        ) from problem
    except UnicodeDecodeError as problem:
        raise error(f"{path} is not UTF-8 text (byte {problem.start}); it is damaged") from problem
    except (RecursionError, ValueError) as problem:  # nested too deep, or a number with too many digits
        raise error(f"{path} is damaged: {problem}") from problem
    except FileNotFoundError as problem:
        raise error(f"there is no file {path}") from problem
    except OSError as problem:
        raise error(f"cannot read {path}: {problem.strerror or problem}") from problem
