"""Scores of numbers: those of scipy and sklearn, with intervals, and null where nothing can be said."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.errors import DatasetError
from textprep.training.scoring.numbers import SCORES, number_scores, point_scores, ranks


def some(rows: int, seed: int = 0, *, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    true = generator.normal(size=rows) * 2 + 5
    return true, true + noise * generator.normal(size=rows)


numbers = st.floats(-1e6, 1e6, width=32).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30))
def test_they_are_those_of_scipy_and_sklearn(pairs):
    stats, metrics = pytest.importorskip("scipy.stats"), pytest.importorskip("sklearn.metrics")
    true, said = np.array(pairs).T
    scores = point_scores(true, said)
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(true, said), rel=1e-9, abs=1e-12)
    assert scores["rmse"] == pytest.approx(metrics.root_mean_squared_error(true, said), rel=1e-9, abs=1e-12)
    if np.ptp(true) > 1e-3 * np.abs(true).max():
        assert scores["r2"] == pytest.approx(metrics.r2_score(true, said), rel=1e-6, abs=1e-9)
        if np.ptp(said) > 1e-3 * np.abs(said).max():
            assert scores["pearson"] == pytest.approx(stats.pearsonr(true, said)[0], abs=1e-6)
    if np.ptp(true) and np.ptp(said):
        assert scores["spearman"] == pytest.approx(stats.spearmanr(true, said)[0], abs=1e-9)
        np.testing.assert_array_equal(ranks(true), stats.rankdata(true))


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=8))
def test_whatever_the_numbers_are_the_scores_are_json(pairs):
    true, said = np.array(pairs).T
    scores = number_scores(true, said)
    assert json.loads(json.dumps(scores, allow_nan=False)) == scores
    assert scores["rows"] == len(pairs)
    assert (scores["r2"] is None) == (np.ptp(true) == 0)
    assert (scores["spearman"] is None) == (np.ptp(true) == 0 or np.ptp(said) == 0)


@pytest.mark.parametrize("power", [-1000, -30, 0, 30, 1000])
def test_the_unit_of_the_labels_changes_only_what_is_in_units(power):
    true, said = some(50)
    unit = 2.0**power
    here, there = point_scores(true, said), point_scores(true * unit, said * unit)
    assert {name: there[name] for name in ("r2", "pearson", "spearman")} == {
        name: here[name] for name in ("r2", "pearson", "spearman")
    }
    assert there["mae"] == here["mae"] * unit


def test_a_label_far_from_zero_loses_no_digits():
    true, said = some(200)
    near, far = (point_scores(true + shift, said + shift)["r2"] for shift in (0, 2.0**30))
    assert far == pytest.approx(near, abs=1e-6)


def test_intervals_are_the_quantiles_of_scores_of_resampled_rows():
    true, said = some(150)
    generator, samples = np.random.default_rng(1), []
    for _ in range(800):
        rows = generator.integers(0, len(true), len(true))
        scores = point_scores(true[rows], said[rows])
        samples.append([scores[name] for name in SCORES])
    expected = np.quantile(samples, [0.025, 0.975], axis=0).T
    found = number_scores(true, said)["intervals"]
    assert found["level"] == 0.95
    for name, ends in zip(SCORES, expected, strict=True):
        assert found[name] == pytest.approx(ends.tolist(), abs=0.02), name


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    held = 0
    for seed in range(100):
        low, high = number_scores(*some(200, seed))["intervals"]["rmse"]
        held += low <= 1.0 <= high
    assert 85 <= held <= 100


def test_more_rows_make_them_narrower_and_the_same_seed_the_same():
    few, many = (number_scores(*some(rows))["intervals"]["mae"] for rows in (50, 5_000))
    assert np.ptp(many) < np.ptp(few) / 5
    assert number_scores(*some(50), seed=3) == number_scores(*some(50), seed=3)
    assert number_scores(*some(50), seed=3) != number_scores(*some(50), seed=4)


def test_the_intervals_of_many_rows_take_no_more_than_seconds():
    true, said = some(25_000)
    start = time.perf_counter()
    number_scores(true, said)
    assert time.perf_counter() - start < 10  # it takes a quarter of a second


def test_of_several_numbers_scores_are_means_and_each_column_has_its_own():
    (a, said_a), (b, said_b) = some(40), some(40, 1, noise=3)
    true, said = np.stack([a, b, np.ones(40)], 1), np.stack([said_a, said_b, said_a], 1)
    scores = number_scores(true, said, ["x", "y", "same"])
    columns = scores["per_column"]
    assert columns["x"] == pytest.approx({name: point_scores(a, said_a)[name] for name in SCORES})
    assert columns["same"]["r2"] is columns["same"]["pearson"] is None
    assert scores["mae"] == pytest.approx(np.mean([columns[name]["mae"] for name in columns]))
    assert scores["r2"] == pytest.approx(np.mean([columns["x"]["r2"], columns["y"]["r2"]]))
    low, high = scores["intervals"]["per_column"]["y"]["rmse"]
    assert low < columns["y"]["rmse"] < high
    assert scores["intervals"]["per_column"]["same"]["r2"] is None


@pytest.mark.parametrize(
    ("true", "said", "known"),
    [
        ([1.0], [2.0], {"mae", "rmse"}),
        ([0.1] * 5, [1, 2, 3, 4, 5], {"mae", "rmse"}),
        ([1, 2, 3], [0.1] * 3, {"mae", "rmse", "r2"}),
        ([1, 2, 3], [1, 2, 3], set(SCORES)),
    ],
)
def test_what_cannot_be_said_is_null(true, said, known):
    scores = number_scores(true, said)
    assert {name for name in SCORES if scores[name] is not None} == known
    assert {name for name in SCORES if scores["intervals"][name] is not None} == known


def test_rows_without_a_label_are_left_out():
    true, said = some(30)
    with_gaps = np.concatenate([true, [np.nan] * 5])
    assert number_scores(with_gaps, np.concatenate([said, np.zeros(5)])) == number_scores(true, said)
    with pytest.raises(DatasetError, match="no labelled row"):
        number_scores([np.nan], [1.0])


@pytest.mark.parametrize(
    ("true", "said", "names"),
    [([1.0], [1.0, 2.0], ()), ([[1.0, 2.0]], [[1.0, 2.0]], ()), ([[1.0]], [[1.0]], ("a", "b"))],
)
def test_shapes_that_do_not_fit_are_refused(true, said, names):
    with pytest.raises(DatasetError, match="of each a row"):
        number_scores(true, said, names)
