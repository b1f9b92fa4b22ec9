from __future__ import annotations

import copy
import pickle

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
    assert "year" not in batch
    assert batch.get("year") is None


def test_it_is_open_to_any_field(batch):
    names = {
        "year": torch.tensor([1.0, 2.0]),
        "keys": torch.tensor([1, 2]),
        "two words": torch.tensor([3, 4]),
    }
    more = type(batch)(batch, **names)
    assert list(more) == [*NAMES, *names]
    assert more.year is names["year"]
    assert {"year", "two words", "labels"} <= set(dir(more))
    assert all(more[name] is tensor for name, tensor in names.items())
    assert callable(more.keys), "a column that is called as a method is had by its name"
    assert list(more.to("meta")) == list(more)


@pytest.mark.parametrize("way", [dict, list, lambda batch: list(batch.items())])
def test_it_is_made_as_a_dict_is(batch, way):
    given = way(batch)
    if isinstance(given, list) and isinstance(given[0], str):
        given = ((name, batch[name]) for name in given)
    assert list(Batch(given)) == NAMES
    assert list(Batch()) == []
    assert repr(Batch()) == "Batch()"


def test_a_field_that_it_does_not_have_is_named_with_those_that_it_has(batch):
    with pytest.raises(AttributeError, match=r"^a batch has no 'year'; it has input_ids, attention_mask"):
        _ = batch.year
    with pytest.raises(KeyError, match="a batch has no 'labels'; it has input_ids"):
        Batch(input_ids=batch.input_ids).as_tuple()
    assert not hasattr(batch, "__array__")


def test_it_never_changes(batch):
    for change in (lambda: setattr(batch, "labels", None), lambda: delattr(batch, "labels")):
        with pytest.raises(AttributeError, match="a batch is immutable"):
            change()
    with pytest.raises(TypeError):
        batch["labels"] = batch.labels


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))])
def test_it_is_copied_and_pickled_whole(batch, way):
    again = way(Batch(batch, year=torch.tensor([1.0, 2.0])))
    assert type(again) is Batch
    assert list(again) == [*NAMES, "year"]
    assert all(torch.equal(again[name], batch[name]) for name in NAMES)


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
