"""The loader and its parts under torchdata, NumPy and Lightning; the examples show Lightning and Trainer whole."""

from __future__ import annotations

import json
from itertools import islice

import numpy as np
import pytest
import torch

from textprep.batches.layout import Layout
from textprep.batches.torch_data import BatchSampler, Collate, RowDataset
from textprep.errors import LoaderError

OPTIONS = {"batch_size": 4, "shuffle": True, "seed": 3}


def rows_of(batches):
    return [batch.row_ids.tolist() for batch in batches]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_torchdata_saves_and_restores_the_place(stored, num_workers):
    stateful = pytest.importorskip("torchdata.stateful_dataloader")

    def make():
        sampler = BatchSampler(stored.lengths, **OPTIONS)
        parts = {"batch_sampler": sampler, "collate_fn": Collate(), "num_workers": num_workers}
        return stateful.StatefulDataLoader(RowDataset(stored), **parts)

    whole = rows_of(make())
    loader = make()
    begun = rows_of(islice(iter(loader), 5))
    state = loader.state_dict()
    other = make()
    other.load_state_dict(state)
    assert begun + rows_of(other) == whole


def test_numpy_arrays_for_jax_and_others(stored):
    arrays = list(stored.loader(**OPTIONS, return_tensors="np"))
    for found, batch in zip(arrays, stored.loader(**OPTIONS), strict=True):
        assert type(found) is dict
        assert list(found) == list(batch)
        assert all(np.array_equal(found[name], batch[name].numpy()) for name in found)
    pairs = list(stored.loader(**OPTIONS, return_tensors="np", as_tuple=True))
    assert all(np.array_equal(X, found["input_ids"]) for (X, _), found in zip(pairs, arrays, strict=True))


def test_pairs_for_plain_loops(stored):
    for (X, y), batch in zip(stored.loader(**OPTIONS, as_tuple=True), stored.loader(**OPTIONS), strict=True):
        assert torch.equal(X, batch.input_ids)
        assert torch.equal(y, batch.labels)


@pytest.mark.parametrize("as_tuple", [False, True])
def test_a_stream_is_epoch_after_epoch_without_end(stored, as_tuple):
    loader = stored.loader(**OPTIONS)
    expected = [batch.input_ids for _ in range(3) for batch in loader]
    stream = stored.loader(**OPTIONS, as_tuple=as_tuple).stream()
    found = [next(iter(stream)) for _ in expected]
    assert all(torch.equal(X, ids) for (X, _), ids in zip(found, expected, strict=True))


def test_a_stream_of_nothing_is_an_error_and_not_a_loop_without_end(stored):
    with pytest.raises(LoaderError, match="gives no batch with these options: there is nothing to stream"):
        next(stored.loader(batch_size=100, drop_last=True).stream())


def test_batches_are_sent_to_a_device(stored):
    assert {batch.input_ids.device.type for batch in stored.loader(device="meta")} == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_batches_reach_a_gpu_whole(stored):
    for batch, expected in zip(
        stored.loader(**OPTIONS, device="cuda"), stored.loader(**OPTIONS), strict=True
    ):
        assert all(torch.equal(batch[name].cpu(), expected[name]) for name in expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"return_tensors": "np", "device": "cpu"}, "return_tensors='np' gives arrays, which have no device"),
        ({"return_tensors": "tf"}, "option 'return_tensors': Input should be 'pt' or 'np' (given 'tf')"),
        ({"rank": 1}, "rank=1 and world_size=None do not go together; give both, or none"),
        ({"weights": "balanced"}, "weights need shuffle=True"),
        ({"layout": Layout(too_long="error")}, "too_long says what becomes of rows of more than max_tokens"),
        (
            {"max_tokens": 5, "layout": Layout(too_long="error")},
            "28 rows alone are more than max_tokens=5, the first is row ",
        ),
        (
            {"max_tokens": 7, "layout": Layout(pad_to_multiple_of=8)},
            "max_tokens=7 is less than one row; a batch is at least 8",
        ),
        ({"prefetch": -1}, "prefetch=-1 cannot be used"),
        ({"shuffle": "no"}, "option 'shuffle': Input should be a valid boolean (given 'no')"),
        ({"drop_last": 1}, "option 'drop_last': Input should be a valid boolean (given 1)"),
        ({"as_tuple": None}, "option 'as_tuple': Input should be a valid boolean (given None)"),
        ({"device": "gpu"}, "device='gpu' cannot be used here: "),
    ],
)
def test_options_that_cannot_be_used_are_one_clear_line(stored, options, message):
    with pytest.raises(LoaderError) as caught:
        stored.loader(**options)
    assert str(caught.value).startswith(message)


def test_batch_size_and_max_tokens_together_are_two_limits(stored):
    loader = stored.loader(batch_size=3, max_tokens=20, shuffle=True)
    shapes = [tuple(batch.input_ids.shape) for batch in loader]
    assert all(rows <= 3 and rows * width <= 20 for rows, width in shapes)
    assert any(rows == 3 for rows, _ in shapes)  # the one limit holds for short rows,
    assert any(rows < 3 and (rows + 1) * width > 20 for rows, width in shapes)  # the other for long ones
    assert "of up to 20 tokens and 3 rows" in repr(loader)


def test_a_row_of_more_than_max_tokens_is_truncated(stored):
    batches = list(stored.loader(max_tokens=5, shuffle=True))
    assert max(int(batch.lengths.max()) for batch in batches) == 5
    assert max(batch.input_ids.numel() for batch in batches) == 5
    assert sum(len(batch.labels) for batch in batches) == len(stored)


def test_lightning_saves_the_place_with_its_checkpoints(stored, tmp_path):
    """A run that goes on from the middle of an epoch sees the batches that were left, and epochs differ."""
    lightning = pytest.importorskip("lightning")

    class Notes(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))
            self.seen = []

        def training_step(self, batch, number):
            self.seen.append(batch.row_ids.tolist())
            return self.weight.sum()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    def fit(checkpoint=None):
        notes, loader = Notes(), stored.loader(**OPTIONS)
        saver = lightning.pytorch.callbacks.ModelCheckpoint(tmp_path, every_n_train_steps=20, save_top_k=-1)
        quiet = dict.fromkeys(("logger", "enable_progress_bar", "enable_model_summary"), False)
        trainer = lightning.Trainer(max_epochs=3, accelerator="cpu", callbacks=[saver], **quiet)
        trainer.fit(notes, loader, ckpt_path=checkpoint)
        assert trainer.train_dataloader is loader, "no sampler was put in"
        return notes.seen

    whole = fit()
    size = len(stored.loader(**OPTIONS))
    assert whole[:size] != whole[size : 2 * size]
    assert fit(next(tmp_path.glob("*step=20.ckpt"))) == whole[20:]


def test_states_are_json(stored):
    sampler = BatchSampler(stored.lengths, **OPTIONS)
    next(iter(sampler))
    assert json.loads(json.dumps(sampler.state_dict())) == sampler.state_dict()
