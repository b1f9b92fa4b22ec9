"""Padding is the template's, wherever it is in the vocabulary, on every way to a batch; and nothing is 0.

The vocabulary here has its padding last and its unknown token in the middle. Id 0 is a token like any other,
which no row has: a 0 among the ids is a filler that the code assumed.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from tests.batches.rows import Rows
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader, one_batch
from textprep.batches.reader import EncodedTexts
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.ragged import Ragged
from textprep.template import FIRST, SECOND, Part, Template

UNKNOWN, START, END, PAD = 40, 97, 98, 99
TEMPLATES = {
    "framed": Template(
        PAD,
        (Part(ids=(START,)), FIRST, Part(ids=(END,))),
        (Part(ids=(START,)), FIRST, Part(ids=(END,)), SECOND, Part(1, ids=(END,))),
    ),
    "plain": Template.plain(PAD, separator=END),
}
TEXTS = st.lists(st.integers(1, UNKNOWN), max_size=12)
ROWS = st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=20)
LAYOUTS = st.fixed_dictionaries(
    {
        "padding_side": st.sampled_from(["left", "right"]),
        "pad_to_multiple_of": st.none() | st.integers(2, 8),
        "max_length": st.integers(5, 24),
        "padding": st.sampled_from(["longest", "max_length"]),
        "special_tokens": st.booleans(),
    }
)
few = settings(max_examples=30)  # for each of the ways
WAYS = list(product(TEMPLATES, (None, "together", "apart")))


def split_of(rows, template, pair):
    first, second = ([list(text) for text in side] for side in zip(*rows, strict=True))
    return Rows(first, template=TEMPLATES[template], pair=None if pair is None else second)


def check(batch):
    """The padding, and only that, is `PAD`; a row of padding is all of it."""
    prefixes = ["", "pair_"] if "pair_input_ids" in batch else [""]
    for prefix in prefixes:
        ids, mask, lengths = (
            np.asarray(batch[prefix + name]) for name in ("input_ids", "attention_mask", "lengths")
        )
        assert ((ids == PAD) == ~mask).all()
        assert (ids != 0).all()
        assert (mask.sum(axis=1) == lengths).all()
        if prefix + "token_type_ids" in batch:
            assert (np.asarray(batch[prefix + "token_type_ids"])[~mask] == 0).all()
    assert (np.asarray(batch["lengths"])[np.asarray(batch["row_ids"]) == -1] == 0).all()


def same(found, expected):
    assert set(found) == set(expected)
    for name in expected:
        assert torch.equal(found[name], expected[name]), name


@pytest.mark.parametrize(("template", "pair"), WAYS)
@few
@given(rows=ROWS, layout=LAYOUTS, batch_size=st.integers(1, 6), world_size=st.integers(1, 4))
def test_every_way_to_a_batch(template, pair, rows, layout, batch_size, world_size):
    split = split_of(rows, template, pair)
    serve = {} if pair is None else {"pair": pair}
    data, collate = RowDataset(split), Collate(template=split.template, **serve, **layout)
    for rank in range(world_size):
        share = {"batch_size": batch_size, "rank": rank, "world_size": world_size}
        options = {**share, "layout": Layout(**layout), **serve}
        loaders = [
            BatchLoader(split, **options, prefetch=0),
            BatchLoader(split, **options, prefetch=0, return_tensors="np"),
            DataLoader(data, batch_sampler=BatchSampler.of(split, **options), collate_fn=collate),
        ]
        if pair != "apart":  # whose batches have ids twice
            loaders.append(BatchLoader(split, **options, prefetch=0, as_tuple=True))
        for batch, arrays, collated, *pairs in zip(*loaders, strict=True):
            check(batch)
            same({name: torch.from_numpy(array) for name, array in arrays.items()}, batch)
            same(collated, batch)
            assert all(torch.equal(ids, batch.input_ids) for ids, _ in pairs)


@pytest.mark.parametrize(("template", "pair"), WAYS)
@few
@given(rows=ROWS, layout=LAYOUTS)
def test_one_batch_is_that_of_a_loader(template, pair, rows, layout):
    if pair == "apart":
        return
    split = split_of(rows, template, pair)
    batch = one_batch(split, Layout(**layout))
    check(batch)
    same(batch, next(iter(BatchLoader(split, batch_size=len(split), layout=Layout(**layout), prefetch=0))))


@given(rows=st.lists(TEXTS, min_size=1, max_size=9), side=st.sampled_from(["left", "right"]))
def test_other_peoples_items_with_a_padding_of_their_own(rows, side):
    items = [{"input_ids": ids, "row_ids": number} for number, ids in enumerate(rows)]
    check(Collate(pad_id=PAD, padding_side=side)(items))
    check(Collate(pad_id=PAD, padding_side=side)([]))


@pytest.mark.parametrize("pair", [None, "together", "apart"])
def test_a_row_of_padding_is_padding(pair):
    """Three ranks share one row: two of them get a row of padding."""
    split = split_of([([5, 6], [7])], "framed", pair)
    serve = {} if pair is None else {"pair": pair}
    for rank in range(3):
        (batch,) = BatchLoader(split, rank=rank, world_size=3, prefetch=0, **serve)
        check(batch)
        assert batch.row_ids.tolist() == ([1000] if rank == 0 else [-1])
        if rank:
            assert batch.input_ids.tolist() == [[PAD]]
            assert pair != "apart" or batch.pair_input_ids.tolist() == [[PAD]]
    nothing = Collate(template=split.template, **serve)([])
    check(nothing)
    assert nothing.input_ids.tolist() == [[PAD]]


def test_texts_in_memory_and_texts_that_are_empty():
    empty = EncodedTexts(Ragged.from_rows([[], []]), template=TEMPLATES["plain"])
    (batch,) = BatchLoader(empty)
    check(batch)
    assert batch.input_ids.tolist() == [[PAD], [PAD]]
