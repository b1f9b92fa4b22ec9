"""What each role of a column demands: the rule for a whole column, and beside it the one for a value.

The rule for a column (``…_column``) gives the column, null where a value breaks it, or ``None`` where its
type does: it makes no Python objects of values. The rule for a value (``…_value``) gives the value, or raises
`BadValueError` with the sentence that says what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textprep.datasets.schema.columns import Columns
from textprep.errors import nearest_first

if TYPE_CHECKING:
    import pyarrow as pa


class BadValueError(Exception):
    """A value that cannot be used: the column, the reason, and the option that would help, with a hint."""

    def __init__(self, column: str, reason: str, option: str | None = None, hint: str | None = None) -> None:
        super().__init__(column, reason)
        self.column, self.reason, self.option, self.hint = column, reason, option, hint


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
    text = parts[0]
    if len(parts) > 1:
        text = pc.binary_join_element_wise(*parts, pa.scalar(columns.join, pa.large_string()))
    if columns.empty_text == "reject":
        is_empty = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(text)), 0)
        text = pc.if_else(is_empty, None, text)
    return text


def texts_value(fields: Mapping[str, Any], columns: Columns) -> str:
    """The text of a row, joined."""
    text = columns.join.join(text_value(fields, column) for column in columns.text)
    if columns.empty_text == "reject" and not text.strip():
        raise BadValueError(columns.text[0], "the text is empty")
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


def check_whole(column: str, text: str, what: str = "") -> str:
    """The text, unless it holds half of a surrogate pair."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            half = f"character {error.start} is {text[error.start]!r}, half of a surrogate pair"
            raise BadValueError(column, f"{what}{half}: no file can hold it") from error
    return text
