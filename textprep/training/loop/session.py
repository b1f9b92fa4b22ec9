"""A training that is under way: what a checkpoint holds, and how it is written and taken up again."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.optim import AdamW

from textprep.config.options import TrainingOptions
from textprep.errors import ConfigError, RunError
from textprep.storage.files import write_bytes
from textprep.training.loop import processes
from textprep.training.loop.averaging import AveragedWeights, Weights, copy_weights
from textprep.training.loop.carried import Carried
from textprep.training.loop.devices import device_of
from textprep.training.loop.history import Epoch, History
from textprep.training.loop.tally import Scores, Tally
from textprep.training.targets.base import Objective

FORMAT_VERSION = 4
MOST_SHOWN = 60  # characters of a value that has changed
FREE = {"device", "checkpoint_every", "tensorboard"}  # options that may change on the way


class Session:
    """A model in training.

    A checkpoint is one safetensors file: tensors are the weights, their average, the best ones so far, the
    optimizer's moments and the random states; a JSON record says where in the data training was.

    Attributes:
        model: trained in place.
        objective: what it learns.
        about: section → options: everything that the weights come from and a person can change.
        optimizer: AdamW over the weights that need a gradient.
        average: the moving average of the weights, where one is wanted.
        history: the finished epochs.
        best: weights and scores of the best epoch so far.
        epoch: how many epochs are finished.
        batch: how many batches of the epoch under way are done.
        step: how many steps the optimizer has made.
        tally: the sums of the epoch under way.
        carried: the state that a recurrent model goes on from.
        loader_state: of the loader, when the checkpoint was written that was taken up.
        began: when the epoch under way would have begun without an interruption, by `time.perf_counter`.
    """

    def __init__(
        self,
        model: nn.Module,
        objective: Objective,
        options: TrainingOptions,
        context: Mapping[str, Any] | None = None,
    ) -> None:
        self.model, self.objective = model, objective
        self.about = {
            **(context or {}),
            "training": options.model_dump(mode="json", exclude=FREE),
            "processes": processes.count(),
        }
        trained = [weights for weights in model.parameters() if weights.requires_grad]
        if not trained:
            raise ConfigError("no weight of the model needs a gradient: there is nothing to train")
        self.optimizer = AdamW(
            trained,
            lr=options.learning_rate,
            weight_decay=options.weight_decay,
            fused=trained[0].device.type in ("cpu", "cuda"),  # one kernel for all weights
        )
        self.average = AveragedWeights(model, options.averaging) if options.averaging else None
        self.history = History()
        self.best: tuple[Scores, Weights] | None = None
        self.epoch = self.batch = self.step = 0
        self.tally = Tally("the training data", objective)
        self.carried = Carried()
        self.loader_state: dict[str, Any] | None = None
        self.began = time.perf_counter()

    def finish_epoch(self, record: Epoch, validation: Scores | None, monitor: str) -> None:
        """Note the epoch, and the weights that were validated if they are the best so far."""
        self.history.epochs.append(record)
        if validation and (self.best is None or self.objective.better(validation, self.best[0], monitor)):
            weights = self.average.weights if self.average else self.model.state_dict()
            self.best = validation, copy_weights(weights)
            self.history.best_epoch = record.epoch
        self.epoch, self.batch, self.began = self.epoch + 1, 0, time.perf_counter()
        self.tally = Tally("the training data", self.objective)

    @property
    def seconds(self) -> float:
        """What the epoch under way has taken so far."""
        return time.perf_counter() - self.began

    def save(self, path: Path, loader: Any = None) -> None:
        """Write the checkpoint ``path``, whole or not at all; of several processes the first one does.

        ``loader`` gives the batches; its ``state_dict()``, where it has one, says where it is.

        Raises:
            RunError: the folder does not take it.
        """
        tensors = self._tensors()  # by all processes: each has a random state of its own
        if processes.rank() == 0:
            state = loader.state_dict() if hasattr(loader, "state_dict") else None
            record = {**self._record(), "loader": state, "checksum": _checksum(tensors)}
            content = safetensors.torch.save(tensors, {"record": json.dumps(record)})
            write_bytes(path, content, RunError)

    def restore(self, path: Path) -> None:
        """Go on where the checkpoint ``path`` was written.

        Raises:
            RunError: it cannot be read, is damaged, or is of another model or other options.
        """
        try:
            with safetensors.safe_open(path, framework="pt") as file:
                record = json.loads(file.metadata()["record"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
            self._check(path, record, tensors)
            self._take_record(record, tensors)
            self._take_tensors(tensors)
        except (OSError, SafetensorError, RuntimeError, KeyError, ValueError, TypeError) as error:
            cause = " ".join(str(error).split())[:160]
            raise RunError(
                f"{path} is no checkpoint of this training ({cause}): remove it and train again"
            ) from error

    def _record(self) -> dict[str, Any]:
        return {
            "format_version": FORMAT_VERSION,
            "about": self.about,
            "history": self.history.to_json(),
            "best": self.best[0] if self.best else None,
            "place": [self.epoch, self.batch, self.step],
            "tally": self.tally.to_json(),
            "seconds": self.seconds,
        }

    def _check(self, path: Path, record: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        """Whether the checkpoint is whole, and of this training."""
        if record["format_version"] != FORMAT_VERSION:
            raise ValueError("it was written by another version of textprep")
        if record["checksum"] != _checksum(tensors):
            raise ValueError("it is damaged: its checksum differs")
        if changed := differences(record["about"], self.about):
            raise RunError(
                f"{path} was written with {', '.join(changed)}: set that back, or remove it and train anew"
            )

    def _take_record(self, record: dict[str, Any], tensors: dict[str, Tensor]) -> None:
        self.history = History.from_json(record["history"])
        self.history.interrupted = False
        self.best = (record["best"], _part(tensors, "best")) if record["best"] else None
        self.epoch, self.batch, self.step = record["place"]
        self.tally.restore(record["tally"])
        self.began = time.perf_counter() - record["seconds"]
        self.loader_state = record["loader"]

    def _tensors(self) -> dict[str, Tensor]:
        parts: dict[str, Weights] = {
            "model": self.model.state_dict(),
            "average": self.average.weights if self.average else {},
            "best": self.best[1] if self.best else {},
            "optimizer": {
                f"{number}.{name}": tensor
                for number, state in self.optimizer.state_dict()["state"].items()
                for name, tensor in state.items()
            },
            "random": _random_states(),
            "carried": _of_processes("state", self.carried.state),
        }
        return {
            f"{part}:{name}": tensor.detach().cpu().contiguous()
            for part, tensors in parts.items()
            for name, tensor in tensors.items()
        }

    def _take_tensors(self, tensors: dict[str, Tensor]) -> None:
        self.model.load_state_dict(_part(tensors, "model"))
        if self.average:
            for name, tensor in _part(tensors, "average").items():
                self.average.weights[name].copy_(tensor)
        moments: dict[int, Weights] = {}
        for key, tensor in _part(tensors, "optimizer").items():
            number, _, name = key.partition(".")
            moments.setdefault(int(number), {})[name] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": moments, "param_groups": groups})
        _set_random_states(_part(tensors, "random"))
        if state := _part(tensors, "carried"):
            self.carried.state = state[f"state.{processes.rank()}"].to(device_of(self.model))


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The options that two configurations do not share, and both their values.

    >>> differences({"model": {"dropout": 0.5, "heads": 4}}, {"model": {"dropout": 0.1, "heads": 4}})
    ['model.dropout=0.5 (here 0.1)']
    """
    before, after = _flat(was), _flat(now)
    return [
        f"{name}={_shown(before.get(name))} (here {_shown(after.get(name))})"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]


