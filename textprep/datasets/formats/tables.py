"""Tables in hand → rows, whichever package made them; no such package is imported for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sized
from itertools import chain
from typing import Any

from textprep.errors import DatasetError

BLOCK_ROWS = 1024  # how much of a table is Python objects at a time


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
        return _rows_of_columns(data, where)
    if hasattr(data, "to_pylist"):  # of pyarrow
        _check_names(getattr(data, "column_names", ()), where)
        starts = range(0, len(data), BLOCK_ROWS)
        return chain.from_iterable(data.slice(start, BLOCK_ROWS).to_pylist() for start in starts)
    if hasattr(data, "iter_rows"):  # of polars
        return data.iter_rows(named=True)
    if hasattr(data, "iloc") and hasattr(data, "columns"):  # of pandas
        _check_names(data.columns, where)
        return _rows_of_pandas(data)
    return data


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
