"""What each role of a column demands: the rule for a whole column, and beside it the one for a value.

The rule for a column (``…_column``) gives the column, null where a value breaks it, or ``None`` where its
type does: it makes no Python objects of values. The rule for a value (``…_value``) gives the value, or raises
`BadValueError` with the sentence that says what is wrong with it.
What a target demands of its values is said in `textprep.targets`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from textprep.datasets.rows import DEEPEST, is_deep
from textprep.datasets.schema.columns import Columns
from textprep.errors import DatasetError, nearest_first
from textprep.targets.numbers import number_of
from textprep.targets.problems import BadValueError, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST_NUMBER = 14_000  # bits: Python writes no number of more than 4,300 digits
STEPS = (
    "; where rows are steps of recordings, features= lists the columns of their numbers, and "
    "sequence=COLUMN says which recording each is of"
)
OWN_COLUMNS = ("text", "pair", "label", "labels", "row_id")
AS_JSON = {b"textprep": b"json"}  # the mark of a column of mixed kinds, whose values are kept as JSON
KEYS = (str, int, float, bool, type(None))  # as JSON has them


def missing_column(fields: Mapping[str, Any], column: str, columns: Columns) -> BadValueError:
    """The error of a row that lacks a column."""
    names = [
        name if name.isprintable() else repr(name) for name in map(str, fields)
    ]  # also what shows nothing
    known = ", ".join(nearest_first(column, names)) or "none"
    roles = {"label": columns.label, "pair": (columns.pair,), "extra": columns.extra}
    option = next((option for option, names in roles.items() if column in names), "text")
    unlabelled = ", or label=None for unlabelled rows" if option == "label" else ""
    reason = f"there is no such column; there are: {known}"
    steps = STEPS if option == "text" and sum(map(_is_number, fields.values())) > 1 else ""
    return BadValueError(column, reason, option, f"say {option}=COLUMN{unlabelled}{steps}")


def _is_number(value: Any) -> bool:
    try:
        number_of("", value)
    except BadValueError:
        return False
    return True


def texts_column(table: pa.Table, columns: Columns) -> pa.ChunkedArray | None:
    """The texts of all rows, joined."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if columns.has_words(table.schema):
        return _null_if_empty(_joined(table[columns.text[0]]), columns)
    parts = [string_column(table[column]) for column in columns.text]
    if any(part is None for part in parts):
        return None
    text = parts[0]
    if len(parts) > 1:
        text = pc.binary_join_element_wise(*parts, pa.scalar(columns.join, pa.large_string()))
    return _null_if_empty(text, columns)


def _joined(words: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.binary_join(words.cast(pa.large_list(pa.large_string())), pa.scalar(" ", pa.large_string()))


def pair_column(table: pa.Table, columns: Columns) -> pa.ChunkedArray | None:
    """The second texts of all rows, to which the same rules apply."""
    pair = string_column(table[columns.pair])
    return None if pair is None else _null_if_empty(pair, columns)


def _null_if_empty(text: pa.ChunkedArray, columns: Columns) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    if columns.empty_text == "keep":
        return text
    is_empty = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(text)), 0)
    return pc.if_else(is_empty, None, text)


def texts_value(fields: Mapping[str, Any], columns: Columns) -> str:
    """The text of a row, joined."""
    words = fields[columns.text[0]]
    if columns.target.takes_words and len(columns.text) == 1 and isinstance(words, (list, tuple)):
        text = " ".join(text_value({columns.text[0]: word}, columns.text[0]) for word in words)
    else:
        text = columns.join.join(text_value(fields, column) for column in columns.text)
    return _not_empty(text, columns.text[0], columns)


def pair_value(fields: Mapping[str, Any], columns: Columns) -> str | None:
    """The second text of a row, where rows have one."""
    if columns.pair is None:
        return None
    return _not_empty(text_value(fields, columns.pair), columns.pair, columns)


def _not_empty(text: str, column: str, columns: Columns) -> str:
    if columns.empty_text == "reject" and not text.strip():
        raise BadValueError(column, "the text is empty")
    return text


def string_column(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as large_string (new offsets, the same characters), if it holds text."""
    import pyarrow as pa

    is_text = column.type in (pa.string(), pa.large_string(), pa.string_view())
    return column.cast(pa.large_string()) if is_text else None


def text_value(fields: Mapping[str, Any], column: str) -> str:
    """A text that is there, and that a file can hold."""
    text = fields[column]
    if text is None:
        raise BadValueError(column, "the text is missing")
    if not isinstance(text, str):
        raise BadValueError(column, f"the text is {type(text).__name__}, not a string: {text!r:.40}")
    return check_whole(column, text)


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


def with_further(own: Mapping[str, Any], further: Mapping[Any, Any], target: str = "label") -> pa.Table:
    """A table of a split's own columns, and of further ones as its source has them.

    One whose name textprep uses itself is called, say, ``label_in_source``; dictionaries are resolved, since
    blocks of one source may have other ones.

    Args:
        own: name → column.
        further: name → column, or list of its values; the JSON of these where they share no type.
        target: the name of the column that the target is to have.

    Raises:
        DatasetError: two columns would get one name.
    """
    import pyarrow as pa

    columns = {name: (pa.field(name, column.type), column) for name, column in own.items()}
    for given, values in further.items():
        name = f"{given}_in_source" if given in (*OWN_COLUMNS, target) else str(given)
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
