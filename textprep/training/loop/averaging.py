"""A moving average of the weights: the mean of many steps knows more than the last of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

Weights = dict[str, Tensor]


class AveragedWeights:
    """An exponential moving average of a model's weights, taken after every step.

    Early on the decay is smaller, (1 + step) / (10 + step), so that the first random weights are soon
    forgotten.

    Args:
        model: whose weights.
        decay: the share of the average that stays at a step, from 0 to 1.

    >>> import torch
    >>> model = nn.Linear(1, 1, bias=False)
    >>> average = AveragedWeights(model, decay=0.9)
    >>> with torch.no_grad():
    ...     average.weights["weight"].fill_(1.0), model.weight.fill_(2.0)
    (...)
    >>> average.update(step=0)
    >>> average.weights["weight"]
    tensor([[1.9000]])
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model, self.decay = model, decay
        self.weights = copy_weights(model.state_dict())

    def update(self, step: int) -> None:
        """Take the model's weights after ``step`` into the average."""
        decay = min(self.decay, (1 + step) / (10 + step))
        now = self.model.state_dict()
        for name, average in self.weights.items():
            if average.is_floating_point():
                average.lerp_(now[name], 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the averaged weights in here, and its own again afterwards."""
        own = copy_weights(self.model.state_dict())
        self.model.load_state_dict(self.weights)
        try:
            yield
        finally:
            self.model.load_state_dict(own)


def copy_weights(weights: Weights) -> Weights:
    """A copy of every tensor, by name."""
    return {name: tensor.detach().clone() for name, tensor in weights.items()}
