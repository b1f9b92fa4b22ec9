"""Good rows as columns: many at once from a block, by the same rules as `textprep.datasets.columns.check`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.columns import Columns, Example
from textprep.datasets.labels import class_of
from textprep.datasets.rows import Block, Rejected
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

OWN_COLUMNS = ("text", "pair", "label", "labels", "row_id")
AS_JSON = {b"textprep": b"json"}  # the mark of a column of mixed kinds, whose values are kept as JSON


class Labels(NamedTuple):
    """The labels of rows: the place of each in ``names``; with ``ends``, several a row, which end there."""

    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    ends: npt.NDArray[np.int64] | None = None


class Checked(NamedTuple):
    """Good rows.

    Attributes:
        table: ``text`` (large_string), ``pair`` where there is one, and the further columns.
        labels: of the rows; ``None`` where they are unlabelled.
        row_ids: their positions in the source.
        mapped: whether the table takes no memory itself.
    """

    table: pa.Table
    labels: Labels | None
    row_ids: npt.NDArray[np.int64]
    mapped: bool = False


def checked_block(
    block: Block, columns: Columns, first_id: int, classes: Sequence[str] | None
) -> Checked | None:
    """The rows of a block, if each of them is good and that can be told from the columns alone."""
    table = block.table
    if not _is_whole(table):
        return None
    if columns.several or columns.threshold is not None or not set(columns.names) <= set(table.column_names):
        return None
    text, pair = _text(table, columns), _strings(table[columns.pair]) if columns.pair else None
    if text is None or (columns.pair and pair is None):
        return None
    labels = _labels(table[columns.label[0]], classes) if columns.label else None
    if columns.label and labels is None:
        return None
    own = {"text": text, **({"pair": pair} if columns.pair else {})}
    for name in table.column_names:
        if name not in columns.names:
            own[own_name(name, own)] = table[name]
    row_ids = np.arange(first_id, first_id + table.num_rows, dtype=np.int64)
    return Checked(_table(own), labels, row_ids, block.mapped)


def checked_examples(examples: Sequence[Example], columns: Columns) -> Checked:
    """Rows that were looked at one by one.

    A further column whose name textprep uses itself is kept as, say, ``label_in_source``. One whose values
    share no Arrow type (``1`` and ``"x"``) is kept as text: the JSON of each value, null where there is none.

    Raises:
        DatasetError: two columns would get one name, or JSON cannot hold a value of a column of mixed kinds.
    """
    import pyarrow as pa

    own: dict[str, Any] = {"text": pa.array([example.text for example in examples], pa.large_string())}
    if columns.pair:
        own["pair"] = pa.array([example.pair for example in examples], pa.large_string())
    for name in dict.fromkeys(name for example in examples for name in example.further):
        own[own_name(name, own)] = _further(name, examples)
    row_ids = np.array([example.row_id for example in examples], dtype=np.int64)
    return Checked(_table(own), _labels_of(examples, columns), row_ids)


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


def _text(table: pa.Table, columns: Columns) -> pa.ChunkedArray | None:
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [_strings(table[column]) for column in columns.text]
    if any(part is None for part in parts):
        return None
    text = (
        parts[0]
        if len(parts) == 1
        else pc.binary_join_element_wise(*parts, pa.scalar(columns.join, pa.large_string()))
    )
    if (
        columns.empty_text == "reject"
        and pc.any(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(text)), 0)).as_py()
    ):
        return None
    return text


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as large_string (new offsets, the same characters), if it holds text in every row."""
    import pyarrow as pa

    if column.null_count or column.type not in (pa.string(), pa.large_string(), pa.string_view()):
        return None
    return column.cast(pa.large_string())


def _is_whole(table: pa.Table) -> bool:
    """Whether every text in it is UTF-8, which Arrow does not promise."""
    import pyarrow as pa

    try:
        table.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _labels(column: pa.ChunkedArray, classes: Sequence[str] | None) -> Labels | None:
    """The labels, if each row has one that is allowed."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = kind in (pa.string(), pa.large_string(), pa.string_view())
    if column.null_count or not (is_text or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return None
    if len(column) == 0:
        return Labels(np.empty(0, np.int64), ())
    encoded = pa.concat_arrays(column.cast(kind).chunks).dictionary_encode()
    values = encoded.dictionary.to_pylist()
    names = [class_of(value, classes) for value in values]
    if "" in values or (classes is not None and not set(names) <= set(classes)):
        return None
    return _distinct(encoded.indices.to_numpy().astype(np.int64), names)


def _distinct(codes: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """Labels whose names are distinct (``1`` and ``"1"`` may be the same class)."""
    distinct = tuple(dict.fromkeys(names))
    places = np.array([distinct.index(name) for name in names], dtype=np.int64)
    return Labels(places[codes], distinct)


def _labels_of(examples: Sequence[Example], columns: Columns) -> Labels | None:
    if not columns.label:
        return None
    places: dict[str, int] = {}
    codes = [places.setdefault(name, len(places)) for example in examples for name in example.labels]
    ends = np.cumsum([len(example.labels) for example in examples]) if columns.several else None
    return Labels(np.array(codes, dtype=np.int64), tuple(places), ends)


def _further(name: Any, examples: Sequence[Example]) -> Any:
    """The values of a column, ``None`` where a row lacks it."""
    import pyarrow as pa

    try:
        return pa.array([example.further.get(name) for example in examples])
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return _Json(pa.array([_json_of(name, example) for example in examples], pa.large_string()))


def _json_of(name: Any, example: Example) -> str | None:
    try:
        return as_json(example.further.get(name))
    except (TypeError, ValueError, RecursionError) as error:
        reason = f"neither Arrow nor JSON can hold this value: {error}; leave the column out or simplify it"
        record = example.record
        rejected = Rejected(record.file, record.line, name, reason, record.fields)
        raise DatasetError(str(rejected), file=record.file, line=record.line, column=name) from error
