"""Scores of a classifier over a whole split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.errors import DatasetError
from textprep.training.intervals import bootstrap_intervals, class_shares


def classification_metrics(
    labels: npt.ArrayLike, predictions: npt.ArrayLike, class_names: Sequence[str]
) -> dict[str, Any]:
    """Accuracy, precision, recall and F1 a class, and the confusion matrix, as plain JSON values.

    A share of nothing (the precision of a class that was never predicted) is 0. Rows without a label
    (below 0) are left out.

    Args:
        labels: (N,) the true classes, as indices into ``class_names``.
        predictions: (N,) the predicted ones.
        class_names: the C names, each once.

    Returns:
        ``accuracy``; ``macro`` (precision, recall and f1 as plain means over classes); ``weighted`` (means
        weighted by the classes' rows); ``per_class`` (name → precision, recall, f1, support);
        ``confusion_matrix`` (C lists of C counts: rows true, columns predicted); ``class_names``; ``rows``
        (how many were scored); ``intervals``, see `textprep.training.intervals.bootstrap_intervals`.

    Raises:
        DatasetError: no row is labelled, a class is not among the names, or the lengths differ.

    >>> scores = classification_metrics([0, 0, 1, 1], [0, 1, 1, 1], ["bad", "good"])
    >>> scores["accuracy"], scores["confusion_matrix"]
    (0.75, [[1, 1], [0, 2]])
    >>> scores["per_class"]["bad"]["recall"]
    0.5
    """
    true, predicted = _scored_rows(labels, predictions, class_names)
    matrix = _confusion_matrix(true, predicted, len(class_names))
    shares = class_shares(matrix)
    return {
        "accuracy": float(np.trace(matrix) / len(true)),
        "macro": {name: float(values.mean()) for name, values in shares.items()},
        "weighted": {name: float(values @ matrix.sum(axis=1) / len(true)) for name, values in shares.items()},
        "per_class": {
            class_name: {
                **{name: float(values[index]) for name, values in shares.items()},
                "support": int(matrix[index].sum()),
            }
            for index, class_name in enumerate(class_names)
        },
        "confusion_matrix": matrix.tolist(),
        "class_names": list(class_names),
        "rows": len(true),
        "intervals": bootstrap_intervals(matrix, class_names),
    }


Indices = npt.NDArray[np.int64]


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
