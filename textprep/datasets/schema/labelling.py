"""What the labels of a row demand: the rule for a value; for a column it is applied once a distinct value.

The rules are as in `textprep.datasets.schema.roles`.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.rows import Record, Rejected
from textprep.datasets.schema.classes import (
    PART_NUMBERS,
    class_of,
    is_whole,
    label_name,
    listed,
    plain_label,
    threshold_names,
    without_point,
)
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.roles import BadValueError, check_whole, is_blank

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


class Labels(NamedTuple):
    """The labels of rows: the place of each in ``names``; with ``ends``, several a row, which end there.

    ``known`` are the classes that the source knows, some without rows perhaps.
    """

    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]
    ends: npt.NDArray[np.int64] | None = None
    known: tuple[str, ...] = ()


def labels_column(table: pa.Table, columns: Columns, classes: Sequence[str] | None) -> Labels | None:
    """The labels of all rows, if each may have its own: the rule for a value, once for each distinct one."""
    import pyarrow as pa

    from textprep.ragged import Ragged

    try:
        if len(columns.label) > 1:
            return _of_columns(table, columns)
        column = table[columns.label[0]]
        if columns.multi_label and pa.types.is_nested(column.type):
            return _of_lists(column, columns, classes)
        codes, values = _distinct(column)
        found = [labels_value({columns.label[0]: value}, columns, classes) for value in values]
    except (BadValueError, pa.ArrowException):
        return None
    if not columns.several:
        return _merged(codes, [name for (name,) in found])
    lengths = np.array([len(names) for names in found], np.int64)
    each = Ragged(np.arange(lengths.sum()), np.concatenate([[0], np.cumsum(lengths)]))
    every = each.gather(Ragged(codes, np.arange(len(codes) + 1))).values.astype(np.int64)
    return _several(every, lengths[codes], [name for names in found for name in names])


def known_classes(table: pa.Table | None, columns: Columns) -> tuple[str, ...]:
    """The classes that the type of the column knows, in their order: the values of its dictionaries.

    Several dictionaries count as one, in the order in which their values come.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if table is None or len(columns.label) != 1 or columns.label[0] not in table.column_names:
        return ()
    column = table[columns.label[0]]
    while pa.types.is_nested(column.type) and not pa.types.is_struct(column.type):
        column = pc.list_flatten(column)
    if not pa.types.is_dictionary(column.type):
        return ()
    values = [value for chunk in column.chunks for value in chunk.dictionary.to_pylist()]
    return tuple(dict.fromkeys(label_name(value) for value in values if not is_blank(value)))


def _of_columns(table: pa.Table, columns: Columns) -> Labels:
    """Of each row the columns that say yes."""
    hot = np.zeros((table.num_rows, len(columns.label)), bool)
    for number, name in enumerate(columns.label):
        codes, values = _distinct(table[name])
        hot[:, number] = np.array([_yes(name, value) for value in values], bool)[codes]
    names = [columns.labels.get(name, name) for name in columns.label]
    return _several(hot.nonzero()[1], hot.sum(axis=1), names)


def _of_lists(column: pa.ChunkedArray, columns: Columns, classes: Sequence[str] | None) -> Labels | None:
    import pyarrow.compute as pc

    if column.null_count:
        return None
    codes, values = _distinct(pc.list_flatten(column))
    names = [_label(columns.label[0], value, classes, columns.labels) for value in values]
    return _several(codes, pc.list_value_length(column).to_numpy().astype(np.int64), names)


