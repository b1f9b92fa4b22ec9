"""Labels per token lie where the ids of their tokens lie, whatever the layout; -100 everywhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.batches.reader import ANY_CLASS_PER_TOKEN, EncodedTexts
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.errors import LoaderError
from textprep.ragged import Ragged
from textprep.template import FIRST, Part, Template

TEMPLATES = (
    Template(),
    Template(pad_id=3, single=(Part(ids=(1,)), FIRST, Part(ids=(2, 2)))),
)


def tagged(rows: list[list[int]], template: Template = TEMPLATES[0]) -> EncodedTexts:
    """Rows whose labels are their ids plus 1000, -100 where the id is even."""
    split = EncodedTexts(Ragged.from_rows(rows), template=template, target=ANY_CLASS_PER_TOKEN)
    split.labels = EncodedTexts(Ragged.from_rows([[label(number) for number in row] for row in rows]))
    return split


def label(number: int) -> int:
    return number + 1000 if number % 2 else -100


ROWS = st.lists(st.lists(st.integers(5, 99), max_size=9), min_size=1, max_size=12)
LAYOUTS = st.builds(
    Layout,
    max_length=st.none() | st.integers(4, 12),
    truncation=st.sampled_from(["head", "tail", "head_tail"]),
    padding_side=st.sampled_from(["left", "right"]),
    pad_to_multiple_of=st.none() | st.just(4),
    special_tokens=st.booleans(),
)


@given(ROWS, LAYOUTS, st.sampled_from(TEMPLATES), st.integers(1, 5))
def test_each_label_is_at_its_token(
    rows: list[list[int]], layout: Layout, template: Template, size: int
) -> None:
    split = tagged(rows, template)
    fields = ["input_ids", "attention_mask", "labels", "token_index", "row_ids"]
    for batch in BatchLoader(split, batch_size=size, layout=layout, columns=fields, prefetch=0):
        assert batch.labels.shape == batch.token_index.shape == batch.input_ids.shape
        assert batch.labels.dtype == batch.token_index.dtype == torch.int64
        for row, ids, labels, places in zip(
            batch.row_ids.tolist(), batch.input_ids, batch.labels, batch.token_index, strict=True
        ):
            is_token = places >= 0
            assert ids[is_token].tolist() == [rows[row][place] for place in places[is_token].tolist()]
            assert labels[is_token].tolist() == [label(number) for number in ids[is_token].tolist()]
            assert (labels[~is_token] == -100).all()
            kept = (
                min(len(rows[row]), layout.room(template.specials(pair=False)) or 99)
                if (layout.special_tokens)
                else min(len(rows[row]), layout.max_length or 99)
            )
            assert int(is_token.sum()) == kept


@pytest.mark.parametrize("template", TEMPLATES, ids=["plain", "special"])
def test_a_data_loader_gives_the_same(template: Template) -> None:
    split = tagged([[5, 6, 7], [], [8], [9, 10]], template)
    ours = list(BatchLoader(split, batch_size=2, max_length=5))
    sampler = BatchSampler.of(split, batch_size=2, max_length=5)
    collate = Collate(max_length=5, template=template, per_token=True)
    theirs = list(DataLoader(RowDataset(split), batch_sampler=sampler, collate_fn=collate))
    assert len(ours) == len(theirs) == 2
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.keys() == other.keys()
        assert all(torch.equal(mine[name], other[name]) for name in mine)


def test_a_loader_goes_on_with_the_same_labels_and_refuses_others() -> None:
    split = tagged([[5, 6, 7], [9], [8], [9, 10]])
    loader = BatchLoader(split, batch_size=1, shuffle=True, prefetch=0)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest = [batch.labels.tolist() for batch in batches]
    again = BatchLoader(split, batch_size=1, shuffle=True, prefetch=0)
    again.load_state_dict(state)
    assert [batch.labels.tolist() for batch in again] == rest
    other = tagged([[5, 6, 7], [9], [8], [9, 10]])
    other.labels = EncodedTexts(Ragged.from_rows([[1, 1, 1], [1], [1], [1, 1]]))
    with pytest.raises(LoaderError, match="other data"):
        BatchLoader(other, batch_size=1, shuffle=True).load_state_dict(state)


def test_labels_of_other_lengths_are_refused() -> None:
    split = tagged([[5, 6, 7]])
    split.labels = EncodedTexts(Ragged.from_rows([[1]]))
    with pytest.raises(LoaderError, match="a label for each token"):
        BatchLoader(split)
    with pytest.raises(LoaderError, match="item 0 of a batch has 2 ids and 1 labels"):
        Collate(per_token=True)([{"input_ids": [5, 6], "labels": [1]}])


def test_a_rank_without_rows_gets_a_row_of_padding() -> None:
    split = tagged([[5, 6, 7]])
    (batch,) = BatchLoader(split, rank=1, world_size=2)
    assert batch.row_ids.tolist() == [-1]
    assert (batch.labels == -100).all()
    assert np.array_equal(batch.attention_mask, [[False]])
