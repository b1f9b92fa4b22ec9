"""A random order that is computed where it is asked for, and never laid out in memory."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]

ROUNDS = 12  # after 12 all orders of 2 to 6 rows come equally often, in 20,000 seeds each
BLOCK = 2**16  # places at a time: such arrays stay in a processor's cache, which is four times as fast


class Permutation:
    """A random order of 0 … ``size`` - 1: called with places, (K,) int64, it says which rows stand there.

    A Feistel network over a grid of about √size by √size cells, whose round functions are tables of random
    numbers; a cell beyond the last row is sent through again until it comes out as a row (Black and Rogaway
    2002, "Ciphers with arbitrary finite domains", https://doi.org/10.1007/3-540-45760-7_9). So it takes
    memory for 12 √size numbers, and any part of the order is had without the rest. All of it is integer
    arithmetic on raw words of ``bits``: the same on every machine and in every NumPy version.

    >>> order = Permutation(10, np.random.PCG64(np.random.SeedSequence(0)))
    >>> order(np.arange(10)).tolist(), order(np.array([7, 2])).tolist()
    ([9, 6, 4, 7, 0, 2, 8, 3, 5, 1], [3, 4])
    """

    def __init__(self, size: int, bits: np.random.PCG64) -> None:
        self.size = size
        self._height = math.isqrt(max(size, 1) - 1) + 1
        self._width = -(-max(size, 1) // self._height)
        sides = [(self._height, self._width), (self._width, self._height)] * (ROUNDS // 2)
        self._tables = [_below(most, count, bits) for most, count in sides]

    def __call__(self, places: Rows) -> Rows:
        """The rows at ``places``, each from 0 to ``size`` - 1."""
        rows = np.empty_like(places)
        for start in range(0, len(places), BLOCK):
            rows[start : start + BLOCK] = self._rows(places[start : start + BLOCK])
        return rows

    def _rows(self, places: Rows) -> Rows:
        rows = self._through(places)
        while len(outside := np.flatnonzero(rows >= self.size)):
            rows[outside] = self._through(rows[outside])
        return rows

    def _through(self, cells: Rows) -> Rows:
        """Every cell of the grid to another one: by turns, a cell's line and column move by a random step."""
        line, column = np.divmod(cells, self._width)
        for moves_line, moves_column in zip(self._tables[::2], self._tables[1::2], strict=True):
            line += moves_line[column]
            line -= self._height * (line >= self._height)
            column += moves_column[line]
            column -= self._width * (column >= self._width)
        line *= self._width
        line += column
        return line


def _below(most: int, count: int, bits: np.random.PCG64) -> Rows:
    """(count,) random numbers from 0 to ``most`` - 1, all but equally likely: ``most`` is far below 2³²."""
    high = np.atleast_1d(bits.random_raw(count)) >> np.uint64(32)
    return ((high * np.uint64(most)) >> np.uint64(32)).astype(np.int64)
