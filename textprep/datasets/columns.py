"""Which columns hold text and labels, and what a good row is: `check`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

from textprep.datasets.labels import class_of, listed, plain_label, threshold_names
from textprep.datasets.rows import Record, Rejected, Row
from textprep.errors import nearest_first


class Columns(NamedTuple):
    """Which columns of a source hold what, and what their values must be.

    Attributes:
        text: the columns that hold the text; several are joined.
        label: the column of the labels; several hold a yes or no for each class; none where unlabelled.
        pair: the column of the second text of a pair.
        join: what stands between joined texts.
        multi_label: whether a row may have several labels: a list, or a text in which this string parts them.
        threshold: where labels are numbers, from which on they are of the second class.
        empty_text: whether a text without a visible character is ``"keep"`` or ``"reject"``.
    """

    text: tuple[str, ...] = ("text",)
    label: tuple[str, ...] = ("label",)
    pair: str | None = None
    join: str = "\n"
    multi_label: bool | str = False
    threshold: float | None = None
    empty_text: str = "keep"

    @property
    def names(self) -> tuple[str, ...]:
        """Every column that must be there."""
        return (*self.text, *((self.pair,) if self.pair else ()), *self.label)

    @property
    def several(self) -> bool:
        """Whether a row may have several labels."""
        return bool(self.multi_label) or len(self.label) > 1


class Example(NamedTuple):
    """A checked row; ``row_id`` is its position in the source, over all rows that were read.

    Attributes:
        text, pair: what is to be encoded; ``pair`` is ``None`` where there is none.
        labels: the names of its classes; one, but for several labels a row; none where unlabelled.
        further: the other columns.
        record: where it came from.
    """

    text: str
    pair: str | None
    labels: tuple[str, ...]
    row_id: int
    further: dict[str, Any]
    record: Record


class _BadValueError(Exception):
    """A value that cannot be used: the column, the reason, and the option that would help, with a hint."""

    def __init__(self, column: str, reason: str, option: str | None = None, hint: str | None = None) -> None:
        super().__init__(column, reason)
        self.column, self.reason, self.option, self.hint = column, reason, option, hint


def as_record(row: Row, columns: Columns, position: int) -> Record | Rejected:
    """A row of any form as a record; what comes from code gets its position as its line."""
    if isinstance(row, (Record, Rejected)):
        return row
    if isinstance(row, Mapping):
        return Record(row, None, position)
    if isinstance(row, str):
        return Record({columns.text[0]: row}, None, position)
    if isinstance(row, tuple) and len(row) == 2:
        label = columns.label[0] if columns.label else "label"
        return Record({columns.text[0]: row[0], label: row[1]}, None, position)
    reason = f"a row is a mapping, a (text, label) pair or a text, not {type(row).__name__}"
    return Rejected(None, position, None, reason, row)


def check(record: Record, columns: Columns, row_id: int, classes: Sequence[str] | None) -> Example | Rejected:
    """The record as an example, or what is wrong with it.

    Args:
        record: what was read.
        columns: where text and label are.
        row_id: what the example is to carry.
        classes: the only labels allowed, by name, or by id (0, 1, …) where no class is called by a whole
            number; ``None`` allows any.
    """
    fields = record.fields
    try:
        for column in columns.names:
            if column not in fields:
                raise _missing(fields, column, columns)
        text = columns.join.join(_text(fields, column) for column in columns.text)
        if columns.empty_text == "reject" and not text.strip():
            raise _BadValueError(columns.text[0], "the text is empty")
        pair = _text(fields, columns.pair) if columns.pair else None
        labels = _labels(fields, columns, classes)
    except _BadValueError as bad:
        return Rejected(
            record.file, record.line, bad.column, bad.reason, dict(fields),
            byte=record.byte, source=record.source, option=bad.option, hint=bad.hint,
        )  # fmt: skip
    further = {name: value for name, value in fields.items() if name not in columns.names}
    return Example(text, pair, labels, row_id, further, record)


def _missing(fields: Mapping[str, Any], column: str, columns: Columns) -> _BadValueError:
    known = ", ".join(nearest_first(column, map(str, fields))) or "none"
    option = "label" if column in columns.label else "pair" if column == columns.pair else "text"
    unlabelled = ", or label=None for unlabelled rows" if option == "label" else ""
    reason = f"there is no such column; there are: {known}"
    return _BadValueError(column, reason, option, f"say {option}=COLUMN{unlabelled}")


def _text(fields: Mapping[str, Any], column: str) -> str:
    text = fields[column]
    if text is None:
        raise _BadValueError(column, "the text is missing")
    if not isinstance(text, str):
        raise _BadValueError(column, f"the text is {type(text).__name__}, not a string: {text!r:.40}")
    return _whole(column, text)


def _whole(column: str, text: str) -> str:
    """The text, unless it holds half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"character {error.start} is {text[error.start]!r}, half of a surrogate pair"
            raise _BadValueError(column, f"{half}: no file can hold it") from error
    return text


