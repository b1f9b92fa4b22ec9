"""Thresholds: of all that serve what was asked for, the best."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textprep.errors import ConfigError
from textprep.training.scoring.thresholds import pick_threshold

NAMES = ("bad", "good")
rows = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=20)


def probabilities(sure: np.ndarray) -> np.ndarray:
    return np.stack([1 - sure, sure], axis=1)


def scores(labels: np.ndarray, said: np.ndarray) -> dict[str, float]:
    hits = (said & (labels == 1)).sum()
    return {"precision": hits / max(said.sum(), 1), "recall": hits / max((labels == 1).sum(), 1)}


@settings(max_examples=100, deadline=None)
@given(rows, st.sampled_from([0.3, 0.5, 0.95, 1.0]), st.sampled_from(["recall", "precision"]))
def test_it_is_the_best_of_all_that_reach_what_was_asked_for(drawn, least, wanted):
    labels = np.array([int(label) for label, _ in drawn])
    sure = np.array([share / 8 for _, share in drawn])
    other = "precision" if wanted == "recall" else "recall"
    possible = [scores(labels, sure >= value) for value in sorted(set(sure))]
    served = [score for score in possible if score[wanted] >= least]
    if not served or not labels.any():
        with pytest.raises(ConfigError, match=r"no row of|no threshold gives class 'good' a"):
            pick_threshold(labels, probabilities(sure), "good", NAMES, **{f"min_{wanted}": least})
        return
    threshold = pick_threshold(labels, probabilities(sure), "good", NAMES, **{f"min_{wanted}": least})
    reached = scores(labels, threshold.choose(probabilities(sure), NAMES) == 1)
    assert reached == pytest.approx(threshold.validation)
    assert reached[wanted] >= least
    assert reached[other] == max(score[other] for score in served)


def test_among_many_classes_the_likeliest_other_takes_over():
    names = ("a", "b", "c")
    shares = np.array([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.1, 0.1, 0.8]])
    threshold = pick_threshold(np.array([0, 0, 1]), shares, "c", names, min_precision=1.0)
    assert threshold.value == 0.8
    assert threshold.choose(shares, names).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "either the least recall or the least precision"),
        ({"min_recall": 0.5, "min_precision": 0.5}, "either"),
        ({"min_recall": 1.5}, "the least recall is 1.5: it must be above 0, at most 1"),
        ({"min_precision": 0.9}, "no threshold gives class 'good' a precision of 0.9.*the most is 0.5"),
    ],
)
def test_what_cannot_be_served_is_said(asked, message):
    with pytest.raises(ConfigError, match=message):
        pick_threshold(np.array([0, 1]), probabilities(np.array([0.7, 0.7])), "good", NAMES, **asked)
    with pytest.raises(ConfigError, match="no class 'fine'"):
        pick_threshold(np.array([0]), probabilities(np.array([0.7])), "fine", NAMES, min_recall=0.5)


def test_of_several_classes_the_threshold_is_as_if_there_were_no_other():
    generator = np.random.default_rng(0)
    marks, sure = generator.integers(0, 2, (50, 3)), generator.random((50, 3))
    marks[7] = -100
    alone = pick_threshold(
        marks[:, 1], np.stack([1 - sure[:, 1], sure[:, 1]], 1), "b", ("no", "b"), min_recall=0.8
    )
    assert pick_threshold(marks[:, 1], sure, "b", ("a", "b", "c"), min_recall=0.8) == alone
