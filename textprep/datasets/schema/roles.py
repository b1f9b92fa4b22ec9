"""What each role of a column demands: the rule for a whole column, and beside it the one for a value.

The rule for a column (``…_column``) gives the column if every value of it is good, else ``None``: it makes
no Python objects of values. The rule for a value (``…_value``) gives the value, or raises `BadValueError`
with the sentence that says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.schema.classes import class_of, listed, plain_label, threshold_names
from textprep.datasets.schema.columns import Columns
from textprep.errors import nearest_first

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


class BadValueError(Exception):
    """A value that cannot be used: the column, the reason, and the option that would help, with a hint."""

    def __init__(self, column: str, reason: str, option: str | None = None, hint: str | None = None) -> None:
        super().__init__(column, reason)
        self.column, self.reason, self.option, self.hint = column, reason, option, hint


class Labels(NamedTuple):
    """The labels of rows: the place of each in ``names``; with ``ends``, several a row, which end there."""

    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    ends: npt.NDArray[np.int64] | None = None


def missing_column(fields: Mapping[str, Any], column: str, columns: Columns) -> BadValueError:
    """The error of a row that lacks a column."""
    names = [
        name if name.isprintable() else repr(name) for name in map(str, fields)
    ]  # also what shows nothing
    known = ", ".join(nearest_first(column, names)) or "none"
    option = "label" if column in columns.label else "pair" if column == columns.pair else "text"
    unlabelled = ", or label=None for unlabelled rows" if option == "label" else ""
    reason = f"there is no such column; there are: {known}"
    return BadValueError(column, reason, option, f"say {option}=COLUMN{unlabelled}")


def texts_column(table: pa.Table, columns: Columns) -> pa.ChunkedArray | None:
    """The texts of all rows, joined."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [string_column(table[column]) for column in columns.text]
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


def texts_value(fields: Mapping[str, Any], columns: Columns) -> str:
    """The text of a row, joined."""
    text = columns.join.join(text_value(fields, column) for column in columns.text)
    if columns.empty_text == "reject" and not text.strip():
        raise BadValueError(columns.text[0], "the text is empty")
    return text


