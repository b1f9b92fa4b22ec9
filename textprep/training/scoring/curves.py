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
from torchmetrics.functional import classification as torchmetrics

from textprep.errors import DatasetError
from textprep.records import Curves, Scores

POINTS, LEAST_POINTS, ALL_POINTS = 200, 10, 20_000  # of a curve, at most and at least; of one kind of curves
BINS = 15


def probability_metrics(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> Scores:
    """Areas under the curves, calibration error and log loss, as plain JSON values.

    The calibration error is that of Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities
    using Bayesian binning" (AAAI 2015), over 15 bins of the highest probability. Rows without a label (below
    0) are left out. The area of a class that no row or every row has is None.

    Args:
        labels: (N,) the true classes; or (N, C) of 0 and 1 where a row may have several.
        probabilities: (N, C), each row summing to 1 where it has one class.
        class_names: the C names.

    Returns:
        ``roc_auc`` and ``average_precision`` (name → area), ``macro_roc_auc``, ``macro_average_precision``
        (plain means over the classes that have one), ``log_loss`` (a row; a row and class where there are
        several) and, where a row has one class, ``calibration_error``.

    Raises:
        DatasetError: the shapes do not fit, or no row is labelled.

    >>> scores = probability_metrics([0, 1, 1], [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], ["bad", "good"])
    >>> scores["roc_auc"]["good"], round(scores["log_loss"], 4)
    (1.0, 0.4149)
    """
    true, shares = _labelled(labels, probabilities, class_names)
    has = _marks(true, len(class_names))
    under_roc, under_precision = (
        {name: _area(area, shares[:, i], has[:, i]) for i, name in enumerate(class_names)}
        for area in (torchmetrics.binary_auroc, torchmetrics.binary_average_precision)
    )
    areas: Scores = {
        "roc_auc": under_roc,
        "macro_roc_auc": _mean_of_known(under_roc),
        "average_precision": under_precision,
        "macro_average_precision": _mean_of_known(under_precision),
    }
    if true.ndim == 2:
        loss = -torch.where(has, shares, 1 - shares).clamp(min=1e-12).log().mean()
        return {**areas, "log_loss": float(loss)}
    calibration = torchmetrics.multiclass_calibration_error(
        shares, true, num_classes=max(2, len(class_names)), n_bins=BINS, norm="l1"
    )
    chosen = shares[torch.arange(len(true)), true].clamp(min=1e-12)
    return {**areas, "calibration_error": float(calibration), "log_loss": float(-chosen.log().mean())}


def probability_curves(
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> Curves:
    """The points of the curves, for pictures, as plain JSON values: at most 200 each, fewer of many classes.

    Returns:
        ``roc`` and ``precision_recall``: class name → points, each with ``threshold`` and
        ``false_positive_rate`` and ``true_positive_rate``, or ``recall`` and ``precision``; and
        ``calibration``: for each bin that has rows its mean ``confidence``, ``accuracy`` and ``rows``; empty
        where a row may have several classes.

    Raises:
        DatasetError: the shapes do not fit, or no row is labelled.

    >>> curves = probability_curves([0, 1], [[0.9, 0.1], [0.2, 0.8]], ["bad", "good"])
    >>> curves["precision_recall"]["good"][-1]
    {'threshold': 0.8, 'recall': 1.0, 'precision': 1.0}
    """
    true, shares = _labelled(labels, probabilities, class_names)
    has = _marks(true, len(class_names))
    calibration = _calibration(true, shares) if true.ndim == 1 else []
    curves: Curves = {"roc": {}, "precision_recall": {}, "calibration": calibration}
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
    labels: npt.ArrayLike, probabilities: npt.ArrayLike, class_names: Sequence[str]
) -> tuple[Tensor, Tensor]:
    true, shares = np.asarray(labels, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    if shares.shape != (len(true), len(class_names)) or true.shape not in ((len(true),), shares.shape):
        raise DatasetError(
            f"there are probabilities {shares.shape} for {len(true)} labels and {len(class_names)} classes"
        )
    labelled = true >= 0 if true.ndim == 1 else (true >= 0).all(axis=1)
    shares, true = shares[labelled], true[labelled]
    if not len(true):
        raise DatasetError("there is no labelled row to score")
    return torch.from_numpy(true), torch.from_numpy(shares)


def _marks(true: Tensor, classes: int) -> Tensor:
    """(N, C) bool: which classes each row has."""
    return true > 0 if true.ndim == 2 else true.unsqueeze(1) == torch.arange(classes)


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
