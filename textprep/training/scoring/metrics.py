"""Scores of a classifier over a whole split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from textprep.errors import DatasetError
from textprep.records import Scores
from textprep.training.scoring.intervals import (
    SharesOfMany,
    bootstrap_intervals,
    class_shares,
    macro,
    multilabel_intervals,
    shares_of,
)


def classification_metrics(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, class_names: Sequence[str]
) -> Scores:
    """Accuracy, precision, recall and F1 a class, and the confusion matrix, as plain JSON values.

    A share of nothing (the precision of a class that was never predicted) is 0, but a class that no row has
    is left out of the means. Rows without a label (below 0) are left out.

    Args:
        labels: (N,) the true classes, as indices into ``class_names``.
        predictions: (N,) the predicted ones.
        class_names: the C names, each once.

    Returns:
        ``accuracy``; ``macro`` (precision, recall and f1 as plain means over the classes that have rows);
        ``weighted`` (means weighted by the classes' rows); ``classes_without_rows``; ``per_class`` (name →
        precision, recall, f1, support);
        ``confusion_matrix`` (C lists of C counts: rows true, columns predicted); ``class_names``; ``rows``
        (how many were scored); ``intervals``, see `textprep.training.scoring.intervals.bootstrap_intervals`.

    Raises:
        DatasetError: no row is labelled, a class is not among the names, or the lengths differ.

    >>> scores = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ["bad", "good"])
    >>> scores["accuracy"], scores["confusion_matrix"]
    (0.75, [[1, 1], [0, 2]])
    >>> scores["per_class"]["bad"]["recall"]
    0.5
    >>> scores = classification_metrics([0, 1], [0, 1], ["bad", "good", "fair"])
    >>> scores["macro"]["f1"], scores["classes_without_rows"]
    (1.0, ['fair'])
    """
    true, predicted = _scored_rows(labels, predictions, class_names)
    matrix = _confusion_matrix(true, predicted, len(class_names))
    shares = class_shares(matrix)
    return {
        "accuracy": float(np.trace(matrix) / len(true)),
        **_by_class(shares, matrix.sum(axis=1), class_names),
        "confusion_matrix": matrix.tolist(),
        "class_names": list(class_names),
        "rows": len(true),
        "intervals": bootstrap_intervals(matrix, class_names),
    }


def multilabel_metrics(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, class_names: Sequence[str]
) -> Scores:
    """Precision, recall and F1 a class, and their means, where a row may have several, as plain JSON values.

    A share of nothing is 0, but a class that no row has is left out of the means. Rows without labels (below
    0) are left out.

    Args:
        labels: (N, C) of 0 and 1: which of the classes each row has.
        predictions: (N, C) of 0 and 1: which it was given.
        class_names: the C names, each once.

    Returns:
        ``accuracy`` (the share of rows that were given all of their classes and no other, also called subset
        accuracy); ``macro`` (precision, recall and f1 as plain means over the classes that have rows);
        ``micro`` (of all decisions together); ``weighted`` (means weighted by the classes' rows);
        ``classes_without_rows``; ``per_class`` (name → precision, recall, f1, support); ``class_names``;
        ``rows`` (how many were scored); ``intervals``, see
        `textprep.training.scoring.intervals.multilabel_intervals`.

    Raises:
        DatasetError: no row is labelled, or the shapes do not fit.

    >>> scores = multilabel_metrics([[1, 1], [0, 1]], [[1, 0], [0, 1]], ["funny", "sad"])
    >>> scores["accuracy"], scores["micro"]["recall"], scores["per_class"]["sad"]["recall"]
    (0.5, 0.666..., 0.5)
    """
    true, predicted = _scored_marks(labels, predictions, class_names)
    counts = [marks.sum(axis=0) for marks in (true & predicted, true, predicted)]  # of each class
    shares, micro, support = shares_of(*counts), shares_of(*(each.sum() for each in counts)), counts[1]
    return {
        "accuracy": float((true == predicted).all(axis=1).mean()),
        "micro": {name: float(value) for name, value in micro.items()},
        **_by_class(shares, support, class_names),
        "class_names": list(class_names),
        "rows": len(true),
        "intervals": multilabel_intervals(true, predicted, class_names),
    }


Indices = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]


def _by_class(shares: SharesOfMany, support: Indices, class_names: Sequence[str]) -> Scores:
    """The scores of each class, and their plain and weighted means."""
    rows = max(int(support.sum()), 1)
    return {
        "macro": {name: float(values) for name, values in macro(shares, support).items()},
        "weighted": {name: float(values @ support / rows) for name, values in shares.items()},
        "classes_without_rows": [name for name, has in zip(class_names, support, strict=True) if not has],
        "per_class": {
            class_name: {
                "precision": float(shares["precision"][index]),
                "recall": float(shares["recall"][index]),
                "f1": float(shares["f1"][index]),
                "support": int(support[index]),
            }
            for index, class_name in enumerate(class_names)
        },
    }


def _scored_marks(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, class_names: Sequence[str]
) -> tuple[Marks, Marks]:
    """Which classes the labelled rows have, and which they were given, checked."""
    true, predicted = np.asarray(labels), np.asarray(predictions)
    if true.shape != predicted.shape or true.ndim != 2 or true.shape[1] != len(class_names):
        raise DatasetError(
            f"there are {true.shape} labels and {predicted.shape} predictions: a 0 or 1 a row for each of "
            f"{len(class_names)} classes"
        )
    labelled = (true >= 0).all(axis=1)
    if not labelled.any():
        raise DatasetError("there is no labelled row to score")
    return true[labelled] > 0, predicted[labelled] > 0


def _scored_rows(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, class_names: Sequence[str]
) -> tuple[Indices, Indices]:
    """The labelled rows, checked."""
    true, predicted = np.asarray(labels, dtype=np.int64), np.asarray(predictions, dtype=np.int64)
    if true.shape != predicted.shape or true.ndim != 1:
        raise DatasetError(f"there are {true.shape} labels and {predicted.shape} predictions: one each a row")
    if len(set(class_names)) < len(class_names):
        raise DatasetError(f"class names must differ: {', '.join(class_names)}")
    true, predicted = true[true >= 0], predicted[true >= 0]
    if not len(true):
        raise DatasetError("there is no labelled row to score")
    for what, indices in (("label", true), ("prediction", predicted)):
        outside = indices[(indices < 0) | (indices >= len(class_names))]
        if len(outside):
            raise DatasetError(f"the {what} {outside[0]} is none of the {len(class_names)} classes")
    return true, predicted


def _confusion_matrix(true: Indices, predicted: Indices, classes: int) -> Indices:
    """(C, C) counts: rows true, columns predicted."""
    import torch
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    # torchmetrics wants two classes or more; with one, the second stays empty and is cut off.
    matrix = multiclass_confusion_matrix(
        torch.from_numpy(predicted), torch.from_numpy(true), num_classes=max(2, classes)
    )
    counts: Indices = matrix.numpy()[:classes, :classes]
    return counts
