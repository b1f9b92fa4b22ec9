"""What pages on decisions share: the thresholds that can be tried, and the beginnings of texts."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textprep.report.decisions import thresholds
from textprep.report.row_texts import MOST_CHARACTERS, beginnings


@given(st.floats(0, 1, width=32))
def test_thresholds_ascend_from_0_to_1_with_the_one_that_was_chosen(chosen):
    steps = thresholds(chosen)
    assert (np.diff(steps) > 0).all()
    assert steps[0] == 0
    assert steps[-1] == 1
    assert np.float32(chosen) in steps


@given(st.text(max_size=2_000))
def test_a_beginning_is_short_and_in_one_line(text):
    (shown,) = beginnings([text])
    assert "\n" not in shown
    assert len(" ".join(text.split())) <= MOST_CHARACTERS or shown.endswith("…")
