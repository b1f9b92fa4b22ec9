"""Losses are torch's means, taken apart into sums so that batches can be added up."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from textprep.errors import DatasetError
from textprep.training.loop.losses import Loss, balanced_weights, check_labels

LOGITS = torch.tensor([[1.0, -0.5, 0.2], [0.1, 0.3, -2.0], [0.0, 2.0, 1.0]])
LABELS = torch.tensor([2, -100, 0])


def mean(loss: Loss, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    total, weight = loss(logits, labels)
    return total / weight


def test_sum_over_weight_is_the_mean_of_torch():
    weights = torch.tensor([0.5, 1.0, 3.0])
    for smoothing in (0.0, 0.1):
        torch.testing.assert_close(
            mean(Loss(smoothing), LOGITS, LABELS),
            functional.cross_entropy(LOGITS, LABELS, label_smoothing=smoothing),
        )
        torch.testing.assert_close(
            mean(Loss(smoothing, weights), LOGITS, LABELS),
            functional.cross_entropy(LOGITS, LABELS, weights, label_smoothing=smoothing),
        )


def test_several_labels_a_row_are_a_question_each():
    labels = torch.tensor([[1, 0, 1], [-100, -100, -100], [0, 0, 0]])
    expected = functional.binary_cross_entropy_with_logits(LOGITS[[0, 2]], labels[[0, 2]].float())
    torch.testing.assert_close(mean(Loss(), LOGITS, labels), expected)
    smoothed = functional.binary_cross_entropy_with_logits(LOGITS[[0, 2]], labels[[0, 2]] * 0.8 + 0.1)
    torch.testing.assert_close(mean(Loss(0.2), LOGITS, labels), smoothed)


def test_a_batch_without_labels_weighs_nothing():
    for labels in (torch.full((3,), -100), torch.full((3, 3), -100)):
        total, weight = Loss()(LOGITS.clone().requires_grad_(), labels)
        total.backward()
        assert total.item() == weight.item() == 0


def test_balanced_weights_let_every_class_weigh_the_same():
    batches = [{"labels": torch.tensor([0, 0, 0, 1, -100])}, {"labels": torch.tensor([0, 1, 0])}]
    weights = balanced_weights(batches, classes=2)
    torch.testing.assert_close(weights * torch.tensor([5, 2]), torch.full((2,), 3.5))
    several = balanced_weights([{"labels": torch.tensor([[1, 1], [1, 0], [-100, -100]])}], classes=2)
    torch.testing.assert_close(several, torch.tensor([0.75, 1.5]))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 2, -100, 3], "row 13 has the label 3; the model has 3 classes, 0 to 2"),
        ([0, -1, 1, 1], "row 11 has the label -1; .*-100 marks a row without one"),
        ([[0, 1, 0], [2, 0, 0]], "row 11 has the label 2; .* each is marked with 0 or 1"),
        ([[0, 1], [1, 0]], "rows have marks for 2 classes, and the model has 3"),
    ],
)
def test_a_label_that_is_no_class_is_named_with_its_row(labels, message):
    batch = {"labels": torch.tensor(labels), "row_ids": torch.arange(10, 10 + len(labels))}
    with pytest.raises(DatasetError, match=message):
        check_labels(batch, classes=3)


def test_where_rows_have_no_ids_their_place_in_the_batch_is_named():
    with pytest.raises(DatasetError, match="row 1 of a batch has the label 9"):
        check_labels({"labels": torch.tensor([0, 9])}, classes=3)


def test_labels_that_are_classes_or_missing_pass():
    for labels in ([0, 2, -100], [[0, 1, 1], [-100, -100, -100]]):
        check_labels({"labels": torch.tensor(labels)}, classes=3)
