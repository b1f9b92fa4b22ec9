"""What every threshold would decide, in so few numbers that a page can hold them.

Where a text has one class, a row is of class c if its probability of c is the threshold or more, else of the
likeliest other class. Where it may have several, a row has class c if its probability of c is above one half,
or, for one class, the threshold or more. Both are as in `textprep.training.scoring.thresholds`. Labels are
(R,) class numbers in the first case, (R, C) of 0 and 1 in the second, and decide which one it is. So a
threshold on c only needs to know how many rows of each kind reach which threshold. Shapes are written with
R rows, C classes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.records import ThresholdRecord
from textprep.report.findings import Floats, HeldOut, Ints
from textprep.visible import visible

Marks = npt.NDArray[np.bool_]
MOST_CLASSES = 20  # whose thresholds a page can hold
MOST_TABLE = 30  # classes of a table that is drawn whole
MOST_ROWS = 1_000
MOST_A_CELL, MOST_A_MARK = 150, 40  # rows of a cell: one class a row, several
MOST_CHARACTERS = 280
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


def thresholds(chosen: float | None = None) -> Floats:
    """Every hundredth from 0 to 1, closer at the ends, and the one that was chosen for the run.

    >>> len(thresholds()), len(thresholds(0.1234))
    (107, 108)
    """
    also = () if chosen is None else (chosen,)
    return np.unique(np.array([*np.arange(101) / 100, *_ENDS, *also], dtype=np.float32))


def marks_of(probabilities: Floats) -> Marks:
    """(R, C): which classes each row is given where it may have several and no threshold says otherwise."""
    return probabilities > 0.5


def counts_by_threshold(labels: Ints, probabilities: Floats, steps: Floats, index: int) -> list[list[int]]:
    """For class ``index``: two numbers that describe a row, thresholds reached, and how many rows.

    The two are true class and likeliest other class; where a row may have several classes, whether it has
    this one and whether all others are right.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    >>> counts_by_threshold(np.array([0, 1]), sure, np.array([0, 0.5, 1], np.float32), index=1)
    [[0, 0, 1, 1], [1, 0, 2, 1]]
    >>> counts_by_threshold(np.array([[1, 1], [0, 1]]), sure, np.array([0, 0.5, 1], np.float32), index=1)
    [[1, 1, 1, 1], [1, 1, 2, 1]]

    Args:
        labels: (R,) the true classes, or (R, C) of 0 and 1.
        probabilities: (R, C).
        steps: the thresholds, ascending.
        index: of the class that the threshold is on.
    """
    if labels.ndim == 2:
        right = marks_of(probabilities) == (labels > 0)
        right[:, index] = True
        kind = labels[:, index], right.all(axis=1)
    else:
        others = probabilities.copy()
        others[:, index] = -1
        kind = labels, others.argmax(axis=1)
    reached = np.searchsorted(steps, probabilities[:, index], side="right")
    kinds, counts = np.unique(np.stack([*kind, reached], axis=1), axis=0, return_counts=True)
    return [[*each, count] for each, count in zip(kinds.tolist(), counts.tolist(), strict=True)]


def matrix_of(labels: Ints, chosen: npt.NDArray[np.integer[Any]], classes: int) -> Ints:
    """(C, C) counts: rows true, columns chosen."""
    cells = np.bincount(labels * classes + chosen, minlength=classes**2)
    return cells.reshape(classes, classes).astype(np.int64)


def matrices_of(labels: Ints, marks: Marks) -> Ints:
    """(C, 2, 2) counts of each class: rows without and with it, columns not given and given.

    >>> matrices_of(np.array([[1], [1], [0]]), np.array([[True], [False], [False]])).tolist()
    [[[1, 0], [1, 1]]]
    """
    has = labels > 0
    cells = [[(true & said).sum(axis=0) for said in (~marks, marks)] for true in (~has, has)]
    return np.array(cells, np.int64).transpose(2, 0, 1)


def rows_to_show(labels: Ints, probabilities: Floats) -> Ints:
    """Rows from every cell of the confusion matrix, or of that of every class, spread over the probabilities.

    At most 150 a cell (40 where a row may have several classes), at least one where a cell has one, and at
    most 2,000 in all.
    """
    if labels.ndim == 2:
        cells = 2 * (labels > 0) + marks_of(probabilities)
        columns = zip(cells.T, probabilities.T, strict=True)
        most = min(MOST_A_MARK, MOST_ROWS // max(4 * labels.shape[1], 1))
    else:
        cells = labels * probabilities.shape[1] + probabilities.argmax(axis=1)
        columns = zip([cells], [probabilities.max(axis=1)], strict=True)
        most = min(MOST_A_CELL, MOST_ROWS // max(len(np.unique(cells)), 1))
    shown = np.concatenate([np.zeros(0, np.int64), *_spread(columns, max(1, most))])
    _, first = np.unique(shown, return_index=True)
    return shown[np.sort(first)][: 2 * MOST_ROWS]


def _spread(columns: Iterable[tuple[Ints, Floats]], most: int) -> Iterable[Ints]:
    """At most so many rows of each cell, from the least probable to the most."""
    for cells, certain in columns:
        for cell in np.unique(cells):
            rows = np.flatnonzero(cells == cell)
            rows = rows[np.argsort(certain[rows], kind="stable")]
            yield rows[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(np.int64))]


def mistakes(labels: Ints, probabilities: Floats, most: int) -> list[Mistake]:
    """The decisions that are wrong, the most certain first.

    >>> mistakes(np.array([[1, 0]]), np.array([[0.25, 0.9]], np.float32), 9)[0].label
    1
    """
    if labels.ndim == 2:
        given = marks_of(probabilities)
        certain = np.where(given, probabilities, 1 - probabilities)
        rows, classes = np.nonzero(given != (labels > 0))
    else:
        given, certain, chosen = (
            np.ones(probabilities.shape, bool),
            probabilities,
            probabilities.argmax(axis=1),
        )
        rows = np.flatnonzero(chosen != labels)
        classes = chosen[rows]
    order = np.argsort(-certain[rows, classes], kind="stable")[:most]
    return [
        Mistake(row, index, bool(given[row, index]), float(certain[row, index]))
        for row, index in zip(rows[order].tolist(), classes[order].tolist(), strict=True)
    ]


def names_of(marks: npt.NDArray[Any], class_names: tuple[str, ...]) -> str:
    """The classes of one row, as a person lists them.

    >>> names_of(np.array([1, 0, 1]), ("funny", "sad", "scary")), names_of(np.array([0]), ("sad",))
    ('funny, scary', 'none')
    """
    return ", ".join(name for name, has in zip(class_names, marks, strict=True) if has) or "none"


def decision_data(held_out: HeldOut, class_names: tuple[str, ...]) -> dict[str, object] | None:
    """What the script of the page reads to redraw matrix, scores and texts for any threshold.

    None where texts may have several classes, and there are more than a page can hold.
    """
    labels, probabilities, chosen = held_out.labels, held_out.probabilities, held_out.threshold
    several, movable = labels.ndim == 2, len(class_names) <= MOST_CLASSES
    if several and not movable:
        return None
    steps = thresholds(chosen["value"] if chosen else None)
    counted = range(len(class_names)) if movable else ()
    row = _row_of_several if several else _row_of_one
    return {
        **(_of_several(labels, probabilities) if several else _of_one(labels, probabilities)),
        "names": [visible(name) for name in class_names],
        "thresholds": [round(float(step), 6) for step in steps],
        "counts": [counts_by_threshold(labels, probabilities, steps, index) for index in counted],
        "chosen": _chosen(chosen, class_names, steps),
        "rows": [
            [*row(labels[place], probabilities[place], steps if movable else steps[:0]), short(text)]
            for place in rows_to_show(labels, probabilities).tolist()
            for text in [held_out.texts[place]]
        ],
    }


def _of_one(labels: Ints, probabilities: Floats) -> dict[str, object]:
    classes = probabilities.shape[1]
    matrix = matrix_of(labels, probabilities.argmax(axis=1), classes)
    return {"matrix": matrix.tolist() if classes <= MOST_TABLE else []}


def _of_several(labels: Ints, probabilities: Floats) -> dict[str, object]:
    marks = marks_of(probabilities)
    right = int((marks == (labels > 0)).all(axis=1).sum())
    return {"several": True, "matrices": matrices_of(labels, marks).tolist(), "right": right}


def _chosen(
    threshold: ThresholdRecord | None, class_names: tuple[str, ...], steps: Floats
) -> dict[str, int] | None:
    """Class and place of the threshold that the run decides by."""
    if threshold is None:
        return None
    place = int(np.searchsorted(steps, np.float32(threshold["value"])))
    return {"class": class_names.index(threshold["class_name"]), "step": place}


def _row_of_one(label: Any, shares: Floats, steps: Floats) -> list[Any]:
    """True, likeliest and second class, probability of the likeliest, thresholds reached."""
    first, *second = np.argsort(-shares, kind="stable")[:2].tolist()
    reached = np.searchsorted(steps, shares, side="right").tolist() if len(steps) else []
    return [int(label), first, second[0] if second else first, round(float(shares[first]), 4), reached]


def _row_of_several(labels: Ints, shares: Floats, steps: Floats) -> list[Any]:
    """Marks it has, marks it is given, thresholds reached and probability of each class."""
    return [
        (labels > 0).astype(int).tolist(),
        marks_of(shares).astype(int).tolist(),
        np.searchsorted(steps, shares, side="right").tolist(),
        [round(share, 4) for share in shares.astype(float).tolist()],
    ]


def short(text: str) -> str:
    """The beginning of a text in one line, everything in it visible."""
    line = " ".join(text[: 2 * MOST_CHARACTERS].split())
    cut = line[:MOST_CHARACTERS]
    return visible(cut) + ("…" if len(cut) < len(line) or len(text) > 2 * MOST_CHARACTERS else "")
