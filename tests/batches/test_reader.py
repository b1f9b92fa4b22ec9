from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.batches.rows import Parts, Rows, laid_out, numbered
from textprep.batches.layout import Layout
from textprep.batches.reader import Reader, token_mask
from textprep.errors import LoaderError

LENGTHS = st.lists(st.integers(0, 40), min_size=1, max_size=60)
SIZES = st.lists(st.integers(0, 30), min_size=1, max_size=4).filter(any)


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


@given(LENGTHS, SIZES, layouts(), st.data())
def test_a_rectangle_is_what_the_plain_definition_says(lengths, sizes, layout, data):
    rows = numbered(lengths)
    numbers = data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=9))
    expected = laid_out([rows[number] for number in numbers], layout)
    for split in (Rows(rows), Parts(rows, sizes)):
        rectangle = Reader(split, layout).rectangle(np.array(numbers))
        assert rectangle.tolist() == expected
        assert rectangle.flags.owndata or rectangle.base is not None
        assert rectangle.flags.writeable


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=9), st.integers(0, 3), st.sampled_from(["right", "left"])
)
def test_the_mask_is_true_on_tokens(lengths, more, side):
    width = max(lengths) + more
    mask = token_mask(np.array(lengths), width, side)
    for line, length in zip(mask.tolist(), lengths, strict=True):
        tokens, padding = [True] * length, [False] * (width - length)
        assert line == (tokens + padding if side == "right" else padding + tokens)


def test_no_rows_are_a_rectangle_too():
    assert Reader(Parts(numbered([3, 2])), Layout()).rectangle(np.zeros(0, np.int64)).shape == (0, 1)
    assert Reader(Parts([]), Layout()).rectangle(np.zeros(0, np.int64)).shape == (0, 1)


def test_rectangles_are_copies_in_the_smallest_type_that_holds_all_ids():
    split = Parts(numbered([40, 40, 40]))
    before = split.parts[0].values.copy()
    reader = Reader(split, Layout(max_length=10))
    rectangle = reader.rectangle(np.array([0, 1]))
    assert rectangle.dtype == reader.dtype == np.uint16
    rectangle[:] = 0
    assert np.array_equal(split.parts[0].values, before)
    assert Reader(split, Layout(start_id=70_000)).dtype == np.uint32


def test_parts_that_do_not_fit_the_lengths_are_an_error_and_never_read():
    split = Parts(numbered([4, 5, 6]))
    split.lengths = np.array([4, 5, 7])
    with pytest.raises(LoaderError, match="do not hold what its lengths say"):
        Reader(split, Layout())


def test_parts_of_different_types_are_an_error_and_never_read():
    split = Parts(numbered([4, 5, 6]), sizes=(2,))
    split.parts[1] = split.parts[1]._replace(values=split.parts[1].values.astype(np.uint32))
    with pytest.raises(LoaderError, match="ids of different types: give all parts one type"):
        Reader(split, Layout())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "max_length"}, "padding='max_length' needs a max_length"),
        ({"padding": "max"}, "padding='max' is none of max_length, longest"),
        ({"padding_side": "lft"}, "padding_side='lft' is none of left, right"),
        (
            {"max_length": 2, "start_id": 5, "end_id": 6},
            "max_length=2 cannot be used: give an integer of at least 3",
        ),
        ({"pad_to_multiple_of": 0}, "pad_to_multiple_of=0 cannot be used"),
        ({"start_id": -1}, "start_id=-1 cannot be used: give an integer of at least 0"),
    ],
)
def test_a_bad_option_is_one_clear_line(options, message):
    with pytest.raises(LoaderError) as caught:
        Layout(**options)
    assert str(caught.value).startswith(message)
