from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batches.rows import Rows, numbered
from textprep.batches.loader import BatchLoader
from textprep.batches.sampling import Draws, Weighted, row_weights
from textprep.errors import LoaderError
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget

WEIGHTS = st.lists(st.integers(0, 9), min_size=1, max_size=60).filter(any)


def draws(weights, seed=0, labels=None):
    labels = np.zeros(len(weights), np.int64) if labels is None else labels
    made = Draws(Weighted(weights, labels), np.random.PCG64(np.random.SeedSequence(seed)))
    return made(np.arange(len(weights)))


@given(WEIGHTS, st.integers(0, 100))
def test_a_row_comes_as_often_as_its_weight_says_give_or_take_one(weights, seed):
    shares = row_weights(weights, np.zeros(len(weights), np.int64), ClassTarget())
    times = np.bincount(draws(shares, seed), minlength=len(weights))
    assert times.sum() == len(weights)
    assert (np.abs(times - shares * len(weights)) < 1 + 1e-6).all()
    assert not times[np.array(weights) == 0].any()


def test_over_many_epochs_it_comes_as_often_as_its_weight_says():
    shares = row_weights([1, 2, 3, 0.5, 0], np.zeros(5, np.int64), ClassTarget())
    times = sum(np.bincount(draws(shares, seed), minlength=5) for seed in range(2000)) / 2000
    assert times == pytest.approx(shares * 5, abs=0.06)


def test_balanced_classes_have_equal_shares_of_the_draws():
    labels = np.random.default_rng(0).permutation([0] * 900 + [1] * 90 + [2] * 10)
    for seed in range(5):
        drawn = labels[draws(row_weights("balanced", labels, ClassTarget()), seed, labels)]
        assert np.abs(np.bincount(drawn) - 1000 / 3).max() <= 1


def test_neighbours_of_a_large_class_are_not_drawn_together_always():
    """Systematic sampling of rows as they lie would take every third and never two neighbours."""
    labels = np.array([0] * 300 + [1] * 50)
    drawn = np.unique(draws(row_weights("balanced", labels, ClassTarget()), labels=labels))
    assert 1 in np.diff(drawn[drawn < 300])


@pytest.mark.parametrize("weights", [[1, -1], [1], [0, 0], [1, np.nan], [1, np.inf], [[1, 1]]])
def test_weights_that_say_nothing_are_refused(weights):
    with pytest.raises(
        LoaderError, match=r"^weights of shape .* cannot be used: give one number of at least 0"
    ):
        row_weights(weights, np.zeros(2, np.int64), ClassTarget())


def test_classes_that_are_not_known_cannot_be_balanced():
    with pytest.raises(LoaderError, match="needs a class for every row: 2 rows have none"):
        row_weights("balanced", np.array([0, -100, -100]), ClassTarget())
    with pytest.raises(LoaderError, match="weights='balance' cannot be used: give 'balanced' or"):
        row_weights("balance", np.array([0, 1]), ClassTarget())


SEVERAL = Rows(numbered([3, 4, 5]), [[1, 1], [0, 1], [0, 0]], target=ClassesTarget(class_names=["a", "b"]))
NUMBERS = Rows(numbered([3, 4, 5]), [0.5, 2, np.nan], target=NumberTarget())
PAIRS = Rows(numbered([3, 4, 5]), [[1.0, 2]] * 3, target=NumberTarget(names=("x", "y")))


@pytest.mark.parametrize("rows", [SEVERAL, NUMBERS, PAIRS])
def test_rows_that_are_not_of_one_class_are_drawn_by_numbers_and_cannot_be_balanced(rows):
    drawn = [batch.row_ids.tolist() for batch in BatchLoader(rows, shuffle=True, weights=[1, 0, 0])]
    assert drawn == [[1000] * 3]
    with pytest.raises(LoaderError) as caught:
        BatchLoader(rows, shuffle=True, weights="balanced")
    said = f"weights='balanced' needs one class a row, and the target is {rows.target.name!r}: give numbers"
    assert (str(caught.value), caught.value.option) == (said, "weights")


@given(WEIGHTS, st.integers(0, 100))
def test_each_group_of_a_target_comes_as_often_as_its_rows_weigh(weights, seed):
    hot = np.array([[weight % 2, weight % 3 == 0] for weight in weights], np.int8)
    groups = ClassesTarget(class_names=["a", "b"]).drawn_in(hot)
    shares = row_weights(weights, hot, ClassesTarget(class_names=["a", "b"]))
    drawn = groups[draws(shares, seed, groups)]
    for group in np.unique(groups):
        assert abs((drawn == group).sum() - shares[groups == group].sum() * len(weights)) < 1 + 1e-6
