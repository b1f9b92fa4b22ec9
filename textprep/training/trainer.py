"""The training loop: forward, loss, backward, clip, step; validation after each epoch; the best weights kept.

A loader is any iterable of mappings with ``input_ids`` (B, T) int64, ``attention_mask`` (B, T) bool,
``labels`` of a kind of target (of one class (B,) int64; rows whose label is missing, -100, are left out of
loss and scores) and, for prediction, ``row_ids`` (B,) int64. A `BatchLoader` is one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch
from torch import nn

from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError
from textprep.interrupts import CtrlC, Paused, ctrl_c_noted
from textprep.targets import Target
from textprep.training.loop import processes
from textprep.training.loop.carried import Carried
from textprep.training.loop.checkpoints import Checkpoints
from textprep.training.loop.devices import move, pick_device, to_device
from textprep.training.loop.history import Epoch, History
from textprep.training.loop.passes import Loader, in_groups, rest_of_epoch, size_of
from textprep.training.loop.session import Session
from textprep.training.loop.step import OptimizerStep
from textprep.training.loop.tally import Scores, Tally
from textprep.training.progress import tell, watch
from textprep.training.scoring.predictions import Predictions, joined, predictions_of
from textprep.training.targets import objective_of
from textprep.training.targets.base import Objective

__all__ = ["History", "TrainingOptions", "fit", "predict_outputs", "validate"]

Record = dict[str, Any]
LOG_EVERY = 10
COMPILED = "training.compile hides the embeddings that it would move"


def fit(
    model: nn.Module,
    train_loader: Loader,
    validation_loader: Loader | None,
    options: TrainingOptions | None = None,
    *,
    target: Target | str = "class",
    unk_id: int | None = 1,
    progress: bool | None = None,
    checkpoint: Path | None = None,
    log: Callable[[Record], None] = lambda record: None,
    context: Mapping[str, Any] | None = None,
) -> History:
    """Train ``model`` in place; at the end it has its best weights and is in evaluation mode.

    The best weights are those with the lowest validation loss, or whatever ``options.monitor`` says. The
    loss sees each probability, so it tells two epochs apart where the accuracy of a few thousand texts is
    noise, and it rises as soon as a model becomes too sure of itself. Without validation data the last
    weights are kept.

    Equal options, first weights, batches and library versions give equal weights on a CPU, also where
    training was killed at any step and resumed from its checkpoint. The first weights are the caller's:
    ``torch.manual_seed(seed)`` before the model is made. Torch's global random state is seeded here, and
    only here, for dropout. Under ``torchrun`` each process takes its share of every batch, see
    `textprep.training.loop.processes`.

    Ctrl-C ends training early and well, after the step under way, of which a checkpoint is written: the model
    has the best weights so far, or, before the first validation, those of the moment. So it does when an
    epoch fails with an error, and when a second Ctrl-C ends the step under way, too. Of several processes,
    and where a program handles Ctrl-C in a way of its own, the first Ctrl-C does what the second does here.

    Args:
        model: called as ``model(input_ids=…, attention_mask=…)``, returns logits (B, C). Sparse gradients of
            embeddings are made dense.
        train_loader: its ``set_epoch(0)``, ``set_epoch(1)`` … is called before each epoch, where it has one.
            Of several processes each takes its share of the rows of every batch: give all of them the same
            batches (a `BatchLoader` with ``rank=0, world_size=1``).
        validation_loader: batches to choose the best weights by, or None.
        options: `TrainingOptions()` if not given.
        target: what is learned: a kind of target, or its name, such as ``"classes"``.
        unk_id: what ``options.word_dropout`` puts in place of words: the vocabulary's.
        progress: False is silent; True a bar; None a bar on a terminal and plain lines elsewhere.
        checkpoint: a file to keep a checkpoint in, from before the first step on; if it is there, training
            goes on from it.
        log: is called with a record of every tenth step and of every epoch, see `textprep.training.runs.log`.
        context: section → options, as JSON values: what else the weights come from, such as the model's. A
            checkpoint that was written with others is refused.

    Raises:
        ConfigError: the device or an option cannot be used, or the loss is no longer a finite number.
        DatasetError: a loader has no labelled row, or a label that the model cannot learn.
        RunError: the checkpoint cannot be read or written, or is of other options; names them.
    """
    options = options or TrainingOptions()
    progress = progress if processes.rank() == 0 else False
    model.to(pick_device(options.device))
    torch.manual_seed(options.seed + processes.rank())
    objective = objective_of(target, train_loader, validation_loader)
    objective.check_options(options)
    options = objective.with_usual("training", options)
    session = Session(model, objective, options, context)
    checkpoints = Checkpoints(session, checkpoint)
    loss = objective.loss(options, train_loader, lambda: _outputs(model, train_loader))
    step = OptimizerStep(session, options, loss, unk_id)
    if options.compile and options.adversarial:
        tell(f"training.adversarial={options.adversarial:g} is left out: {COMPILED}", progress)
    epochs = options.epochs_of(size_of(train_loader))
    try:
        with ctrl_c_noted(processes.count() == 1) as ctrl_c:
            while session.epoch < epochs and not _is_stale(session.history, options.patience):
                ctrl_c.heed()
                title = f"epoch {session.epoch + 1} of {epochs}"
                _train(step, train_loader, title, progress, checkpoints, ctrl_c, log)
                train, validation = session.tally.scores(), None
                if validation_loader is not None:
                    batches = watch(validation_loader, f"{title}, validation", progress)
                    validation = _validated(session, ctrl_c.heeded_before(batches), checkpoints)
                record = Epoch(session.epoch + 1, train, validation, session.seconds)
                session.finish_epoch(record, validation, options.monitor)
                log({"step": session.step, **record.to_json()})
                tell(record.line(objective.measures[0]), progress)
                checkpoints.keep()
    except KeyboardInterrupt:
        session.history.interrupted = True
        tell(_stopped(session, checkpoints.step), progress)
    finally:
        _keep_best(session)
    return session.history


def validate(model: nn.Module, batches: Loader, target: Target | str = "class") -> Scores:
    """Plain loss and measures over all labelled rows of ``batches``; leaves the model in evaluation mode.

    Raises:
        ConfigError: the loss is not a finite number.
        DatasetError: no row is labelled, or a label is none that the model can learn.
    """
    return _validate(model, batches, objective_of(target, batches))


def _validate(model: nn.Module, batches: Loader, objective: Objective) -> Scores:
    model.eval()
    tally, loss, carried = Tally("the validation data", objective), objective.plain_loss(), Carried()
    with torch.inference_mode():
        for batch in batches:
            mine = processes.share(batch, objective.target.missing)
            inputs, labels = to_device(mine, model)
            outputs = carried(model, inputs, mine)
            objective.check(mine, outputs.shape[-1])
            tally.add(outputs, labels, *loss(outputs, labels))
    processes.add_up(tally.sums, tally.counts)
    return tally.scores()


def predict_outputs(
    model: nn.Module,
    loader: Loader,
    device: str | torch.device = "auto",
    *,
    target: Target | str = "class",
) -> Predictions:
    """The model's outputs for each row, in the loader's order; the model's mode stays as it was.

    Args:
        model: called as `fit` calls it.
        loader: batches; where the target is per token, with the field ``token_index``.
        device: where to compute.
        target: what the model has learned: a kind of target, or its name.

    Returns:
        values (N, O) float32, labels (N,) or (N, …) as batches have them, and row ids (N,) int64; O is 0
        where there are no rows. Where the target is per token, values and labels of the tokens of texts
        alone, without special tokens, see `Predictions`.

    Raises:
        ConfigError: the device cannot be used.
    """
    objective = objective_of(target, loader)
    was_training = model.training
    if was_training:  # threads may share a model that is not trained: it stays as it is
        model.eval()
    move(model, pick_device(str(device)))
    found, carried = [], Carried()
    try:
        with torch.inference_mode():
            for batch in loader:
                inputs, labels = to_device(batch, model)
                outputs = objective.kept(carried(model, inputs, batch), labels).float().cpu()
                found.append(predictions_of(outputs, batch, per_token=objective.target.per_token))
    finally:
        if was_training:
            model.train()
    return joined(found, per_token=objective.target.per_token)


def _train(
    step: OptimizerStep,
    loader: Loader,
    title: str,
    progress: bool | None,
    checkpoints: Checkpoints,
    ctrl_c: CtrlC,
    log: Callable[[Record], None],
) -> None:
    """What is left of the epoch under way; Ctrl-C ends it after a step, which is kept."""
    session, options = step.session, step.options
    session.model.train()
    rest = rest_of_epoch(session, loader)
    batches = watch(rest, title, progress, total=size_of(loader), initial=session.batch)
    for few in in_groups(batches, options.accumulate):
        step(few, _share_done(session, loader, options))
        batches.set_postfix_str(f"loss {session.tally.loss:.4f}", refresh=False)
        if session.step % LOG_EVERY == 0:
            log(_step_record(step))
        stops = ctrl_c.pressed
        if stops or session.step % options.checkpoint_every == 0:
            checkpoints.keep(loader)
        if stops:
            raise Paused
    processes.add_up(session.tally.sums, session.tally.counts)


def _validated(session: Session, batches: Loader, checkpoints: Checkpoints) -> Scores:
    """The scores of the model, or of its averaged weights; Ctrl-C ends it, the epoch's last step is kept."""
    try:
        with session.average.in_place() if session.average else nullcontext():
            return _validate(session.model, batches, session.objective)
    except Paused:
        checkpoints.keep()
        raise


