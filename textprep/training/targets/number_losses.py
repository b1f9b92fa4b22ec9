"""What is made small where numbers are learned. Shapes are written with B rows a batch, K numbers a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import huber_loss

LOSSES: dict[str, Callable[[Tensor], Tensor]] = {
    "squared": torch.square,
    "absolute": torch.abs,
    "huber": lambda difference: huber_loss(difference, torch.zeros_like(difference), reduction="none"),
}
"""Each `TrainingOptions.loss` → what it makes of differences in standard deviations."""


class NumberLoss:
    """The sum of the losses of a batch's labelled rows, each a mean over its numbers, and their number.

    Args:
        of: what becomes of a difference in standard deviations.
        deviation: of each of the K numbers.

    >>> loss = NumberLoss(torch.square, (2.0,))
    >>> [value.item() for value in loss(torch.tensor([[1.0], [9.0]]), torch.tensor([5.0, float("nan")]))]
    [4.0, 1.0]
    """

    def __init__(self, of: Callable[[Tensor], Tensor], deviation: Sequence[float]) -> None:
        self.of = of
        self.deviation = deviation

    def __call__(self, outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and number of rows, both (), of outputs (B, K) and labels (B,) or (B, K)."""
        true = labels.reshape(outputs.shape)
        labelled = torch.isfinite(true).all(dim=1)
        difference = outputs[labelled].float() - true[labelled]
        losses = self.of(difference / difference.new_tensor(self.deviation))
        return losses.mean(dim=1).sum(), labelled.sum().to(losses)
