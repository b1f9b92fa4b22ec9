"""What a dataset yields: rows, and where each of them came from.

A *row* is a mapping (``{"text": …, "label": …}`` and any further columns), a ``(text, label)`` pair, or a
text alone. A `Record` is such a mapping with its file and line, a `Rejected` is a row that could not even
be read; the built-in adapters yield these two. `check` turns a record into an `Example` or a `Rejected`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from numbers import Integral
from typing import Any, NamedTuple, TypeAlias

from textprep.datasets.labels import class_of, plain_label
from textprep.errors import nearest_first


class Record(NamedTuple):
    """A row as it was read.

    Attributes:
        fields: column name → value.
        file: the file it was read from; ``None`` for rows that come from code.
        line: the line in the file on which the row begins, from 1 (in a Parquet file the row, from 1);
            for rows that come from code the position among them, from 0.
    """

    fields: Mapping[str, Any]
    file: str | None
    line: int


class Rejected(NamedTuple):
    """A row that was left out, and why.

    >>> print(Rejected("reviews.csv", 7, "label", "the label is empty", {"text": "Fine.", "label": ""}))
    reviews.csv, line 7, column 'label': the label is empty

    Attributes:
        file, line: as in `Record`.
        column: the column at fault; ``None`` where the row as a whole is.
        reason: what is wrong and what to do.
        raw: the row as far as it could be read: its fields, or the text of the lines it takes.
        split: the split it was meant for, where the source came in splits.
    """

    file: str | None
    line: int
    column: str | None
    reason: str
    raw: Any
    split: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}" if self.file else f"row {self.line}"
        if self.split and not self.file:
            place += f" of split {self.split!r}"
        return f"{place}{f', column {self.column!r}' if self.column else ''}: {self.reason}"


Row: TypeAlias = "Mapping[str, Any] | tuple[Any, Any] | str | Record | Rejected"


class Columns(NamedTuple):
    """Which columns of a source hold what; ``label=None`` where the rows are unlabelled."""

    text: str = "text"
    label: str | None = "label"


class Example(NamedTuple):
    """A checked row; ``row_id`` is its position in the source, over all rows that were read."""

    text: str
    label: str | None
    row_id: int
    further: dict[str, Any]
    record: Record


def as_records(rows: Iterable[Row], columns: Columns) -> Iterator[Record | Rejected]:
    """Rows of any form as records; what comes from code gets its position as its line."""
    for position, row in enumerate(rows):
        if isinstance(row, (Record, Rejected)):
            yield row
        elif isinstance(row, Mapping):
            yield Record(row, None, position)
        elif isinstance(row, str):
            yield Record({columns.text: row}, None, position)
        elif isinstance(row, tuple) and len(row) == 2:
            yield Record({columns.text: row[0], columns.label or "label": row[1]}, None, position)
        else:
            reason = f"a row is a mapping, a (text, label) pair or a text, not {type(row).__name__}"
            yield Rejected(None, position, None, reason, row)


def check(record: Record, columns: Columns, row_id: int, classes: Sequence[str] | None) -> Example | Rejected:
    """The record as an example, or what is wrong with it.

    Args:
        record: what was read.
        columns: where text and label are.
        row_id: what the example is to carry.
        classes: the only labels allowed, by name, or by id (0, 1, …) where no class is called by a whole
            number; ``None`` allows any.
    """
    problem = _problem(record.fields, columns, classes)
    if problem:
        return Rejected(record.file, record.line, *problem, dict(record.fields))
    label = None if columns.label is None else class_of(plain_label(record.fields[columns.label]), classes)
    further = {name: value for name, value in record.fields.items() if name not in columns}
    return Example(record.fields[columns.text], label, row_id, further, record)


def _problem(
    fields: Mapping[str, Any], columns: Columns, classes: Sequence[str] | None
) -> tuple[str, str] | None:
    """The column at fault and why; ``None`` for a good row."""
    for column in columns:
        if column is not None and column not in fields:
            return column, _missing(fields, column, columns)
    if reason := _text_problem(fields[columns.text]):
        return columns.text, reason
    if columns.label is not None and (reason := _label_problem(plain_label(fields[columns.label]), classes)):
        return columns.label, reason
    return None


def _missing(fields: Mapping[str, Any], column: str, columns: Columns) -> str:
    known = ", ".join(nearest_first(column, map(str, fields))) or "none"
    option = "text" if column == columns.text else "label"
    unlabelled = "" if option == "text" else ", or label=None for unlabelled rows"
    advice = f"say {option}=COLUMN (in a command --set dataset.{option}=COLUMN){unlabelled}"
    return f"there is no such column; there are: {known}; {advice}"


def _text_problem(text: Any) -> str | None:
    if text is None:
        return "the text is missing"
    if not isinstance(text, str):
        return f"the text is {type(text).__name__}, not a string: {text!r:.40}"
    return _half_character(text)


def _half_character(text: str) -> str | None:
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return (
            f"character {error.start} is {text[error.start]!r}, half of a surrogate pair: no file can hold it"
        )
    return None


def _label_problem(label: Any, classes: Sequence[str] | None) -> str | None:
    if label is None or label == "":
        return "the label is missing"
    if isinstance(label, float):
        return f"the label {label!r} is a float: make it a word, a whole number or a bool"
    if not isinstance(label, (str, Integral)):
        return f"the label is {type(label).__name__}, not a word, a whole number or a bool: {label!r:.40}"
    if classes is not None and class_of(label, classes) not in classes:
        known = ", ".join(nearest_first(str(label), classes))
        return f"the label {str(label)!r} is none of the classes {known} (nor one of their numbers, from 0)"
    return _half_character(str(label))
