"""JSON Lines: one JSON object a line."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from textprep.datasets.rows import Record, Rejected
from textprep.datasets.sources.files import Paths, Records, encoding_problem, read_lines, read_paths


def read_jsonl(path: Paths, *, encoding: str = "utf-8") -> Records | dict[str, Records]:
    """Files with one JSON object a line (RFC 8259); blank lines are passed over.

    >>> import tempfile, textprep as tp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.jsonl")
    ...     _ = file.write_text('{"text": "Great.", "label": 1}\\n{"text": "Dull.", "label": 0}\\n')
    ...     tp.load_dataset("jsonl", path=file, splits=None)["train"][0]
    {'text': 'Great.', 'label': 1, 'row_id': 0}

    Args:
        path: a file, a list of files, or a mapping of split names to either.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty or unreadable. Lines that are not one JSON object, that hold
            a key twice, NaN or Infinity, or bytes of another encoding are bad rows, each with its line.
    """
    return read_paths(path, partial(_read, encoding=encoding))


def _read(path: Path, encoding: str) -> Records:
    for number, line in enumerate(read_lines(path, encoding, newline="\n"), start=1):
        if line.isspace():
            continue
        try:
            yield Record(_parse(line, encoding), str(path), number)
        except (ValueError, RecursionError) as error:
            yield Rejected(str(path), number, None, _explain(error), line.rstrip("\r\n"))


def _parse(line: str, encoding: str) -> dict[str, Any]:
    if problem := encoding_problem(line, encoding):
        raise ValueError(problem)
    # without the line end, at which an error in the last column would count as one of the next line
    fields = json.loads(line.rstrip("\r\n"), object_pairs_hook=_unique, parse_constant=_refuse)
    if not isinstance(fields, dict):
        raise ValueError(f"the line is no JSON object but {type(fields).__name__}: wrap it in {{…}}")
    return fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return fields


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON; write null or a number")


def _explain(error: ValueError | RecursionError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"broken JSON at character {error.colno}: {error.msg}"
    return "the JSON is nested too deep" if isinstance(error, RecursionError) else str(error)
