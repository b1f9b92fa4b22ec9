"""Predictions are kept as they were made, by row, and decide with a threshold or without."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from textprep.errors import RunError
from textprep.training.scoring.predictions import Predictions, read_predictions, softmax, write_predictions
from textprep.training.scoring.thresholds import Threshold

ROWS = Predictions(
    row_ids=np.array([3, 8, 9]),
    labels=np.array([0, 1, -100]),
    probabilities=np.array([[0.7, 0.3], [0.4, 0.6], [0.55, 0.45]], np.float32),
)
NAMES = ("bad", "good")


def test_they_come_back_as_they_were(tmp_path):
    write_predictions(tmp_path / "p", {"validation": ROWS, "test": ROWS})
    found = read_predictions(tmp_path / "p")
    assert set(found) == {"validation", "test"}
    for column in ("row_ids", "labels", "probabilities"):
        np.testing.assert_array_equal(getattr(found["test"], column), getattr(ROWS, column))
    write_predictions(tmp_path / "none", {})
    assert read_predictions(tmp_path / "none") == {}


def test_a_damaged_file_is_named(tmp_path):
    write_predictions(tmp_path / "p", {"test": ROWS})
    (tmp_path / "p").write_bytes((tmp_path / "p").read_bytes()[:50])
    for path in (tmp_path / "p", tmp_path / "missing"):
        with pytest.raises(RunError, match=rf"{path.name} cannot be read .*the run is damaged"):
            read_predictions(path)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float32, (3, 4), elements=st.floats(-1e4, 1e4, width=32)))
def test_softmax_is_that_of_torch(logits):
    expected = torch.from_numpy(logits).double().softmax(dim=1)
    np.testing.assert_allclose(softmax(logits), expected.numpy(), atol=1e-6)


def test_a_threshold_moves_the_scores():
    assert ROWS.choices(NAMES).tolist() == [0, 1, 0]
    threshold = Threshold("good", 0.3, {"recall": 1.0}, {})
    assert ROWS.choices(NAMES, threshold).tolist() == [1, 1, 1]
    plain, moved = ROWS.scores(NAMES), ROWS.scores(NAMES, threshold)
    assert (plain["accuracy"], moved["accuracy"]) == (1.0, 0.5)
    assert plain["roc_auc"] == moved["roc_auc"]
    assert plain["rows"] == 2


def test_rows_are_in_the_order_of_their_ids():
    logits = np.array([[0.0, 2.0], [1.0, 0.0]], np.float32)
    rows = Predictions.of_logits(logits, np.array([1, 0]), np.array([7, 2]))
    assert rows.row_ids.tolist() == [2, 7]
    assert rows.labels.tolist() == [0, 1]
    assert rows.choices(NAMES).tolist() == [0, 1]


def test_rows_that_may_have_several_classes(tmp_path):
    labels = np.array([[1, 1], [0, 1], [-100, -100]], np.float32)
    logits = np.array([[2.0, 1.0], [-1.0, -1.0], [3.0, 3.0]], np.float32)
    rows = Predictions.of_logits(logits, labels, np.array([2, 0, 1]))
    np.testing.assert_allclose(rows.probabilities, 1 / (1 + np.exp(-logits[[1, 2, 0]])), rtol=1e-6)
    assert rows.choices(NAMES).tolist() == [[0, 0], [1, 1], [1, 1]]
    assert rows.right(NAMES).tolist() == [False, True]
    assert rows.choices(NAMES, Threshold("good", 0.8, {}, {})).tolist() == [[0, 0], [1, 1], [1, 0]]
    scores = rows.scores(NAMES)
    assert (scores["accuracy"], scores["rows"], scores["roc_auc"]["bad"]) == (0.5, 2, 1.0)
    assert scores["log_loss"] == pytest.approx(np.log1p(np.exp([-2.0, -1, -1, 1])).mean())
    write_predictions(tmp_path / "p", {"test": rows})
    np.testing.assert_array_equal(read_predictions(tmp_path / "p")["test"].labels, rows.labels)
