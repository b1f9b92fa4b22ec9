"""Rows laid behind each other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from textprep.encoding.ragged import Ragged


@given(st.lists(st.lists(st.integers(0, 9))))
def test_rows_come_back(rows):
    ragged = Ragged.from_rows(rows)
    assert ragged.rows() == rows
    assert ragged.values.dtype == ragged.offsets.dtype == np.int64
    assert ragged.offsets.tolist()[0] == 0
    assert len(ragged.offsets) == len(rows) + 1
