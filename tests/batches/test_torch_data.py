"""Each part works in a ``DataLoader``, alone and together, and with other people's data."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from datasets import Dataset as HubDataset
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from tests.batches.rows import Rows, numbered
from tests.batches.templates import BERT
from textprep.batches.batch import Batch
from textprep.batches.layout import Layout
from textprep.batches.loader import BatchLoader
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.errors import LoaderError
from textprep.targets import ClassesTarget

OPTIONS = {"batch_size": 4, "shuffle": True, "seed": 3}


def assert_same(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in other)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_together_they_give_what_the_loader_gives(stored, num_workers):
    sampler = BatchSampler(np.minimum(stored.lengths, 6), **OPTIONS)
    parts = DataLoader(
        RowDataset(stored), batch_sampler=sampler, collate_fn=Collate(max_length=6), num_workers=num_workers
    )
    loader = stored.loader(**OPTIONS, max_length=6)
    assert len(parts) == len(loader)
    for _ in range(2):
        assert_same(list(parts), list(loader))
    sampler.set_epoch(0)
    loader.set_epoch(0)
    assert_same(list(parts), list(loader))


@pytest.mark.slow
def test_the_data_set_pickles_to_a_path_for_spawned_workers(stored):
    parts = DataLoader(
        RowDataset(stored),
        batch_size=20,
        collate_fn=Collate(),
        num_workers=1,
        multiprocessing_context="spawn",
    )
    assert_same(list(parts), list(stored.loader(batch_size=20)))


def test_the_sampler_alone_with_other_peoples_data():
    texts = ["a " * number for number in range(20)]
    sampler = BatchSampler([len(text) for text in texts], batch_size=5, shuffle=True)
    batches = list(DataLoader(texts, batch_sampler=sampler, collate_fn=list))
    assert sorted(text for batch in batches for text in batch) == sorted(texts)
    assert all(max(map(len, batch)) - min(map(len, batch)) < 25 for batch in batches)
    assert list(sampler) != list(sampler), "another order in each epoch"


def test_the_sampler_balances_classes():
    labels = [0] * 90 + [1] * 10
    sampler = BatchSampler([3] * 100, labels=labels, weights="balanced", batch_size=10, shuffle=True)
    drawn = [labels[row] for rows in sampler for row in rows]
    assert abs(sum(drawn) - 50) <= 1


def test_the_sampler_goes_on_from_a_state():
    lengths = list(range(30))
    sampler, other = (BatchSampler(lengths, rank=0, world_size=2, **OPTIONS) for _ in range(2))
    batches = iter(sampler)
    next(batches)
    other.load_state_dict(sampler.state_dict())
    assert list(other) == list(batches)
    with pytest.raises(LoaderError, match="saved for other data"):
        BatchSampler(lengths[1:], **OPTIONS).load_state_dict(sampler.state_dict())


def test_the_collate_function_alone_with_other_peoples_data():
    rows = {"input_ids": [[5, 6, 7], [8], []], "label": [1, 0, 1]}
    for data in (HubDataset.from_dict(rows), HubDataset.from_dict(rows).with_format("torch")):
        (batch,) = DataLoader(
            data, batch_size=3, collate_fn=Collate(pad_to_multiple_of=4, padding_side="left")
        )
        assert batch.input_ids.tolist() == [[0, 5, 6, 7], [0, 0, 0, 8], [0, 0, 0, 0]]
        assert batch.attention_mask.sum(1).tolist() == batch.lengths.tolist() == [3, 1, 0]
        assert batch.labels.tolist() == [1, 0, 1]
        assert batch.row_ids.tolist() == [-1, -1, -1]


@given(
    st.lists(
        st.tuples(st.lists(st.integers(1, 70_000), max_size=9), st.integers(0, 3)), min_size=1, max_size=9
    )
)
def test_pairs_and_mappings_collate_as_a_loader_would(pairs):
    rows = Rows([ids for ids, _ in pairs], [label for _, label in pairs], dtype=np.int64)
    (expected,) = BatchLoader(rows, batch_size=9, layout=Layout(start_id=2, max_length=5))
    collate = Collate(start_id=2, max_length=5)
    mappings = [
        {"input_ids": ids, "labels": label, "row_ids": 1000 + row} for row, (ids, label) in enumerate(pairs)
    ]
    assert_same([collate(mappings)], [dict(expected)])
    for column in ("input_ids", "labels"):
        assert torch.equal(collate(pairs)[column], expected[column])


def test_in_the_forms_that_models_want():
    items = [{"input_ids": np.array([5, 6]), "label": torch.tensor(1)}, {"input_ids": torch.tensor([7])}]
    assert isinstance(Collate()(items), Batch)
    arrays = Collate(return_tensors="np")(items)
    assert {type(array) for array in arrays.values()} == {np.ndarray}
    X, y = Collate(as_tuple=True)(items)
    assert (X.shape, y.tolist()) == ((2, 2), [1, -100])
    columns = ("input_ids", "attention_mask", "labels")
    assert tuple(Collate(columns=columns)(items)) == columns


def test_a_batch_of_nothing_is_a_row_that_counts_nowhere():
    batch = Collate()([])
    assert batch.input_ids.tolist() == [[0]]
    assert (batch.labels.tolist(), batch.row_ids.tolist(), batch.lengths.tolist()) == ([-100], [-1], [0])
    assert not batch.attention_mask.any()


@pytest.mark.parametrize("item", ["text", {"text": "a"}, 3, (1, 2, 3)])
def test_what_cannot_be_padded_is_named(item):
    with pytest.raises(LoaderError, match=f"an item of type {type(item).__name__} cannot be padded"):
        Collate()([item])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            ([1, 2], [3, 0]),
            r"label=\[3, 0\] of an item cannot be used: several labels are a 0 or 1 for each class",
        ),
        (([1, 2], [[1, 0]]), r"label=\[\[1, 0\]\] of an item cannot be used: a batch has a number a row, or"),
        (([1, 2], [[1, 0], [1]]), r"label=\[\[1, 0\], \[1\]\] of an item cannot be used"),
        (
            {"input_ids": [1], "row_ids": 1.5},
            "row_ids=1.5 of an item cannot be used: a row has one whole number",
        ),
        ({"input_ids": [1], "labels": "good"}, "label='good' of an item cannot be used"),
        (([1.5], 0), r"ids of shape \(1,\) and type float64 cannot be used: give a list of integers"),
        (("ab", 0), "ids of shape .* cannot be used"),
        (([[1, 2]], 0), r"ids of shape \(1, 2\) and type int64 cannot be used"),
    ],
)
def test_what_would_be_cut_to_an_integer_is_refused(item, message):
    with pytest.raises(LoaderError, match=message):
        Collate()([item])


@pytest.mark.parametrize(
    ("lengths", "labels", "message"),
    [
        ([1.5, 2], None, "lengths of shape .* and type float64 cannot be used: give a list of integers"),
        ([[1, 2], [3, 4]], None, r"lengths of shape \(2, 2\)"),
        ([1, -2], None, "give one length of at least 0"),
        ([1, 2], [0], "2 lengths and 1 labels cannot be used"),
        (Rows(numbered([1, 2])), None, "takes lengths, not a split: BatchSampler.of takes a split"),
    ],
)
def test_lengths_and_labels_that_cannot_be_planned_are_refused(lengths, labels, message):
    with pytest.raises(LoaderError, match=message):
        BatchSampler(lengths, labels=labels)


def test_a_misspelt_option_is_named():
    with pytest.raises(
        LoaderError, match="no option 'batchsize': did you mean 'batch_size'\\? There are: batch_size, "
    ):
        BatchSampler([1, 2], batchsize=2)
    with pytest.raises(
        LoaderError, match="BatchLoader: there is no option 'batchsize': did you mean 'batch_size'"
    ):
        BatchLoader(Rows(numbered([1, 2])), batchsize=2)


def test_items_of_two_texts():
    split = Rows([[5, 6], [7]], template=BERT, pair=[[8], [9, 9]])
    items = [RowDataset(split)[row] for row in (0, 1)]
    assert [item["pair_ids"].tolist() for item in items] == [[8], [9, 9]]
    batch = Collate(template=BERT, max_length=6)(items)
    assert batch.input_ids.tolist() == [[101, 5, 6, 102, 8, 102], [101, 7, 102, 9, 9, 102]]
    assert batch.token_type_ids.tolist() == [[0, 0, 0, 0, 1, 1], [0, 0, 0, 1, 1, 1]]
    apart = Collate(template=BERT, pair="apart", columns=["pair_input_ids", "pair_lengths"])(items)
    assert apart["pair_input_ids"].tolist() == [[101, 8, 102, 90], [101, 9, 9, 102]]
    assert apart["pair_lengths"].tolist() == [3, 4]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "1 of 2 items of a batch have no pair_ids: give all of them a second text, or none"),
        ({"pair": "apart"}, "1 of 2 items of a batch have no pair_ids: .*, which pair='apart' needs"),
    ],
)
def test_items_of_which_some_have_no_second_text_are_refused(options, message):
    with pytest.raises(LoaderError, match=message):
        Collate(template=BERT, **options)([{"input_ids": [1], "pair_ids": [2]}, {"input_ids": [1]}])


def test_options_of_collate_that_cannot_be_used():
    with pytest.raises(LoaderError, match="pad_id=-1 cannot be used"):
        Collate(pad_id=-1)
    with pytest.raises(LoaderError, match="pair='near' cannot be used; give 'together' or 'apart'"):
        Collate(pair="near")


def test_split_and_data_set_agree(stored):
    data = RowDataset(stored)
    assert len(data) == len(stored)
    assert data[7]["input_ids"].tolist() == stored.ids(7).tolist()
    with pytest.raises(IndexError):
        data[len(stored)]


def test_collate_takes_a_0_or_1_a_class():
    items = [{"input_ids": [5, 6], "label": [1, 0]}, {"input_ids": [7], "labels": [0.0, 1.0]}]
    batch = Collate()(items)
    assert (batch.labels.dtype, batch.labels.tolist()) == (torch.float32, [[1, 0], [0, 1]])
    with pytest.raises(LoaderError, match="of different kinds \\(a list of 2 and a whole number\\)"):
        Collate()([*items, ([8], 1)])
    rows = Rows(numbered([1, 2]), labels=[[1, 1], [0, 1]], target=ClassesTarget(class_names=["a", "b"]))
    assert [item["labels"] for item in RowDataset(rows)] == [[1, 1], [0, 1]]
