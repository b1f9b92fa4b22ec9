"""The columns by which rows are divided: points in time, as people write them, and groups."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import date, datetime, time, timezone
from typing import TYPE_CHECKING, Any

from textprep.errors import DatasetError, nearest_first

if TYPE_CHECKING:
    import pyarrow as pa


def values_of(table: pa.Table, option: str, name: str) -> list[Any]:
    """The values of a column that an option names.

    Raises:
        DatasetError: there is no such column.
    """
    if name not in table.column_names:
        known = ", ".join(nearest_first(name, table.column_names))
        raise DatasetError(
            f"{option}={name!r}: there is no such column; there are: {known}", column=name, option=option,
            hint="those of text=, pair= and label= are called text, pair and label here",
        )  # fmt: skip
    values: list[Any] = table[name].to_pylist()
    return values


def groups_of(name: str, table: pa.Table) -> tuple[list[Hashable], list[str]]:
    """The group of each row, one of its own where its cell is empty, and a note on how many there are.

    Raises:
        DatasetError: there is no such column, or a value is a list or the like.
    """
    groups: list[Hashable] = []
    alone = 0
    for row_id, value in zip(table["row_id"].to_pylist(), values_of(table, "group", name), strict=True):
        if _is_empty(value):
            alone += 1
            groups.append(("alone", alone))
        elif not isinstance(value, Hashable):
            problem = f"group={name!r}: row {row_id} has {value!r:.40}"
            raise DatasetError(problem, column=name, option="group", hint="one value per row is needed")
        else:
            groups.append(value)
    rows = "1 row has" if alone == 1 else f"{alone:,} rows have"
    return groups, [f"group={name!r}: {rows} none, and may come into any split"] if alone else []


def _is_empty(value: Any) -> bool:
    return value is None or value != value or (isinstance(value, str) and not value.strip('"').strip())  # noqa: PLR0124 - NaN


def instants(column: str, values: Iterable[Any]) -> list[float]:
    """Numbers in the order of the times in a column: numbers, dates, times, or ISO 8601 texts.

    A time without a zone counts as UTC.

    >>> instants("date", ["2024-01-05", "2023-12-31T23:59:00Z"])
    [1704412800.0, 1704067140.0]

    Raises:
        DatasetError: a value is none of these, or numbers and times are mixed.
    """
    found = list(values)
    numbers = [_is_number(value) for value in found]
    if any(numbers) and not all(numbers):
        position = numbers.index(not numbers[0])
        raise DatasetError(
            f"time={column!r}: {found[0]!r:.40} and {found[position]!r:.40} (position {position}) are no two "
            "points on one scale: make all of them numbers, or all of them times",
            column=column,
            option="time",
        )
    return [
        float(value) if number else _instant(column, i, value)
        for i, (value, number) in enumerate(zip(found, numbers, strict=True))
    ]


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value  # noqa: PLR0124 - NaN


def _instant(column: str, position: int, value: Any) -> float:
    try:
        return _datetime(value).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(
            f"time={column!r}: position {position} has {value!r:.40}, which is no number, date or ISO 8601 "
            "text such as 2024-01-05 or 2024-01-05T09:30:00+01:00",
            column=column,
            option="time",
        ) from error


def _datetime(value: Any) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise TypeError(value)
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)
