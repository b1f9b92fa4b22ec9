"""Training: it learns, keeps the best weights, stops when it should, and says why when it cannot go on."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from textprep.batches.batch import Batch
from textprep.config.options import LEAST_STEPS, MOST_EPOCHS
from textprep.errors import ConfigError, DatasetError
from textprep.models import MODELS, GRUAttentionClassifier
from textprep.training.loop.step import drop_words
from textprep.training.trainer import TrainingOptions, fit, predict_outputs, validate


def make_batches(
    rows: int = 96, *, batch_size: int = 16, seed: int = 0, label: int | None = None
) -> list[dict]:
    """Texts of 3 to 9 tokens: class 1 has more of token 2 than of token 3."""
    generator = np.random.default_rng(seed)
    batches = []
    for start in range(0, rows, batch_size):
        lengths = generator.integers(3, 10, min(batch_size, rows - start))
        ids = generator.integers(2, 6, (len(lengths), lengths.max()))
        mask = np.arange(lengths.max()) < lengths[:, None]
        ids[~mask] = 0
        labels = ((ids == 2).sum(1) > (ids == 3).sum(1)).astype(np.int64)
        batches.append(
            {
                "input_ids": torch.from_numpy(ids),
                "attention_mask": torch.from_numpy(mask),
                "lengths": torch.from_numpy(lengths),
                "labels": torch.from_numpy(labels) if label is None else torch.full((len(lengths),), label),
                "row_ids": torch.arange(start, start + len(lengths)),
            }
        )
    return batches


def make_model(seed: int = 0, dropout: float = 0.1) -> GRUAttentionClassifier:
    torch.manual_seed(seed)
    return GRUAttentionClassifier(6, 2, embedding_dim=8, hidden_dim=8, dropout=dropout)


def options(**changes: object) -> TrainingOptions:
    return TrainingOptions(
        **{"epochs": 2, "learning_rate": 0.02, "schedule": "constant", "device": "cpu", **changes}
    )


class Interrupting(list):
    """A loader that is interrupted in pass ``at_pass``, before the batch ``at_batch``."""

    def __init__(self, batches: list[dict], at_pass: int, at_batch: int) -> None:
        super().__init__(batches)
        self.at_pass, self.at_batch, self.passes = at_pass, at_batch, 0

    def __iter__(self):
        self.passes += 1
        for number, batch in enumerate(super().__iter__()):
            if self.passes == self.at_pass and number == self.at_batch:
                raise KeyboardInterrupt
            yield batch


class Scripted(nn.Module):
    """A model whose validation losses follow a script: its one weight counts the epochs."""

    def __init__(self, losses: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.register_buffer("epoch", torch.zeros(1))
        self.losses = losses

    def train(self, mode: bool = True) -> Scripted:
        if mode:
            self.epoch += 1
        return super().train(mode)

    def forward(self, input_ids, attention_mask):
        logits = torch.zeros(len(input_ids), 2) + 0 * self.weight
        if not self.training:  # cross entropy of (0, x) for label 0 is log(1 + e^x)
            logits[:, 1] = math.log(math.expm1(self.losses[int(self.epoch) - 1]))
        return logits


def test_it_learns_and_reports_each_epoch():
    model, batches = make_model(), make_batches(320)
    history = fit(model, batches, make_batches(seed=1), options(epochs=6, patience=6), progress=False)
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    assert history.epochs[-1].train["loss"] < history.epochs[0].train["loss"]
    assert max(epoch.validation["accuracy"] for epoch in history.epochs) > 0.9
    assert not model.training
    assert json.loads(json.dumps(history.to_json())) == history.to_json()


def test_the_same_seed_gives_the_same_weights():
    weights = []
    for seed in (7, 7, 8):
        model = make_model()
        fit(model, make_batches(), make_batches(seed=1), options(seed=seed), progress=False)
        weights.append(torch.cat([parameter.detach().flatten() for parameter in model.parameters()]))
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_the_model_ends_with_the_weights_of_the_lowest_validation_loss():
    model = Scripted([0.6, 0.4, 0.5, 0.45])
    batches = make_batches(label=0)
    history = fit(model, batches, batches, options(epochs=4, patience=9), progress=False)
    assert [round(epoch.validation["loss"], 4) for epoch in history.epochs] == [0.6, 0.4, 0.5, 0.45]
    assert history.best_epoch == 2
    assert validate(model, batches)["loss"] == pytest.approx(0.4)


def test_it_stops_after_so_many_epochs_without_a_better_one():
    model = Scripted([0.6, 0.5, 0.55, 0.52, 0.1])
    batches = make_batches(label=0)
    history = fit(model, batches, batches, options(epochs=5, patience=2), progress=False)
    assert len(history.epochs) == 4
    assert history.best_epoch == 2


def test_validation_is_the_mean_over_rows_not_over_batches():
    model, batches = make_model().eval(), make_batches(40, batch_size=32)
    rows = predict_outputs(model, batches, "cpu")
    logits, labels = rows.values, rows.labels
    scores = validate(model, batches)
    expected = nn.functional.cross_entropy(torch.from_numpy(logits), torch.from_numpy(labels))
    assert scores["loss"] == pytest.approx(float(expected), rel=1e-5)
    assert scores["accuracy"] == (logits.argmax(1) == labels).mean()


@pytest.mark.parametrize("during", ["training", "validation"])
def test_an_interrupt_keeps_the_best_weights_so_far(during):
    train, validation = make_batches(), make_batches(seed=1)
    expected = make_model()
    fit(expected, train, validation, options(epochs=1), progress=False)

    train, validation = (
        (Interrupting(train, 2, 3), validation)
        if during == "training"
        else (train, Interrupting(validation, 2, 1))
    )
    model = make_model()
    history = fit(model, train, validation, options(epochs=3), progress=False)

    assert history.interrupted
    assert history.best_epoch == len(history.epochs) == 1
    assert all(map(torch.equal, model.state_dict().values(), expected.state_dict().values()))


def test_an_interrupt_before_any_validation_keeps_the_weights_of_the_moment():
    model, untrained = make_model(), make_model()
    history = fit(model, Interrupting(make_batches(), 1, 3), make_batches(seed=1), options(), progress=False)
    assert history.interrupted
    assert history.best_epoch is None
    assert history.epochs == []
    assert not torch.equal(model.head.weight, untrained.head.weight)
    assert not model.training


def test_without_validation_the_last_weights_are_kept():
    model = make_model()
    history = fit(model, make_batches(), None, options(epochs=2), progress=False)
    assert history.best_epoch is None
    assert [epoch.validation for epoch in history.epochs] == [None, None]


def test_the_loader_is_told_each_epoch():
    epochs = []

    class Loader(list):
        def set_epoch(self, epoch: int) -> None:
            epochs.append(epoch)

    fit(make_model(), Loader(make_batches()), make_batches(), options(epochs=2, patience=5), progress=False)
    assert epochs == [0, 1]


def test_a_loader_of_prepared_batches_will_do():
    batches = [Batch(**batch) for batch in make_batches()]
    history = fit(make_model(), batches, batches, options(epochs=1), progress=False)
    assert history.best_epoch == 1
    assert predict_outputs(make_model(), batches, "cpu").row_ids.tolist() == list(range(96))


def test_unlabelled_rows_count_for_nothing():
    batches = make_batches(32, batch_size=16)
    batches[1]["labels"][:] = -100
    model = make_model().eval()
    assert validate(model, batches) == validate(model, batches[:1])
    fit(model, batches[::-1], batches, options(epochs=1), progress=False)
    assert all(parameter.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("batches", [[], make_batches(label=-100)])
def test_nothing_to_learn_from_is_said(batches):
    with pytest.raises(DatasetError, match="training data has no labelled row"):
        fit(make_model(), batches, make_batches(), options(), progress=False)
    with pytest.raises(DatasetError, match="validation data has no labelled row"):
        fit(make_model(), make_batches(), batches, options(), progress=False)


def test_a_loss_that_is_not_finite_is_said():
    model = make_model()
    with torch.no_grad():
        model.head.weight[0, 0] = float("nan")
    with pytest.raises(ConfigError, match=r"loss became nan at batch 1 of the training data.*learning_rate"):
        fit(model, make_batches(), make_batches(), options(), progress=False)


def test_an_error_in_a_later_epoch_leaves_the_best_weights():
    model, batches = Scripted([0.6, float("nan")]), make_batches(label=0)
    with pytest.raises(ConfigError, match="validation data"):
        fit(model, batches, batches, options(epochs=2), progress=False)
    assert validate(model, batches)["loss"] == pytest.approx(0.6)


def test_gradients_are_clipped():
    norms = []

    def note_norm(optimizer, *_):
        gradients = [weight.grad.flatten() for group in optimizer.param_groups for weight in group["params"]]
        norms.append(float(torch.cat(gradients).norm()))

    handle = register_optimizer_step_pre_hook(note_norm)
    fit(make_model(), make_batches(), None, options(epochs=1, clip_norm=1e-3), progress=False)
    handle.remove()
    assert len(norms) == 6
    assert max(norms) <= 1.001e-3


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"learning_rate": 0}, {"clip_norm": -1}, {"patience": 0}, {"dropout": 0.1}]
)
def test_a_wrong_option_is_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        TrainingOptions(**wrong)


def test_predictions_come_in_the_order_of_the_loader():
    model = make_model().train()
    batches = make_batches(40)
    rows = predict_outputs(model, batches[::-1], "cpu")
    logits, labels, row_ids = rows.values, rows.labels, rows.row_ids
    assert model.training
    assert logits.dtype == np.float32
    assert logits.shape == (40, 2)
    assert row_ids.tolist() == [*range(32, 40), *range(16, 32), *range(16)]
    assert labels.tolist() == torch.cat([batch["labels"] for batch in batches[::-1]]).tolist()
    model.eval()
    torch.testing.assert_close(torch.from_numpy(logits[:8]), model(batches[-1]["input_ids"]).detach())
    assert not model.training


def test_predicting_nothing_gives_nothing():
    rows = predict_outputs(make_model(), [], "cpu")
    assert rows.values.size == rows.labels.size == rows.row_ids.size == 0


def weights_of(model: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


@pytest.mark.parametrize("changes", [{}, {"accumulate": 2, "averaging": 0.5}, {"adversarial": 0.0}], ids=str)
def test_sparse_gradients_teach_what_dense_ones_do(changes):
    class Mean(nn.Module):
        def __init__(self, sparse):
            super().__init__()
            torch.manual_seed(0)
            self.embedding = nn.Embedding(20, 8, padding_idx=0, sparse=sparse)
            self.output = nn.Linear(8, 2)

        def forward(self, input_ids, attention_mask, **more):
            return self.output(self.embedding(input_ids).mean(dim=1))

    models = [Mean(sparse) for sparse in (False, True)]
    for model in models:
        fit(model, make_batches(), make_batches(), options(epochs=2, **changes), progress=False)
    torch.testing.assert_close(*map(weights_of, models))


def test_accumulated_batches_are_one_large_batch():
    weights = []
    for batches, accumulate in ((make_batches(64, batch_size=16), 4), ([one_batch(64)], 1)):
        model = make_model(dropout=0.0)
        fit(model, batches, None, options(epochs=3, accumulate=accumulate), progress=False)
        weights.append(weights_of(model))
    torch.testing.assert_close(weights[0], weights[1], atol=1e-5, rtol=1e-4)


def one_batch(rows: int) -> dict:
    """The rows of ``make_batches(rows)`` as one batch."""
    batches = make_batches(rows, batch_size=16)
    width = max(batch["input_ids"].shape[1] for batch in batches)
    padded = {
        name: torch.cat([nn.functional.pad(b[name], (0, width - b[name].shape[1])) for b in batches])
        for name in ("input_ids", "attention_mask")
    }
    return {**padded, "labels": torch.cat([batch["labels"] for batch in batches])}


def test_the_learning_rate_falls_to_zero():
    rates = []
    fit(make_model(), make_batches(), None, options(epochs=4, schedule="linear", warmup=0.25),
        progress=False, log=lambda record: rates.append(record.get("learning_rate")))  # fmt: skip
    at_steps = [rate for rate in rates if rate is not None]  # steps 10 and 20 of 24, after 9 and 19
    assert at_steps == pytest.approx([0.02 * (1 - 9 / 24) / 0.75, 0.02 * (1 - 19 / 24) / 0.75])


def test_a_schedule_needs_a_length():
    class Endless:
        def __iter__(self):
            yield from make_batches()

    with pytest.raises(ConfigError, match="needs a loader with a length"):
        fit(make_model(), Endless(), None, options(schedule="linear"), progress=False)
    fit(make_model(), Endless(), None, options(), progress=False)


def test_averaged_weights_are_what_is_validated_and_kept():
    plain, averaged = make_model(), make_model()
    fit(plain, make_batches(), None, options(), progress=False)
    history = fit(averaged, make_batches(), make_batches(seed=1), options(averaging=0.9), progress=False)
    assert not torch.equal(weights_of(plain), weights_of(averaged))
    best = history.epochs[history.best_epoch - 1]
    assert validate(averaged, make_batches(seed=1))["loss"] == pytest.approx(best.validation["loss"])
    unvalidated = make_model()
    fit(unvalidated, make_batches(), None, options(averaging=0.9), progress=False)
    assert not torch.equal(weights_of(plain), weights_of(unvalidated))


def test_dropped_words_are_unknown_and_padding_stays():
    ids, mask = torch.full((50, 40), 7), torch.arange(40) < torch.arange(50)[:, None]
    ids[~mask] = 0
    torch.manual_seed(0)
    dropped = drop_words(ids, mask, 1, share=0.25)
    assert set(dropped[mask].tolist()) == {1, 7}
    assert (dropped[mask] == 1).float().mean().item() == pytest.approx(0.25, abs=0.05)
    assert dropped[~mask].abs().sum() == 0
    assert torch.equal(drop_words(ids, mask, 1, share=0.0), ids)


def test_the_best_epoch_is_that_of_the_chosen_score():
    class Fixed(Scripted):
        """Loss falls while accuracy does too: the label is 0, and ``right`` of four rows are."""

        def forward(self, input_ids, attention_mask):
            logits = super().forward(input_ids, attention_mask)
            if not self.training:
                right = [4, 3][int(self.epoch) - 1]
                sure = [0.1, 0.5][int(self.epoch) - 1]
                logits = torch.zeros(len(input_ids), 2)
                logits[:, 0] = sure
                logits[right::4, 0] = -0.1
            return logits

    batches = make_batches(16, label=0)
    for monitor, best in (("loss", 2), ("accuracy", 1), ("macro_f1", 1)):
        history = fit(Fixed([1, 1]), batches, batches, options(monitor=monitor), progress=False)
        assert history.best_epoch == best, monitor


def test_several_labels_a_row_are_learned():
    batches = make_batches(320)
    for batch in batches:
        counts = [(batch["input_ids"] == token).sum(1) for token in (2, 3, 4)]
        batch["labels"] = torch.stack([count > 1 for count in counts], dim=1).long()
    torch.manual_seed(0)
    model = GRUAttentionClassifier(6, 3, embedding_dim=8, hidden_dim=8, dropout=0.0)
    history = fit(model, batches, batches, options(epochs=8, patience=8), target="classes", progress=False)
    assert history.epochs[-1].validation["macro_f1"] > 0.9
    rows = predict_outputs(model, batches, "cpu", target="classes")
    logits, labels = rows.values, rows.labels
    assert ((logits > 0) == labels).all(axis=1).mean() == pytest.approx(
        history.epochs[history.best_epoch - 1].validation["accuracy"]
    )


@pytest.mark.parametrize("model", ["gru_attention", "transformer"])
def test_mixed_precision_learns_too(model):
    torch.manual_seed(0)
    model = MODELS[model](6, 2, embedding_dim=8, hidden_dim=8, dropout=0.1)
    history = fit(model, make_batches(320), make_batches(seed=1), options(epochs=4, patience=4, precision="bfloat16"), progress=False)  # fmt: skip
    assert max(epoch.validation["accuracy"] for epoch in history.epochs) > 0.8
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_frozen_weights_stay_as_they_are():
    model = make_model()
    before = model.embedding.weight.requires_grad_(False).clone()
    fit(model, make_batches(), None, options(), progress=False)
    assert torch.equal(model.embedding.weight, before)
    with pytest.raises(ConfigError, match="nothing to train"):
        fit(model.requires_grad_(False), make_batches(), None, options(), progress=False)


def test_wrong_class_weights_are_named():
    with pytest.raises(ConfigError, match="give 2 numbers above 0"):
        fit(make_model(), make_batches(), None, options(class_weights=(1.0, 1.0, 1.0)), progress=False)
    with pytest.raises(ConfigError, match="give 2 numbers above 0"):
        fit(make_model(), make_batches(), None, options(class_weights=(1.0, 0.0)), progress=False)


def test_balanced_classes_are_named_more_often_when_they_are_rare():
    batches = make_batches(320)
    for batch in batches:
        batch["labels"] = (batch["row_ids"] % 8 == 0).long()  # nothing to learn but how frequent it is
    sure = []
    for class_weights in (None, "balanced"):
        model = make_model()
        fit(model, batches, None, options(class_weights=class_weights, epochs=3), progress=False)
        logits = torch.from_numpy(predict_outputs(model, batches, "cpu").values)
        sure.append(logits.softmax(1)[:, 1].mean().item())
    assert sure[0] < 0.3 < 0.4 < sure[1] < 0.6


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("c++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_a_compiled_model_learns_the_same():
    losses = []
    for compiled in (False, True):
        torch.manual_seed(0)
        model = MODELS["transformer"](6, 2, embedding_dim=8, hidden_dim=8, heads=2, layers=1, dropout=0.0)
        history = fit(model, make_batches(), None, options(compile=compiled, adversarial=0), progress=False)
        losses.append([epoch.train["loss"] for epoch in history.epochs])
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"compile": True}, True), ({"compile": True, "adversarial": 0}, False), ({}, False)],
)
def test_what_a_compiled_model_cannot_do_is_said(changes, said, monkeypatch, capsys):
    monkeypatch.setattr("textprep.training.loop.step.forward_of", lambda model, compiled: model)
    fit(make_model(), make_batches(), None, options(epochs=1, **changes))
    left_out = "training.adversarial=0.02 is left out: training.compile hides the embeddings"
    assert (left_out in capsys.readouterr().err) == said


def test_small_splits_are_gone_through_more_often_where_nobody_says_how_often():
    assert TrainingOptions().epochs_of(10_000) == 2
    assert TrainingOptions().epochs_of(28) * 28 >= LEAST_STEPS > (TrainingOptions().epochs_of(28) - 1) * 28
    assert TrainingOptions(accumulate=4).epochs_of(112) == TrainingOptions().epochs_of(28)
    assert TrainingOptions().epochs_of(1) == MOST_EPOCHS
    assert TrainingOptions(epochs=3).epochs_of(1) == 3


@pytest.mark.parametrize("label", [2, -1])
def test_a_label_that_is_no_class_is_refused_in_training_and_in_validation(label):
    wrong = make_batches(label=label)
    for train_batches, validation in ((wrong, None), (make_batches(), wrong)):
        with pytest.raises(DatasetError, match=f"row 0 has the label {label}; the model has 2 classes"):
            fit(make_model(), train_batches, validation, options(epochs=1), progress=False)
