"""JSON Lines: one JSON object a line."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice
from math import isinf
from typing import Any, NoReturn

from textprep.datasets.formats import jsonl_blocks
from textprep.datasets.formats.jsonl_blocks import schema_of, take_table
from textprep.datasets.rows import EXCERPT, Block, Record, Rejected, Rows
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
    with opened(source, encoding, "jsonl") as window:
        learned = []
        for row in islice(strict_rows(window), LEARNED_FROM):
            yield row
            if isinstance(row, Record):
                learned.append(row.fields)
        schema = schema_of(learned)
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
    return strict_rows(window.again(stretch, byte, line))


def _row(raw: bytes, window: Window) -> Record | Rejected | None:
    longest = jsonl_blocks.LONGEST_LINE
    text, problem = window.decode(raw if len(raw) <= longest else raw[:EXCERPT])
    if len(raw) > longest:
        return _rejected(raw, window, f"the line has {len(raw):,} bytes, over {longest:,}", text)
    if problem:
        return _rejected(raw, window, problem.reason, text, problem.option, problem.value)
    if not text or text.isspace():
        return None
    try:
        return Record(parse_object(text), window.name, window.line, window.byte, raw, window.header)
    except (ValueError, RecursionError) as error:
        return _rejected(raw, window, explain(error), text)


def _rejected(
    raw: bytes, window: Window, reason: str, text: str, option: str | None = None, value: object = ...
) -> Rejected:
    return Rejected(
        window.name, window.line, None, reason, text.rstrip("\r\n"),
        byte=window.byte, source=raw, header=window.header, option=option, value=value,
    )  # fmt: skip


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object that ``text`` is.

    Raises:
        ValueError: it is none, holds a key twice, NaN, Infinity or a number that becomes one.
        RecursionError: it is nested too deep.
    """
    # without the line end, at which an error in the last column would count as one of the next line
    fields = STRICT.decode(text.rstrip("\r\n"))
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
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice!r:.60} is there twice")
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


def finite_number(digits: str) -> float:
    """The number.

    Raises:
        ValueError: it is too large for a float.
    """
    number = float(digits)
    if isinf(number):
        raise ValueError(f"{digits:.40} is too large for a number: write it as text")
    return number


def refuse_constant(constant: str) -> NoReturn:
    """Raise `ValueError`: NaN and Infinity are not JSON."""
    raise ValueError(f"{constant} is not JSON; write null or a number")


STRICT = json.JSONDecoder(
    object_pairs_hook=unique_keys,
    parse_constant=refuse_constant,
    parse_int=whole_number,
    parse_float=finite_number,
)


@lru_cache(1000)  # one text for all lines that are so
def _broken_at(character: int, reason: str) -> str:
    return f"broken JSON at character {character}: {reason}"


def explain(error: ValueError | RecursionError) -> str:
    """What is wrong with a line, for people."""
    if isinstance(error, json.JSONDecodeError):
        return _broken_at(error.pos + 1, error.msg)
    return "the JSON is nested too deep" if isinstance(error, RecursionError) else str(error)
