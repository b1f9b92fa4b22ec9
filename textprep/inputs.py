"""Which kind of input the rows of a split are: a text, two texts, or a sequence of numbers.

The only place of the data side that asks. A split's table has the column ``text``, perhaps ``pair`` beside
it, or the column ``sequence``; everything else about a split is the same for all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, overload

from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

TEXTS_AT_ONCE = 1024
SEQUENCE = "sequence"


class Texts(Sequence[str]):
    """A column of texts as a sequence that does not hold them: they are Python strings while looked at.

    >>> import pyarrow as pa
    >>> texts = Texts(pa.chunked_array([["a", "b"], ["c"]]))
    >>> list(texts), texts[2], len(texts)
    (['a', 'b', 'c'], 'c', 3)
    """

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    def __iter__(self) -> Iterator[str]:
        for chunk in self.column.chunks:
            for start in range(0, len(chunk), TEXTS_AT_ONCE):
                yield from chunk.slice(start, TEXTS_AT_ONCE).to_pylist()

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Texts: ...
    def __getitem__(self, place: int | slice) -> str | Texts:
        found = self.column[place]
        return Texts(found) if isinstance(place, slice) else str(found.as_py())


class TextInput:
    """Rows of one text, or of two.

    Attributes:
        column: of a table, which all rows of the kind have.
        one: what a row's input is called.
        units: what `sizes` counts.
    """

    column: ClassVar[str] = "text"
    one: ClassVar[str] = "text"
    units: ClassVar[str] = "characters"

    def check(self, table: pa.Table) -> None:
        """Raise `DatasetError` where the table has not the columns of the kind."""
        import pyarrow as pa

        for name in ("text", "pair"):
            check_column(table, name, pa.large_string(), needed=name == "text")

    def columns(self, table: pa.Table) -> tuple[pa.ChunkedArray, ...]:
        """What is learned from and stored: one column, or of two texts both."""
        return tuple(table[name] for name in ("text", "pair") if name in table.column_names)

    def compared(self, table: pa.Table) -> tuple[Sequence[str], ...]:
        """By what two rows are told to be the same, a column for each text."""
        return tuple(map(Texts, self.columns(table)))

    def shown(self, table: pa.Table) -> list[tuple[str, ...]]:
        """Each row as a page or a terminal shows it."""
        return list(zip(*(texts.to_pylist() for texts in self.columns(table)), strict=True))

    def sizes(self, table: pa.Table) -> npt.NDArray[np.int64]:
        """(rows,) how many characters each row has, in both texts of a pair."""
        import numpy as np
        import pyarrow.compute as pc

        each = [pc.utf8_length(texts).to_numpy() for texts in self.columns(table)]
        total: npt.NDArray[np.int64] = np.sum(each, axis=0, dtype=np.int64)
        return total


class SequenceInput(TextInput):
    """Rows of a sequence of numbers: so many steps of F numbers each, and a ``name``."""

    column: ClassVar[str] = SEQUENCE
    one: ClassVar[str] = "sequence"
    units: ClassVar[str] = "steps"

    def check(self, table: pa.Table) -> None:
        """The column is large_list<fixed_size_list<float32>[F]>, without nulls."""
        column = table[SEQUENCE]
        if features_of(column.type) is None or column.null_count:
            held = f"{column.type} with {column.null_count} nulls"
            raise DatasetError(
                f"the column 'sequence' of a split is large_list<fixed_size_list<float>[F]> without nulls, "
                f"not {held}"
            )

    def columns(self, table: pa.Table) -> tuple[pa.ChunkedArray, ...]:
        """The sequences."""
        return (table[SEQUENCE],)

    def compared(self, table: pa.Table) -> tuple[Sequence[str], ...]:
        """A digest of the numbers of each row."""
        return ([_digest(values) for values in sequences(table[SEQUENCE])],)

    def shown(self, table: pa.Table) -> list[tuple[str, ...]]:
        """The names, and how long each is."""
        lengths = [len(values) for values in sequences(table[SEQUENCE])]
        names = table["name"].to_pylist() if "name" in table.column_names else [""] * len(lengths)
        return [(f"{name} ({length:,} steps)".lstrip(),) for name, length in zip(names, lengths, strict=True)]

    def sizes(self, table: pa.Table) -> npt.NDArray[np.int64]:
        """(rows,) how many steps each row has."""
        import pyarrow.compute as pc

        from textprep.ragged import numbers

        return numbers(pc.list_value_length(table[SEQUENCE]))


def input_of(table: pa.Table) -> TextInput:
    """The kind of input that the rows of a split's table are."""
    return SequenceInput() if SEQUENCE in table.column_names and "text" not in table.column_names else TEXT


TEXT = TextInput()


def features_of(kind: pa.DataType) -> int | None:
    """How many numbers a step of a column of sequences has; ``None`` where it holds something else.

    >>> import pyarrow as pa
    >>> features_of(sequence_type(3)), features_of(pa.large_string())
    (3, None)
    """
    import pyarrow as pa

    if not pa.types.is_large_list(kind) or not pa.types.is_fixed_size_list(kind.value_type):
        return None
    return int(kind.value_type.list_size) if kind.value_type.value_type == pa.float32() else None


def sequence_type(features: int) -> pa.DataType:
    """The type of a column of sequences of so many numbers a step."""
    import pyarrow as pa

    return pa.large_list(pa.list_(pa.float32(), features))


def sequence_column(values: Any, offsets: Any) -> pa.ChunkedArray:
    """A column of sequences: row i is ``values[offsets[i]:offsets[i + 1]]`` of (steps, F) float32.

    >>> import numpy as np
    >>> sequence_column(np.ones((3, 2), np.float32), np.array([0, 1, 3])).to_pylist()
    [[[1.0, 1.0]], [[1.0, 1.0], [1.0, 1.0]]]
    """
    import numpy as np
    import pyarrow as pa

    width = values.shape[1]
    flat = pa.array(np.ascontiguousarray(values, np.float32).reshape(-1))
    steps = pa.FixedSizeListArray.from_arrays(flat, width)
    lists = pa.LargeListArray.from_arrays(pa.array(np.asarray(offsets, np.int64)), steps)
    return pa.chunked_array([lists.cast(sequence_type(width))])


def sequences(column: pa.ChunkedArray) -> Iterator[Any]:
    """(T, F) float32 of each row, nothing copied."""
    from textprep.ragged import Ragged, numbers

    for chunk in column.chunks:
        ragged = Ragged(numbers(chunk.values), numbers(chunk.offsets))
        yield from (ragged.values[a:b] for a, b in zip(ragged.offsets, ragged.offsets[1:], strict=False))


def check_column(table: pa.Table, name: str, wanted: pa.DataType, *, needed: bool = True) -> None:
    """Raise `DatasetError` where a split's table has no such column, or one of another type or with nulls."""
    if name not in table.column_names:
        if needed:
            raise DatasetError(f"a split's table needs a column {name!r} of {wanted}")
    elif table.schema.field(name).type != wanted or table[name].null_count:
        held = f"{table.schema.field(name).type} with {table[name].null_count} nulls"
        raise DatasetError(f"the column {name!r} of a split is {wanted} without nulls, not {held}")


def _digest(values: Any) -> str:
    return hashlib.blake2b(values.astype("<f4").tobytes(), digest_size=16).hexdigest()
