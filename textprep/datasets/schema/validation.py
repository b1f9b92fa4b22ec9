"""Blocks → the good rows of each, as columns; the bad ones, each with what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.rows import Block, Record, Rejected
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.roles import (
    BadValueError,
    Labels,
    known_classes,
    labels_column,
    labels_value,
    missing_column,
    string_column,
    text_value,
    texts_column,
    texts_value,
)  # fmt: skip
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

OWN_COLUMNS = ("text", "pair", "label", "labels", "row_id")
AS_JSON = {b"textprep": b"json"}  # the mark of a column of mixed kinds, whose values are kept as JSON


class Validated(NamedTuple):
    """A block, looked at.

    Attributes:
        table: of the good rows ``text`` (large_string), ``pair`` where there is one, and the further columns.
        labels: of the good rows; ``None`` where they are unlabelled.
        row_ids: their positions in the source, over all rows that were read.
        rejected: the bad rows.
        mapped: whether the table takes no memory itself.
    """

    table: pa.Table
    labels: Labels | None
    row_ids: npt.NDArray[np.int64]
    rejected: Sequence[Rejected] = ()
    mapped: bool = False


class _Good(NamedTuple):
    """A good row that was looked at by itself."""

    text: str
    pair: str | None
    labels: tuple[str, ...]
    row_id: int
    record: Record


def validated(block: Block, columns: Columns, first_id: int, classes: Sequence[str] | None) -> Validated:
    """The rows of a block, sorted into good and bad: column by column if all that it holds is good.

    A further column whose name textprep uses itself is kept as, say, ``label_in_source``. One whose values
    share no Arrow type (``1`` and ``"x"``) is kept as text: the JSON of each value, null where there is none.

    Args:
        block: what was read.
        columns: where text and label are.
        first_id: the position of its first row in the source.
        classes: the only labels allowed; ``None`` allows any.

    Raises:
        DatasetError: two columns would get one name, or JSON cannot hold a value of a column of mixed kinds.
    """
    found = _by_column(block, columns, first_id, classes) or _by_row(block, columns, first_id, classes)
    if found.labels is None or not (known := known_classes(block.table, columns)):
        return found
    return found._replace(labels=found.labels._replace(known=known))


def _by_column(
    block: Block, columns: Columns, first_id: int, classes: Sequence[str] | None
) -> Validated | None:
    table = block.table
    if table is None or not set(columns.names) <= set(table.column_names) or not _is_whole(table):
        return None
    text, pair = texts_column(table, columns), string_column(table[columns.pair]) if columns.pair else None
    labels = labels_column(table, columns, classes) if columns.label else None
    if text is None or (columns.pair and pair is None) or (columns.label and labels is None):
        return None
    own = {"text": text, **({"pair": pair} if columns.pair else {})}
    for name in table.column_names:
        if name not in columns.names:
            own[own_name(name, own)] = table[name].cast(_without_dictionaries(table[name].type))
    row_ids = np.arange(first_id, first_id + table.num_rows + len(block.rejected), dtype=np.int64)
    row_ids = np.delete(row_ids, list(block.rejected))
    return Validated(_table(own), labels, row_ids, list(block.rejected.values()), block.mapped)


def _by_row(block: Block, columns: Columns, first_id: int, classes: Sequence[str] | None) -> Validated:
    import pyarrow as pa

    looked_at = [check(row, columns, row_id, classes) for row_id, row in enumerate(block.records(), first_id)]
    good = [row for row in looked_at if isinstance(row, _Good)]
    own: dict[str, Any] = {"text": pa.array([row.text for row in good], pa.large_string())}
    if columns.pair:
        own["pair"] = pa.array([row.pair for row in good], pa.large_string())
    for name in dict.fromkeys(name for row in good for name in row.record.fields):
        if name not in columns.names:
            own[own_name(name, own)] = _further(name, good)
    row_ids = np.array([row.row_id for row in good], dtype=np.int64)
    rejected = [row for row in looked_at if isinstance(row, Rejected)]
    return Validated(_table(own), _labels_of(good, columns), row_ids, rejected)


def check(
    row: Record | Rejected, columns: Columns, row_id: int, classes: Sequence[str] | None
) -> _Good | Rejected:
    """The row by the rules of its columns, or what is wrong with it."""
    if isinstance(row, Rejected):
        return row
    fields = row.fields
    try:
        for column in columns.names:
            if column not in fields:
                raise missing_column(fields, column, columns)
        text = texts_value(fields, columns)
        pair = text_value(fields, columns.pair) if columns.pair else None
        return _Good(text, pair, labels_value(fields, columns, classes), row_id, row)
    except BadValueError as bad:
        return Rejected(
            row.file, row.line, bad.column, bad.reason, dict(fields),
            byte=row.byte, source=row.source, option=bad.option, hint=bad.hint, header=row.header,
        )  # fmt: skip


def own_name(name: Any, taken: Iterable[str]) -> str:
    """What a further column is called in a split.

    Raises:
        DatasetError: another is called so already.
    """
    own = f"{name}_in_source" if name in OWN_COLUMNS else str(name)
    if own in taken:
        raise DatasetError(f"two columns would be called {own!r}; rename one in the source")
    return own


def as_json(value: Any) -> str | None:
    """The JSON of a value; ``None`` where there is none.

    Whole numbers have no point, so that they are written alike beside floats and without any.

    >>> as_json({"k": [2.0, 2.5]}), as_json(None)
    ('{"k": [2, 2.5]}', None)
    """
    return None if value is None else json.dumps(_whole_numbers(value), default=str)


def _whole_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {name: _whole_numbers(inner) for name, inner in value.items()}
    return [_whole_numbers(inner) for inner in value] if isinstance(value, list) else value


def _without_dictionaries(kind: pa.DataType) -> pa.DataType:
    """The type of the same values by themselves: blocks of one source may have other dictionaries."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(_without_dictionaries(kind.value_type))
    return pa.large_list(_without_dictionaries(kind.value_type)) if pa.types.is_large_list(kind) else kind


