"""Paths → files → lines of text, for the adapters that read files."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from textprep.datasets.rows import Record, Rejected
from textprep.errors import DatasetError

Records: TypeAlias = "Iterator[Record | Rejected]"
OneOrMore: TypeAlias = "str | PathLike[str] | Iterable[str | PathLike[str]]"
Paths: TypeAlias = "OneOrMore | Mapping[str, OneOrMore]"


def read_paths(path: Paths, read: Callable[[Path], Records]) -> Records | dict[str, Records]:
    """What ``read`` yields for each path, one after the other; for a mapping, by split.

    Raises:
        DatasetError: a path does not exist, or there is none; while reading, a file cannot be read, or all
            of them hold no rows.
    """
    if isinstance(path, Mapping):
        return {split: _chain(_existing(paths), read) for split, paths in path.items()}
    return _chain(_existing(path), read)


def _chain(paths: list[Path], read: Callable[[Path], Records]) -> Records:
    empty = True
    for path in paths:
        try:
            for row in read(path):
                empty = False
                yield row
        except OSError as error:
            raise DatasetError(f"{path}: cannot be read: {error.strerror or error}") from error
    if empty:
        more = f"and {len(paths) - 1} more hold" if paths[1:] else "holds"
        raise DatasetError(f"{paths[0]} {more} no rows")


def _existing(paths: OneOrMore) -> list[Path]:
    found = [Path(paths)] if isinstance(paths, (str, PathLike)) else [Path(path) for path in paths]
    if not found:
        raise DatasetError("path= is an empty list: name one file at least")
    for path in found:
        if not path.exists():
            raise DatasetError(f"{path}: there is no such file")
    return found


def read_lines(path: Path, encoding: str, newline: str) -> Iterator[str]:
    """The lines of a text file with their ends; a byte-order mark is dropped.

    Bytes that are not ``encoding`` come as lone surrogates (PEP 383), which `encoding_problem` finds, so
    that one bad byte costs one row and not the file.

    Raises:
        DatasetError: no encoding has that name, or the file is empty.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise DatasetError(
            f"no encoding is called {encoding!r}; try 'utf-8', 'utf-16' or 'cp1252'"
        ) from error
    if path.is_file() and path.stat().st_size == 0:
        raise DatasetError(f"{path}: the file is empty")
    encoding = "utf-8-sig" if name == "utf-8" else name
    with path.open(encoding=encoding, errors="surrogateescape", newline=newline) as file:
        try:
            yield from file
        except UnicodeError as error:
            raise DatasetError(
                f"{path}: the file is not {name}: {error}; name another with encoding="
            ) from error


def encoding_problem(line: str, encoding: str) -> str | None:
    """What is wrong with the bytes of a line that `read_lines` gave.

    >>> encoding_problem("caf\\udce9", "utf-8")
    'byte 0xe9 (number 3 of the line, from 0) is not utf-8; name the right encoding with encoding='
    """
    if line.isascii():
        return None
    for position, character in enumerate(line):
        if "\udc80" <= character <= "\udcff":
            byte, before = ord(character) - 0xDC00, len(line[:position].encode(encoding, "surrogateescape"))
            advice = "name the right encoding with encoding="
            return f"byte {byte:#04x} (number {before} of the line, from 0) is not {encoding}; {advice}"
    return None