def _labels(fields: Mapping[str, Any], columns: Columns, classes: Sequence[str] | None) -> tuple[str, ...]:
    if not columns.label:
        return ()
    if len(columns.label) > 1:
        return tuple(column for column in columns.label if _yes(column, plain_label(fields[column])))
    (column,) = columns.label
    value = plain_label(fields[column])
    if columns.multi_label:
        each = [_label(column, label, classes) for label in _listed(column, value, columns.multi_label)]
        return tuple(dict.fromkeys(each))
    if columns.threshold is not None:
        names = tuple(classes or threshold_names(columns.threshold))
        return (names[_number(column, value) >= columns.threshold],)
    return (_label(column, value, classes),)


def _label(column: str, label: Any, classes: Sequence[str] | None) -> str:
    if label is None or label == "":
        raise _BadValueError(column, "the label is missing")
    if isinstance(label, float):
        reason = (
            f"the label {label!r} is a float: make it a word, a whole number or a bool, or say threshold="
        )
        raise _BadValueError(column, reason)
    if not isinstance(label, (str, Integral)):
        reason = f"the label is {type(label).__name__}, not a word, a whole number or a bool: {label!r:.40}"
        if isinstance(label, (list, tuple)):
            hint = "where rows may have several, say multi_label=true"
            raise _BadValueError(column, reason, "multi_label", hint)
        raise _BadValueError(column, reason)
    if classes is not None and class_of(label, classes) not in classes:
        raise _BadValueError(column, f"the label {str(label)!r} is none of the classes {listed(classes)}")
    return _whole(column, class_of(label, classes))


def _listed(column: str, value: Any, multi_label: bool | str) -> Sequence[Any]:
    """The labels of a row that may have several."""
    if value is None:
        raise _BadValueError(column, "the labels are missing; a row without any has an empty list or text")
    if isinstance(multi_label, str) and isinstance(value, str):
        return [label.strip() for label in value.split(multi_label)] if value.strip() else []
    if isinstance(value, (list, tuple)):
        return [plain_label(label) for label in value]
    wanted = f"a text parted by {multi_label!r}" if isinstance(multi_label, str) else "a list of labels"
    raise _BadValueError(column, f"the labels are {type(value).__name__}, not {wanted}: {value!r:.40}")


def _yes(column: str, value: Any) -> bool:
    """A yes or no, as people write them."""
    said = {"1": True, "true": True, "0": False, "false": False}.get(str(value).strip().lower())
    if said is None:
        raise _BadValueError(
            column, f"one of several label columns holds 0 or 1, true or false, not {value!r:.40}"
        )
    return said


def _number(column: str, value: Any) -> float:
    if value is None or value == "":
        raise _BadValueError(column, "the label is missing")
    try:
        number = float(value) if isinstance(value, (str, Real)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or math.isnan(number):
        raise _BadValueError(column, f"with threshold= a label is a number, not {value!r:.40}")
    return number
