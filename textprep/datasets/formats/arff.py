"""ARFF files, as Weka writes them: attributes with their types, then a row a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from textprep.datasets.rows import Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import opened
from textprep.errors import DatasetError

ATTRIBUTE = re.compile(r"@attribute\s+('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|\S+)\s+(.+)", re.IGNORECASE)
FIELD = re.compile(r"\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[^,\t]*?)\s*(?:[,\t]|$)")
NUMERIC = ("numeric", "real", "integer")


def read_arff(path: Paths, *, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """ARFF files (https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/), not sparse ones.

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        encoding: of the files.

    Raises:
        DatasetError: a file is missing, has no ``@data`` or no attributes. A row with another number of
            values is a bad row.
    """
    return read_paths(path, partial(read_arff_file, encoding=checked_encoding(encoding)))


def read_arff_file(source: Source, encoding: str = "utf-8") -> Records:
    """One file."""
    names: list[tuple[str, bool]] = []
    in_data = False
    with opened(source, encoding) as window:
        for raw in window.lines(lone_returns=False):
            text, problem = window.decode(raw)
            number, line = window.line, text.strip()
            window.advance(len(raw), 1)
            if problem:
                yield Rejected(source.name, number, None, problem.reason, line, source=raw)
            elif not line or line.startswith("%"):
                continue
            elif in_data:
                yield _row(line, names, source.name, number)
            elif line.lower().startswith("@attribute"):
                names.append(_attribute(line, source.name, number))
            else:
                in_data = line.lower() == "@data"
    if not names or not in_data:
        raise DatasetError(
            f"{source.name}: there is no @data behind @attribute lines: no ARFF file", file=source.name,
            hint="another format has an ending of its own",
        )  # fmt: skip


def _attribute(line: str, file: str, number: int) -> tuple[str, bool]:
    """The name of an attribute, and whether it is a number."""
    found = ATTRIBUTE.match(line)
    if found is None:
        raise DatasetError(f"{file}, line {number}: {line!r:.60} names no attribute and its type",
                           file=file, line=number, hint="write @attribute NAME TYPE")  # fmt: skip
    return _plain(found[1]), found[2].strip().lower() in NUMERIC


def _row(line: str, names: list[tuple[str, bool]], file: str, number: int) -> Record | Rejected:
    values = list(_values(line))
    if line.startswith("{") or len(values) != len(names):
        what = "sparse rows are not read" if line.startswith("{") else (
            f"the row has {len(values)} values, and there are {len(names)} attributes"
        )  # fmt: skip
        return Rejected(file, number, None, what, line)
    return Record(
        {name: _value(value, is_number) for (name, is_number), value in zip(names, values, strict=True)},
        file, number,
    )  # fmt: skip


def _values(line: str) -> Iterator[str]:
    place = 0
    while place <= len(line):
        found = FIELD.match(line, place)
        if found is None:
            return
        yield found[1]
        if found.end() == len(line) and not found[0].endswith((",", "\t")):
            return
        place = found.end()


def _value(value: str, is_number: bool) -> Any:
    if value == "?":
        return None
    try:
        return float(value) if is_number else _plain(value)
    except ValueError:
        return value


def _plain(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if quoted else value
