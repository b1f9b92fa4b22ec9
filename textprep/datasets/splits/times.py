"""Points in time, as people write them, in an order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timezone
from typing import Any

from textprep.errors import DatasetError


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
