"""The state that goes from batch to batch: as if a lane were read in one go, also where training was killed."""

from __future__ import annotations

import pytest
import torch

from textprep.batches.blocks import Blocks
from textprep.batches.reader import EncodedTexts
from textprep.config.options import TrainingOptions
from textprep.models import GRULanguageModel, TransformerLanguageModel
from textprep.ragged import Ragged
from textprep.training.loop.carried import Carried
from textprep.training.loop.session import Session
from textprep.training.loop.step import OptimizerStep
from textprep.training.trainer import fit, predict_outputs, validate

V, LANES = 10, 3
COLUMNS = ["input_ids", "attention_mask", "labels", "row_ids", "token_index", "continues"]


def lanes(length: int = 4) -> Blocks:
    generator = torch.Generator().manual_seed(0)
    rows = [torch.randint(3, V, (7,), generator=generator).tolist() for _ in range(12)]
    return Blocks(EncodedTexts(Ragged.from_rows(rows)), length, lanes=LANES, end_id=2)


def made(kind=GRULanguageModel, dropout=0.3):
    torch.manual_seed(0)
    return kind(V, embedding_dim=8, hidden_dim=8, dropout=dropout)


def test_batches_with_their_state_have_the_logits_of_each_lane_in_one_go():
    model, carried = made().eval(), Carried()
    batches = list(lanes().loader(columns=COLUMNS))
    assert len(batches) > 3
    whole = torch.cat([batch["input_ids"] for batch in batches], dim=1)
    mask = torch.cat([batch["attention_mask"] for batch in batches], dim=1)
    with torch.inference_mode():
        pieces = [
            carried(model, {name: batch[name] for name in ("input_ids", "attention_mask")}, batch)
            for batch in batches
        ]
        expected = model(whole, mask)
    found = torch.cat(pieces, dim=1)
    torch.testing.assert_close(found[mask], expected[mask], atol=1e-5, rtol=0)


def test_a_row_that_begins_anew_begins_with_zeros():
    model, carried = made().eval(), Carried()
    ids = torch.tensor([[3, 4], [5, 6]])
    inputs = {"input_ids": ids, "attention_mask": ids > 0}
    with torch.inference_mode():
        carried(model, inputs, {"continues": torch.tensor([False, False])})
        second = carried(model, inputs, {"continues": torch.tensor([True, False])})
        alone = model(ids)
    torch.testing.assert_close(second[1], alone[1], atol=1e-6, rtol=0)
    assert not torch.allclose(second[0], alone[0], atol=1e-3)


@pytest.mark.parametrize("batch", [{}, {"continues": torch.tensor([False])}])
@pytest.mark.parametrize("kind", [GRULanguageModel, TransformerLanguageModel])
def test_nothing_is_carried_where_rows_do_not_go_on_or_the_model_has_no_state(kind, batch):
    carried, ids = Carried(), torch.tensor([[3, 4]])
    carried(made(kind), {"input_ids": ids, "attention_mask": ids > 0}, batch)
    assert (carried.state is None) == (not batch or kind is TransformerLanguageModel)


def test_no_gradient_flows_from_one_batch_to_the_one_before():
    model, carried, ids = made(), Carried(), torch.tensor([[3, 4]])
    batch = {"continues": torch.tensor([True])}
    for _ in range(2):
        carried(model, {"input_ids": ids, "attention_mask": ids > 0}, batch).sum().backward()
    assert carried.state is not None
    assert not carried.state.requires_grad


class Killed(Exception):
    """Stands for a process that is gone."""


def trained(folder, steps=None, kill_at=None, monkeypatch=None):
    blocks, model = lanes(), made()
    options = TrainingOptions(epochs=2, learning_rate=0.01, checkpoint_every=1, device="cpu")
    if kill_at is not None:
        call = OptimizerStep.__call__

        def killed(self, batches, done):
            if self.session.step == kill_at:
                raise Killed
            call(self, batches, done)

        monkeypatch.setattr(OptimizerStep, "__call__", killed)
    folder.mkdir(exist_ok=True)
    loader = blocks.loader(columns=COLUMNS)
    fit(model, loader, loader, options, target="next_token", progress=False, checkpoint=folder / "checkpoint")
    return model.state_dict()


@pytest.mark.parametrize("step", [0, 1, 3, 7, 9])
def test_training_that_was_killed_at_any_step_goes_on_to_the_very_same_weights(step, tmp_path, monkeypatch):
    whole = trained(tmp_path / "whole")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        trained(tmp_path / "killed", kill_at=step, monkeypatch=patch)
    again = trained(tmp_path / "killed")
    for name, weights in whole.items():
        assert torch.equal(again[name], weights), name


def test_the_state_is_in_the_checkpoint(tmp_path, monkeypatch):
    states = []
    restore = Session.restore

    def noted(self, path):
        restore(self, path)
        states.append(self.carried.state)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        trained(tmp_path / "killed", kill_at=3, monkeypatch=patch)
    monkeypatch.setattr(Session, "restore", noted)
    trained(tmp_path / "killed")
    assert states[0] is not None
    assert states[0].shape == (LANES, 8)
    assert states[0].abs().sum() > 0


def test_validation_and_prediction_carry_it_too():
    model, blocks = made(dropout=0.0).eval(), lanes()
    without = [name for name in COLUMNS if name != "continues"]
    with_state, fresh = (
        validate(model, blocks.loader(columns=names), "next_token")["loss"] for names in (COLUMNS, without)
    )
    assert with_state != pytest.approx(fresh, abs=1e-6)
    found = predict_outputs(model, blocks.loader(columns=COLUMNS), "cpu", target="next_token")
    assert -found.values.mean() == pytest.approx(with_state, abs=1e-5)
