"""Cross-entropy over the tags of tokens.

Shapes are written with B rows a batch, T tokens a row, C tags.
"""

from __future__ import annotations

from torch import Tensor

from textprep.training.targets.class_losses import ClassLoss


class TagsLoss(ClassLoss):
    """The sum of the cross-entropies of a batch's labelled tokens, and what they weigh.

    >>> import torch
    >>> total, weight = TagsLoss()(torch.zeros(1, 3, 4), torch.tensor([[1, -100, 0]]))
    >>> round(total.item(), 4), weight.item()
    (2.7726, 2.0)
    """

    def __call__(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Sum of losses and sum of weights, both (), of logits (B, T, C) and labels (B, T) int64."""
        return super().__call__(logits.flatten(0, 1), labels.flatten())
