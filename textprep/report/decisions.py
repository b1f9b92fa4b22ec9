"""What every threshold would decide, in so few numbers that a page can hold them.

A row is of class c if its probability of c is the threshold or more, else of the likeliest other class, as in
`textprep.training.scoring.thresholds`. So a threshold on c only needs to know how many rows of each true
class have which likeliest other class and reach which threshold. Shapes are written with R rows, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.report.findings import Floats, HeldOut, Ints
from textprep.visible import visible

MOST_CLASSES = 20  # whose thresholds a page can hold
MOST_TABLE = 30  # classes of a table that is drawn whole
MOST_ROWS = 1_000
MOST_A_CELL = 150
MOST_CHARACTERS = 280
_ENDS = (0.001, 0.002, 0.005, 0.995, 0.998, 0.999)  # where probabilities crowd


def thresholds(chosen: float | None = None) -> Floats:
    """Every hundredth from 0 to 1, closer at the ends, and the one that was chosen for the run.

    >>> len(thresholds()), len(thresholds(0.1234))
    (107, 108)
    """
    also = () if chosen is None else (chosen,)
    return np.unique(np.array([*np.arange(101) / 100, *_ENDS, *also], dtype=np.float32))


def counts_by_threshold(labels: Ints, probabilities: Floats, steps: Floats, index: int) -> list[list[int]]:
    """For class ``index``: true class, likeliest other class, thresholds reached, and how many rows.

    >>> sure = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)
    >>> counts_by_threshold(np.array([0, 1]), sure, np.array([0, 0.5, 1], np.float32), index=1)
    [[0, 0, 1, 1], [1, 0, 2, 1]]

    Args:
        labels: (R,) the true classes.
        probabilities: (R, C).
        steps: the thresholds, ascending.
        index: of the class that the threshold is on.
    """
    others = probabilities.copy()
    others[:, index] = -1
    reached = np.searchsorted(steps, probabilities[:, index], side="right")
    kinds, counts = np.unique(
        np.stack([labels, others.argmax(axis=1), reached], axis=1), axis=0, return_counts=True
    )
    return [[*kind, count] for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)]


def matrix_of(labels: Ints, chosen: npt.NDArray[np.integer[Any]], classes: int) -> Ints:
    """(C, C) counts: rows true, columns chosen."""
    cells = np.bincount(labels * classes + chosen, minlength=classes**2)
    return cells.reshape(classes, classes).astype(np.int64)


def rows_to_show(labels: Ints, probabilities: Floats) -> Ints:
    """Rows from every cell of the confusion matrix, spread from the least to the most certain.

    At most 1,000, at most 150 a cell, and at least one where a cell has one.
    """
    chosen, certain = probabilities.argmax(axis=1), probabilities.max(axis=1)
    cells = labels * probabilities.shape[1] + chosen
    present = np.unique(cells)
    most = max(1, min(MOST_A_CELL, MOST_ROWS // max(len(present), 1)))
    shown = [np.zeros(0, np.int64)]
    for cell in present:
        rows = np.flatnonzero(cells == cell)
        rows = rows[np.argsort(certain[rows], kind="stable")]
        shown.append(rows[np.unique(np.linspace(0, len(rows) - 1, most).round().astype(np.int64))])
    return np.concatenate(shown)[: 2 * MOST_ROWS]


def mistakes(labels: Ints, probabilities: Floats, most: int) -> Ints:
    """The rows that are wrong, the most certain first."""
    chosen, certain = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(chosen != labels)
    return wrong[np.argsort(-certain[wrong], kind="stable")][:most]


def decision_data(held_out: HeldOut, class_names: tuple[str, ...]) -> dict[str, Any]:
    """What the script of the page reads to redraw matrix, scores and texts for any threshold."""
    labels, probabilities = held_out.labels, held_out.probabilities
    chosen = held_out.threshold
    steps = thresholds(chosen["value"] if chosen else None)
    movable = len(class_names) <= MOST_CLASSES
    return {
        "names": [visible(name) for name in class_names],
        "matrix": matrix_of(labels, probabilities.argmax(axis=1), len(class_names)).tolist()
        if len(class_names) <= MOST_TABLE
        else [],
        "thresholds": [round(float(step), 6) for step in steps],
        "counts": [
            counts_by_threshold(labels, probabilities, steps, index) for index in range(len(class_names))
        ]
        if movable
        else [],
        "chosen": chosen_place(chosen, class_names, steps),
        "rows": [
            _row(held_out, int(row), steps if movable else steps[:0], held_out.texts[int(row)])
            for row in rows_to_show(labels, probabilities)
        ],
    }


def chosen_place(
    threshold: Mapping[str, Any] | None, class_names: tuple[str, ...], steps: Floats
) -> dict[str, int] | None:
    """Class and place of the threshold that the run decides by."""
    if threshold is None:
        return None
    place = int(np.searchsorted(steps, np.float32(threshold["value"])))
    return {"class": class_names.index(threshold["class_name"]), "step": place}


def _row(held_out: HeldOut, row: int, steps: Floats, text: str) -> list[Any]:
    """True, likeliest and second class, probability of the likeliest, thresholds reached, and the text."""
    shares = held_out.probabilities[row]
    first, *second = np.argsort(-shares, kind="stable")[:2].tolist()
    reached = np.searchsorted(steps, shares, side="right").tolist() if len(steps) else []
    return [
        int(held_out.labels[row]),
        first,
        second[0] if second else first,
        round(float(shares[first]), 4),
        reached,
        short(text),
    ]


def short(text: str) -> str:
    """The beginning of a text in one line, everything in it visible."""
    line = " ".join(text[: 2 * MOST_CHARACTERS].split())
    cut = line[:MOST_CHARACTERS]
    return visible(cut) + ("…" if len(cut) < len(line) or len(text) > 2 * MOST_CHARACTERS else "")
