"""Cross-entropy over classes, or over each class by itself where a row may have several.

Shapes are written with B texts a batch, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from textprep.errors import ConfigError
from textprep.targets.named import UNLABELLED


class ClassLoss:
    """The sum of the cross-entropies of a batch's labelled rows, and what they weigh.

    Args:
        smoothing: see `textprep.config.options.TrainingOptions`.
        class_weights: (C,) float, or None.

    >>> total, weight = ClassLoss()(torch.zeros(2, 4), torch.tensor([1, -100]))
    >>> round(total.item(), 4), weight.item()
    (1.3863, 1.0)
    """

    def __init__(self, smoothing: float = 0.0, class_weights: Tensor | None = None) -> None:
        self.smoothing = smoothing
        self.class_weights = class_weights

    def __call__(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and sum of weights, both (), of logits (B, C) and labels (B,) int64."""
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        total = cross_entropy(
            logits.float(), labels, weights, ignore_index=UNLABELLED, reduction="sum",
            label_smoothing=self.smoothing,
        )  # fmt: skip
        labelled = labels[labels != UNLABELLED]
        return total, logits.new_tensor(len(labelled)) if weights is None else weights[labelled].sum()


class ClassesLoss(ClassLoss):
    """The sum of the binary cross-entropies of each class in a batch's labelled rows, and what they weigh.

    >>> total, weight = ClassesLoss()(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]))
    >>> round(total.item(), 4), weight.item()
    (1.3863, 2)
    """

    def __call__(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and sum of weights, both (), of logits (B, C) and labels (B, C) of 0 and 1."""
        weights = None if self.class_weights is None else self.class_weights.to(logits.device)
        labelled = (labels >= 0).all(dim=1)
        targets = labels[labelled].float() * (1 - self.smoothing) + self.smoothing / 2
        total = binary_cross_entropy_with_logits(logits[labelled].float(), targets, weights, reduction="sum")
        return total, labelled.sum() * (logits.shape[1] if weights is None else weights.sum())


def class_weights(
    wanted: str | Sequence[float], batches: Iterable[Mapping[str, Tensor]], classes: int,
    counts: Callable[[Mapping[str, Tensor], int], Tensor],
) -> Tensor:  # fmt: skip
    """(C,) weights: ``wanted`` itself, or, if that is "balanced", as the training batches have it.

    "balanced" lets every class weigh the same: rows / (classes · rows of the class).

    >>> batches = [{"labels": torch.tensor([0, 0, 0, 1])}]
    >>> class_weights("balanced", batches, 2, lambda batch, size: torch.bincount(batch["labels"]))
    tensor([0.6667, 2.0000])

    Args:
        wanted: what ``training.class_weights`` asks for.
        batches: of training.
        classes: C.
        counts: of a batch and C, (C,) how many of its rows have each class.

    Raises:
        ConfigError: there is not one positive weight for each class.
    """
    if isinstance(wanted, str):
        rows = torch.zeros(classes)
        for batch in batches:
            rows += counts(batch, classes)
        return rows.sum() / (classes * rows.clamp(min=1))
    if len(wanted) != classes or min(wanted) <= 0:
        raise ConfigError(f"training.class_weights={list(wanted)}: give {classes} numbers above 0")
    return torch.tensor(wanted)
