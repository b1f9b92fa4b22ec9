"""`Batch`: the tensors that a model takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Batch(Mapping[str, Tensor]):
    """B rows, padded to the longest of them, T tokens; a mapping too, so that ``model(**batch)`` works.

    T is at least 1, so that a batch of empty texts is something that a model can take.

    >>> batch = Batch(
    ...     input_ids=torch.tensor([[5, 6], [7, 0]]),
    ...     attention_mask=torch.tensor([[True, True], [True, False]]),
    ...     lengths=torch.tensor([2, 1]),
    ...     labels=torch.tensor([0, 1]),
    ...     row_ids=torch.tensor([12, 3]),
    ... )
    >>> X, y = batch.as_tuple()
    >>> X.shape, y.tolist(), sorted(batch)
    (torch.Size([2, 2]), [0, 1], ['attention_mask', 'input_ids', 'labels', 'lengths', 'row_ids'])
    >>> batch
    Batch(input_ids (2, 2) int64, attention_mask (2, 2) bool, lengths (2,) int64, labels ...; on cpu)

    Attributes:
        input_ids: (B, T) int64, 0 (``<pad>``) behind each row's end.
        attention_mask: (B, T) bool, True on real tokens.
        lengths: (B,) int64, real tokens of each row.
        labels: (B,) int64, the class; -100, torch's ``ignore_index``, where there is none. Where rows may
            have several, (B, C) float32: 1 for each class that the row has, 0 for the others.
        row_ids: (B,) int64, the rows' ids in the corpus.
    """

    input_ids: Tensor
    attention_mask: Tensor
    lengths: Tensor
    labels: Tensor
    row_ids: Tensor

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Batch:
        """The batch of NumPy arrays, whose memory it shares."""
        return cls(**{name: torch.from_numpy(array) for name, array in arrays.items()})

    def to(self, device: torch.device | str | int, *, non_blocking: bool = False) -> Batch:
        """The same batch on ``device``; with ``non_blocking``, a pinned one is copied while work goes on."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory, from where a GPU copies fastest."""
        return self._each(Tensor.pin_memory)

    def as_tuple(self) -> tuple[Tensor, Tensor]:
        """``(input_ids, labels)``, what plain training loops call ``(X, y)``."""
        return self.input_ids, self.labels

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        return Batch(**{name: change(tensor) for name, tensor in self.items()})

    def __getitem__(self, name: str) -> Tensor:
        if name not in _NAMES:
            raise KeyError(f"a batch has no {name!r}; it has {', '.join(_NAMES)}")
        tensor: Tensor = getattr(self, name)
        return tensor

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)

    def __repr__(self) -> str:
        each = ", ".join(f"{name} {_described(tensor)}" for name, tensor in self.items())
        return f"Batch({each}; on {self.input_ids.device})"


def _described(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"


_NAMES = tuple(field.name for field in fields(Batch))
