"""What a dataset yields: rows, and where each of them came from.

A *row* is a mapping (``{"text": …, "label": …}`` and any further columns), a ``(text, label)`` pair, or a
text alone. A `Record` is such a mapping with its file, line and bytes; a `Rejected` is a row that could not
be used. Whatever a data set yields goes on as `Block` objects: many rows at once, as an Arrow table. The
built-in adapters return `Rows`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 10_000  # rows that are Python objects at a time
CHARACTERS_AT_ONCE = 2**24
DEEPEST = 50  # lists and mappings in each other; Arrow's files hold 64
EXCERPT = 10_000  # characters that are kept of a bad row's value


class Record(NamedTuple):
    """A row as it was read.

    Attributes:
        fields: column name → value.
        file: the file it was read from; ``None`` for rows that come from code.
        line: the line in the file on which the row begins, from 1 (in a file of columns the row, from 1);
            for rows that come from code the position among them, from 0.
        byte: where in the file, decompressed, the row begins, from 0; ``None`` where that says nothing.
        source: the bytes of the row as the file has them; ``None`` where it is no file of lines.
        header: what the file begins with: its byte-order mark and the row of the names of its columns.
        lines: of a row of words, each on a line of its own, the line of each.
    """

    fields: Mapping[str, Any]
    file: str | None
    line: int
    byte: int | None = None
    source: bytes | None = None
    header: bytes = b""
    lines: Sequence[int] = ()

    def line_of(self, place: int | None) -> int:
        """The line of a word, or of the row where it is not about one."""
        return self.line if place is None or not self.lines else self.lines[place]


class Rejected(NamedTuple):
    """A row that was left out, and why.

    >>> print(Rejected("reviews.csv", 7, "label", "the label is empty", {"text": "Fine.", "label": ""}))
    reviews.csv, line 7, column 'label': the label is empty

    Attributes:
        file, line, byte, source, header: as in `Record`.
        column: the column at fault; ``None`` where the row as a whole is.
        reason: what is wrong and what to do.
        raw: the row as far as it could be read: its fields, or the text of the lines it takes.
        split: the split it was meant for, where the source came in splits.
        option: the option that would help with rows like it.
        hint: how it is given in Python, where every row is bad in the same way.
        value: what to set it to; ``...`` where only the user can know.
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
    header: bytes = b""
    value: object = ...

    def __str__(self) -> str:
        return f"{self._message}; {self.hint}" if self.hint else self._message

    def error(self) -> DatasetError:
        """The row as an error; it advises to leave the row out unless another option helps."""
        option, hint, value = self.option, self.hint, self.value
        if hint is None and option is None:  # the row alone is bad: nothing says that all rows like it are
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
    """Many rows at once: the only form between a source and a corpus.

    Attributes:
        table: the good rows; ``None`` where they have columns that Arrow cannot hold.
        records: all rows one by one, with their places: what is asked where a rule is broken.
        rejected: the rows that could not be read, by their position in the block; the table lacks them.
        mapped: whether the table lies in a file that is mapped into memory, and takes none itself.
        typed: whether its types are those of the source, not those that the rows at hand happen to have.
        notes: what people should know about how it was read; each is said once.
    """

    table: pa.Table | None
    records: Callable[[], Iterable[Record | Rejected]]
    rejected: Mapping[int, Rejected] = MappingProxyType({})
    mapped: bool = False
    typed: bool = False
    notes: tuple[str, ...] = ()


Row: TypeAlias = "Mapping[str, Any] | tuple[Any, Any] | str | Record | Rejected"


class Rows:
    """Rows of a source; they can be gone through again, each as a `Record` or a `Rejected`.

    >>> rows = Rows(lambda: iter([Record({"text": "Great."}, "reviews.csv", 2)]))
    >>> [record.fields["text"] for record in rows], len(list(rows.blocks()))
    (['Great.'], 1)

    Args:
        begin: begins to read; gives rows one by one, or blocks of them.
        class_names: the classes in the order of their ids, where the source says them.
        strip: whether white space around labels is left out.

    Attributes:
        target: the kind of target that rows have unless another is asked for; ``None``: the usual one.
    """

    target: str | None = None

    def __init__(
        self,
        begin: Callable[[], Iterator[Record | Rejected | Block]],
        class_names: tuple[str, ...] = (),
        *,
        strip: bool = False,
    ) -> None:
        self._begin, self.class_names, self.strip = begin, class_names, strip

    def __iter__(self) -> Iterator[Record | Rejected]:
        for item in self._begin():
            if isinstance(item, Block):
                yield from item.records()
            else:
                yield item

    def blocks(self) -> Iterator[Block]:
        """The rows as blocks."""
        return in_blocks(self._begin())

    def __reduce__(self) -> NoReturn:
        raise DatasetError(
            "rows that are still to be read are neither pickled nor copied: hand over the path and the "
            "options, and read them there"
        )