def _flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in json.loads(json.dumps(record)).items():
        flat |= _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return flat


def _shown(value: Any) -> str:
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= MOST_SHOWN else f"{written[:MOST_SHOWN]}…"


def _part(tensors: dict[str, Tensor], part: str) -> Weights:
    return {name.split(":", 1)[1]: tensor for name, tensor in tensors.items() if name.startswith(f"{part}:")}


def _checksum(tensors: Weights) -> str:
    """Of every tensor's name, shape and bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        digest.update(f"{name} {tuple(tensors[name].shape)}".encode())
        digest.update(tensors[name].flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _random_states() -> Weights:
    """The random states of every process, by device and rank."""
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_available() else None
    return _of_processes("cpu", torch.get_rng_state()) | _of_processes("cuda", cuda)


def _of_processes(name: str, mine: Tensor | None) -> Weights:
    """A tensor that each process has one of, by name and rank; nothing where there is none."""
    if mine is None:
        return {}
    return {f"{name}.{rank}": tensor for rank, tensor in enumerate(processes.from_all(mine))}


def _set_random_states(states: Weights) -> None:
    rank = processes.rank()
    torch.set_rng_state(states[f"cpu.{rank}"])
    if torch.cuda.is_available() and f"cuda.{rank}" in states:
        torch.cuda.set_rng_state(states[f"cuda.{rank}"])
