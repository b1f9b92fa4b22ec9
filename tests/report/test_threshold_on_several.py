"""Where a text may have several classes: what a page holds of a threshold is what the threshold decides."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.runs import findings, several_of
from textprep.report.decisions import MOST_ROWS, thresholds
from textprep.report.threshold_on_several import ThresholdOnSeveral
from textprep.training.scoring.thresholds import Threshold


def names(classes: int) -> tuple[str, ...]:
    return tuple(f"class {number}" for number in range(classes))


@given(st.integers(1, 5), st.integers(1, 60), st.integers(0, 9), st.booleans())
@settings(max_examples=40)
def test_every_threshold_gives_what_the_library_would_decide(classes, rows, seed, round_numbers):
    labels, shares = several_of(rows, classes, seed)
    if round_numbers:  # many fall on a threshold then, one half among them
        shares = shares.round(1)
    steps = thresholds(float(shares[0, 0]))
    for index in range(classes):
        counts = ThresholdOnSeveral(labels, shares, names(classes)).counts_by_threshold(steps, index)
        for place in range(0, len(steps), 7):
            threshold = Threshold(names(classes)[index], float(steps[place]), {}, {})
            decided = threshold.mark(shares > 0.5, shares, names(classes))
            moved, right = np.zeros((2, 2), int), 0
            for has, others_right, reached, count in counts:
                moved[has, int(reached > place)] += count
                right += count * (others_right and has == (reached > place))
            matrix = np.zeros((2, 2), int)
            np.add.at(matrix, (labels[:, index], decided[:, index].astype(int)), 1)
            assert np.array_equal(moved, matrix)
            assert right == (decided == labels).all(axis=1).sum()


@given(st.integers(1, 6), st.integers(1, 3_000), st.integers(0, 9))
@settings(max_examples=20, deadline=None)
def test_every_cell_of_every_class_has_a_text_and_the_page_not_too_many(classes, rows, seed):
    labels, shares = several_of(rows, classes, seed)
    shown = ThresholdOnSeveral(labels, shares, names(classes)).rows_to_show()
    assert len(shown) == len(set(shown.tolist())) <= 2 * MOST_ROWS
    cells = 2 * labels + (shares > 0.5)
    for index in range(classes):
        assert set(cells[shown, index]) == set(cells[:, index])


def test_mistakes_are_wrong_decisions_and_the_surest_come_first():
    labels = np.array([[0, 1], [1, 1]])
    shares = np.array([[0.6, 0.1], [0.9, 0.45]], np.float32)
    decisions = ThresholdOnSeveral(labels, shares, ("funny", "sad"))
    assert [(row, index, said) for row, index, said, _ in decisions.mistakes(9)] == [
        (0, 1, False),
        (0, 0, True),
        (1, 1, False),
    ]
    assert len(decisions.mistakes(2)) == 2
    assert [decisions.truth(row) for row in (0, 1)] == ["sad", "funny, sad"]


def test_with_more_classes_than_a_page_can_hold_nothing_is_moved():
    found = findings(names(21), several=True)
    assert found.page.data is None
    assert "decisions" in [anchor for section in found.page.sections for anchor, _ in section.anchors]


def test_the_threshold_of_the_run_is_one_of_them():
    threshold = Threshold("sad", float(np.float32(0.37123)), {}, {})
    data = findings(("funny", "sad"), several=True, threshold=threshold).page.data
    assert data["chosen"]["class"] == 1
    assert data["thresholds"][data["chosen"]["step"]] == pytest.approx(0.37123)
    json.dumps(data, allow_nan=False)
