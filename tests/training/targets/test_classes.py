"""Any number of classes a row: which labels can be learned, what decides, and what it is worth."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import textprep as tp
from textprep.config.options import TrainingOptions
from textprep.errors import DatasetError, RunError
from textprep.targets import ClassesTarget
from textprep.training.scoring.predictions import Predictions
from textprep.training.scoring.thresholds import Threshold
from textprep.training.targets.classes import ClassesObjective

CLASSES = ClassesObjective(ClassesTarget(class_names=["bad", "good"]))
LOGITS = np.array([[-1.0, -1.0], [3.0, 3.0], [2.0, 1.0]], np.float32)
ROWS = Predictions(
    row_ids=np.arange(3),
    labels=np.array([[0, 1], [-100, -100], [1, 1]], np.float32),
    values=CLASSES.values(LOGITS),
)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([[0, 1, 0], [2, 0, 0]], "row 11 has the label 2; .* each is marked with 0 or 1"),
        ([[0, 1, 0], [0, 0.5, 0]], "row 11 has the label 0.5; .* each is marked with 0 or 1"),
        ([[0, 1, 0], [0, 0, float("nan")]], "row 11 has the label nan; "),
        ([[0, 1, -3.5], [0, 0, 1]], "row 10 has the label -3.5; .*-100 marks a row without one"),
        ([[0, 1], [1, 0]], r"\(B, 3\) of 0 and 1, not \(2, 2\) int64"),
    ],
)
def test_a_label_that_is_no_mark_is_named_with_its_row(labels, message):
    batch = {"labels": torch.tensor(labels), "row_ids": torch.arange(10, 12)}
    with pytest.raises(DatasetError, match=message):
        CLASSES.check(batch, 3)


def test_each_class_decides_by_itself_one_perhaps_by_a_threshold():
    np.testing.assert_allclose(ROWS.values, 1 / (1 + np.exp(-LOGITS)), rtol=1e-6)
    assert CLASSES.choices(ROWS.values).tolist() == [[0, 0], [1, 1], [1, 1]]
    threshold = Threshold("good", 0.8, {}, {})
    assert CLASSES.choices(ROWS.values, threshold).tolist() == [[0, 0], [1, 1], [1, 0]]


def test_scores_are_of_the_labelled_rows():
    assert CLASSES.per_row(ROWS).tolist() == [0.0, 1.0]
    scores = CLASSES.scores(ROWS)
    assert (scores["accuracy"], scores["rows"], scores["roc_auc"]["bad"]) == (0.5, 2, 1.0)
    assert scores["log_loss"] == pytest.approx(np.log1p(np.exp([-2.0, -1, -1, 1])).mean())


@pytest.mark.parametrize(
    ("always", "accuracy"), [(["good"], 0.5), (["bad", "good"], 0.5), (["bad"], 0), ([], 0)]
)
def test_a_guess_is_the_commonest_set_of_classes_of_training(always, accuracy):
    rows = [("a", always), ("b", always), ("c", ["bad", "good"])]
    target = {"name": "classes", "class_names": ["bad", "good"]}
    split = tp.load_dataset("memory", rows=rows, splits=None, target=target)["train"]
    assert CLASSES.baseline(split) == always
    assert CLASSES.scores(ROWS, baseline=always)["baseline"] == {"label": always, "accuracy": accuracy}


def test_labels_of_other_data_are_marks_of_the_runs_classes():
    rows = [("a", ["good"]), ("b", []), ("c", ["good"])]
    split = tp.load_dataset("memory", rows=rows, splits=None, target="classes")["train"]
    assert CLASSES.labels_of(split).tolist() == [[0, 1], [0, 0], [0, 1]]
    for other in ([("a", ["odd"])], [("a", ["good", "odd"])]):
        with pytest.raises(RunError, match="labels of the classes bad, good"):
            CLASSES.labels_of(tp.load_dataset("memory", rows=other, splits=None, target="classes")["train"])
    one = tp.load_dataset("memory", rows=[("a", "good"), ("b", "bad")], splits=None)["train"]
    with pytest.raises(RunError, match="target is 'classes', and that of the rows is 'class'"):
        CLASSES.labels_of(one)


def test_a_prediction_has_its_classes_or_none():
    values = np.array([[0.75, 0.9], [0.25, 0.1]])
    both, none = CLASSES.predictions(["A text.", "Another."], values, None)
    assert (both.label, none.label) == (("bad", "good"), ())
    assert CLASSES.lines([both, none]) == ["bad 75.0%, good 90.0%", "(none)"]


def test_balanced_weights_let_every_class_weigh_the_same():
    batches = [{"labels": torch.tensor([[1, 1], [1, 0], [-100, -100]])}]
    loss = CLASSES.loss(TrainingOptions(class_weights="balanced"), batches, lambda: 2)
    torch.testing.assert_close(loss.class_weights, torch.tensor([0.75, 1.5]))
