from __future__ import annotations

from collections import Counter
from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.batches.permutation import Permutation


def permutation(size, seed=0):
    return Permutation(size, np.random.PCG64(np.random.SeedSequence(seed)))


@given(st.integers(1, 5_000), st.integers(0, 2**70))
def test_every_row_stands_at_one_place(size, seed):
    assert sorted(permutation(size, seed)(np.arange(size)).tolist()) == list(range(size))


@given(st.integers(1, 3_000), st.data())
def test_any_part_is_had_without_the_rest(size, data):
    places = np.array(data.draw(st.lists(st.integers(0, size - 1), max_size=20)), dtype=np.int64)
    order = permutation(size)
    assert order(places).tolist() == order(np.arange(size))[places].tolist()


def test_the_places_that_were_given_stay_as_they_are():
    places = np.arange(100)
    permutation(100)(places)
    assert places.tolist() == list(range(100))


def test_no_rows():
    assert permutation(0)(np.zeros(0, np.int64)).tolist() == []


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_all_orders_of_few_rows_come_equally_often(size):
    """Chi-squared over its degrees of freedom, which is 1 on average and hardly ever over 2."""
    seeds = 40 * factorial(size)
    counts = Counter(tuple(permutation(size, seed)(np.arange(size)).tolist()) for seed in range(seeds))
    excess = sum((counts[order] - 40) ** 2 / 40 for order in permutations(range(size)))
    assert excess / (factorial(size) - 1) < 3


def test_neighbours_are_torn_apart_in_a_large_order():
    order = permutation(100_000)(np.arange(100_000))
    assert abs(np.corrcoef(order, np.arange(100_000))[0, 1]) < 0.02
    assert abs(np.corrcoef(order[1:], order[:-1])[0, 1]) < 0.02
    assert np.mean(np.abs(np.diff(order))) == pytest.approx(100_000 / 3, rel=0.03)
