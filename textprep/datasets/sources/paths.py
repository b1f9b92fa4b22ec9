"""Paths as people give them → sources: files, lists, globs, URLs, by split where a mapping is given."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeAlias

from textprep.datasets.rows import Block, Record, Rejected, Rows, note
from textprep.datasets.sources.left_out import SYSTEM, LeftOut, left_by_system
from textprep.datasets.sources.source import Source, local_source
from textprep.datasets.sources.urls import is_url, shown
from textprep.errors import DatasetError
from textprep.storage.files import file_path, local_path

OneOrMore: TypeAlias = "str | PathLike[str] | Iterable[str | PathLike[str]]"
Paths: TypeAlias = "OneOrMore | Mapping[str, OneOrMore]"
Records: TypeAlias = "Iterator[Record | Rejected | Block]"
MOST_NOTES = 20
EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "http": "http", "https": "http"}


def read_paths(
    path: Paths, read: Callable[[Source], Records], *, strip: bool = False
) -> Rows | dict[str, Rows]:
    """What ``read`` gives for each file, one after the other; for a mapping, by split.

    Args:
        path: a file, a glob (``"reviews/*.csv"``, ``**`` for folders below), a URL that fsspec opens
            (``s3://``, ``gs://``, ``https://`` …), a list of these, or a mapping of split names to them.
        read: reads one file: gives blocks, or rows one by one, which are put into blocks.
        strip: whether white space around labels is left out.

    Raises:
        DatasetError: a path does not exist, a glob finds nothing, or there is no path; while reading, a file
            cannot be read, or all of them hold no rows.
    """
    if isinstance(path, Mapping):
        return {split: _rows(sources_of(paths), read, strip) for split, paths in path.items()}
    return _rows(sources_of(path), read, strip)


def sources_of(paths: OneOrMore) -> list[Source]:
    """The files that are meant, those of a glob sorted by name.

    Raises:
        DatasetError: one does not exist, is no path at all, or there is none.
    """
    if not isinstance(paths, (str, PathLike, Iterable)):
        raise DatasetError(
            f"path= is a file, a glob, a URL, or a list of them, not {paths!r:.60}", option="path"
        )
    each = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
    odd = [path for path in each if not isinstance(path, (str, PathLike)) or not str(path)]
    if odd:
        raise DatasetError(
            f"path= is a file, a glob, a URL, or a list of them, not {odd[0]!r:.60}", option="path"
        )
    if not each:
        raise DatasetError("path= is an empty list: name one file at least", option="path")
    return [source for path in each for source in _found(path)]


def _rows(sources: list[Source], read: Callable[[Source], Records], strip: bool) -> Rows:
    left = LeftOut()
    for source in sources:
        left.add(SYSTEM if left_by_system(source.name) else "", source.name)
    kept = [source for source in sources if not left_by_system(source.name)]
    if not kept:
        raise DatasetError(f"path= names no data: {left}", option="path")
    return Rows(lambda: _few_notes(_chain(kept, read, left)), strip=strip)


def _few_notes(rows: Records) -> Records:
    """``rows``, with the first notes of those that thousands of files may each bring."""
    said: set[str] = set()
    for row in rows:
        if isinstance(row, Block):
            said.update(row.notes)
        if len(said) <= MOST_NOTES or not _is_note(row):
            yield row
    if len(said) > MOST_NOTES:
        yield note(f"{len(said) - MOST_NOTES:,} more notes like these, on other files")


def _is_note(row: Record | Rejected | Block) -> bool:
    return isinstance(row, Block) and bool(row.notes) and not any(True for _ in row.records())


def _chain(sources: list[Source], read: Callable[[Source], Records], left: LeftOut) -> Records:
    yield from left.note(sources[0].name if not sources[1:] else f"{sources[0].name} and others")
    empty = True
    for source in sources:
        try:
            for row in read(source):
                empty = empty and _is_note(row)
                yield row
        except OSError as error:
            raise DatasetError(f"{source.name}: cannot be read: {error.strerror or error}") from error
    if empty:
        more = f"and {len(sources) - 1} more hold" if sources[1:] else "holds"
        raise DatasetError(f"{sources[0].name} {more} no rows")


def _found(path: str | PathLike[str]) -> list[Source]:
    if is_url(path) and file_path(str(path), DatasetError) == path:
        return _remote(str(path))
    return _local(local_path(path, DatasetError))


def _local(given: Path) -> list[Source]:
    path = str(given)
    if given.exists():
        return [local_source(given)]
    if glob.has_magic(str(path)):
        found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute glob
        files = [local_source(Path(name)) for name in found if not Path(name).is_dir()]
        if files:
            return files
        raise DatasetError(f"{path}: no file is called so")
    raise DatasetError(f"{path}: there is no such file")


def _remote(url: str) -> list[Source]:
    """Files that fsspec opens; a glob is one in the path of the URL."""
    import fsspec

    if "::" in url:
        raise DatasetError(f"{shown(url)}: chained URLs are not read; say load_dataset('archive', …)")
    try:
        system, _, paths = fsspec.get_fs_token_paths(url)
        if not paths or not ("*" in url or system.exists(paths[0])):
            raise FileNotFoundError
    except FileNotFoundError as error:
        unreached = (
            ", or its server cannot be reached" if url.startswith("http") else ""
        )  # fsspec tells no more
        raise DatasetError(f"{shown(url)}: there is no such file{unreached}") from error
    except (ImportError, ValueError) as error:
        raise DatasetError(_cannot_open(url, error)) from error
    except Exception as error:  # whatever a file system raises
        raise DatasetError(f"{shown(url)}: cannot be read: {shown(error) or type(error).__name__}") from error
    return [_remote_source(system, str(path)) for path in sorted(paths)]


def _remote_source(system: Any, path: str) -> Source:
    def opened() -> IO[bytes]:
        try:
            stream: IO[bytes] = system.open(path, "rb")
        except OSError:
            raise
        except Exception as error:  # whatever a file system raises
            raise OSError(shown(error)) from error
        return stream

    return Source(shown(system.unstrip_protocol(path)), opened)


def _cannot_open(url: str, error: Exception) -> str:
    protocol = url.partition("://")[0]
    if isinstance(error, ImportError) and protocol in EXTRAS:
        return f"{shown(url)}: needs a package more: pip install 'textprep-nlp[{EXTRAS[protocol]}]'"
    return f"{shown(url)}: {shown(error)}"
