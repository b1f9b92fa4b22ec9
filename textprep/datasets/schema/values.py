"""What any value of a row must be, whatever its column is for, and the columns that are for nothing here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import DEEPEST, is_deep
from textprep.datasets.schema.roles import BadValueError, check_whole
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_NUMBER = 14_000  # bits: Python writes no number of more than 4,300 digits
OWN_COLUMNS = ("text", "pair", "label", "labels", "row_id")
AS_JSON = {b"textprep": b"json"}  # the mark of a column of mixed kinds, whose values are kept as JSON
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


def with_further(own: Mapping[str, Any], further: Mapping[Any, Any]) -> pa.Table:
    """A table of a split's own columns, and of further ones as its source has them.

    One whose name textprep uses itself is called, say, ``label_in_source``; dictionaries are resolved, since
    blocks of one source may have other ones.

    Args:
        own: name → column.
        further: name → column, or list of its values; the JSON of these where they share no type.

    Raises:
        DatasetError: two columns would get one name.
    """
    import pyarrow as pa

    columns = {name: (pa.field(name, column.type), column) for name, column in own.items()}
    for given, values in further.items():
        name = f"{given}_in_source" if given in OWN_COLUMNS else str(given)
        if name in columns:
            raise DatasetError(f"two columns would be called {name!r}; rename one in the source")
        column, mark = _column(values)
        columns[name] = (pa.field(name, column.type, metadata=mark), column)
    fields, arrays = zip(*columns.values(), strict=True)
    return pa.table(list(arrays), schema=pa.schema(fields))


def _column(values: Any) -> tuple[Any, dict[bytes, bytes] | None]:
    import pyarrow as pa

    if not isinstance(values, list):
        return values.cast(_without_dictionaries(values.type)), None
    try:
        return pa.array(values), None
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.array(map(as_json, values), pa.large_string()), AS_JSON


def _without_dictionaries(kind: pa.DataType) -> pa.DataType:
    """The type of the same values by themselves."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind):
        return pa.list_(_without_dictionaries(kind.value_type))
    return pa.large_list(_without_dictionaries(kind.value_type)) if pa.types.is_large_list(kind) else kind
