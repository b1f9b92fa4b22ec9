"""Losses are torch's means, taken apart into sums so that batches can be added up."""

from __future__ import annotations

import torch
from torch.nn import functional

from textprep.training.targets.class_losses import ClassesLoss, ClassLoss, class_weights

LOGITS = torch.tensor([[1.0, -0.5, 0.2], [0.1, 0.3, -2.0], [0.0, 2.0, 1.0]])
LABELS = torch.tensor([2, -100, 0])


def mean(loss: ClassLoss, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total, weight = loss(logits, labels)
    return total / weight


def test_sum_over_weight_is_the_mean_of_torch():
    weights = torch.tensor([0.5, 1.0, 3.0])
    for smoothing in (0.0, 0.1):
        torch.testing.assert_close(
            mean(ClassLoss(smoothing), LOGITS, LABELS),
            functional.cross_entropy(LOGITS, LABELS, label_smoothing=smoothing),
        )
        torch.testing.assert_close(
            mean(ClassLoss(smoothing, weights), LOGITS, LABELS),
            functional.cross_entropy(LOGITS, LABELS, weights, label_smoothing=smoothing),
        )


def test_several_labels_a_row_are_a_question_each():
    labels = torch.tensor([[1, 0, 1], [-100, -100, -100], [0, 0, 0]])
    expected = functional.binary_cross_entropy_with_logits(LOGITS[[0, 2]], labels[[0, 2]].float())
    torch.testing.assert_close(mean(ClassesLoss(), LOGITS, labels), expected)
    smoothed = functional.binary_cross_entropy_with_logits(LOGITS[[0, 2]], labels[[0, 2]] * 0.8 + 0.1)
    torch.testing.assert_close(mean(ClassesLoss(0.2), LOGITS, labels), smoothed)


def test_a_batch_without_labels_weighs_nothing():
    for loss, labels in ((ClassLoss(), torch.full((3,), -100)), (ClassesLoss(), torch.full((3, 3), -100))):
        total, weight = loss(LOGITS.clone().requires_grad_(), labels)
        total.backward()
        assert total.item() == weight.item() == 0


def test_balanced_weights_let_every_class_weigh_the_same():
    batches = [{"labels": torch.tensor([0, 0, 1])}, {"labels": torch.tensor([0, 1, 0, 0])}]
    weights = class_weights(
        "balanced", batches, 2, lambda batch, classes: torch.bincount(batch["labels"], minlength=classes)
    )
    torch.testing.assert_close(weights * torch.tensor([5, 2]), torch.full((2,), 3.5))
