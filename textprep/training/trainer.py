"""The training loop: forward, loss, backward, clip, step; validation after each epoch; the best weights kept.

A loader is any iterable of mappings with ``input_ids`` (B, T) int64, ``attention_mask`` (B, T) bool,
``labels`` (B,) int64 (-100 where unlabelled: such rows are left out of loss and accuracy) and, for
prediction, ``row_ids`` (B,) int64. A `BatchLoader` is one.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import AdamW, Optimizer

from textprep.errors import ConfigError, DatasetError
from textprep.training.devices import device_of, pick_device, to_device
from textprep.training.history import Epoch, History
from textprep.training.options import TrainingOptions
from textprep.training.progress import tell, watch

__all__ = ["History", "TrainingOptions", "fit", "predict_logits", "validate"]

Loader = Iterable[Mapping[str, Any]]
Weights = dict[str, Tensor]
UNLABELLED = -100


def fit(
    model: nn.Module,
    train_loader: Loader,
    validation_loader: Loader | None,
    options: TrainingOptions | None = None,
    *,
    progress: bool | None = None,
) -> History:
    """Train ``model`` in place; at the end it has its best weights and is in evaluation mode.

    The best weights are those with the lowest validation loss. The loss sees each probability, so it tells
    two epochs apart where the accuracy of a few thousand texts is noise, and it rises as soon as a model
    becomes too sure of itself. Without validation data the last weights are kept.

    Equal options, first weights, batches and library versions give equal weights on a CPU. The first
    weights are the caller's: ``torch.manual_seed(seed)`` before the model is made. Torch's global random
    state is seeded here, for dropout.

    Ctrl-C ends training early and well: the model has the best weights so far, or, before the first
    validation, those of the moment. So it does when an epoch fails with an error.

    Args:
        model: called as ``model(input_ids=…, attention_mask=…)``, returns logits (B, C).
        train_loader: its ``set_epoch(0)``, ``set_epoch(1)`` … is called before each epoch, where it has one.
        validation_loader: batches to choose the best weights by, or None.
        options: `TrainingOptions()` if not given.
        progress: False is silent; True a bar; None a bar on a terminal and plain lines elsewhere.

    Raises:
        ConfigError: the device cannot be used, or the loss is no longer a finite number.
        DatasetError: a loader has no labelled row.
    """
    options = options or TrainingOptions()
    model.to(pick_device(options.device))
    torch.manual_seed(options.seed)
    optimizer = AdamW(model.parameters(), lr=options.learning_rate, weight_decay=options.weight_decay)
    history = History()
    best: tuple[float, int, Weights] | None = None
    try:
        for epoch in range(1, options.epochs + 1):
            started, title = time.perf_counter(), f"epoch {epoch} of {options.epochs}"
            _set_epoch(train_loader, epoch - 1)
            train = _train(model, watch(train_loader, title, progress), optimizer, options.clip_norm)
            validation = None
            if validation_loader is not None:
                validation = validate(model, watch(validation_loader, f"{title}, validation", progress))
            record = _record(epoch, train, validation, time.perf_counter() - started)
            history.epochs.append(record)
            tell(str(record), progress)
            if validation is None:
                continue
            if best is None or validation.loss < best[0]:
                best = validation.loss, epoch, _copy_weights(model)
            elif epoch - best[1] >= options.patience:
                break
    except KeyboardInterrupt:
        history.interrupted = True
        tell(f"stopped by Ctrl-C in epoch {len(history.epochs) + 1}", progress)
    finally:
        if best is not None:
            _, history.best_epoch, weights = best
            model.load_state_dict(weights)
        model.eval()
    return history


def validate(model: nn.Module, batches: Loader) -> Scores:
    """Loss and accuracy over all labelled rows of ``batches``; the model is left in evaluation mode.

    Raises:
        ConfigError: the loss is not a finite number.
        DatasetError: no row is labelled.
    """
    model.eval()
    tally = _Tally("the validation data")
    with torch.inference_mode():
        for batch in batches:
            inputs, labels = to_device(batch, device_of(model))
            tally.add(model(**inputs), labels)
    return tally.scores()


def predict_logits(
    model: nn.Module, loader: Loader, device: str | torch.device = "auto"
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """What the model says about each row, in the loader's order; the model's mode stays as it was.

    Returns:
        logits (N, C) float32, labels (N,) int64 and row ids (N,) int64; C is 0 where there are no rows.

    Raises:
        ConfigError: the device cannot be used.
    """
    was_training = model.training
    model.to(pick_device(str(device))).eval()
    logits, labels, row_ids = [np.zeros((0, 0), np.float32)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    try:
        with torch.inference_mode():
            for batch in loader:
                inputs, _ = to_device(batch, device_of(model))
                logits.append(model(**inputs).float().cpu().numpy())
                labels.append(batch["labels"].cpu().numpy())
                row_ids.append(batch["row_ids"].cpu().numpy())
    finally:
        model.train(was_training)
    return np.concatenate(logits[1:] or logits), np.concatenate(labels), np.concatenate(row_ids)


def _train(model: nn.Module, batches: Any, optimizer: Optimizer, clip_norm: float) -> Scores:
    """One pass over the training batches, a step of the optimizer each."""
    model.train()
    tally = _Tally("the training data")
    for batch in batches:
        inputs, labels = to_device(batch, device_of(model))
        loss = tally.add(model(**inputs), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
        optimizer.step()
        batches.set_postfix_str(f"loss {tally.loss / max(tally.rows, 1):.4f}", refresh=False)
    return tally.scores()


class Scores(NamedTuple):
    """Mean loss a labelled row, and the share of them that was right."""

    loss: float
    accuracy: float


class _Tally:
    """Sums over the labelled rows of an epoch."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.loss = 0.0
        self.batches = self.rows = self.right = 0

    def add(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Count a batch, logits (B, C) and labels (B,); returns its mean loss."""
        loss = cross_entropy(logits, labels, ignore_index=UNLABELLED, reduction="sum")
        rows = int((labels != UNLABELLED).sum())
        self.batches += 1
        self.rows += rows
        self.right += int((logits.argmax(dim=1) == labels).sum())
        self.loss += float(loss.detach())
        if not math.isfinite(self.loss):
            raise ConfigError(
                f"the loss became {self.loss} at batch {self.batches} of {self.source}: "
                "lower training.learning_rate"
            )
        return loss / max(rows, 1)

    def scores(self) -> Scores:
        if not self.rows:
            raise DatasetError(f"{self.source} has no labelled row: nothing can be learned or scored")
        return Scores(self.loss / self.rows, self.right / self.rows)


def _record(epoch: int, train: Scores, validation: Scores | None, seconds: float) -> Epoch:
    return Epoch(
        epoch=epoch,
        train_loss=train.loss,
        train_accuracy=train.accuracy,
        validation_loss=validation.loss if validation else None,
        validation_accuracy=validation.accuracy if validation else None,
        seconds=seconds,
    )


def _set_epoch(loader: Loader, epoch: int) -> None:
    if hasattr(loader, "set_epoch"):
        loader.set_epoch(epoch)


def _copy_weights(model: nn.Module) -> Weights:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}
