"""What every threshold would decide, in so few numbers that a page can hold them.

Where a text has one class, a row is of class c if its probability of c is the threshold or more, else of the
likeliest other class. Where it may have several, a row has class c if its probability of c is above one half,
or, for one class, the threshold or more. Both are as in `textprep.training.scoring.thresholds`. So all that a
threshold on c needs is how many rows of each kind reach which threshold.

Shapes are written with R rows, C classes.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.records import ThresholdRecord
from textprep.report.row_texts import beginnings
from textprep.visible import visible

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
Cells = Iterable[tuple[Ints, Floats]]
MOST_CLASSES = 20  # whose thresholds a page can hold
MOST_ROWS = 1_000
_ENDS = (0.001, 0.002, 0.005, 0.995, 0.998, 0.999)  # where probabilities crowd


class Mistake(NamedTuple):
    """A wrong decision.

    Attributes:
        row: from 0.
        label: the class that the row was given; where it may have several, the class decided wrongly.
        given: whether the row was given it; False only where it may have several.
        certain: the probability of the decision.
    """

    row: int
    label: int
    given: bool
    certain: float


class Decisions:
    """What a model decides about R rows.

    Args:
        labels: (R,) or (R, C), what is true; every row has a label.
        probabilities: (R, C).
        names: of the classes.
    """

    several: ClassVar[bool]
    most_a_cell: ClassVar[int]
    """Rows of a cell whose texts are on the page."""

    def __init__(self, labels: npt.NDArray[Any], probabilities: Floats, names: tuple[str, ...]) -> None:
        self.labels, self.probabilities, self.names = labels, probabilities, names
        self.movable = self.is_movable()

    def rows_to_show(self) -> Ints:
        """Rows from every cell of the confusion matrix, or of that of every class, spread over probabilities.

        At least one where a cell has one, and at most 2,000 in all.
        """
        cells, kinds = self._cells()
        most = min(self.most_a_cell, MOST_ROWS // max(kinds, 1))
        shown = np.concatenate([np.zeros(0, np.int64), *_spread(cells, max(1, most))])
        _, first = np.unique(shown, return_index=True)
        return shown[np.sort(first)][: 2 * MOST_ROWS]

    def script_data(
        self, chosen: ThresholdRecord | None, texts: Mapping[int, Sequence[str]]
    ) -> dict[str, Any] | None:
        """What the script of the page reads to redraw matrix, scores and texts for any threshold.

        None where texts may have several classes, and there are more than a page can hold.

        Args:
            chosen: the threshold that the run decides by.
            texts: row → its text, or both, of `rows_to_show`.
        """
        if self.several and not self.movable:
            return None
        steps = thresholds(chosen["value"] if chosen else None)
        counted = range(len(self.names)) if self.movable else ()
        return {
            **self._matrices(),
            "names": [visible(name) for name in self.names],
            "thresholds": [round(float(step), 6) for step in steps],
            "counts": [self.counts_by_threshold(steps, index) for index in counted],
            "chosen": self._chosen(chosen, steps),
            "rows": [
                [*self._row(place, steps if self.movable else steps[:0]), beginnings(texts[place])]
                for place in self.rows_to_show().tolist()
            ],
        }

    def counts_by_threshold(self, steps: Floats, index: int) -> list[list[int]]:
        """For class ``index``: two numbers that describe a row, thresholds reached, and how many rows.

        Args:
            steps: the thresholds, ascending.
            index: of the class that the threshold is on.
        """
        reached = np.searchsorted(steps, self.probabilities[:, index], side="right")
        kind = np.stack([*self._kinds(index), reached], axis=1)
        kinds, counts = np.unique(kind, axis=0, return_counts=True)
        return [[*each, count] for each, count in zip(kinds.tolist(), counts.tolist(), strict=True)]

    def mistakes(self, most: int) -> list[Mistake]:
        """The decisions that are wrong, the most certain first."""
        given, certain, rows, classes = self._wrong()
        order = np.argsort(-certain[rows, classes], kind="stable")[:most]
        return [
            Mistake(row, index, bool(given[row, index]), float(certain[row, index]))
            for row, index in zip(rows[order].tolist(), classes[order].tolist(), strict=True)
        ]

    def _chosen(self, threshold: ThresholdRecord | None, steps: Floats) -> dict[str, int] | None:
        """Class and place of the threshold that the run decides by."""
        if threshold is None:
            return None
        place = int(np.searchsorted(steps, np.float32(threshold["value"])))
        return {"class": self.names.index(threshold["class_name"]), "step": place}

    @abstractmethod
    def is_movable(self) -> bool:
        """Whether the page can hold what every threshold decides."""

    @abstractmethod
    def context(self, shown: int) -> dict[str, Any]:
        """What the template shows; ``shown`` is the class whose threshold is moved first."""

    @abstractmethod
    def truth(self, row: int) -> str:
        """What is true of a row, as a person writes it."""

    @abstractmethod
    def _kinds(self, index: int) -> tuple[Any, Any]:
        """Two numbers that describe a row where the threshold is on class ``index``."""

    @abstractmethod
    def _cells(self) -> tuple[Cells, int]:
        """For each matrix the cells of the rows and how certain these are; and how many cells there are."""

    @abstractmethod
    def _wrong(self) -> tuple[npt.NDArray[np.bool_], Floats, Ints, Ints]:
        """(R, C) what was given, (R, C) how certain that is, and rows and classes of what is wrong."""

    @abstractmethod
    def _matrices(self) -> dict[str, Any]:
        """The counts that no threshold has moved."""

    @abstractmethod
    def _row(self, row: int, steps: Floats) -> list[Any]:
        """What the script needs of a row."""


def thresholds(chosen: float | None = None) -> Floats:
    """Every hundredth from 0 to 1, closer at the ends, and the one that was chosen for the run.

    >>> len(thresholds()), len(thresholds(0.1234))
    (107, 108)
    """
    also = () if chosen is None else (chosen,)
    return np.unique(np.array([*np.arange(101) / 100, *_ENDS, *also], dtype=np.float32))


def _spread(columns: Cells, most: int) -> Iterable[Ints]:
    """At most so many rows of each cell, from the least probable to the most."""
    for cells, certain in columns:
        for cell in np.unique(cells):
            rows = np.flatnonzero(cells == cell)
            rows = rows[np.argsort(certain[rows], kind="stable")]
            yield rows[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(np.int64))]
