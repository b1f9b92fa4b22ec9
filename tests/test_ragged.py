"""Rows laid behind each other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textprep.ragged import Ragged, large_offsets, numbers

ROWS = st.lists(st.lists(st.integers(0, 9)))


@given(ROWS)
def test_rows_come_back(rows):
    ragged = Ragged.from_rows(rows)
    assert ragged.rows() == list(ragged) == [ragged[i] for i in range(len(ragged))] == rows
    assert [ragged[-i] for i in range(1, len(rows) + 1)] == rows[::-1]
    with pytest.raises(IndexError):
        ragged[len(rows)]
    assert ragged.values.dtype == ragged.offsets.dtype == np.int64
    assert ragged.offsets.tolist()[0] == 0
    assert len(ragged.offsets) == len(rows) + 1


@given(st.lists(ROWS, max_size=4))
def test_blocks_are_joined_in_order(blocks):
    joined = Ragged.join([Ragged.from_rows(rows) for rows in blocks], np.uint8)
    assert joined.rows() == [row for rows in blocks for row in rows]
    assert (joined.values.dtype, joined.offsets.dtype) == (np.uint8, np.int64)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64])
@given(rows=ROWS, start=st.integers(0, 3))
def test_arrow_keeps_the_ids_as_bytes_also_of_a_slice(dtype, rows, start):
    ragged = Ragged.from_rows(rows)
    array = Ragged(ragged.values.astype(dtype), ragged.offsets).to_arrow()
    back = Ragged.from_arrow(array.slice(start), dtype)
    assert back.rows() == rows[start:]
    assert back.values.dtype == dtype


@given(ROWS.filter(len), st.data())
def test_gathering_takes_rows_by_number(rows, data):
    numbers = data.draw(st.lists(st.lists(st.integers(0, len(rows) - 1))))
    gathered = Ragged.from_rows(rows).gather(Ragged.from_rows(numbers))
    assert gathered.rows() == [[i for number in some for i in rows[number]] for some in numbers]


def test_offsets_of_no_rows_are_one_zero():
    assert large_offsets(pa.array([], pa.large_string())).tolist() == [0]


@given(st.lists(st.lists(st.integers(-9, 9))), st.sampled_from([pa.int8(), pa.int64()]), st.integers(0, 5))
def test_numbers_are_those_of_arrow_however_the_column_is_cut(chunks, kind, start):
    column = pa.chunked_array(chunks, kind)
    for of_rows in (column, column.slice(start), *(chunk.slice(start) for chunk in column.chunks)):
        assert numbers(of_rows).tolist() == of_rows.to_pylist()
        assert numbers(of_rows).dtype == kind.to_pandas_dtype()
