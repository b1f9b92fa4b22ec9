"""Killed at any step and started again, a training ends with the weights that it would have had."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from textprep.batches.loader import BatchLoader
from textprep.errors import RunError
from textprep.models import GRUAttentionClassifier, GRUTagger
from textprep.targets import ClassesTarget, ClassTarget, NumberTarget, target_of
from textprep.training.directory import claimed_run_directory
from textprep.training.runs.experiment import resume
from textprep.training.runs.log import LOG, Log, read_log
from textprep.training.targets import objective_of
from textprep.training.trainer import TrainingOptions, fit

ROWS, BATCH = 30, 8  # four batches an epoch, the last of six rows
OPTIONS = TrainingOptions(
    epochs=3, patience=3, learning_rate=0.02, averaging=0.9, word_dropout=0.1, label_smoothing=0.1,
    warmup=0.2, checkpoint_every=1, device="cpu",
)  # fmt: skip


TARGETS = {
    "class": ClassTarget(class_names=["no", "yes"]),
    "classes": ClassesTarget(class_names=["no", "yes"]),
    "number": NumberTarget(names=["twos", "threes"], mean=[1.0, 1.0], deviation=[1.0, 1.0]),
    "tags": target_of("tags", tags=["O", "B-two", "I-two"], scheme="iob2"),
}


class Tags:
    """Of each token: twos, and threes behind them, are entities; some tokens have no label."""

    def __init__(self, rows: list[np.ndarray]) -> None:
        self.rows, self.lengths = rows, np.array([len(row) for row in rows])

    def __len__(self) -> int:
        return len(self.rows)

    def ids(self, row: int) -> np.ndarray:
        tokens = self.rows[row]
        inside = (tokens == 3) & (np.roll(tokens, 1) == 2)
        return np.where(
            np.arange(len(tokens)) % 5 == 4, -100, np.where(tokens == 2, 1, np.where(inside, 2, 0))
        )


class Rows:
    """Prepared rows in memory, learnable and unequal in length, with labels of a kind."""

    def __init__(self, kind: str = "class") -> None:
        generator = np.random.default_rng(0)
        self.rows = [generator.integers(2, 6, generator.integers(2, 9)) for _ in range(ROWS)]
        self.lengths = np.array([len(row) for row in self.rows])
        self.target = TARGETS[kind]
        counts = np.array([[(row == 2).sum(), (row == 3).sum()] for row in self.rows], np.float32)
        self.labels = {
            "class": (counts[:, 0] > counts[:, 1]).astype(np.int64),
            "classes": (counts > 0).astype(np.int8),
            "number": counts,
            "tags": Tags(self.rows),
        }[kind]
        self.row_ids = np.arange(ROWS)

    def __len__(self) -> int:
        return ROWS

    def ids(self, row: int) -> np.ndarray:
        return self.rows[row]


class Killed(BaseException):
    """What no handler of the trainer catches, as SIGKILL."""


def train(
    folder: Path, killed_at: int | None = None, kind: str = "class", **changes: object
) -> tuple[list, torch.Tensor]:
    """History without times, and all weights; the process dies after the batch ``killed_at``."""
    torch.manual_seed(0)
    sizes = {"embedding_dim": 8, "hidden_dim": 8, "dropout": 0.3}
    tagger = kind == "tags"
    model = (
        GRUTagger(6, 3, attention="multihead", **sizes) if tagger else GRUAttentionClassifier(6, 2, **sizes)
    )
    smoothing = 0.0 if kind == "number" else OPTIONS.label_smoothing
    options = OPTIONS.model_copy(update={"label_smoothing": smoothing, **changes})
    loader = BatchLoader(Rows(kind), batch_size=BATCH, shuffle=True, seed=5)
    seen = 0

    class Mortal(BatchLoader):
        def __iter__(self):
            nonlocal seen
            for batch in super().__iter__():
                if seen == killed_at:
                    raise Killed
                seen += 1
                yield batch

    if killed_at is not None:
        loader = Mortal(Rows(kind), batch_size=BATCH, shuffle=True, seed=5)
    validation = BatchLoader(Rows(kind), batch_size=BATCH)
    history = fit(
        model, loader, validation, options, target=TARGETS[kind], progress=False,
        checkpoint=folder / "checkpoint",
    )  # fmt: skip
    epochs = [{**vars(epoch), "seconds": 0} for epoch in history.epochs]
    weights = torch.cat([tensor.flatten() for tensor in model.state_dict().values()])
    return [epochs, history.best_epoch], weights


@pytest.mark.parametrize(
    ("kind", "accumulate"),
    [("class", 1), ("class", 3), ("classes", 1), ("classes", 3), ("number", 3), ("tags", 3)],
)
def test_a_training_killed_at_any_step_ends_as_if_it_had_not_been(kind, accumulate, tmp_path):
    (tmp_path / "whole").mkdir()
    history, weights = train(tmp_path / "whole", kind=kind, accumulate=accumulate)
    for killed_at in range(12):
        folder = tmp_path / str(killed_at)
        folder.mkdir()
        with pytest.raises(Killed):
            train(folder, killed_at, kind, accumulate=accumulate)
        resumed, same = train(folder, kind=kind, accumulate=accumulate)
        assert resumed == history, killed_at
        assert torch.equal(same, weights), killed_at


def test_rare_checkpoints_do_it_too(tmp_path):
    (tmp_path / "whole").mkdir()
    history, weights = train(tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path, 7, checkpoint_every=3)
    resumed, same = train(tmp_path, checkpoint_every=3)
    assert resumed == history
    assert torch.equal(same, weights)


def test_a_finished_training_is_not_gone_through_again(tmp_path):
    history, weights = train(tmp_path)
    again, same = train(tmp_path, killed_at=0)
    assert again == history
    assert torch.equal(same, weights)


@pytest.mark.parametrize("damage", ["truncated", "a bit", "other model", "no checkpoint"])
def test_a_checkpoint_that_cannot_be_used_is_named(damage, tmp_path):
    path = tmp_path / "checkpoint"
    train(tmp_path)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:1000])
    elif damage == "a bit":
        content = bytearray(path.read_bytes())
        content[-9] ^= 1
        path.write_bytes(content)
    elif damage == "no checkpoint":
        path.write_text("weights")
    else:
        from textprep.training.loop.session import Session

        Session(GRUAttentionClassifier(7, 2), objective_of("class"), OPTIONS).save(path)
    with pytest.raises(RunError, match=r"checkpoint is no checkpoint of this training .*: remove it"):
        train(tmp_path)


def test_what_a_kill_left_half_written_is_cleared_away(tmp_path):
    half = tmp_path / ".checkpoint.safetensors.a1b2c3"
    half.touch()
    with claimed_run_directory(tmp_path, "run", resume=True):
        assert not half.exists()


@pytest.mark.parametrize("damage", ["[]", '{"dataset": {"name": "memory"}, "epochs": 3}'])
def test_a_configuration_that_is_none_is_named(damage, tmp_path):
    (tmp_path / "config.json").write_text(damage)
    with pytest.raises(RunError, match=r"config.json is no configuration: "):
        resume(tmp_path)


def test_a_folder_that_is_not_there_or_has_no_training_is_named(tmp_path):
    with pytest.raises(RunError, match=r"there is no run directory .*nope: 'textprep train' makes one"):
        resume(tmp_path / "nope")
    with pytest.raises(RunError, match=r"there is nothing to go on with .*: no training has begun there"):
        resume(tmp_path)


@pytest.mark.parametrize("changed", [{"epochs": 9}, {"averaging": 0.0}, {"learning_rate": 0.5}])
def test_a_training_goes_on_with_its_own_options_only(changed, tmp_path):
    with pytest.raises(Killed):
        train(tmp_path, 7)
    with pytest.raises(
        RunError, match=rf"checkpoint was written with training.{next(iter(changed))}=.* \(here "
    ):
        train(tmp_path, **changed)
    train(tmp_path, checkpoint_every=2)  # what changes no weight may change


def test_the_log_forgets_what_came_after_the_checkpoint(tmp_path):
    log = Log(tmp_path)
    for step in (10, 20, 30):
        log({"step": step, "loss": 1 / step})
    with (tmp_path / LOG).open("a") as file:
        file.write('{"step": 4')  # cut off by a kill
    again = Log(tmp_path)
    again({"step": 30, "loss": 0.5})
    assert [(record["step"], record["loss"]) for record in read_log(tmp_path / LOG)] == [
        (10, 0.1), (20, 0.05), (30, 0.5),
    ]  # fmt: skip
    assert all(json.loads(line) for line in (tmp_path / LOG).read_text().splitlines())


def test_tensorboard_gets_the_same_numbers(tmp_path):
    event_accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    log = Log(tmp_path, tensorboard=True)
    for step in (10, 20):
        log({"step": step, "epoch": 1, "loss": 1 / step, "validation_loss": None})
    log.close()
    events = event_accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    assert [(event.step, event.value) for event in events.Scalars("loss")] == [
        (10, pytest.approx(0.1)), (20, pytest.approx(0.05)),
    ]  # fmt: skip
    assert events.Tags()["scalars"] == ["loss"]
