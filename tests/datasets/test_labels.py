from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.errors import DatasetError
from textprep.targets.class_names import checked_class_names, class_order


@given(st.lists(st.integers()))
def test_whole_numbers_are_ordered_by_value(numbers):
    assert [int(name) for name in class_order(map(str, numbers))] == sorted(set(numbers))


def test_words_and_numbers_with_leading_zeros_are_ordered_as_words():
    assert class_order(["b", "10", "9"]) == ("10", "9", "b")
    assert class_order(["07", "7"]) == ("07", "7")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "a"], "'a' twice"),
        ([], "empty"),
        ("pos", "list of labels in the order of their ids, not 'pos'"),
        ({"pos", "neg"}, "in the order of their ids"),
        ({0: "neg", 1: "pos"}, "in the order of their ids"),
        (3, "not 3"),
        (["pos", None], "words, whole numbers or bools, not None"),
        ([1, 2.5], "not 2.5"),
    ],
)
def test_class_names_that_cannot_be_used(names, message):
    with pytest.raises(DatasetError, match=message):
        checked_class_names(names)


def test_class_names_may_be_numbers():
    assert checked_class_names([1, 0]) == ("1", "0")
    assert checked_class_names(np.array([1, 0])) == ("1", "0")
    assert checked_class_names(np.array([False, True])) == ("False", "True")
