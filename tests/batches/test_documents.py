"""The masks say the same as their plain definitions, for any row of texts and padding."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st

from textprep.batches.documents import document_begins, document_mask

ROWS = st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=1, max_size=3).map(
    lambda rows: torch.tensor([sorted(row)[: 1 + row[0]] + [-1] * (4 - row[0]) for row in rows])
)


@given(ROWS)
def test_each_token_looks_at_those_of_its_text_up_to_itself(ids):
    mask = document_mask(ids)
    for row, t, s in torch.cartesian_prod(*map(torch.arange, mask.shape)).tolist():
        own = ids[row, t] == ids[row, s] and ids[row, t] >= 0 and s <= t
        assert bool(mask[row, t, s]) == (bool(own) or s == t)


@given(ROWS, st.booleans())
def test_a_text_begins_where_the_token_before_is_of_another(ids, goes_on):
    before = ids[:, 0].clone() if goes_on else None
    begins = document_begins(ids, before)
    for row, line in enumerate(ids.tolist()):
        for place, number in enumerate(line):
            earlier = line[place - 1] if place else number if goes_on else -1
            assert bool(begins[row, place]) == (number >= 0 and number != earlier)