def _distinct(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """The distinct values of a column, and which of them each row has."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    encoded = pa.chunked_array(column.cast(kind).chunks, kind).combine_chunks().dictionary_encode("encode")
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def _merged(codes: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """Labels whose names are distinct (``1`` and ``"1"`` may be the same class)."""
    places = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return Labels(np.array([places[name] for name in names], dtype=np.int64)[codes], tuple(places))


def _several(codes: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64], names: Sequence[str]) -> Labels:
    """So many labels a row, each once."""
    labels = _merged(codes, names)
    rows = np.repeat(np.arange(len(lengths)), lengths)
    first = np.sort(np.unique(rows * max(1, len(labels.names)) + labels.codes, return_index=True)[1])
    ends = np.cumsum(np.bincount(rows[first], minlength=len(lengths)))
    return Labels(labels.codes[first], labels.names, ends)


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
        yes = [column for column in columns.label if _yes(column, plain_label(fields[column]))]
        return tuple(dict.fromkeys(columns.labels.get(column, column) for column in yes))
    (column,) = columns.label
    value = plain_label(fields[column])
    value = value.strip() if columns.strip and isinstance(value, str) else value
    if columns.multi_label:
        listed = _listed(column, value, columns.multi_label)
        each = [_label(column, label, classes, columns.labels) for label in listed]
        return tuple(dict.fromkeys(each))
    if columns.threshold is not None:
        names = tuple(classes or threshold_names(columns.threshold))
        return (names[_number(column, value) >= columns.threshold],)
    return (_label(column, value, classes, columns.labels),)


def labels_of(rows: Iterable[Record | Rejected], columns: Columns) -> list[str]:
    """The distinct labels of rows, as they are called there."""
    (column,) = columns.label
    found: dict[str, None] = {}
    for row in rows:
        value = plain_label(row.fields.get(column)) if isinstance(row, Record) else None
        if not is_blank(value):
            each = _listed(column, value, columns.multi_label) if columns.multi_label else [value]
            found |= dict.fromkeys(label_name(label) for label in each if isinstance(label, Hashable))
    return list(found)


def _label(column: str, label: Any, classes: Sequence[str] | None, labels: Mapping[str, str]) -> str:
    if is_blank(label):
        raise BadValueError(column, "the label is missing")
    is_number = isinstance(label, (float, Decimal))
    if is_number and not is_whole(label):
        reason = f"the label {label} is a float that is not whole: classes are words, whole numbers or bools"
        raise BadValueError(column, reason, "threshold", PART_NUMBERS)
    if not isinstance(label, (str, Integral)) and not is_number:
        reason = f"the label is {type(label).__name__}, not a word, a whole number or a bool: {label!r:.40}"
        if isinstance(label, (list, tuple)):
            hint = "where rows may have several, say multi_label=true"
            raise BadValueError(column, reason, "multi_label", hint)
        raise BadValueError(column, reason)
    name = class_of(label, classes, labels)
    if classes is not None and name not in classes:
        reason = f"the label {label_name(label)!r} is none of the classes {listed(classes)}"
        raise BadValueError(column, reason, "labels")
    return check_whole(column, name)


def _listed(column: str, value: Any, multi_label: bool | str) -> Sequence[Any]:
    """The labels of a row that may have several."""
    if value is None:
        raise BadValueError(column, "the labels are missing; a row without any has an empty list or text")
    if isinstance(multi_label, str) and isinstance(value, str):
        return [label.strip() for label in value.split(multi_label)] if value.strip() else []
    if isinstance(value, (list, tuple)):
        return [plain_label(label) for label in value]
    wanted = f"a text divided by {multi_label!r}" if isinstance(multi_label, str) else "a list of labels"
    raise BadValueError(column, f"the labels are {type(value).__name__}, not {wanted}: {value!r:.40}")


def _yes(column: str, value: Any) -> bool:
    """A yes or no, as people write them."""
    name = without_point(label_name(value).strip().lower())
    said = {"1": True, "true": True, "0": False, "false": False}.get(name)
    if said is None:
        raise BadValueError(
            column, f"one of several label columns holds 0 or 1, true or false, not {value!r:.40}"
        )
    return said


def _number(column: str, value: Any) -> float:
    if is_blank(value):
        raise BadValueError(column, "the label is missing")
    try:
        is_number = isinstance(value, (str, Real, Decimal)) and not isinstance(value, bool)
        number = float(value) if is_number else math.nan
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise BadValueError(column, f"with threshold= a label is a number, not {value!r:.40}", "threshold")
    return number
