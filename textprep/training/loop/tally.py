"""Sums over the batches of an epoch, and the scores that they make."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from textprep.errors import ConfigError, DatasetError
from textprep.training.loop.losses import UNLABELLED


class Scores(NamedTuple):
    """Mean loss a labelled row, the share of them that was right, the mean F1 of the classes with rows."""

    loss: float
    accuracy: float
    macro_f1: float

    def better_than(self, other: Scores, monitor: str) -> bool:
        """Whether the score called ``monitor`` is better than the other's; of the loss, less is."""
        mine, theirs = getattr(self, monitor), getattr(other, monitor)
        return bool(mine < theirs if monitor == "loss" else mine > theirs)


class Tally:
    """Adds up losses and hits, batch by batch.

    Attributes:
        sums: float64: loss, weight, batches, rows, rows that were right.
        hits: (3, C) float64: of each class what was rightly named, wrongly named, and missed.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.sums = torch.zeros(5, dtype=torch.float64)
        self.hits = torch.zeros(3, 0, dtype=torch.float64)

    def add(self, logits: Tensor, labels: Tensor, loss: Tensor, weight: Tensor) -> None:
        """Count a batch of logits (B, C) and labels (B,) or (B, C), its summed loss and weight.

        Raises:
            ConfigError: the loss is no longer a finite number.
        """
        named, true = _named_and_true(logits.detach(), labels)  # (rows, C) bool, both
        right = (named == true).all(dim=1).sum()
        sums = torch.stack([loss.detach(), weight, weight.new_ones(()), weight.new_tensor(len(true)), right])
        self.sums += sums.double().cpu()
        hits = torch.stack([(named & true).sum(0), (named & ~true).sum(0), (~named & true).sum(0)])
        self.hits = hits.double().cpu() + (self.hits if self.hits.numel() else 0)
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
            DatasetError: no row was labelled.
        """
        rows, right = self.sums[3:].tolist()
        if not rows:
            raise DatasetError(f"{self.source} has no labelled row: nothing can be learned or scored")
        named, wrongly, missed = self.hits
        f1 = 2 * named / (2 * named + wrongly + missed).clamp(min=1)
        there = named + missed > 0  # a class that no row has says nothing
        return Scores(self.loss, right / rows, float(f1[there].mean()) if there.any() else 0.0)

    def to_json(self) -> dict[str, Any]:
        """The sums as plain numbers, each exact."""
        return {"sums": self.sums.tolist(), "hits": self.hits.tolist()}

    def restore(self, record: dict[str, Any]) -> None:
        """Take over the sums of which `to_json` made ``record``."""
        self.sums = torch.tensor(record["sums"], dtype=torch.float64)
        self.hits = torch.tensor(record["hits"], dtype=torch.float64).reshape(3, -1)


def _named_and_true(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Which classes the labelled rows were given, and which they have: (rows, C) bool, both."""
    if labels.ndim == 2:
        labelled = (labels >= 0).all(dim=1)
        return logits[labelled] > 0, labels[labelled] > 0
    labelled = labels != UNLABELLED
    classes = torch.arange(logits.shape[1], device=logits.device)
    return (
        logits[labelled].argmax(dim=1, keepdim=True) == classes,
        labels[labelled].unsqueeze(1) == classes,
    )
