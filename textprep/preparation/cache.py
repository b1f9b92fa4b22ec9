"""The cache folder: entries that appear whole or not at all, each made by one process.

<cache>/<name>/             a finished entry
<cache>/.<name>.partial/    an entry being written, renamed when it is whole and on the disk
<cache>/.<name>.lock        held by the process that writes it
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from textprep.errors import PreparationError


def cache_folder(cache_dir: str | os.PathLike[str] | None = None) -> Path:
    """``cache_dir``, else the environment's ``TEXTPREP_CACHE``, else the platform's folder for caches."""
    chosen = cache_dir or os.environ.get("TEXTPREP_CACHE") or platformdirs.user_cache_dir("textprep")
    return Path(chosen).expanduser().absolute()


def make_entry(cache: Path, name: str, fill: Callable[[Path], None]) -> Path:
    """The entry ``name``, which ``fill`` writes into an empty folder if nobody has yet.

    Of several processes that ask at once, one writes and the others wait for it.

    Args:
        cache: the cache folder; made if need be.
        name: the folder's name in it.
        fill: writes and flushes the files; what it raises leaves no entry behind.

    Raises:
        PreparationError: the disk is full or the cache cannot be written; names the path.
    """
    entry = cache / name
    if entry.exists():
        return entry
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{name}.lock"):
            if not entry.exists():
                _remove_leftovers(cache, but=name)
                _publish(entry, fill)
    except OSError as error:
        raise PreparationError(
            f"cannot write prepared data to {entry}: {error.strerror or error}; make room there, "
            "or choose another folder with cache_dir= or TEXTPREP_CACHE"
        ) from error
    return entry


def _publish(entry: Path, fill: Callable[[Path], None]) -> None:
    partial = entry.with_name(f".{entry.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)  # what a run that was killed left
    partial.mkdir()
    try:
        fill(partial)
        _flush_folder(partial)
        partial.rename(entry)
    except BaseException:  # Ctrl-C too
        shutil.rmtree(partial, ignore_errors=True)
        raise
    _flush_folder(entry.parent)


def _remove_leftovers(cache: Path, but: str) -> None:
    """Remove half-written entries whose writer is gone: nobody holds their lock any more."""
    for partial in cache.glob(".*.partial"):
        name = partial.name[1 : -len(".partial")]
        if name != but:
            with suppress(Timeout), FileLock(cache / f".{name}.lock", timeout=0):
                shutil.rmtree(partial, ignore_errors=True)


def _flush_folder(folder: Path) -> None:
    """Make the names in ``folder`` last through a power cut; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
