"""What every threshold would decide where a row may have several classes.

Shapes are written with R rows, C classes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.report.decisions import MOST_CLASSES, Cells, Decisions, Floats, Ints


class ThresholdOnSeveral(Decisions):
    """Any number of classes a row; labels are (R, C) of 0 and 1.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]])
    >>> decisions = ThresholdOnSeveral(np.array([[1, 1], [0, 1]]), sure, ("funny", "sad"))
    >>> decisions.counts_by_threshold(np.array([0, 0.5, 1], np.float32), index=1)
    [[1, 1, 1, 1], [1, 1, 2, 1]]
    >>> decisions.mistakes(9)[0].label, decisions.truth(0)
    (1, 'funny, sad')
    """

    several = True
    most_a_cell = 40

    def is_movable(self) -> bool:
        """Where there are not too many classes."""
        return len(self.names) <= MOST_CLASSES

    def context(self, shown: int) -> dict[str, Any]:
        """The matrix of the class that is shown first."""
        wrong = self._given() != (self.labels > 0)
        return {
            "matrix": self._of_each()[shown].tolist(),
            "whole": self.movable,
            "wrong": int(wrong.any(axis=1).sum()),
            "wrong_marks": int(wrong.sum()),
        }

    def truth(self, row: int) -> str:
        """The names of its classes."""
        marks = zip(self.names, self.labels[row], strict=True)
        return ", ".join(name for name, has in marks if has) or "none"

    def _given(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.probabilities > 0.5)

    def _of_each(self) -> Ints:
        """(C, 2, 2) counts of each class: rows without and with it, columns not given and given."""
        has, given = self.labels > 0, self._given()
        cells = [[(true & said).sum(axis=0) for said in (~given, given)] for true in (~has, has)]
        return np.array(cells, np.int64).transpose(2, 0, 1)

    def _kinds(self, index: int) -> tuple[Any, Any]:
        """Whether a row has the class, and whether all others are right."""
        right = self._given() == (self.labels > 0)
        right[:, index] = True
        return self.labels[:, index], right.all(axis=1)

    def _cells(self) -> tuple[Cells, int]:
        cells = 2 * (self.labels > 0) + self._given()
        return zip(cells.T, self.probabilities.T, strict=True), 4 * len(self.names)

    def _wrong(self) -> tuple[npt.NDArray[np.bool_], Floats, Ints, Ints]:
        given = self._given()
        certain = np.where(given, self.probabilities, 1 - self.probabilities)
        rows, classes = np.nonzero(given != (self.labels > 0))
        return given, certain, rows, classes

    def _matrices(self) -> dict[str, Any]:
        right = int((self._given() == (self.labels > 0)).all(axis=1).sum())
        return {"several": True, "matrices": self._of_each().tolist(), "right": right}

    def _row(self, row: int, steps: Floats) -> list[Any]:
        """Classes it has, classes it is given, thresholds reached and probability of each."""
        shares = self.probabilities[row]
        return [
            (self.labels[row] > 0).astype(int).tolist(),
            (shares > 0.5).astype(int).tolist(),
            np.searchsorted(steps, shares, side="right").tolist(),
            [round(share, 4) for share in shares.astype(float).tolist()],
        ]
