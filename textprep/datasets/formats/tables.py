"""Tables in hand → rows, whichever package made them; no such package is imported for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from textprep.datasets.formats.names import known_names, named_rows, with_feature_names
from textprep.datasets.rows import Block, Record, Rejected, Rows
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_ROWS = 10_000  # how much of a table is Python objects at a time


def is_table(data: object, text: str) -> bool:
    """Whether ``data`` has columns; a mapping has if one is called ``text``, else its keys name splits."""
    return text in data if isinstance(data, Mapping) else hasattr(data, "columns")


def as_rows(data: Any, where: str) -> Any:
    """The rows of a table as mappings, the values of a column; anything else is taken to be rows already.

    >>> list(as_rows({"text": ["a", "b"], "label": [1, 0]}, "the data"))
    [{'text': 'a', 'label': 1}, {'text': 'b', 'label': 0}]

    Args:
        data: a mapping of names to equally long columns, a ``DataFrame`` of pandas (where NaN is a missing
            value) or polars, a table, record batch or array of pyarrow, or anything else.
        where: names the data in an error.

    Raises:
        DatasetError: the columns of a mapping are not equally long, or two of a table have the same name.
    """
    if isinstance(data, Mapping):
        return _with_names(_rows_of_columns(data, where), data)
    if hasattr(data, "to_pylist"):  # of pyarrow
        _check_names(getattr(data, "column_names", ()), where)
        if hasattr(data, "column_names"):
            return Rows(lambda: table_blocks((_as_table(data),)))
        starts = range(0, len(data), BLOCK_ROWS)
        return chain.from_iterable(data.slice(start, BLOCK_ROWS).to_pylist() for start in starts)
    if hasattr(data, "iter_rows"):  # of polars
        return _with_names(data.iter_rows(named=True), getattr(data, "schema", {}))
    if hasattr(data, "iloc") and hasattr(data, "columns"):  # of pandas
        _check_names(data.columns, where)
        return _with_names(_rows_of_pandas(data), data.dtypes)
    return data


def _with_names(rows: Iterator[dict[str, Any]], columns: Mapping[str, Any]) -> Any:
    """The rows; as blocks where one of their columns, or its type, knows the names that it may hold."""
    names = {name: found for name, column in columns.items() if (found := known_names(column))}
    return Rows(partial(named_rows, rows, names)) if names else rows


def table_blocks(
    tables: Iterable[pa.Table], file: str | None = None, *, mapped: bool = True
) -> Iterator[Block]:
    """Arrow tables, one after the other, as blocks; their memory is that of whoever has them.

    Args:
        tables: all with the same columns.
        file: from which they were read; places are counted from 1 then, else from 0.
        mapped: whether they take no memory of ours: they are in a mapped file, or somebody holds them anyway.
    """
    position = 0 if file is None else 1
    for table in map(with_feature_names, tables):
        for start in range(0, table.num_rows, BLOCK_ROWS):
            block = table.slice(start, BLOCK_ROWS)
            yield Block(block, partial(_records, block, file, position), mapped=mapped)
            position += block.num_rows


def _records(table: pa.Table, file: str | None, first: int) -> Iterator[Record | Rejected]:
    for position, fields in enumerate(_fields(table), first):
        if isinstance(fields, UnicodeDecodeError):
            yield Rejected(file, position, None, f"a text is not UTF-8: {fields}", None)
        else:
            yield Record(fields, file, position)


def _fields(table: pa.Table) -> Iterator[dict[str, Any] | UnicodeDecodeError]:
    """The rows; a text that is not UTF-8, which Arrow may hold, costs its row."""
    try:
        yield from table.to_pylist()
    except UnicodeDecodeError:
        for place in range(table.num_rows):
            try:
                yield table.slice(place, 1).to_pylist()[0]
            except UnicodeDecodeError as error:
                yield error


def _as_table(data: Any) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data


def _rows_of_columns(columns: Mapping[str, Any], where: str) -> Iterator[dict[str, Any]]:
    for name, column in columns.items():
        if isinstance(column, (str, bytes, Mapping)) or not isinstance(column, Sized):
            raise DatasetError(
                f"{where}: the column {name!r} is {type(column).__name__}, not a list of its values"
            )
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name!r} has {length} values" for name, length in lengths.items())
        raise DatasetError(f"{where}: the columns are not equally long: {listed}")
    values = [as_rows(column, where) for column in columns.values()]
    return (dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True))


def _rows_of_pandas(frame: Any) -> Iterator[dict[str, Any]]:
    for start in range(0, len(frame), BLOCK_ROWS):
        block = frame.iloc[start : start + BLOCK_ROWS]
        yield from block.astype(object).where(block.notna(), None).to_dict("records")


def _check_names(names: Iterable[Any], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DatasetError(f"{where}: two columns are called {twice[0]!r}; rename one")
