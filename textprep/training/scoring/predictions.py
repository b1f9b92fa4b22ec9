"""What a model says about every text of a split, in memory and in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors.numpy
from safetensors import SafetensorError
from torch import Tensor

from textprep.errors import RunError
from textprep.storage.files import write_bytes

Floats = npt.NDArray[np.float32]
COLUMNS = ("row_ids", "labels", "values")
PER_TOKEN = ("offsets", "places")


@dataclass(frozen=True)
class Predictions:
    """What a model says about the rows of a split, by row id.

    Where the target is per token, labels and values are of all M tokens of all rows, row after row.

    Attributes:
        row_ids: (N,) int64, ascending: the rows' ids in the corpus.
        labels: (N,) or (N, …) what is true, as the target has it; its ``missing`` where nobody has said.
            Per token (M,).
        values: (N, C) float32 probabilities of classes, or (N, K) numbers; see `Objective.values`. Per token
            (M, C).
        offsets: (N + 1,) int64, per token: where the tokens of each row begin, and the last end.
        places: (M,) int64, per token: which token of its text each one is. A text that was truncated lacks
            some.
    """

    row_ids: npt.NDArray[np.int64]
    labels: npt.NDArray[Any]
    values: Floats
    offsets: npt.NDArray[np.int64] | None = None
    places: npt.NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.row_ids)

    def in_order(self) -> Predictions:
        """The same rows in the order of their ids.

        >>> Predictions(np.array([9, 4]), np.array([1, 0]), np.zeros((2, 2), np.float32)).in_order().labels
        array([0, 1])
        """
        return self.take(np.argsort(self.row_ids))

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Predictions:
        """Those of some of the rows.

        >>> tags = Predictions(np.array([9, 4]), np.array([1, 0, 2]), np.eye(3, dtype=np.float32),
        ...                    np.array([0, 1, 3]), np.array([0, 0, 1]))
        >>> tags.in_order().labels, tags.in_order().offsets
        (array([0, 2, 1]), array([0, 2, 3]))
        """
        if self.offsets is None or self.places is None:
            return Predictions(self.row_ids[rows], self.labels[rows], self.values[rows])
        chosen = np.arange(len(self))[rows]
        counts = np.diff(self.offsets)[chosen]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        tokens = np.arange(offsets[-1]) + np.repeat(self.offsets[chosen] - offsets[:-1], counts)
        return Predictions(
            self.row_ids[chosen], self.labels[tokens], self.values[tokens], offsets, self.places[tokens]
        )

    def of_row(self, row: int) -> slice:
        """Where the labels and values of row ``row`` are."""
        if self.offsets is None:
            return slice(row, row + 1)
        return slice(int(self.offsets[row]), int(self.offsets[row + 1]))

    def label(self, row: int) -> Any:
        """The label of row ``row``; per token those of its tokens."""
        return self.labels[row] if self.offsets is None else self.labels[self.of_row(row)]

    def any_of_row(self, marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """(N,) bool of (N,) marks: the same; of (M,) marks of tokens: which rows have a marked one."""
        if self.offsets is None:
            return marks
        before = np.concatenate([[0], np.cumsum(marks)])
        found: npt.NDArray[np.bool_] = before[self.offsets[1:]] > before[self.offsets[:-1]]
        return found


def predictions_of(outputs: Tensor, batch: Mapping[str, Tensor], *, per_token: bool) -> Predictions:
    """The rows of a batch with a model's outputs: (B, O), or (B, T, O) per token, on the CPU."""
    row_ids, labels = batch["row_ids"].cpu().numpy(), batch["labels"].cpu()
    if not per_token:
        return Predictions(row_ids, labels.numpy(), outputs.numpy())
    index = batch["token_index"].cpu()
    is_token = index >= 0  # (B, T): not a special token, not padding
    offsets = np.concatenate([[0], np.cumsum(is_token.sum(dim=1).numpy())])
    return Predictions(
        row_ids, labels[is_token].numpy(), outputs[is_token].numpy(), offsets, index[is_token].numpy()
    )


def joined(batches: Sequence[Predictions], *, per_token: bool) -> Predictions:
    """The rows of all batches."""
    nothing = np.zeros(0, np.int64)
    if not batches:
        empty = Predictions(nothing, nothing, np.zeros((0, 0), np.float32))
        return replace(empty, offsets=np.zeros(1, np.int64), places=nothing) if per_token else empty
    columns = {name: [getattr(rows, name) for rows in batches] for name in (*COLUMNS, *PER_TOKEN)}
    if not per_token:
        return Predictions(*(np.concatenate(columns[name]) for name in COLUMNS))
    counts = np.concatenate([np.diff(offsets) for offsets in columns.pop("offsets")])
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return Predictions(**{name: np.concatenate(each) for name, each in columns.items()}, offsets=offsets)


def softmax(logits: Floats) -> Floats:
    """Probabilities (…, C) of logits (…, C).

    >>> softmax(np.array([[0.0, 0.0]], np.float32))
    array([[0.5, 0.5]], dtype=float32)
    """
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True, initial=-np.inf))
    shares: Floats = (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)
    return shares


def sigmoid(logits: Floats) -> Floats:
    """The probability of each class by itself, (N, C), of logits (N, C).

    >>> sigmoid(np.array([[0.0, 100.0, -100.0]], np.float32)).round(3).tolist()
    [[0.5, 1.0, 0.0]]
    """
    shares: Floats = (0.5 * (1 + np.tanh(logits.astype(np.float64) / 2))).astype(np.float32)
    return shares


def write_predictions(path: Path, predictions: Mapping[str, Predictions]) -> None:
    """One safetensors file with ``SPLIT.row_ids``, ``SPLIT.labels`` and ``SPLIT.values``.

    Per token, it has ``SPLIT.offsets`` and ``SPLIT.places``, too.
    """
    tensors = {
        f"{split}.{column}": np.ascontiguousarray(values)
        for split, rows in predictions.items()
        for column in (*COLUMNS, *PER_TOKEN)
        if (values := getattr(rows, column)) is not None
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
        return {
            split: Predictions(
                *(tensors[f"{split}.{column}"] for column in COLUMNS),
                *(tensors.get(f"{split}.{column}") for column in PER_TOKEN),
            )
            for split in splits
        }
    except (OSError, SafetensorError, KeyError) as error:
        raise RunError(f"{path} cannot be read ({error}): the run is damaged, train again") from error