def _share_done(session: Session, loader: Loader, options: TrainingOptions) -> float:
    """How much of all training is done, 0 to 1, for the learning rate."""
    if options.schedule == "constant" and not options.warmup:
        return 0.0
    size = size_of(loader)
    if size is None:
        raise ConfigError("the learning rate's schedule needs a loader with a length: use 'constant' without")
    return (session.epoch + session.batch / max(size, 1)) / options.epochs_of(size)


def _outputs(model: nn.Module, loader: Loader) -> int:
    """How many outputs the model has."""
    model.eval()
    with torch.inference_mode():
        inputs, _ = to_device(next(iter(loader)), model)
        return int(model(**inputs).shape[-1])


def _is_stale(history: History, patience: int) -> bool:
    """Whether the last ``patience`` epochs have brought nothing better."""
    return history.best_epoch is not None and len(history.epochs) - history.best_epoch >= patience


def _keep_best(session: Session) -> None:
    """Give the model its best weights, or the average of the moment where none was validated."""
    if session.best:
        session.model.load_state_dict(session.best[1])
    elif session.average:
        session.model.load_state_dict(session.average.weights)
    session.model.eval()


def _stopped(session: Session, kept: int | None) -> str:
    line = f"stopped by Ctrl-C after step {session.step:,}"
    return line if kept is None else f"{line}; training can go on from step {kept:,}"


def _step_record(step: OptimizerStep) -> Record:
    return {
        "step": step.session.step,
        "epoch": step.session.epoch + 1,
        "loss": step.loss_now,
        "learning_rate": step.session.optimizer.param_groups[0]["lr"],
        "gradient_norm": step.norm,
    }
