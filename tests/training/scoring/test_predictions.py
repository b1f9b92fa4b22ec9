"""Predictions are kept as they were made, by row, and come back from files, those of older runs too."""

from __future__ import annotations

import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from textprep.errors import RunError
from textprep.training.scoring.predictions import (
    Predictions,
    read_predictions,
    sigmoid,
    softmax,
    write_predictions,
)

VALUES = np.array([[0.7, 0.3], [0.4, 0.6], [0.55, 0.45]], np.float32)
LABELS = {
    "class": np.array([0, 1, -100]),
    "classes": np.array([[1, 0], [1, 1], [-100, -100]], np.float32),
    "number": np.array([0.5, 3.25, np.nan], np.float32),
}


@pytest.mark.parametrize("kind", LABELS)
def test_they_come_back_as_they_were(kind, tmp_path):
    rows = Predictions(np.array([3, 8, 9]), LABELS[kind], VALUES)
    write_predictions(tmp_path / "p", {"validation": rows, "test": rows})
    found = read_predictions(tmp_path / "p")
    assert set(found) == {"validation", "test"}
    for column in ("row_ids", "labels", "values"):
        np.testing.assert_array_equal(getattr(found["test"], column), getattr(rows, column))


def test_none_come_back_as_none(tmp_path):
    write_predictions(tmp_path / "none", {})
    assert read_predictions(tmp_path / "none") == {}


def test_files_that_call_values_probabilities_are_read(tmp_path):
    tensors = {"row_ids": np.array([3, 8, 9]), "labels": LABELS["class"], "probabilities": VALUES}
    safetensors.numpy.save_file({f"test.{name}": each for name, each in tensors.items()}, tmp_path / "p")
    np.testing.assert_array_equal(read_predictions(tmp_path / "p")["test"].values, VALUES)


def test_a_damaged_file_is_named(tmp_path):
    write_predictions(tmp_path / "p", {"test": Predictions(np.arange(3), LABELS["class"], VALUES)})
    (tmp_path / "p").write_bytes((tmp_path / "p").read_bytes()[:50])
    for path in (tmp_path / "p", tmp_path / "missing"):
        with pytest.raises(RunError, match=rf"{path.name} cannot be read .*the run is damaged"):
            read_predictions(path)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.float32, (3, 4), elements=st.floats(-1e4, 1e4, width=32)))
def test_softmax_and_sigmoid_are_those_of_torch(logits):
    doubles = torch.from_numpy(logits).double()
    np.testing.assert_allclose(softmax(logits), doubles.softmax(dim=1).numpy(), atol=1e-6)
    np.testing.assert_allclose(sigmoid(logits), doubles.sigmoid().numpy(), atol=1e-6)


def test_rows_are_put_in_the_order_of_their_ids():
    rows = Predictions(np.array([7, 2, 5]), np.array([1, 0, 1]), VALUES).in_order()
    assert rows.row_ids.tolist() == [2, 5, 7]
    assert rows.labels.tolist() == [0, 1, 1]
    np.testing.assert_array_equal(rows.values, VALUES[[1, 2, 0]])
    assert rows.take(np.array([False, True, False])).row_ids.tolist() == [5]