def in_blocks(rows: Iterable[Row | Block], text: str = "text", label: str = "label") -> Iterator[Block]:
    """Rows of any form as blocks, some thousands in each; blocks stay as they are.

    Args:
        rows: what a data set yields.
        text, label: the columns of a text alone, or of a pair.
    """
    pending: list[Record | Rejected] = []
    position = characters = 0
    try:
        for row in rows:
            if not isinstance(row, Block):
                pending.append(as_record(row, position, text, label))
                position, characters = position + 1, characters + _length(pending[-1])
                if len(pending) < ROWS_AT_ONCE and characters < CHARACTERS_AT_ONCE:
                    continue
            if pending:
                yield block_of(pending)
                pending, characters = [], 0
            if isinstance(row, Block):
                yield row
    except Exception:  # what comes before it is looked at first: its errors are the earlier ones
        if pending:
            yield block_of(pending)
        raise
    if pending:
        yield block_of(pending)


def as_record(row: object, position: int, text: str = "text", label: str = "label") -> Record | Rejected:
    """A row of any form as a record; what comes from code gets its position as its line."""
    if isinstance(row, (Record, Rejected)):
        return row
    if isinstance(row, Mapping):
        return Record(row, None, position)
    if isinstance(row, str):
        return Record({text: row}, None, position)
    if isinstance(row, tuple) and len(row) == 2:
        return Record({text: row[0], label: row[1]}, None, position)
    reason = f"a row is a mapping, a (text, label) pair or a text, not {type(row).__name__}"
    return Rejected(None, position, None, reason, row)


def block_of(rows: Sequence[Record | Rejected]) -> Block:
    """Rows that were read one by one as a block."""
    good = [row.fields for row in rows if isinstance(row, Record)]
    rejected = {place: row for place, row in enumerate(rows) if isinstance(row, Rejected)}
    return Block(_table_of(good), lambda: rows, rejected)


def note(*notes: str) -> Block:
    """A block without rows that says how the source is read: what was guessed, or left out."""
    return Block(None, lambda: (), notes=notes)


def _table_of(rows: Sequence[Mapping[str, Any]]) -> pa.Table | None:
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    if not names or not all(isinstance(name, str) for name in names):
        return None
    if any(is_deep(value) for row in rows for value in row.values()):
        return None
    try:
        return pa.table({name: _array([row.get(name) for row in rows]) for name in names})
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return None


def is_deep(value: object, left: int = DEEPEST) -> bool:
    """Whether lists and mappings are nested in it so deep that Arrow would fail, or not come back."""
    if not isinstance(value, (list, tuple, Mapping)):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return not left or any(is_deep(each, left - 1) for each in inner)


def _array(values: list[Any]) -> pa.Array:
    """The values as Arrow holds them, but for a bool among floats, which would become a number there."""
    import pyarrow as pa

    array = pa.array(values)
    kind = array.type
    while pa.types.is_list(kind):
        kind = kind.value_type
    if pa.types.is_floating(kind) and _has_bool(values):
        raise TypeError
    return array


def _has_bool(value: object) -> bool:
    return any(map(_has_bool, value)) if isinstance(value, (list, tuple)) else isinstance(value, bool)


def _length(row: Record | Rejected) -> int:
    if isinstance(row, Rejected):
        return len(row.source or b"")
    return sum(map(_characters, row.fields.values()))


def _characters(value: object) -> int:
    """How many characters are in a text, or in a list of texts."""
    if isinstance(value, list):
        return sum(len(each) for each in value if isinstance(each, str))
    return len(value) if isinstance(value, str) else 0
