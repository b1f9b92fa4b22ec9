"""Files that are read whole or refused, and appear whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

import platformdirs

from textprep.errors import PreparationError, TextprepError

_FILE_URL = re.compile(r"file:(?://([^/]*))?(.*)", re.IGNORECASE | re.DOTALL)  # host, path
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://.*", re.DOTALL)


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """``cache_dir``, else the environment's ``TEXTPREP_CACHE``, else the platform's folder for caches.

    >>> cache_folder("file:///tmp/my%20cache").name
    'my cache'

    Raises:
        PreparationError: it is a URL of something else than a folder of this machine.
    """
    chosen = cache_dir or os.environ.get("TEXTPREP_CACHE") or platformdirs.user_cache_dir("textprep")
    path = os.fspath(chosen)
    if _URL.fullmatch(path) and not _FILE_URL.fullmatch(path):
        raise PreparationError(
            f"the cache cannot be at {path}: what is prepared is mapped into memory, locked and renamed, "
            "which takes a folder of this machine: give its path, or a file:// URL, as cache_dir= or "
            "TEXTPREP_CACHE"
        )
    return Path(local_path(path, PreparationError)).expanduser().absolute()


def local_path(path: str, error: type[TextprepError]) -> str:
    """``path`` as it is, or the one that a ``file:`` URL names (RFC 8089: with one slash or three).

    >>> local_path("file:/tmp/a%20b", TextprepError), local_path("C:/cache", TextprepError)
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
    """Write ``content`` under a temporary name, flush it to the disk, and rename it to ``path``.

    Raises:
        error: the disk or the folder does not take it; an earlier file of that name is then untouched.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as problem:
        raise error(f"cannot write {path}: {problem.strerror or problem}") from problem


def read_json(path: Path, error: type[TextprepError]) -> Any:
    """What the JSON file ``path`` holds.

    Raises:
        error: there is no such file, it cannot be read, or it is not JSON, or more than Python reads; names
            the line and column.
    """
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
