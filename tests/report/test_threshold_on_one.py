"""Where a text has one class: what a page holds of a threshold gives the very matrix that it gives."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.runs import findings, probabilities_of
from textprep.report.decisions import MOST_ROWS, thresholds
from textprep.report.threshold_on_one import ThresholdOnOne
from textprep.training.scoring.metrics import classification_metrics
from textprep.training.scoring.thresholds import Threshold


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))


@given(st.integers(2, 5), st.integers(1, 60), st.integers(0, 9), st.booleans())
@settings(max_examples=40)
def test_every_threshold_gives_what_the_library_would_decide(classes, rows, seed, round_numbers):
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    shares = probabilities_of(labels, classes, seed)
    if round_numbers:  # many fall on a threshold then
        shares = shares.round(2)
    steps = thresholds(float(shares[0, 0]))
    for index in range(classes):
        counts = ThresholdOnOne(labels, shares, names(classes)).counts_by_threshold(steps, index)
        for place in range(0, len(steps), 7):
            moved = np.zeros((classes, classes), int)
            for truth, other, reached, count in counts:
                moved[truth, index if reached > place else other] += count
            chosen = Threshold(names(classes)[index], float(steps[place]), {}, {}).choose(
                shares, names(classes)
            )
            decided = np.zeros((classes, classes), int)
            np.add.at(decided, (labels, chosen), 1)
            assert np.array_equal(moved, decided)


@given(st.integers(2, 6), st.integers(1, 3_000), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_every_cell_has_a_text_and_the_page_not_too_many(classes, rows, seed):
    labels = np.random.default_rng(seed).integers(0, classes, rows)
    shares = probabilities_of(labels, classes, seed)
    shown = ThresholdOnOne(labels, shares, names(classes)).rows_to_show()
    assert len(shown) == len(set(shown.tolist())) <= MOST_ROWS
    cells = labels * classes + shares.argmax(axis=1)
    assert set(cells[shown]) == set(cells)
    for cell in set(cells.tolist()):  # the surest is always there
        certain = np.where(cells == cell, shares.max(axis=1), -1)
        assert certain.max() in certain[shown]


def test_mistakes_are_wrong_and_the_surest_come_first():
    labels = np.array([0, 0, 1, 1])
    shares = np.array([[0.1, 0.9], [0.8, 0.2], [0.95, 0.05], [0.2, 0.8]], np.float32)
    decisions = ThresholdOnOne(labels, shares, ("bad", "good"))
    assert [(row, index) for row, index, *_ in decisions.mistakes(5)] == [(2, 0), (0, 1)]
    assert [decisions.truth(row) for row in (0, 2)] == ["bad", "good"]


def test_the_matrix_that_is_drawn_first_is_that_of_the_scores():
    labels = np.arange(60) % 3
    shares = probabilities_of(labels, 3)
    scores = classification_metrics(labels, shares.argmax(axis=1), names(3))
    context = ThresholdOnOne(labels, shares, names(3)).context(0)
    assert context["matrix"] == scores["confusion_matrix"]
    assert context["wrong"] == round(60 * (1 - scores["accuracy"]))


def test_the_threshold_of_the_run_is_one_of_them():
    data = findings(threshold=Threshold("bad", float(np.float32(0.37123)), {}, {})).page.data
    assert data["chosen"]["class"] == 0
    assert data["thresholds"][data["chosen"]["step"]] == pytest.approx(0.37123)


def test_with_many_classes_there_are_texts_but_no_thresholds():
    data = findings(names(30)).page.data
    assert data["counts"] == []
    assert len(data["rows"]) >= 30
    assert sum(map(sum, data["matrix"])) == 300


def test_data_are_plain_json():
    json.dumps(findings().page.data, allow_nan=False)
