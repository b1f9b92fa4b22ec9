"""Many lines of JSON at once, by Arrow's reader, wherever it must give what the strict reader gives.

Arrow takes two objects on a line, and an object over two lines, for rows. Where every line of a stretch
begins with ``{``, no column holds objects, and there are as many rows as lines, each line is one object: a
line that began within an object would begin an object where none may be. Types are given, so that Arrow
makes no date of a text; what does not fit them is read line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import is_deep
from textprep.datasets.sources import window as windows
from textprep.datasets.sources.window import Window

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

NEWLINE, BRACE = b"\n{"
LONGEST_LINE = 64 * 2**20  # bytes
EXACT = 2.0**53  # above, a whole number may not be one as a float


def schema_of(rows: Iterable[Mapping[str, Any]]) -> pa.Schema | None:
    """The types of the columns, as far as the first rows show them; ``None`` where Arrow must not read.

    >>> schema_of([{"text": "a", "stars": 1}, {"text": "b", "stars": 2}])
    text: string
    stars: int64
    """
    import pyarrow as pa

    columns: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in row.items():
            if is_deep(value):
                return None
            columns.setdefault(name, []).append(value)
    try:
        schema = pa.schema({name: pa.infer_type(values) for name, values in columns.items()})
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return None
    return schema if len(schema) and all(map(_is_simple, schema.types)) else None


def _is_simple(kind: pa.DataType) -> bool:
    import pyarrow as pa

    inner = kind.value_type if pa.types.is_list(kind) else kind
    return inner in (pa.string(), pa.int64(), pa.float64(), pa.bool_(), pa.null())


def take_table(window: Window, schema: pa.Schema | None) -> tuple[memoryview, pa.Table] | None:
    """The bytes and the table of the whole lines in hand, which the window is then done with.

    ``None`` where the next line must be looked at by itself.
    """
    import numpy as np

    if schema is None or window.encoding.name != "utf-8":
        return None
    if window.in_hand <= windows.CHUNK // 2:
        window.more()
    size = min(window.in_hand, LONGEST_LINE)  # no line in it is longer
    end = window.data.rfind(b"\n", window.start, window.start + size) + 1 - window.start
    if window.ended and size == window.in_hand:
        end = size
    stretch = memoryview(window.data)[window.start :][: max(end, 0)]
    codes = np.frombuffer(stretch, np.uint8)
    lines = _objects(codes)
    table = _parsed(stretch, schema) if lines else None
    if table is None or table.num_rows != lines or not _exact(table):
        return None
    window.advance(len(stretch), lines)
    return stretch, table


def _objects(codes: npt.NDArray[np.uint8]) -> int:
    """How many lines there are, if each begins with a brace; else 0."""
    import numpy as np

    newlines = np.flatnonzero(codes == NEWLINE)
    starts = newlines[newlines < len(codes) - 1] + 1
    if not len(codes) or codes[0] != BRACE or not (codes[starts] == BRACE).all():
        return 0
    return len(starts) + 1


def _parsed(stretch: memoryview, schema: pa.Schema) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import json

    try:
        return json.read_json(
            pa.BufferReader(pa.py_buffer(stretch)),
            read_options=json.ReadOptions(use_threads=False, block_size=len(stretch)),
            parse_options=json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
        )
    except pa.ArrowException:
        return None


def _exact(table: pa.Table) -> bool:
    """Whether no float is NaN, infinite, or could be a whole number that a float cannot hold."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in table.columns:
        inner = pc.list_flatten(column) if pa.types.is_list(column.type) else column
        if inner.type == pa.float64() and not pc.all(pc.less(pc.abs(inner), EXACT)).as_py():
            return False
    return True
