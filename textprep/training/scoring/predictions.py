"""What a model says about every text of a split, in memory and in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError

from textprep.errors import RunError
from textprep.storage.files import write_bytes

Floats = npt.NDArray[np.float32]
COLUMNS = ("row_ids", "labels", "values")


@dataclass(frozen=True)
class Predictions:
    """What a model says about the rows of a split, by row id.

    Attributes:
        row_ids: (N,) int64, ascending: the rows' ids in the corpus.
        labels: (N,) or (N, …) what is true, as the target has it; its ``missing`` where nobody has said.
        values: (N, C) float32 probabilities of classes, or (N, K) numbers; see `Objective.values`.
    """

    row_ids: npt.NDArray[np.int64]
    labels: npt.NDArray[Any]
    values: Floats

    def in_order(self) -> Predictions:
        """The same rows in the order of their ids.

        >>> Predictions(np.array([9, 4]), np.array([1, 0]), np.zeros((2, 2), np.float32)).in_order().labels
        array([0, 1])
        """
        return self.take(np.argsort(self.row_ids))

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Predictions:
        """Those of some of the rows."""
        return Predictions(self.row_ids[rows], self.labels[rows], self.values[rows])


def softmax(logits: Floats) -> Floats:
    """Probabilities (N, C) of logits (N, C).

    >>> softmax(np.array([[0.0, 0.0]], np.float32))
    array([[0.5, 0.5]], dtype=float32)
    """
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """The probability of each class by itself, (N, C), of logits (N, C).

    >>> sigmoid(np.array([[0.0, 100.0, -100.0]], np.float32)).round(3).tolist()
    [[0.5, 1.0, 0.0]]
    """
    shares: Floats = (0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))).astype(np.float32)
    return shares


def write_predictions(path: Path, predictions: Mapping[str, Predictions]) -> None:
    """One safetensors file with ``SPLIT.row_ids``, ``SPLIT.labels`` and ``SPLIT.values``."""
    tensors = {
        f"{split}.{column}": np.ascontiguousarray(getattr(rows, column))
        for split, rows in predictions.items()
        for column in COLUMNS
    }
    write_bytes(path, safetensors.numpy.save(tensors), RunError)


def read_predictions(path: Path) -> dict[str, Predictions]:
    """What `write_predictions` wrote, by split.

    Raises:
        RunError: the file is missing or damaged.
    """
    try:
        tensors = safetensors.numpy.load(path.read_bytes())
        # runs of the version before call values so
        tensors = {name.replace(".probabilities", ".values"): each for name, each in tensors.items()}
        splits = dict.fromkeys(name.rpartition(".")[0] for name in sorted(tensors))
        return {split: Predictions(*(tensors[f"{split}.{column}"] for column in COLUMNS)) for split in splits}
    except (OSError, SafetensorError, KeyError) as error:
        raise RunError(f"{path} cannot be read ({error}): the run is damaged, train again") from error
