"""What probabilities say beyond the class they choose: curves, the areas under them, calibration.

Each class is taken against all others. Shapes are written with N rows, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from textprep.errors import DatasetError
from textprep.records import Curves, Scores

POINTS, LEAST_POINTS, ALL_POINTS = 200, 10, 20_000  # of a curve, at most and at least; of one kind of curves
BINS = 15


def class_probability_metrics(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> Scores:
    """Areas under the curves, calibration error and log loss, as plain JSON values.

    The calibration error is that of Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities
    using Bayesian binning" (AAAI 2015), over 15 bins of the highest probability. Rows without a label (below
    0) are left out. The area of a class that no row or every row has is None.

    Args:
        labels: (N,) the true classes.
        probabilities: (N, C), each row summing to 1.
        class_names: the C names.

    Returns:
        ``roc_auc`` and ``average_precision`` (name → area), ``macro_roc_auc``, ``macro_average_precision``
        (plain means over the classes that have one), ``log_loss`` (a row) and ``calibration_error``.

    Raises:
        DatasetError: the shapes do not fit, or no row is labelled.

    >>> shares = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    >>> scores = class_probability_metrics([0, 1, 1], shares, ["bad", "good"])
    >>> scores["roc_auc"]["good"], round(scores["log_loss"], 4)
    (1.0, 0.4149)
    """
    from torchmetrics.functional import classification as torchmetrics

    true, shares = _labelled(np.asarray(labels, np.int64).reshape(-1, 1), probabilities, class_names)
    true = true[:, 0]
    calibration = torchmetrics.multiclass_calibration_error(
        shares, true, num_classes=max(2, len(class_names)), n_bins=BINS, norm="l1"
    )
    chosen = shares[torch.arange(len(true)), true].clamp(min=1e-12)
    areas = _areas(_of_classes(true, class_names), shares, class_names)
    return {**areas, "calibration_error": float(calibration), "log_loss": float(-chosen.log().mean())}


def multilabel_probability_metrics(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> Scores:
    """The same where a row may have several classes, without a calibration error.

    Args:
        labels: (N, C) of 0 and 1.
        probabilities: (N, C), each by itself.
        class_names: the C names.

    Returns:
        As `class_probability_metrics`; ``log_loss`` is of a row and class.

    Raises:
        DatasetError: the shapes do not fit, or no row is labelled.
    """
    true, shares = _labelled(np.asarray(labels, np.int64), probabilities, class_names)
    loss = -torch.where(true > 0, shares, 1 - shares).clamp(min=1e-12).log().mean()
    return {**_areas(true > 0, shares, class_names), "log_loss": float(loss)}


def _areas(has: Tensor, shares: Tensor, class_names: Sequence[str]) -> Scores:
    from torchmetrics.functional import classification as torchmetrics

    under_roc, under_precision = (
        {name: _area(area, shares[:, i], has[:, i]) for i, name in enumerate(class_names)}
        for area in (torchmetrics.binary_auroc, torchmetrics.binary_average_precision)
    )
    return {
        "roc_auc": under_roc,
        "macro_roc_auc": _mean_of_known(under_roc),
        "average_precision": under_precision,
        "macro_average_precision": _mean_of_known(under_precision),
    }


def class_curves(labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]) -> Curves:
    """The points of the curves, for pictures, as plain JSON values: at most 200 each, fewer of many classes.

    Returns:
        ``roc`` and ``precision_recall``: class name → points, each with ``threshold`` and
        ``false_positive_rate`` and ``true_positive_rate``, or ``recall`` and ``precision``; and
        ``calibration``: for each bin that has rows its mean ``confidence``, ``accuracy`` and ``rows``.

    Raises:
        DatasetError: the shapes do not fit, or no row is labelled.

    >>> curves = class_curves([0, 1], [[0.9, 0.1], [0.2, 0.8]], ["bad", "good"])
    >>> curves["precision_recall"]["good"][-1]
    {'threshold': 0.8, 'recall': 1.0, 'precision': 1.0}
    """
    true, shares = _labelled(np.asarray(labels, np.int64).reshape(-1, 1), probabilities, class_names)
    curves = _curves(_of_classes(true[:, 0], class_names), shares, class_names)
    return {**curves, "calibration": _calibration(true[:, 0], shares)}


def multilabel_curves(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> Curves:
    """The same of labels (N, C) of 0 and 1, where a row may have several classes; without calibration."""
    true, shares = _labelled(np.asarray(labels, np.int64), probabilities, class_names)
    return _curves(true > 0, shares, class_names)


def _curves(has: Tensor, shares: Tensor, class_names: Sequence[str]) -> Curves:
    from torchmetrics.functional import classification as torchmetrics

    curves: Curves = {"roc": {}, "precision_recall": {}, "calibration": []}
    most = min(POINTS, max(LEAST_POINTS, ALL_POINTS // len(class_names)))
    for index, name in enumerate(class_names):
        here = has[:, index].long()
        if not _mixed(here):
            continue
        false, hits, thresholds = torchmetrics.binary_roc(shares[:, index], here)
        curves["roc"][name] = _points(most, thresholds, false_positive_rate=false, true_positive_rate=hits)
        precision, recall, thresholds = torchmetrics.binary_precision_recall_curve(shares[:, index], here)
        last = len(thresholds)  # torchmetrics adds the point (0, 1), which no threshold gives
        curves["precision_recall"][name] = _points(
            most, thresholds, recall=recall[:last], precision=precision[:last]
        )
    return curves


def _labelled(
    labels: npt.NDArray[np.int64], probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> tuple[Tensor, Tensor]:
    """Labels (M, 1) or (M, C) and probabilities (M, C) of the rows that have labels, checked."""
    shares = np.asarray(probabilities, dtype=np.float64)
    if shares.shape != (len(labels), len(class_names)) or labels.shape[1] not in (1, len(class_names)):
        raise DatasetError(
            f"there are probabilities {shares.shape} for {len(labels)} labels and {len(class_names)} classes"
        )
    labelled = (labels >= 0).all(axis=1)
    if not labelled.any():
        raise DatasetError("there is no labelled row to score")
    return torch.from_numpy(labels[labelled]), torch.from_numpy(shares[labelled])


def _of_classes(true: Tensor, class_names: Sequence[str]) -> Tensor:
    """(N, C) bool: the class of each row."""
    return true.unsqueeze(1) == torch.arange(len(class_names))


def _area(area: Callable[..., Any], shares: Tensor, here: Tensor) -> float | None:
    return _rounded(float(area(shares, here.long()))) if _mixed(here) else None


def _mean_of_known(areas: dict[str, float | None]) -> float | None:
    known = [area for area in areas.values() if area is not None]
    return _rounded(float(np.mean(known))) if known else None


def _mixed(here: Tensor) -> bool:
    """Whether some rows have the class, and some have not."""
    return 0 < int(here.sum()) < len(here)


def _points(most: int, thresholds: Tensor, **columns: Tensor) -> list[dict[str, float]]:
    """At most so many points, spread evenly over those there are, the ends among them."""
    chosen = np.unique(np.linspace(0, len(thresholds) - 1, most).round().astype(int)).tolist()
    values = {"threshold": thresholds, **columns}
    return [{name: _rounded(float(column[index])) for name, column in values.items()} for index in chosen]


def _calibration(true: Tensor, shares: Tensor) -> list[dict[str, float]]:
    """What `multiclass_calibration_error` makes its bins of."""
    sure, said = shares.max(dim=1)
    bins = (sure * BINS).ceil().long().clamp(1, BINS) - 1
    return [
        {
            "confidence": _rounded(float(sure[bins == number].mean())),
            "accuracy": _rounded(float((said == true)[bins == number].double().mean())),
            "rows": int((bins == number).sum()),
        }
        for number in sorted(set(bins.tolist()))
    ]


def _rounded(value: float) -> float:
    return round(value, 6)
