"""One class a row: which labels can be learned, what decides, and what it is worth."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.errors import DatasetError, RunError
from textprep.targets import ClassTarget
from textprep.training.scoring.predictions import Predictions
from textprep.training.scoring.thresholds import Threshold
from textprep.training.targets.one_class import ClassObjective

CLASSES = ClassObjective(ClassTarget(class_names=["bad", "good"]))
ROWS = Predictions(
    row_ids=np.array([3, 8, 9]),
    labels=np.array([0, 1, -100]),
    values=np.array([[0.7, 0.3], [0.4, 0.6], [0.55, 0.45]], np.float32),
)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 2, -100, 3], "row 13 has the label 3; the model has 3 classes, 0 to 2"),
        ([0, -1, 1, 1], "row 11 has the label -1; .*-100 marks a row without one"),
    ],
)
def test_a_label_that_is_no_class_is_named_with_its_row(labels, message):
    batch = {"labels": torch.tensor(labels), "row_ids": torch.arange(10, 14)}
    with pytest.raises(DatasetError, match=message):
        CLASSES.check(batch, 3)


def test_where_rows_have_no_ids_their_place_in_the_batch_is_named():
    with pytest.raises(DatasetError, match="row 1 of a batch has the label 9"):
        CLASSES.check({"labels": torch.tensor([0, 9])}, 3)


def test_the_likeliest_class_decides_or_a_threshold():
    assert CLASSES.choices(ROWS.values).tolist() == [0, 1, 0]
    threshold = Threshold("good", 0.3, {"recall": 1.0}, {})
    assert CLASSES.choices(ROWS.values, threshold).tolist() == [1, 1, 1]
    plain, moved = CLASSES.scores(ROWS), CLASSES.scores(ROWS, threshold)
    assert (plain["accuracy"], moved["accuracy"]) == (1.0, 0.5)
    assert plain["roc_auc"] == moved["roc_auc"]
    assert plain["rows"] == 2


def test_the_parts_of_labelled_rows_have_the_accuracy_as_their_mean():
    assert CLASSES.per_row(ROWS).tolist() == [1.0, 1.0]
    assert CLASSES.per_row(ROWS).mean() == CLASSES.scores(ROWS)["accuracy"]


def test_a_guess_is_the_commonest_class_of_training_or_else_of_the_rows():
    split = tp.load_dataset("memory", rows=[("a", "bad"), ("b", "good"), ("c", "good")], splits=None)["train"]
    assert CLASSES.baseline(split) == ["good"]
    assert CLASSES.scores(ROWS, baseline=["good"])["baseline"] == {"label": "good", "accuracy": 0.5}
    several = Predictions(np.arange(3), np.array([1, 1, 0]), ROWS.values)
    assert CLASSES.scores(several)["baseline"] == {"label": "good", "accuracy": pytest.approx(2 / 3)}


def test_labels_of_other_data_are_ids_of_the_runs_classes():
    rows = [("a", "good"), ("b", "bad"), ("c", "good")]
    split = tp.load_dataset(
        "memory", rows=rows, splits=None, target={"name": "class", "class_names": ["good", "bad"]}
    )["train"]
    assert CLASSES.labels_of(split).tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    ("rows", "target", "message"),
    [
        ([("a", "odd"), ("b", "good")], "class", "labels of the classes bad, good"),
        ([("a", ["bad"]), ("b", ["good"])], "classes", "the run's target is 'class', .* of the rows is 'cl"),
        ([("a", 1.5), ("b", 2.5)], "number", "the run's target is 'class', .* of the rows is 'number'"),
    ],
)
def test_labels_of_other_kinds_and_classes_are_refused(rows, target, message):
    split = tp.load_dataset("memory", rows=rows, splits=None, target=target)["train"]
    with pytest.raises(RunError, match=message):
        CLASSES.labels_of(split)


def test_a_prediction_has_the_class_and_every_probability():
    (said,) = CLASSES.predictions(["A text."], np.array([[0.25, 0.75]]), None)
    assert vars(said) == {
        "text": "A text.", "label": "good", "probabilities": {"bad": 0.25, "good": 0.75}, "pair": None,
    }  # fmt: skip
    assert CLASSES.lines([said]) == ["good   75.0%"]


def test_balanced_weights_leave_rows_without_a_class_out():
    batches = [{"labels": torch.tensor([0, 0, 0, 1, -100])}, {"labels": torch.tensor([0, 1, 0])}]
    loss = CLASSES.loss(TrainingOptions(class_weights="balanced"), batches, lambda: 2)
    torch.testing.assert_close(loss.class_weights * torch.tensor([5, 2]), torch.full((2,), 3.5))
