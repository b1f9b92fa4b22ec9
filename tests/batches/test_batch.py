from __future__ import annotations

import pytest
import torch

from textprep.batches.batch import Batch

NAMES = ["input_ids", "attention_mask", "lengths", "labels", "row_ids"]


@pytest.fixture
def batch():
    return Batch(
        input_ids=torch.tensor([[5, 6, 2], [7, 0, 0]]),
        attention_mask=torch.tensor([[True, True, True], [True, False, False]]),
        lengths=torch.tensor([3, 1]),
        labels=torch.tensor([0, -100]),
        row_ids=torch.tensor([12, 3]),
    )


def test_it_is_a_mapping_of_its_tensors(batch):
    assert list(batch) == NAMES
    assert len(batch) == 5
    assert all(batch[name] is getattr(batch, name) for name in NAMES)
    with pytest.raises(KeyError, match="no 'attention'; it has input_ids, attention_mask"):
        batch["attention"]
    with pytest.raises(KeyError):
        batch["to"]


def test_a_model_takes_it_as_keywords(batch):
    def model(input_ids, attention_mask=None, labels=None, **others):
        return (input_ids * attention_mask).sum(), labels, sorted(others)

    total, labels, others = model(**batch)
    assert total == 20
    assert labels is batch.labels
    assert others == ["lengths", "row_ids"]


def test_as_tuple_is_what_plain_loops_want(batch):
    X, y = batch.as_tuple()
    assert X is batch.input_ids
    assert y is batch.labels


def test_to_moves_every_tensor_and_leaves_the_batch(batch):
    moved = batch.to("meta")
    assert {tensor.device.type for tensor in moved.values()} == {"meta"}
    assert {tensor.device.type for tensor in batch.values()} == {"cpu"}
    assert [tensor.dtype for tensor in moved.values()] == [tensor.dtype for tensor in batch.values()]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="page-locked memory needs a GPU's driver")
def test_pin_memory_pins_every_tensor(batch):
    assert all(tensor.is_pinned() for tensor in batch.pin_memory().values())


def test_it_says_its_shape(batch):
    assert repr(batch) == (
        "Batch(input_ids (2, 3) int64, attention_mask (2, 3) bool, lengths (2,) int64, "
        "labels (2,) int64, row_ids (2,) int64; on cpu)"
    )
