"""Loss and scores of ordered classes: those of classes, but a near miss costs less."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from textprep.training.targets.measure import Measure
from textprep.training.targets.one_class import ClassObjective


def squared_distance(outputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The squared earth mover's distance of a batch's labelled rows, and how many these are.

    Hou, Yu and Samaras, "Squared earth mover's distance-based loss for training deep neural networks" (2016,
    https://arxiv.org/abs/1611.05916): the sum over classes of the squared difference of the two
    cumulative distributions.

    >>> sure_of_the_first = torch.tensor([[99.0, 0.0, 0.0]])
    >>> [squared_distance(sure_of_the_first, torch.tensor([label]))[0].item() for label in (0, 1, 2)]
    [0.0, 1.0, 2.0]
    """
    labelled = labels >= 0
    said = outputs[labelled].float().softmax(dim=1).cumsum(dim=1)
    true = torch.arange(outputs.shape[1], device=outputs.device) >= labels[labelled].unsqueeze(1)
    return (said - true.float()).square().sum(), labelled.sum()


class OrdinalObjective(ClassObjective):
    """Predicts the likeliest class; ``distance`` is how many classes it is off on average."""

    measures: ClassVar[tuple[Measure, ...]] = (
        Measure("distance", "mean distance", ".3f", False, (0.0, None)),
        *ClassObjective.measures,
    )
    meaningless: ClassVar[tuple[str, ...]] = ("loss", "label_smoothing", "class_weights")

    def plain_loss(self) -> Any:
        """The squared earth mover's distance."""
        return squared_distance

    def loss(self, options: Any, batches: Any, outputs: Any) -> Any:
        """The same, whatever the options."""
        return squared_distance

    def counted(self, outputs: Tensor, labels: Tensor) -> Tensor:
        """The counts for classes, and the sum of distances in a further row."""
        labelled = self.labelled(labels)
        far = torch.zeros(1, outputs.shape[1], device=outputs.device)
        far[0, 0] = (outputs[labelled].argmax(dim=1) - labels[labelled]).abs().sum()
        return torch.cat([super().counted(outputs, labels), far])

    def measured(self, sums: Tensor, rows: float) -> dict[str, float]:
        """The mean distance, and the measures of classes."""
        return {"distance": float(sums[-1, 0]) / rows, **super().measured(sums[:-1], rows)}

    def per_row(self, rows: Any) -> Any:
        """By how many classes each row is off."""
        rows = self.known(rows)
        return np.abs(self.choices(rows.values) - rows.labels).astype(np.float64)

    def scores(self, rows: Any, rule: Any = None, baseline: Any = None) -> dict[str, Any]:
        """Those of classes, and ``distance`` with its interval."""
        scores, far = super().scores(rows, rule, baseline), self.per_row(rows)
        scores["distance"] = float(far.mean())
        error = 1.96 * far.std() / np.sqrt(len(far))
        scores["intervals"]["distance"] = [max(0.0, far.mean() - error), far.mean() + error]
        return scores

    def headline(self, scores: Mapping[str, Any]) -> tuple[str, str]:
        """The mean distance."""
        low, high = scores["intervals"]["distance"]
        return "mean distance", f"{scores['distance']:.3f} ({low:.3f} to {high:.3f})"

    def summary(self, scores: Mapping[str, Any]) -> str:
        """The summary for classes, and the mean distance."""
        return f"{super().summary(scores)}\n\n{': '.join(self.headline(scores))} classes"
