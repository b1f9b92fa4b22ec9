"""The texts of a column, as Python strings only while they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 1024


class Texts(Sequence[str]):
    """A column of texts as a sequence that does not hold them.

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
            for start in range(0, len(chunk), AT_ONCE):
                yield from chunk.slice(start, AT_ONCE).to_pylist()

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        return str(self.column[place].as_py())
