"""What a dataset yields: rows, and where each of them came from.

A *row* is a mapping (``{"text": …, "label": …}`` and any further columns), a ``(text, label)`` pair, or a
text alone. A `Record` is such a mapping with its file, line and bytes; a `Rejected` is a row that could not
be used; a `Block` is many rows at once, as an Arrow table. The built-in adapters return `Rows` of these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa


class Record(NamedTuple):
    """A row as it was read.

    Attributes:
        fields: column name → value.
        file: the file it was read from; ``None`` for rows that come from code.
        line: the line in the file on which the row begins, from 1 (in a file of columns the row, from 1);
            for rows that come from code the position among them, from 0.
        byte: where in the file, decompressed, the row begins, from 0; ``None`` where that says nothing.
        source: the bytes of the row as the file has them; ``None`` where it is no file of lines.
    """

    fields: Mapping[str, Any]
    file: str | None
    line: int
    byte: int | None = None
    source: bytes | None = None


class Rejected(NamedTuple):
    """A row that was left out, and why.

    >>> print(Rejected("reviews.csv", 7, "label", "the label is empty", {"text": "Fine.", "label": ""}))
    reviews.csv, line 7, column 'label': the label is empty

    Attributes:
        file, line, byte, source: as in `Record`.
        column: the column at fault; ``None`` where the row as a whole is.
        reason: what is wrong and what to do.
        raw: the row as far as it could be read: its fields, or the text of the lines it takes.
        split: the split it was meant for, where the source came in splits.
        option, hint: the option that would help with every row like it, and how it is given in Python.
    """

    file: str | None
    line: int
    column: str | None
    reason: str
    raw: Any
    split: str | None = None
    byte: int | None = None
    source: bytes | None = None
    option: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self._message}; {self.hint}" if self.hint else self._message

    def error(self) -> DatasetError:
        """The row as an error; it advises to leave the row out unless another option helps."""
        option, hint = self.option, self.hint
        value: object = ...
        if option is None:
            option, value, hint = "on_error", "skip", 'on_error="skip" leaves such rows out'
        return DatasetError(
            self._message, file=self.file, line=self.line, column=self.column,
            option=option, value=value, hint=hint,
        )  # fmt: skip

    @property
    def _message(self) -> str:
        place = f"{self.file}, line {self.line}" if self.file else f"row {self.line}"
        if self.split and not self.file:
            place += f" of split {self.split!r}"
        return f"{place}{f', column {self.column!r}' if self.column else ''}: {self.reason}"


class Block(NamedTuple):
    """Many rows at once.

    Attributes:
        table: their columns; every row has every column.
        records: the same rows one by one, with their places: what is asked where the table has a bad row.
        mapped: whether the table lies in a file that is mapped into memory, and takes none itself.
    """

    table: pa.Table
    records: Callable[[], Iterable[Record | Rejected]]
    mapped: bool = False


class Preamble(NamedTuple):
    """What a file of rows begins with: the bytes of its byte-order mark and its header."""

    file: str
    source: bytes


Row: TypeAlias = "Mapping[str, Any] | tuple[Any, Any] | str | Record | Rejected"
Item: TypeAlias = "Row | Block | Preamble"


class Rows:
    """Rows of a source, each as a `Record` or a `Rejected`; they can be gone through again.

    >>> rows = Rows(lambda: iter([Record({"text": "Great."}, "reviews.csv", 2)]))
    >>> [record.fields["text"] for record in rows], len(list(rows))
    (['Great.'], 1)

    Args:
        items: begins to read; gives records, rejected rows, blocks where many rows are read at once, and
            what files begin with.
        class_names: the classes in the order of their ids, where the source says them.
    """

    def __init__(
        self,
        items: Callable[[], Iterator[Record | Rejected | Block | Preamble]],
        class_names: tuple[str, ...] = (),
    ) -> None:
        self.items, self.class_names = items, class_names

    def __iter__(self) -> Iterator[Record | Rejected]:
        for item in self.items():
            if isinstance(item, Block):
                yield from item.records()
            elif not isinstance(item, Preamble):
                yield item
