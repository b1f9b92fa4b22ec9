"""Row numbers and their ids → the arrays of a batch."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from pydantic import model_validator

from textprep.batches.batch import Batch
from textprep.batches.layout import Layout
from textprep.batches.options import Flag, Options
from textprep.batches.permutation import Rows
from textprep.batches.reader import EncodedRows, token_mask
from textprep.errors import LoaderError

Arrays = dict[str, npt.NDArray[Any]]
UNLABELLED = -100  # the label of a row that has none: torch's ``ignore_index``
NOBODY = -1  # the row id of a row that is there so that a batch is not empty


class Assembler:
    """Makes the arrays of batches.

    Args:
        split: where labels and row ids come from.
        layout: how rows are laid out.
        lengths: (N,) int64, the tokens served of each row.
    """

    def __init__(self, split: EncodedRows, layout: Layout, lengths: Rows) -> None:
        self._split = split
        self._layout = layout
        self._lengths = lengths

    def arrays(self, rows: Rows, ids: npt.NDArray[np.int64]) -> Arrays:
        """The arrays of `Batch` for ``rows`` (B,) with ``ids`` (B, T); without rows, for one of padding."""
        if not len(rows):
            return self._nobody(ids.shape[1], self._labels(rows))
        lengths = self._lengths[rows]
        return {
            "input_ids": ids,
            "attention_mask": token_mask(lengths, ids.shape[1], self._layout.padding_side),
            "lengths": lengths,
            "labels": self._labels(rows),
            "row_ids": self._split.row_ids[rows],
        }

    def _labels(self, rows: Rows) -> npt.NDArray[Any]:
        """(B,) int64; or, where rows may have several, (B, C) float32, as binary cross-entropy takes them."""
        labels = self._split.labels[rows]
        return labels.astype(np.float32) if labels.ndim == 2 else labels

    def _nobody(self, width: int, no_labels: npt.NDArray[Any]) -> Arrays:
        return {
            "input_ids": np.zeros((1, width), np.int64),
            "attention_mask": np.zeros((1, width), np.bool_),
            "lengths": np.zeros(1, np.int64),
            "labels": np.full((1, *no_labels.shape[1:]), UNLABELLED, no_labels.dtype),
            "row_ids": np.full(1, NOBODY),
        }


class Form(Options):
    """In which form batches are handed out.

    Attributes:
        return_tensors: ``"pt"`` for a `Batch`, ``"np"`` for a ``dict`` of NumPy arrays.
        as_tuple: ``(input_ids, labels)`` instead.
        device: where tensors are sent, if anywhere.

    Raises:
        LoaderError: an option has a value that it cannot have, or no effect beside the others.
    """

    return_tensors: Literal["pt", "np"] = "pt"
    as_tuple: Flag = False
    device: Any = None

    @model_validator(mode="after")
    def _fits_together(self) -> Form:
        if self.return_tensors == "np" and self.device is not None:
            raise LoaderError(
                "return_tensors='np' gives arrays, which have no device",
                option="device",
                value=None,
                hint="leave device out",
            )
        if self.device is not None:
            _check(self.device)
        return self

    def made(self, arrays: Arrays) -> Arrays | Batch:
        """The batch, which a background thread can make; in pinned memory if it is to go to a GPU."""
        if self.return_tensors == "np":
            return arrays
        batch = Batch.of(arrays)
        to_gpu = self.device is not None and torch.device(self.device).type == "cuda"
        return batch.pin_memory() if to_gpu else batch

    def handed_out(self, batch: Arrays | Batch) -> Any:
        """What the consumer gets of it; a copy to a GPU goes on while the consumer works."""
        if isinstance(batch, Batch) and self.device is not None:
            batch = batch.to(self.device, non_blocking=True)
        return (batch["input_ids"], batch["labels"]) if self.as_tuple else batch


def _check(device: str | torch.device) -> None:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, TypeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise LoaderError(f"device={device!r} cannot be used here: {reason}", option="device") from error
