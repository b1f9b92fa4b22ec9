"""The log of a training: a JSON record a line in ``log.jsonl``, and TensorBoard's files if wanted.

A record of a step: ``step``, ``epoch`` (both from 1), ``loss`` (of that step's batch), ``learning_rate``,
``gradient_norm`` (before clipping). A record of an epoch: ``step`` and everything that
`textprep.training.loop.history.Epoch` has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textprep.errors import ConfigError, RunError
from textprep.storage.files import write_text

LOG = "log.jsonl"
Record = Mapping[str, Any]


class Log:
    """Appends records to ``folder / "log.jsonl"``; a line is written at once, so that it can be followed.

    A training that was killed may have logged more than its last checkpoint knows of. So the first record
    takes out those that it and its successors will write again.

    Args:
        folder: of the run.
        tensorboard: write TensorBoard's files too.

    Raises:
        RunError: the file cannot be written.
        ConfigError: TensorBoard is wanted and not installed.
    """

    def __init__(self, folder: Path, *, tensorboard: bool = False) -> None:
        self.path = folder / LOG
        self._board = _tensorboard(folder) if tensorboard else None
        self._is_cut = False

    def __call__(self, record: Record) -> None:
        """Write ``record``."""
        if not self._is_cut:
            kept = [line for line in _lines(self.path) if _place(json.loads(line)) < _place(record)]
            write_text(self.path, "".join(kept), RunError)
            self._is_cut = True
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dict(record)) + "\n")
        if self._board:
            for name, value in record.items():
                if name not in ("step", "epoch") and value is not None:
                    self._board.add_scalar(name, value, record["step"])

    def close(self) -> None:
        """Write what TensorBoard still holds back."""
        if self._board:
            self._board.close()


def _place(record: Record) -> tuple[int, bool]:
    """The order of records: an epoch's comes behind that of its last step."""
    return record["step"], "train_loss" in record


def read_log(path: Path) -> list[dict[str, Any]]:
    """The records of the log file ``path``, in order."""
    return [json.loads(line) for line in _lines(path)]


def _lines(path: Path) -> list[str]:
    """The whole lines of the file; one that a kill cut off is no record."""
    if not path.exists():
        return []
    return [
        line for line in path.read_text(encoding="utf-8").splitlines(keepends=True) if line.endswith("\n")
    ]


def _tensorboard(folder: Path) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise ConfigError(
            "training.tensorboard needs TensorBoard: pip install 'textprep-nlp[tensorboard]'"
        ) from error
    return SummaryWriter(str(folder / "tensorboard"))
