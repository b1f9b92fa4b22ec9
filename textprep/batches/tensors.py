"""Row numbers and their ids → the arrays of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import torch
from pydantic import model_validator

from textprep.batches.batch import Batch, field_in
from textprep.batches.columns import FIELDS, Column
from textprep.batches.options import BatchOptions, Flag, Pair
from textprep.batches.permutation import Rows
from textprep.batches.rectangle import Arrays
from textprep.batches.served import ServedRows
from textprep.errors import LoaderError


class Assembler:
    """Makes the arrays of batches.

    Args:
        served: the rows.
        names: the fields of a batch, in their order.
        columns: those that are not made of the rows' ids.
    """

    def __init__(self, served: ServedRows, names: Sequence[str], columns: Mapping[str, Column]) -> None:
        self._served = served
        self._names = names
        self._columns = columns

    def arrays(self, rows: Rows) -> Arrays:
        """The arrays of `Batch` for ``rows`` (B,); without rows, for one of padding.

        Raises:
            LoaderError: a row does not have as many ids as the split's lengths say.
        """
        arrays = self._served.arrays(rows, self._names)
        arrays |= {name: column.of(rows) for name, column in self._columns.items()}
        return {name: arrays[name] for name in self._names}


class Form(BatchOptions):
    """In which form batches are handed out.

    Attributes:
        return_tensors: ``"pt"`` for a `Batch`, ``"np"`` for a ``dict`` of NumPy arrays.
        as_tuple: ``(input_ids, labels)`` instead.
        device: where tensors are sent, if anywhere.
        columns: the fields that a batch has.
        pair: whether two texts are one row, or two.

    Raises:
        LoaderError: an option has a value that it cannot have, or no effect beside the others.
    """

    return_tensors: Literal["pt", "np"] = "pt"
    as_tuple: Flag = False
    device: Any = None
    columns: tuple[str, ...] = FIELDS
    pair: Pair = "together"

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
        if self.as_tuple:
            self.check_pairs("as_tuple=True")
        return self

    def check_pairs(self, what: str) -> None:
        """Whether a batch has ids and labels, for ``what`` hands them out as a pair.

        Raises:
            LoaderError: it does not have both, or has ids of two texts apart.
        """
        if self.pair == "apart":
            raise LoaderError(
                f"{what} gives (input_ids, labels), and with pair='apart' a batch has pair_input_ids, too",
                option="pair",
                value="together",
                hint="serve both texts in one row, or read the fields of the batch",
            )
        if missing := [name for name in (field_in(self.columns), "labels") if name not in self.columns]:
            raise LoaderError(
                f"{what} needs input_ids and labels, and columns= leaves out {' and '.join(missing)}",
                option="columns",
                value=[*self.columns, *missing],
            )

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
        return (batch[field_in(batch)], batch["labels"]) if self.as_tuple else batch


def _check(device: str | torch.device) -> None:
    try:
        torch.empty(0, device=device)
    except (RuntimeError, TypeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise LoaderError(f"device={device!r} cannot be used here: {reason}", option="device") from error
