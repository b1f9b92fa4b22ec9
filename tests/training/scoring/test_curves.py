"""Areas, calibration and curves: what their definitions say, on rows small enough to count."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.errors import DatasetError
from textprep.training.scoring.curves import ALL_POINTS, POINTS, class_curves, class_probability_metrics

NAMES = ["bad", "good"]


def two_classes(sure: list[float]) -> np.ndarray:
    return np.stack([1 - np.array(sure), np.array(sure)], axis=1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10)), min_size=2, max_size=30))
def test_the_area_under_roc_is_the_chance_to_rank_a_pair_rightly(rows):
    labels, sure = np.array([int(label) for label, _ in rows]), np.array([share / 10 for _, share in rows])
    area = class_probability_metrics(labels, two_classes(sure), NAMES)["roc_auc"]["good"]
    pairs = [(a > b) + (a == b) / 2 for a in sure[labels == 1] for b in sure[labels == 0]]
    assert area == (pytest.approx(np.mean(pairs), abs=1e-5) if pairs else None)


def test_calibration_is_the_mean_gap_of_sureness_and_accuracy():
    labels = [1, 1, 1, 0, 1]
    scores = class_probability_metrics(labels, two_classes([0.9, 0.9, 0.9, 0.9, 0.6]), NAMES)
    assert scores["calibration_error"] == pytest.approx(4 / 5 * (0.9 - 0.75) + 1 / 5 * (1 - 0.6))
    assert scores["log_loss"] == pytest.approx(-np.mean(np.log([0.9, 0.9, 0.9, 0.1, 0.6])))
    bins = class_curves(labels, two_classes([0.9, 0.9, 0.9, 0.9, 0.6]), NAMES)["calibration"]
    assert [(b["rows"], b["confidence"], b["accuracy"]) for b in bins] == [(1, 0.6, 1.0), (4, 0.9, 0.75)]


def test_points_are_what_their_thresholds_give():
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 2, 1000)
    sure = np.clip(labels * 0.3 + generator.random(1000) * 0.7, 0, 1)
    curves = class_curves(labels, two_classes(sure), NAMES)
    assert json.loads(json.dumps(curves)) == curves
    for point in curves["precision_recall"]["good"][::20]:
        said = sure >= point["threshold"] - 1e-6
        assert point["recall"] == pytest.approx((said & (labels == 1)).sum() / labels.sum(), abs=2e-3)
        assert point["precision"] == pytest.approx(labels[said].mean(), abs=5e-3)
    assert len(curves["roc"]["good"]) <= POINTS
    ends = [curves["roc"]["good"][index] for index in (0, -1)]
    assert [(end["false_positive_rate"], end["true_positive_rate"]) for end in ends] == [(0, 0), (1, 1)]


def test_a_class_without_rows_has_no_area_and_no_curve():
    probabilities = np.full((4, 3), 1 / 3)
    scores = class_probability_metrics([0, 1, 0, -100], probabilities, ["a", "b", "c"])
    assert scores["roc_auc"] == {"a": 0.5, "b": 0.5, "c": None}
    assert scores["macro_roc_auc"] == 0.5
    assert list(class_curves([0, 1, 0, 1], probabilities, ["a", "b", "c"])["roc"]) == ["a", "b"]


def test_what_cannot_be_scored_is_said():
    with pytest.raises(DatasetError, match=r"probabilities \(1, 2\) for 2 labels and 2 classes"):
        class_probability_metrics([0, 1], [[0.5, 0.5]], NAMES)
    with pytest.raises(DatasetError, match="no labelled row"):
        class_probability_metrics([-100], [[0.5, 0.5]], NAMES)


def test_thousands_of_classes_have_fewer_points_each():
    classes, rows = 1_000, 3_000
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(classes), rows)
    names = [str(number) for number in range(classes)]
    curves = class_curves(np.arange(rows) % classes, shares, names)
    points = [len(curve) for kind in ("roc", "precision_recall") for curve in curves[kind].values()]
    assert len(points) == 2 * classes
    assert 2 <= max(points) <= ALL_POINTS // classes
