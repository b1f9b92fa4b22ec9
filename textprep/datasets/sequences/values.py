"""Values of the columns of recordings: which are missing, which columns hold numbers, times as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.rows import Block, Record
from textprep.datasets.splits.times import instants
from textprep.errors import DatasetError
from textprep.targets.class_names import is_blank
from textprep.targets.coding import distinct, plain_value
from textprep.targets.numbers import number_of
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]
    Codes = npt.NDArray[np.int64]

MOST = 0.9  # of the values of a column of numbers; the others are mistakes, which reading then names
MISSING = frozenset({"nan", "na", "n/a", "null", "none", "?"})  # as files write that there is no number


def is_missing(value: Any) -> bool:
    """Whether a value stands for no number.

    >>> is_missing(None), is_missing("?"), is_missing("NaN"), is_missing("x")
    (True, True, True, False)
    """
    return is_blank(value) or (isinstance(value, str) and value.strip().lower() in MISSING)


def is_numeric(column: pa.ChunkedArray) -> bool:
    """Whether the values of the first rows are numbers, but for missing ones and a few that are wrong."""
    values = column.slice(0, 1_000).to_pylist()
    there = [value for value in values if not is_missing(value) and not isinstance(value, bool)]
    return sum(map(_is_number, there)) > MOST * len(there)


def _is_number(value: Any) -> bool:
    try:
        number_of("", value)
    except BadValueError:
        return False
    return True


def table_of(block: Block) -> pa.Table | None:
    """The rows of a block as a table, also where values of a column share no type; ``None`` without any."""
    import pyarrow as pa

    if block.table is not None:
        return block.table
    rows = [row.fields for row in block.records() if isinstance(row, Record)]
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {name: [row.get(name) for row in rows] for name in names}
    return pa.table({name: array_of_values(values) for name, values in columns.items()}) if rows else None


def array_of_values(values: Sequence[Any]) -> pa.Array:
    """The values; as texts where they share no type."""
    import pyarrow as pa

    try:
        return pa.array(values)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def times_of(name: str, table: pa.Table) -> tuple[Array, dict[int, str]]:
    """(steps,) float64, in the order of the times of a column; and of each row without one, why.

    Raises:
        DatasetError: numbers and times are mixed.
    """
    values = [_as_number(value) for value in table[name].to_pylist()]
    wrong: dict[int, str] = {}
    try:
        return np.array(instants(name, values), np.float64), wrong
    except DatasetError:
        known = next((value for value in values if _is_time(name, value)), 0)
    for row, value in enumerate(values):
        if not _is_time(name, value):
            wrong[row] = "the time is missing" if is_missing(value) else f"{value!r:.40} is no time"
    given = [known if row in wrong else value for row, value in enumerate(values)]
    return np.array(instants(name, given), np.float64), wrong


def _is_time(name: str, value: Any) -> bool:
    try:
        instants(name, [value])
    except DatasetError:
        return False
    return True


def _as_number(value: Any) -> Any:
    """A number that is written as text, as in CSV; anything else as it is."""
    try:
        return number_of("", value) if isinstance(value, str) else value
    except BadValueError:
        return value


def coded(column: pa.ChunkedArray) -> tuple[Codes, list[Any]]:
    """The place of each value among those that differ, and these."""
    import pyarrow as pa

    try:
        codes, values = distinct(column)
    except (pa.ArrowException, TypeError):  # lists and the like
        values = [str(value) for value in column.to_pylist()]
        codes = np.arange(len(values))
    return codes, [plain_value(value, True) for value in values]


def joined(blocks: Sequence[Array], kind: Any) -> Array:
    """All values of blocks, of a type that is also that of none."""
    return np.concatenate([np.zeros(0, kind), *blocks])


def key_of(value: Any) -> Any:
    """By what a value is known again: 1 and True are two values, and a list is told by how it is written."""
    try:
        hash(value)
    except TypeError:
        return str(value)
    return type(value).__name__, value
