from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batches.rows import Rows, laid_out, numbered
from textprep.batches.layout import Layout
from textprep.batches.served import ServedRows
from textprep.errors import LoaderError

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=60)


def ids_of(split, layout, rows):
    return ServedRows(split, layout).arrays(np.array(rows, np.int64), ["input_ids"])["input_ids"]


@st.composite
def layouts(draw):
    max_length = draw(st.none() | st.integers(3, 45))
    return Layout(
        max_length=max_length,
        truncation=draw(st.sampled_from(["head", "tail", "head_tail"])),
        start_id=draw(st.none() | st.integers(1, 70_000)),
        end_id=draw(st.none() | st.integers(1, 9)),
        padding=draw(st.sampled_from(["longest", "max_length"])) if max_length else "longest",
        padding_side=draw(st.sampled_from(["right", "left"])),
        pad_to_multiple_of=draw(st.none() | st.integers(1, 8)),
    )


@given(LENGTHS, layouts(), st.data())
def test_a_rectangle_is_what_the_plain_definition_says(lengths, layout, data):
    rows = numbered(lengths)
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
    expected = laid_out([rows[number] for number in numbers], layout)
    assert ids_of(Rows(rows), layout, numbers).tolist() == expected


def test_rows_of_a_store_are_what_the_plain_definition_says(stored):
    rows = [stored.ids(row).tolist() for row in range(len(stored))]
    layout = Layout(max_length=6, truncation="head_tail", start_id=2)
    assert ids_of(stored, layout, range(len(stored))).tolist() == laid_out(rows, layout)


def test_rectangles_are_copies():
    split = Rows(numbered([40, 40, 40]))
    before = split.ids(1).copy()
    rectangle = ids_of(split, Layout(max_length=10), [0, 1])
    assert rectangle.dtype == np.int64
    rectangle[:] = 0
    assert np.array_equal(split.ids(1), before)


@given(LENGTHS, layouts(), st.data())
def test_rows_that_do_not_fit_the_lengths_are_an_error(lengths, layout, data):
    split = Rows(numbered(lengths))
    row = data.draw(st.integers(0, len(lengths) - 1))
    split.lengths[row] += 1
    with pytest.raises(
        LoaderError, match=f"row {row} of the split has {lengths[row]} ids, where its lengths"
    ):
        ids_of(split, layout, range(len(lengths)))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "max_length"}, "padding='max_length' needs a max_length"),
        ({"padding": "max"}, "option 'padding': Input should be 'longest' or 'max_length' (given 'max')"),
        ({"padding_side": "lft"}, "option 'padding_side': Input should be 'right' or 'left' (given 'lft')"),
        (
            {"max_length": 2, "start_id": 5, "end_id": 6},
            "max_length=2 leaves no room for text: rows have 2 special tokens; give an integer of at least 3",
        ),
        (
            {"pad_to_multiple_of": 0},
            "option 'pad_to_multiple_of': Input should be greater than or equal to 1 (given 0)",
        ),
        ({"start_id": -1}, "option 'start_id': Input should be greater than or equal to 0 (given -1)"),
    ],
)
def test_a_bad_option_is_one_clear_line(options, message):
    with pytest.raises(LoaderError) as caught:
        Layout(**options)
    assert str(caught.value).startswith(message)
