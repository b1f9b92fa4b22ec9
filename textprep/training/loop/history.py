"""What training left behind, epoch by epoch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from textprep.records import EpochRecord, HistoryRecord
from textprep.training.loop.tally import Scores
from textprep.training.targets.measure import Measure


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        epoch: from 1.
        train: ``loss`` and the measures of the target, such as ``accuracy``, taken while learning: dropout,
            word dropout, label smoothing and class weights have a part in them.
        validation: the same after the epoch, of the plain loss; None without validation data.
        seconds: wall time, validation included.
    """

    epoch: int
    train: Scores
    validation: Scores | None
    seconds: float

    def to_json(self) -> EpochRecord:
        """``train_loss``, ``validation_loss`` … as flat JSON values.

        >>> Epoch(1, {"loss": 0.5}, None, 2.0).to_json()
        {'epoch': 1, 'train_loss': 0.5, 'validation_loss': None, 'seconds': 2.0}
        """
        validation = self.validation or dict.fromkeys(self.train)
        return {
            "epoch": self.epoch,
            **{f"train_{name}": value for name, value in self.train.items()},
            **{f"validation_{name}": value for name, value in validation.items()},
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, record: EpochRecord) -> Epoch:
        """The epoch of which `to_json` made ``record``."""
        train, validation = _of(record, "train_"), _of(record, "validation_")
        return cls(record["epoch"], train, validation if None not in validation.values() else None,
                   record["seconds"])  # fmt: skip

    def line(self, measure: Measure) -> str:
        """For people: the loss, and the first measure of the target."""
        said = f"epoch {self.epoch}: training {_words(self.train, measure)}"
        if self.validation is not None:
            said += f"; validation {_words(self.validation, measure)}"
        return f"{said}; {self.seconds:.1f} s"


def _of(record: EpochRecord, prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in record.items() if name.startswith(prefix)}


def _words(scores: Scores, measure: Measure) -> str:
    return f"loss {scores['loss']:.4f}, {measure.title} {measure.written(scores[measure.name])}"


@dataclass
class History:
    """How training went.

    Attributes:
        epochs: one record for each finished epoch.
        best_epoch: the epoch with the best validation score, whose weights the model has; None where no
            validation was finished, and the model has its last weights.
        interrupted: whether Ctrl-C ended it.
    """

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int | None = None
    interrupted: bool = False

    def to_json(self) -> HistoryRecord:
        """Plain JSON values, with the keys above."""
        epochs = [epoch.to_json() for epoch in self.epochs]
        return {"epochs": epochs, "best_epoch": self.best_epoch, "interrupted": self.interrupted}

    @classmethod
    def from_json(cls, record: HistoryRecord) -> History:
        """The history of which `to_json` made ``record``.

        >>> history = History([Epoch(1, {"loss": 0.5}, None, 2.0)])
        >>> History.from_json(history.to_json()) == history
        True
        """
        epochs = [Epoch.from_json(epoch) for epoch in record["epochs"]]
        return cls(epochs, record["best_epoch"], record["interrupted"])
