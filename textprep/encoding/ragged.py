"""Rows of different length in two flat arrays."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Ragged(NamedTuple):
    """Rows of ids: row ``i`` is ``values[offsets[i]:offsets[i + 1]]``.

    Attributes:
        values: (sum of lengths,) integer ids, row after row.
        offsets: (rows + 1,) int64, from 0, never falling.

    >>> ragged = Ragged.from_rows([[4, 2], [], [7]])
    >>> ragged.values.tolist(), ragged.offsets.tolist()
    ([4, 2, 7], [0, 2, 2, 3])
    >>> ragged.rows()
    [[4, 2], [], [7]]
    """

    values: npt.NDArray[np.integer]
    offsets: npt.NDArray[np.int64]

    @classmethod
    def from_rows(cls, rows: list[list[int]]) -> Ragged:
        """Lay lists of ids behind each other."""
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        values = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=int(offsets[-1]))
        return cls(values, offsets)

    def rows(self) -> list[list[int]]:
        """The rows as lists."""
        return [self.values[start:stop].tolist() for start, stop in pairwise(self.offsets)]
