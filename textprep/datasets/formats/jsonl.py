"""JSON Lines: one JSON object a line."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import Any, NoReturn

from textprep.datasets.formats import jsonl_blocks
from textprep.datasets.formats.jsonl_blocks import schema_of, take_table
from textprep.datasets.rows import Block, Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import Window, opened

LEARNED_FROM = 100  # rows, from which the types of the columns are taken


def read_jsonl(path: Paths, *, encoding: str = "utf-8") -> Rows | dict[str, Rows]:
    """Files with one JSON object a line (RFC 8259); blank lines are passed over.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.jsonl")
    ...     _ = file.write_text('{"text": "Great.", "label": 1}\\n{"text": "Dull.", "label": 0}\\n')
    ...     tp.load_dataset("jsonl", path=file, splits=None)["train"][0]
    {'text': 'Great.', 'label': 1, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them; compressed where
            a name ends in .gz, .bz2, .xz, .zst or .lz4.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty or unreadable. Lines that are not one JSON object, that hold
            a key twice, NaN or Infinity, or bytes of another encoding are bad rows, each with its line.
    """
    return read_paths(path, partial(read_jsonl_file, encoding=checked_encoding(encoding)))


def read_jsonl_file(source: Source, *, encoding: str = "utf-8") -> Records:
    """One file: the first rows one by one, then as blocks wherever all rows are like them."""
    with opened(source, encoding) as window:
        first = list(islice(strict_rows(window), LEARNED_FROM))
        yield from first
        schema = schema_of(row.fields for row in first if isinstance(row, Record))
        while not window.at_end:
            byte, line = window.byte, window.line
            taken = take_table(window, schema)
            if taken:
                stretch, table = taken
                yield Block(table, partial(_rows_again, stretch, window, byte, line))
            else:
                yield from strict_rows(window, until=window.byte + window.in_hand)


def strict_rows(window: Window, until: int | None = None) -> Iterator[Record | Rejected]:
    """The rows one by one, up to the end of the file or the first that begins at ``until`` or later."""
    for raw in window.lines(lone_returns=False):
        if until is not None and window.byte >= until:
            return
        row = _row(raw, window)
        window.advance(len(raw), 1)
        if row:
            yield row


def _rows_again(stretch: memoryview, window: Window, byte: int, line: int) -> Iterator[Record | Rejected]:
    return strict_rows(Window(io.BytesIO(stretch), window.name, window.encoding, byte, line, window.header))


def _row(raw: bytes, window: Window) -> Record | Rejected | None:
    text, problem = window.encoding.decode(raw)
    if problem is None and (not text or text.isspace()):
        return None
    try:
        if problem or len(raw) > jsonl_blocks.LONGEST_LINE:
            raise ValueError(
                problem or f"the line has {len(raw):,} bytes, over {jsonl_blocks.LONGEST_LINE:,}"
            )
        return Record(parse_object(text), window.name, window.line, window.byte, raw, window.header)
    except (ValueError, RecursionError) as error:
        reason, shown = explain(error), text.rstrip("\r\n")
        return Rejected(
            window.name, window.line, None, reason, shown,
            byte=window.byte, source=raw, header=window.header, option="encoding" if problem else None,
        )  # fmt: skip


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object that ``text`` is.

    Raises:
        ValueError: it is none, holds a key twice, or NaN or Infinity.
        RecursionError: it is nested too deep.
    """
    # without the line end, at which an error in the last column would count as one of the next line
    fields = json.loads(text.rstrip("\r\n"), **STRICT)
    if not isinstance(fields, dict):
        raise ValueError(f"the line is no JSON object but {type(fields).__name__}: wrap it in {{…}}")
    return fields


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a mapping.

    Raises:
        ValueError: a key is there twice.
    """
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice")
    return fields


def whole_number(digits: str) -> int:
    """The number; Python refuses one of too many digits, whose conversion takes the square of their number.

    Raises:
        ValueError: it has too many digits.
    """
    try:
        return int(digits)
    except ValueError as error:
        raise ValueError("a number has too many digits: write it as text") from error


def refuse_constant(constant: str) -> NoReturn:
    """Raise `ValueError`: NaN and Infinity are not JSON."""
    raise ValueError(f"{constant} is not JSON; write null or a number")


STRICT: dict[str, Any] = {
    "object_pairs_hook": unique_keys,
    "parse_constant": refuse_constant,
    "parse_int": whole_number,
}


def explain(error: ValueError | RecursionError) -> str:
    """What is wrong with a line, for people."""
    if isinstance(error, json.JSONDecodeError):
        return f"broken JSON at character {error.colno}: {error.msg}"
    return "the JSON is nested too deep" if isinstance(error, RecursionError) else str(error)
