"""What any value of a row must be, whatever its column is for, so that a corpus can hold it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import DEEPEST, is_deep
from textprep.datasets.schema.roles import BadValueError, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_NUMBER = 14_000  # bits: Python writes no number of more than 4,300 digits
KEYS = (str, int, float, bool, type(None))  # as JSON has them


def check_values(fields: Mapping[Any, Any]) -> None:
    """Raise `BadValueError` where no column can have a name, or neither Arrow nor JSON can hold a value."""
    for name, value in fields.items():
        if isinstance(name, str):
            check_whole(name, name, "the column's name: ")
        if is_deep(value):
            raise BadValueError(str(name), f"the value is nested over {DEEPEST} deep: no column can hold it")
        _check(str(name), value)


def _check(column: str, value: Any) -> None:
    if isinstance(value, str):
        check_whole(column, value)
    elif isinstance(value, int) and value.bit_length() > LONGEST_NUMBER:
        raise BadValueError(column, "the number has too many digits: write it as text")
    elif isinstance(value, Mapping):
        if not all(isinstance(key, KEYS) for key in value):
            keys = f"its keys are {list(value)[:3]!r:.60}"
            raise BadValueError(column, f"neither Arrow nor JSON can hold this value: {keys}")
        for each in chain(value, value.values()):
            _check(column, each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            _check(column, each)


def depth_of(kind: pa.DataType) -> int:
    """How deep the values of an Arrow type are nested."""
    inner = [kind.field(place) for place in range(kind.num_fields)]
    return 1 + max((depth_of(field.type) for field in inner), default=-1)


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
    if isinstance(value, Mapping):
        return {name: _whole_numbers(inner) for name, inner in value.items()}
    return [_whole_numbers(inner) for inner in value] if isinstance(value, (list, tuple)) else value
