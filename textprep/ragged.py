"""Rows of different length in two flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True, eq=False, slots=True)
class Ragged:
    """Rows of ids, one after the other: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``.

    Going through it gives each row as a list.

    Attributes:
        values: (sum of lengths,) integer ids, row after row.
        offsets: (rows + 1,) int64, from 0, never falling.

    >>> ragged = Ragged.from_rows([[4, 2], [], [7]])
    >>> ragged.values.tolist(), ragged.offsets.tolist()
    ([4, 2, 7], [0, 2, 2, 3])
    >>> list(ragged), len(ragged), ragged[0], ragged[-1]
    ([[4, 2], [], [7]], 3, [4, 2], [7])
    """

    values: npt.NDArray[np.integer]
    offsets: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> list[int]:
        """Row ``row``; a negative number counts from the end."""
        number = range(len(self))[row]
        ids: list[int] = self.values[self.offsets[number] : self.offsets[number + 1]].tolist()
        return ids

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.rows())

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[int]]) -> Ragged:
        """Lay lists of ids behind each other."""
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        values = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(offsets[-1]))
        return cls(values, offsets)

    @classmethod
    def join(cls, blocks: Sequence[Ragged], dtype: npt.DTypeLike = np.int64) -> Ragged:
        """The rows of all ``blocks``, in order."""
        starts = np.cumsum([0, *(len(block.values) for block in blocks)], dtype=np.int64)
        offsets = [block.offsets[1:] + start for block, start in zip(blocks, starts, strict=False)]
        values = [np.zeros(0, dtype), *(block.values for block in blocks)]
        return cls(
            np.concatenate(values, dtype=dtype, casting="unsafe"),
            np.concatenate([np.zeros(1, np.int64), *offsets]),
        )

    def between(self, start: int, stop: int) -> Ragged:
        """The rows from ``start`` to before ``stop``; their ids are not copied.

        >>> Ragged.from_rows([[4, 2], [], [7]]).between(1, 3).rows()
        [[], [7]]
        """
        offsets = self.offsets[start : stop + 1]
        return Ragged(self.values[offsets[0] : offsets[-1]], offsets - offsets[0])

    def rows(self) -> list[list[int]]:
        """All rows as lists."""
        return [self.values[start:stop].tolist() for start, stop in pairwise(self.offsets)]

    def gather(self, numbers: Ragged) -> Ragged:
        """For each row of ``numbers`` the rows that it names, joined.

        >>> Ragged.from_rows([[4], [7, 9]]).gather(Ragged.from_rows([[0, 1, 0], [1]])).rows()
        [[4, 7, 9, 4], [7, 9]]
        """
        taken = self.to_arrow().take(pa.array(numbers.values))
        return Ragged.from_arrow(taken, self.values.dtype).regroup(numbers.offsets)

    def regroup(self, offsets: npt.NDArray[np.int64]) -> Ragged:
        """Rows joined: row ``i`` of the result holds the rows ``offsets[i]`` to ``offsets[i + 1] - 1``."""
        return Ragged(self.values, self.offsets[offsets])

    def to_arrow(self) -> pa.LargeBinaryArray:
        """(rows,) large_binary: the bytes of each row's ids, without copying.

        Arrow's take over bytes is the fastest gather of rows of different length that there is in Python.
        """
        values = np.ascontiguousarray(self.values)
        ends = pa.py_buffer(self.offsets * values.itemsize)
        return pa.LargeBinaryArray.from_buffers(
            pa.large_binary(), len(self.offsets) - 1, [None, ends, pa.py_buffer(values)]
        )

    @classmethod
    def from_arrow(cls, array: pa.LargeBinaryArray, dtype: npt.DTypeLike) -> Ragged:
        """The rows of ids of ``dtype`` of which `to_arrow` made ``array``, without copying the ids."""
        dtype = np.dtype(dtype)
        ends = large_offsets(array)
        data = array.buffers()[2] or b""
        values = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]].view(dtype)
        return cls(values, (ends - ends[0]) // dtype.itemsize)


def numbers(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """A column of numbers without nulls, as `to_numpy` gives it, which would import pandas: that takes long.

    Of vectors of K numbers, (N, K).

    >>> numbers(pa.chunked_array([[3, 1], [2]], pa.int64()))
    array([3, 1, 2])
    >>> numbers(pa.array([[3, 1], [2, 5]], pa.list_(pa.int64(), 2))).shape
    (2, 2)
    """
    if pa.types.is_fixed_size_list(column.type):
        return _vectors(column)
    kind = column.type.to_pandas_dtype()
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [
        np.frombuffer(chunk.buffers()[1], kind)[chunk.offset : chunk.offset + len(chunk)]
        for chunk in chunks
        if len(chunk)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, kind), *parts])


def _vectors(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """(N, K) of a column of fixed_size_list."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    parts = [numbers(chunk.flatten()) for chunk in chunks]
    empty = np.zeros(0, column.type.value_type.to_pandas_dtype())
    flat = parts[0] if len(parts) == 1 else np.concatenate([empty, *parts])
    return flat.reshape(-1, column.type.list_size)


def large_offsets(array: pa.LargeBinaryArray | pa.LargeStringArray) -> npt.NDArray[np.int64]:
    """(rows + 1,) int64: where the bytes of each row start and end in the array's data."""
    if not len(array):
        return np.zeros(1, dtype=np.int64)
    return np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
