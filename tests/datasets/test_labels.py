from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.datasets.labels import checked_class_names, class_order
from textprep.errors import DatasetError


@given(st.lists(st.integers()))
def test_whole_numbers_are_ordered_by_value(numbers):
    assert [int(name) for name in class_order(map(str, numbers))] == sorted(set(numbers))


def test_words_and_numbers_with_leading_zeros_are_ordered_as_words():
    assert class_order(["b", "10", "9"]) == ("10", "9", "b")
    assert class_order(["07", "7"]) == ("07", "7")


@pytest.mark.parametrize(
    ("names", "message"), [(["a", "a"], "'a' twice"), ([], "empty"), ("pos", "not the string")]
)
def test_class_names_that_cannot_be_used(names, message):
    with pytest.raises(DatasetError, match=message):
        checked_class_names(names)


def test_class_names_may_be_numbers():
    assert checked_class_names([1, 0]) == ("1", "0")