def _table(columns: dict[str, Any]) -> pa.Table:
    import pyarrow as pa

    fields = [
        pa.field(name, pa.large_string(), metadata=AS_JSON)
        if isinstance(column, _Json)
        else pa.field(name, column.type)
        for name, column in columns.items()
    ]
    arrays = [column.values if isinstance(column, _Json) else column for column in columns.values()]
    return pa.table(arrays, schema=pa.schema(fields))


class _Json(NamedTuple):
    """A column of mixed kinds."""

    values: pa.Array


def _is_whole(table: pa.Table) -> bool:
    """Whether every text in it is UTF-8, which Arrow does not promise."""
    import pyarrow as pa

    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _labels_of(good: Sequence[_Good], columns: Columns) -> Labels | None:
    if not columns.label:
        return None
    places: dict[str, int] = {}
    codes = [places.setdefault(name, len(places)) for row in good for name in row.labels]
    ends = np.cumsum([len(row.labels) for row in good]) if columns.several else None
    return Labels(np.array(codes, dtype=np.int64), tuple(places), ends)


def _further(name: Any, good: Sequence[_Good]) -> Any:
    """The values of a column, ``None`` where a row lacks it."""
    import pyarrow as pa

    try:
        return pa.array([row.record.fields.get(name) for row in good])
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return _Json(pa.array([_json_of(name, row) for row in good], pa.large_string()))


def _json_of(name: Any, row: _Good) -> str | None:
    try:
        return as_json(row.record.fields.get(name))
    except (TypeError, ValueError, RecursionError) as error:
        reason = f"neither Arrow nor JSON can hold this value: {error}; leave the column out or simplify it"
        record = row.record
        rejected = Rejected(record.file, record.line, name, reason, record.fields)
        raise DatasetError(str(rejected), file=record.file, line=record.line, column=name) from error
