"""What every threshold would decide where a text may have several classes: yes or no for each by itself.

A row has class c if its probability of c is above one half, or, for one class, the threshold or more, as in
`textprep.training.scoring.thresholds`. Shapes are written with R rows, C classes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.report.decisions import MOST_CLASSES, MOST_ROWS, chosen_place, short, thresholds
from textprep.report.findings import Floats, HeldOut, Ints
from textprep.visible import visible

Marks = npt.NDArray[np.bool_]
MOST_A_MARK = 40


class Mistake(NamedTuple):
    """A class that a row was given and does not have, or the other way round; and how surely."""

    row: int
    label: int
    given: bool
    certain: float


def given(probabilities: Floats) -> Marks:
    """(R, C): which classes each row is given, where no threshold says otherwise."""
    return probabilities > 0.5


def counts_by_threshold(labels: Ints, probabilities: Floats, steps: Floats, index: int) -> list[list[int]]:
    """For class ``index``: whether rows have it, have all others right, thresholds reached, how many rows.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    >>> counts_by_threshold(np.array([[1, 1], [0, 1]]), sure, np.array([0, 0.5, 1], np.float32), index=1)
    [[1, 1, 1, 1], [1, 1, 2, 1]]

    Args:
        labels: (R, C) of 0 and 1.
        probabilities: (R, C).
        steps: the thresholds, ascending.
        index: of the class that the threshold is on.
    """
    right = given(probabilities) == (labels > 0)
    right[:, index] = True
    reached = np.searchsorted(steps, probabilities[:, index], side="right")
    kinds, counts = np.unique(
        np.stack([labels[:, index], right.all(axis=1), reached], axis=1), axis=0, return_counts=True
    )
    return [[*kind, count] for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)]


def matrices_of(labels: Ints, marks: Marks) -> Ints:
    """(C, 2, 2) counts of each class: rows without and with it, columns not given and given.

    >>> matrices_of(np.array([[1], [1], [0]]), np.array([[True], [False], [False]])).tolist()
    [[[1, 0], [1, 1]]]
    """
    has = labels > 0
    cells = [[(true & said).sum(axis=0) for said in (~marks, marks)] for true in (~has, has)]
    return np.array(cells, np.int64).transpose(2, 0, 1)


def rows_to_show(labels: Ints, probabilities: Floats) -> Ints:
    """Rows from every cell of every class, spread from the least probable to the most.

    At most 40 a cell, at least one where a cell has one, and at most 2,000 in all.
    """
    classes = labels.shape[1]
    most = max(1, min(MOST_A_MARK, MOST_ROWS // max(4 * classes, 1)))
    cells = 2 * (labels > 0) + given(probabilities)
    shown = [np.zeros(0, np.int64)]
    for index in range(classes):
        for cell in range(4):
            rows = np.flatnonzero(cells[:, index] == cell)
            if len(rows):
                rows = rows[np.argsort(probabilities[rows, index], kind="stable")]
                shown.append(rows[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(np.int64))])
    _, first = np.unique(np.concatenate(shown), return_index=True)
    return np.concatenate(shown)[np.sort(first)][: 2 * MOST_ROWS]


def mistakes(labels: Ints, probabilities: Floats, most: int) -> list[Mistake]:
    """The decisions that are wrong, the most certain first.

    >>> mistakes(np.array([[1, 0]]), np.array([[0.25, 0.9]], np.float32), 9)[0].label
    1
    """
    marks = given(probabilities)
    certain = np.where(marks, probabilities, 1 - probabilities)
    rows, classes = np.nonzero(marks != (labels > 0))
    order = np.argsort(-certain[rows, classes], kind="stable")[:most]
    return [
        Mistake(row, index, bool(marks[row, index]), float(certain[row, index]))
        for row, index in zip(rows[order].tolist(), classes[order].tolist(), strict=True)
    ]


def names_of(marks: npt.NDArray[Any], class_names: tuple[str, ...]) -> str:
    """The classes of one row, as a person lists them.

    >>> names_of(np.array([1, 0, 1]), ("funny", "sad", "scary")), names_of(np.array([0]), ("sad",))
    ('funny, scary', 'none')
    """
    return ", ".join(name for name, has in zip(class_names, marks, strict=True) if has) or "none"


def decision_data(held_out: HeldOut, class_names: tuple[str, ...]) -> dict[str, Any] | None:
    """What the script of the page reads to redraw scores and texts for any threshold on any class.

    None where there are more classes than a page can hold.
    """
    if len(class_names) > MOST_CLASSES:
        return None
    labels, probabilities, chosen = held_out.labels, held_out.probabilities, held_out.threshold
    steps = thresholds(chosen["value"] if chosen else None)
    marks = given(probabilities)
    return {
        "several": True,
        "names": [visible(name) for name in class_names],
        "matrices": matrices_of(labels, marks).tolist(),
        "right": int((marks == (labels > 0)).all(axis=1).sum()),
        "thresholds": [round(float(step), 6) for step in steps],
        "counts": [
            counts_by_threshold(labels, probabilities, steps, index) for index in range(len(class_names))
        ],
        "chosen": chosen_place(chosen, class_names, steps),
        "rows": [
            _row(labels[row], probabilities[row], steps, held_out.texts[int(row)])
            for row in rows_to_show(labels, probabilities)
        ],
    }


def _row(labels: Ints, shares: Floats, steps: Floats, text: str) -> list[Any]:
    """Marks it has, marks it is given, thresholds reached and probability of each class, and the text."""
    return [
        (labels > 0).astype(int).tolist(),
        given(shares).astype(int).tolist(),
        np.searchsorted(steps, shares, side="right").tolist(),
        [round(share, 4) for share in shares.astype(float).tolist()],
        short(text),
    ]
