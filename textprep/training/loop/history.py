"""What training left behind, epoch by epoch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import cast

from textprep.records import HistoryRecord
from textprep.training.loop.tally import Scores


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        epoch: from 1.
        train_loss: mean over the labelled rows, taken while learning: dropout, word dropout, label smoothing
            and class weights have a part in it.
        train_accuracy: likewise, a share.
        validation_loss: after the epoch, of the plain cross-entropy; None without validation data.
        validation_accuracy: likewise.
        validation_macro_f1: likewise, the mean F1 of the classes that have rows.
        seconds: wall time, validation included.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    validation_macro_f1: float | None
    seconds: float

    @classmethod
    def of(cls, epoch: int, train: Scores, validation: Scores | None, seconds: float) -> Epoch:
        """The record of an epoch with these scores."""
        return cls(
            epoch=epoch,
            train_loss=train.loss,
            train_accuracy=train.accuracy,
            validation_loss=validation.loss if validation else None,
            validation_accuracy=validation.accuracy if validation else None,
            validation_macro_f1=validation.macro_f1 if validation else None,
            seconds=seconds,
        )

    def __str__(self) -> str:
        line = f"epoch {self.epoch}: training loss {self.train_loss:.4f}, accuracy {self.train_accuracy:.2%}"
        if self.validation_loss is not None:
            line += f"; validation loss {self.validation_loss:.4f}, accuracy {self.validation_accuracy:.2%}"
        return f"{line}; {self.seconds:.1f} s"


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
        return cast(HistoryRecord, asdict(self))

    @classmethod
    def from_json(cls, record: HistoryRecord) -> History:
        """The history of which `to_json` made ``record``.

        >>> history = History([Epoch(1, 0.5, 0.8, None, None, None, 2.0)])
        >>> History.from_json(history.to_json()) == history
        True
        """
        epochs = [Epoch(**epoch) for epoch in record["epochs"]]
        return cls(epochs, record["best_epoch"], record["interrupted"])
