"""Rows of numbers are served as rows of ids are: padded, masked, by length, resumed, on any rank."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

import textprep as tp
from textprep.batches.reader import EncodedTexts
from textprep.errors import LoaderError
from textprep.ragged import Ragged

FEATURES = 2


def rows_of(lengths):
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = np.arange(1, 2 * offsets[-1] + 1, dtype=np.float32).reshape(-1, FEATURES)
    return EncodedTexts(Ragged(values, offsets), features=FEATURES)


lengths = st.lists(st.integers(0, 9), min_size=1, max_size=20)


@given(lengths, st.integers(1, 5), st.sampled_from(["left", "right"]), st.sampled_from([None, 4]))
def test_a_batch_holds_the_rows_and_zeros_elsewhere(lengths, size, side, longest):
    split = rows_of(lengths)
    layout = tp.Layout(padding_side=side, truncation="tail")
    seen = []
    for batch in tp.BatchLoader(split, batch_size=size, by_length=True, layout=layout, max_length=longest):
        assert batch.inputs.dtype == torch.float32
        assert batch.inputs.shape[2] == FEATURES
        assert not batch.inputs[~batch.attention_mask].any()
        for place, row in enumerate(batch.row_ids.tolist()):
            real = batch.inputs[place][batch.attention_mask[place]].numpy()
            kept = split.ids(row)[-longest:] if longest else split.ids(row)
            assert np.array_equal(real, kept)
            assert batch.lengths[place] == len(kept)
        seen += batch.row_ids.tolist()
    assert sorted(seen) == list(range(len(lengths)))


def test_the_order_is_that_of_ids_of_such_lengths():
    sizes = np.random.default_rng(0).integers(1, 40, 100)
    ids = EncodedTexts(Ragged(np.zeros(sizes.sum(), np.int64), np.concatenate([[0], np.cumsum(sizes)])))
    options = {"batch_size": 8, "shuffle": True, "seed": 3}
    one, other = (tp.BatchLoader(split, **options) for split in (ids, rows_of(sizes)))
    assert [b.row_ids.tolist() for b in one] == [b.row_ids.tolist() for b in other]


@pytest.mark.parametrize("after", range(4))
def test_a_resumed_loader_gives_the_rest(after):
    def loader():
        return tp.BatchLoader(rows_of(range(1, 14)), batch_size=4, shuffle=True, seed=1)

    whole, first = list(loader()), loader()
    batches = iter(first)
    for _ in range(after):
        next(batches)
    second = loader()
    second.load_state_dict(first.state_dict())
    rest = list(second)
    assert [batch.row_ids.tolist() for batch in rest] == [batch.row_ids.tolist() for batch in whole[after:]]
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(rest, whole[after:], strict=True))


@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_share_the_rows(ranks):
    seen = []
    for rank in range(ranks):
        loader = tp.BatchLoader(rows_of(range(1, 12)), batch_size=2, rank=rank, world_size=ranks)
        for batch in loader:
            kept = batch.row_ids >= 0
            seen += batch.row_ids[kept].tolist()
            assert batch.inputs.shape[2] == FEATURES
            assert not batch.inputs[~kept].any()
    assert sorted(seen) == list(range(11))


def test_as_a_tuple_by_names_and_in_arrays():
    split = rows_of([2, 3])
    X, y = next(iter(tp.BatchLoader(split, as_tuple=True)))
    assert X.shape == (2, 3, FEATURES)
    assert y.tolist() == [-100, -100]
    batch = next(iter(tp.BatchLoader(split, columns=["inputs", "lengths"], return_tensors="np")))
    assert sorted(batch) == ["inputs", "lengths"]
    with pytest.raises(LoaderError, match="'input_ids', which the rows do not have"):
        tp.BatchLoader(split, columns=["input_ids"])


def test_items_of_a_dataset_are_padded_alike():
    split = rows_of([3, 1, 2])
    (batch,) = DataLoader(tp.RowDataset(split), batch_size=3, collate_fn=tp.Collate())
    (wanted,) = tp.BatchLoader(split, by_length=False)
    assert all(torch.equal(batch[name], wanted[name]) for name in ("inputs", "attention_mask", "row_ids"))
    with pytest.raises(LoaderError, match="another number of values"):
        tp.Collate()([{"inputs": [[1.0]]}, {"inputs": [[1.0, 2.0]]}])
    with pytest.raises(LoaderError, match="cannot be used"):
        tp.Collate()([{"inputs": [1.0, 2.0]}])
