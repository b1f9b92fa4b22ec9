"""What is made small: cross-entropy over classes, or over each class where a row may have several labels.

Shapes are written with B texts a batch, C classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from textprep.errors import ConfigError, DatasetError

UNLABELLED = -100


class Loss:
    """The sum of the losses of a batch's labelled rows, and what to divide sums of sums by.

    Sums, and not means, so that batches added up, here or in several processes, weigh as one large batch.

    Args:
        smoothing: see `textprep.config.options.TrainingOptions`.
        class_weights: (C,) float, or None.

    >>> total, weight = Loss()(torch.zeros(2, 4), torch.tensor([1, -100]))
    >>> round(total.item(), 4), weight.item()
    (1.3863, 1.0)
    """

    def __init__(self, smoothing: float = 0.0, class_weights: Tensor | None = None) -> None:
        self.smoothing = smoothing
        self.class_weights = class_weights

    def __call__(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and sum of weights, both ().

        Args:
            logits: (B, C) float.
            labels: (B,) int64, below 0 where unlabelled; or (B, C) of 0 and 1 for several labels a row,
                where a row with a number below 0 is unlabelled.
        """
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        if labels.ndim == 2:
            return self._several(logits.float(), labels, weights)
        total = cross_entropy(
            logits.float(), labels, weights, ignore_index=UNLABELLED, reduction="sum",
            label_smoothing=self.smoothing,
        )  # fmt: skip
        labelled = labels[labels != UNLABELLED]
        return total, logits.new_tensor(len(labelled)) if weights is None else weights[labelled].sum()

    def _several(self, logits: Tensor, labels: Tensor, weights: Tensor | None) -> tuple[Tensor, Tensor]:
        labelled = (labels >= 0).all(dim=1)
        targets = labels[labelled].float() * (1 - self.smoothing) + self.smoothing / 2
        total = binary_cross_entropy_with_logits(logits[labelled], targets, weights, reduction="sum")
        return total, labelled.sum() * (logits.shape[1] if weights is None else weights.sum())


def check_labels(batch: Mapping[str, Tensor], classes: int) -> None:
    """Whether a model with so many ``classes`` can learn from the labels of ``batch``.

    Raises:
        DatasetError: a label is none of the classes; names the row.

    >>> check_labels({"labels": torch.tensor([0, 3]), "row_ids": torch.tensor([7, 8])}, classes=3)
    Traceback (most recent call last):
    textprep.errors.DatasetError: row 8 has the label 3; the model has 3 classes, 0 to 2; ...
    """
    labels: Tensor = batch["labels"]
    if labels.ndim == 2 and labels.shape[1] != classes:
        raise DatasetError(f"rows have marks for {labels.shape[1]} classes, and the model has {classes}")
    if labels.ndim == 2:
        wrong, known = labels > 1, "where a row may have several, each is marked with 0 or 1"
    else:
        wrong = (labels >= classes) | ((labels < 0) & (labels != UNLABELLED))
        known = f"the model has {classes} classes, 0 to {classes - 1}"
    if wrong.any():
        place = int(wrong.nonzero()[0, 0])
        row = f"row {int(batch['row_ids'][place])}" if "row_ids" in batch else f"row {place} of a batch"
        raise DatasetError(
            f"{row} has the label {labels[wrong][0].item():g}; {known}; {UNLABELLED} marks a row without one"
        )


def class_weights(
    wanted: str | Sequence[float], batches: Iterable[Mapping[str, Tensor]], classes: int
) -> Tensor:
    """(C,) weights: ``wanted`` itself, or, if that is "balanced", as the training batches have it.

    Raises:
        ConfigError: there is not one positive weight for each class.
    """
    if isinstance(wanted, str):
        return balanced_weights(batches, classes)
    if len(wanted) != classes or min(wanted) <= 0:
        raise ConfigError(f"training.class_weights={list(wanted)}: give {classes} numbers above 0")
    return torch.tensor(wanted)


def balanced_weights(batches: Iterable[Mapping[str, Tensor]], classes: int) -> Tensor:
    """(C,) weights that let every class weigh the same: rows / (classes · rows of the class).

    >>> balanced_weights([{"labels": torch.tensor([0, 0, 0, 1])}], classes=2)
    tensor([0.6667, 2.0000])
    """
    counts = torch.zeros(classes)
    for batch in batches:
        labels = torch.as_tensor(batch["labels"])
        counts += (
            (labels > 0).sum(dim=0)
            if labels.ndim == 2
            else torch.bincount(labels[labels >= 0], minlength=classes)[:classes]
        )
    return counts.sum() / (classes * counts.clamp(min=1))
