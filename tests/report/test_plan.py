"""The picture of lengths counts every text, whatever they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.report.plan import length_histogram, picture


@given(st.lists(st.integers(0, 5_000), max_size=60), st.none() | st.integers(1, 6_000))
def test_every_text_is_in_one_bar(lengths, cut):
    histogram = length_histogram(np.array(lengths, dtype=np.int64), cut)
    assert sum(histogram.counts) == len(lengths)
    assert len(histogram.edges) == len(histogram.counts) + 1 <= 22
    for low, high, count in zip(histogram.edges[:-2], histogram.edges[1:-1], histogram.counts, strict=False):
        assert count == sum(low <= length < high for length in lengths)
    assert histogram.beyond == (0 if cut is None else sum(length > cut for length in lengths))
    lines = picture(histogram).splitlines()
    assert len(lines) == len(histogram.counts) + 1
    assert sum("cut at" in line for line in lines) == (cut is not None)
    assert max(map(len, lines)) < 140


@pytest.mark.parametrize("lengths", [[], [0], [0] * 5])
def test_no_texts_and_empty_texts_are_a_picture_too(lengths):
    assert "tokens" in picture(length_histogram(np.array(lengths, dtype=np.int64)))
