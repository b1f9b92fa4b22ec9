"""Disjoint sets of rows (Galler and Fischer 1964, with path halving): what belongs together so far."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable


class DisjointSets:
    """Rows 0 to ``rows``, each in a set of its own until `join` is called.

    >>> sets = DisjointSets(4)
    >>> sets.join(0, 2)
    >>> sets.members()
    [[0, 2], [1], [3]]
    """

    def __init__(self, rows: int) -> None:
        self._parents = list(range(rows))

    def find(self, row: int) -> int:
        """The row that stands for the set of ``row``: the first of it."""
        parents = self._parents
        while parents[row] != row:
            parents[row] = row = parents[parents[row]]
        return row

    def join(self, row: int, other: int) -> None:
        """Make one set of the two that hold ``row`` and ``other``."""
        first, second = sorted((self.find(row), self.find(other)))
        self._parents[second] = first

    def join_equal(self, values: Iterable[Hashable]) -> None:
        """Join the rows that have the same value; ``values`` are in the order of rows."""
        first: dict[Hashable, int] = {}
        for row, value in enumerate(values):
            if (other := first.setdefault(value, row)) != row:
                self.join(other, row)

    def members(self) -> list[list[int]]:
        """The rows of each set, ascending."""
        sets: dict[int, list[int]] = defaultdict(list)
        for row in range(len(self._parents)):
            sets[self.find(row)].append(row)
        return list(sets.values())