def string_column(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """The column as large_string (new offsets, the same characters), if it holds text in every row."""
    import pyarrow as pa

    if column.null_count or column.type not in (pa.string(), pa.large_string(), pa.string_view()):
        return None
    return column.cast(pa.large_string())


def text_value(fields: Mapping[str, Any], column: str) -> str:
    """A text that is there, and that a file can hold."""
    text = fields[column]
    if text is None:
        raise BadValueError(column, "the text is missing")
    if not isinstance(text, str):
        raise BadValueError(column, f"the text is {type(text).__name__}, not a string: {text!r:.40}")
    return check_whole(column, text)


def check_whole(column: str, text: str, what: str = "") -> str:
    """The text, unless it holds half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"character {error.start} is {text[error.start]!r}, half of a surrogate pair"
            raise BadValueError(column, f"{what}{half}: no file can hold it") from error
    return text


def label_column(
    column: pa.ChunkedArray, classes: Sequence[str] | None, *, strip: bool = False
) -> Labels | None:
    """The labels, if each row has one that is allowed."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    is_text = kind in (pa.string(), pa.large_string(), pa.string_view())
    if column.null_count or not (is_text or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return None
    if len(column) == 0:
        return Labels(np.empty(0, np.int64), ())
    encoded = pa.concat_arrays(column.cast(kind).chunks).dictionary_encode()
    values = [_stripped(value) if strip else value for value in encoded.dictionary.to_pylist()]
    names = [class_of(value, classes) for value in values]
    if "" in values or (classes is not None and not set(names) <= set(classes)):
        return None
    return _distinct(encoded.indices.to_numpy().astype(np.int64), names)


def _distinct(codes: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """Labels whose names are distinct (``1`` and ``"1"`` may be the same class)."""
    distinct = tuple(dict.fromkeys(names))
    places = np.array([distinct.index(name) for name in names], dtype=np.int64)
    return Labels(places[codes], distinct)


def labels_value(
    fields: Mapping[str, Any], columns: Columns, classes: Sequence[str] | None
) -> tuple[str, ...]:
    """The names of the classes of a row.

    Args:
        fields: of the row.
        columns: where the labels are.
        classes: the only labels allowed, by name, or by id (0, 1, …) where no class is called by a whole
            number; ``None`` allows any.
    """
    if not columns.label:
        return ()
    if len(columns.label) > 1:
        return tuple(column for column in columns.label if _yes(column, plain_label(fields[column])))
    (column,) = columns.label
    value = plain_label(fields[column])
    value = _stripped(value) if columns.strip else value
    if columns.multi_label:
        each = [_label(column, label, classes) for label in _listed(column, value, columns.multi_label)]
        return tuple(dict.fromkeys(each))
    if columns.threshold is not None:
        names = tuple(classes or threshold_names(columns.threshold))
        return (names[_number(column, value) >= columns.threshold],)
    return (_label(column, value, classes),)


def _stripped(label: Any) -> Any:
    return label.strip() if isinstance(label, str) else label


def _label(column: str, label: Any, classes: Sequence[str] | None) -> str:
    if label is None or label == "":
        raise BadValueError(column, "the label is missing")
    if isinstance(label, float):
        reason = (
            f"the label {label!r} is a float: make it a word, a whole number or a bool, or say threshold="
        )
        raise BadValueError(column, reason, "threshold")
    if not isinstance(label, (str, Integral)):
        reason = f"the label is {type(label).__name__}, not a word, a whole number or a bool: {label!r:.40}"
        if isinstance(label, (list, tuple)):
            hint = "where rows may have several, say multi_label=true"
            raise BadValueError(column, reason, "multi_label", hint)
        raise BadValueError(column, reason)
    if classes is not None and class_of(label, classes) not in classes:
        raise BadValueError(column, f"the label {str(label)!r} is none of the classes {listed(classes)}")
    return check_whole(column, class_of(label, classes))


def _listed(column: str, value: Any, multi_label: bool | str) -> Sequence[Any]:
    """The labels of a row that may have several."""
    if value is None:
        raise BadValueError(column, "the labels are missing; a row without any has an empty list or text")
    if isinstance(multi_label, str) and isinstance(value, str):
        return [label.strip() for label in value.split(multi_label)] if value.strip() else []
    if isinstance(value, (list, tuple)):
        return [plain_label(label) for label in value]
    wanted = f"a text parted by {multi_label!r}" if isinstance(multi_label, str) else "a list of labels"
    raise BadValueError(column, f"the labels are {type(value).__name__}, not {wanted}: {value!r:.40}")


def _yes(column: str, value: Any) -> bool:
    """A yes or no, as people write them."""
    said = {"1": True, "true": True, "0": False, "false": False}.get(str(value).strip().lower())
    if said is None:
        raise BadValueError(
            column, f"one of several label columns holds 0 or 1, true or false, not {value!r:.40}"
        )
    return said


def threshold_column(
    column: pa.ChunkedArray, columns: Columns, classes: Sequence[str] | None
) -> Labels | None:
    """The class on whose side of the threshold each number is, if all are numbers."""
    import pyarrow as pa

    is_number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if columns.threshold is None or column.null_count or not is_number:
        return None
    numbers = column.to_numpy().astype(np.float64)
    if np.isnan(numbers).any():
        return None
    names = tuple(classes or threshold_names(columns.threshold))
    return Labels((numbers >= columns.threshold).astype(np.int64), names)


def _number(column: str, value: Any) -> float:
    if value is None or value == "":
        raise BadValueError(column, "the label is missing")
    try:
        number = float(value) if isinstance(value, (str, Real)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or math.isnan(number):
        raise BadValueError(column, f"with threshold= a label is a number, not {value!r:.40}", "threshold")
    return number
