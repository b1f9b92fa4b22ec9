"""What is said where the labels of a batch are not those of the target."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from textprep.errors import DatasetError
from textprep.targets.named import UNLABELLED


def other_kind(labels: Tensor, wanted: str) -> DatasetError:
    """The error for labels of another shape or type than ``wanted``.

    >>> import torch
    >>> print(other_kind(torch.zeros(2, 3), "labels of one class a row are (B,) int64"))
    labels of one class a row are (B,) int64, not (2, 3) float32: train with the target that these are of
    """
    given = f"{tuple(labels.shape)} {str(labels.dtype).removeprefix('torch.')}"
    return DatasetError(f"{wanted}, not {given}: train with the target that these are of", option="target")


def refuse_labels(batch: Mapping[str, Tensor], wrong: Tensor, known: str) -> None:
    """Raise `DatasetError` where a label is ``wrong``, (B,) or (B, C) bool; names the row.

    The message says what is ``known`` of labels.
    """
    if not wrong.any():
        return
    place = int(wrong.nonzero()[0, 0])
    row = f"row {int(batch['row_ids'][place])}" if "row_ids" in batch else f"row {place} of a batch"
    label = batch["labels"][wrong][0].item()
    raise DatasetError(f"{row} has the label {label:g}; {known}; {UNLABELLED} marks a row without one")
