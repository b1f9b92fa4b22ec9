"""What every threshold would decide where a row has one class.

Shapes are written with R rows, C classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.report.decisions import MOST_CLASSES, Cells, Decisions, Floats, Ints

MOST_TABLE = 30  # classes of a table that is drawn whole


class ThresholdOnOne(Decisions):
    """One class a row.

    >>> decisions = ThresholdOnOne(np.array([0, 1]), np.array([[0.9, 0.1], [0.2, 0.8]]), ("bad", "good"))
    >>> decisions.counts_by_threshold(np.array([0, 0.5, 1], np.float32), index=1)
    [[0, 0, 1, 1], [1, 0, 2, 1]]
    """

    several = False
    most_a_cell = 150

    def is_movable(self) -> bool:
        """With two classes or more, and not too many."""
        return 1 < len(self.names) <= MOST_CLASSES

    def context(self, shown: int) -> dict[str, Any]:
        """The confusion matrix."""
        return {
            "matrix": self._matrix().tolist(),
            "whole": len(self.names) <= MOST_TABLE,
            "wrong": int((self.probabilities.argmax(axis=1) != self.labels).sum()),
        }

    def truth(self, row: int) -> str:
        """The class's name."""
        return self.names[int(self.labels[row])]

    def _matrix(self) -> Ints:
        """(C, C) counts: rows true, columns chosen."""
        classes = len(self.names)
        cells = np.bincount(self._cell(), minlength=classes**2)
        return cells.reshape(classes, classes).astype(np.int64)

    def _cell(self) -> Ints:
        cells: Ints = self.labels * len(self.names) + self.probabilities.argmax(axis=1)
        return cells

    def _kinds(self, index: int) -> tuple[Any, Any]:
        """True class, and likeliest other class."""
        others = self.probabilities.copy()
        others[:, index] = -1
        return self.labels, others.argmax(axis=1)

    def _cells(self) -> tuple[Cells, int]:
        cells = self._cell()
        return [(cells, self.probabilities.max(axis=1))], len(np.unique(cells))

    def _wrong(self) -> tuple[npt.NDArray[np.bool_], Floats, Ints, Ints]:
        chosen = self.probabilities.argmax(axis=1)
        rows = np.flatnonzero(chosen != self.labels)
        return np.ones(self.probabilities.shape, bool), self.probabilities, rows, chosen[rows]

    def _matrices(self) -> dict[str, Any]:
        return {"matrix": self._matrix().tolist() if len(self.names) <= MOST_TABLE else []}

    def _row(self, row: int, steps: Floats) -> list[Any]:
        """True, likeliest and second class, probability of the likeliest, thresholds reached."""
        shares = self.probabilities[row]
        first, *second = np.argsort(-shares, kind="stable")[:2].tolist()
        reached = np.searchsorted(steps, shares, side="right").tolist() if len(steps) else []
        probability = round(float(shares[first]), 4)
        return [int(self.labels[row]), first, second[0] if second else first, probability, reached]
