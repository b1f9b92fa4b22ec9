"""Sums over the batches of an epoch, and the scores that they make."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import torch
from torch import Tensor

from textprep.errors import ConfigError, DatasetError
from textprep.training.targets.base import Objective

Scores: TypeAlias = "dict[str, float]"
"""``loss``, the mean of the rows with a target, and the measures of the objective."""


class Tally:
    """Adds up losses, and what the objective counts, batch by batch.

    Attributes:
        sums: float64: loss, weight, batches, rows with a target.
        counts: float64: what `Objective.counted` gives.
    """

    def __init__(self, source: str, objective: Objective) -> None:
        self.source, self.objective = source, objective
        self.sums = torch.zeros(4, dtype=torch.float64)
        self.counts = torch.zeros(0, dtype=torch.float64)

    def add(self, outputs: Tensor, labels: Tensor, loss: Tensor, weight: Tensor) -> None:
        """Count a batch of outputs (B, O) and labels, its summed loss and weight.

        Raises:
            ConfigError: the loss is no longer a finite number.
        """
        rows = self.objective.labelled(labels).sum()
        sums = torch.stack([loss.detach(), weight, weight.new_ones(()), rows])
        self.sums += sums.double().cpu()
        counts = self.objective.counted(outputs.detach(), labels).double().cpu()
        self.counts = counts + self.counts if self.counts.numel() else counts
        if not math.isfinite(self.sums[0]):
            raise ConfigError(
                f"the loss became {float(self.sums[0])} at batch {int(self.sums[2])} of {self.source}: "
                "lower training.learning_rate"
            )

    @property
    def loss(self) -> float:
        """The mean so far."""
        return float(self.sums[0] / self.sums[1].clamp(min=1e-12))

    def scores(self) -> Scores:
        """The scores so far.

        Raises:
            DatasetError: no row has a target.
        """
        rows = float(self.sums[3])
        if not rows:
            raise DatasetError(f"{self.source} has no labelled row: nothing can be learned or scored")
        loss = self.loss
        return {"loss": loss, **self.objective.measured(self.counts, rows), **self.objective.of_loss(loss)}

    def to_json(self) -> dict[str, Any]:
        """The sums as plain numbers, each exact."""
        return {"sums": self.sums.tolist(), "counts": self.counts.tolist()}

    def restore(self, record: dict[str, Any]) -> None:
        """Take over the sums of which `to_json` made ``record``."""
        self.sums = torch.tensor(record["sums"], dtype=torch.float64)
        self.counts = torch.tensor(record["counts"], dtype=torch.float64)
