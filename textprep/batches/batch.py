"""`Batch`: the tensors that a model takes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn

import numpy.typing as npt
import torch
from torch import Tensor

from textprep.batches.reader import IDS, INPUTS


class Batch(Mapping[str, Tensor]):
    """B rows, padded to the longest of them, T tokens: a mapping of names to tensors, and attributes too.

    It is made like a ``dict`` and is immutable: ``model(**batch)``, ``batch["labels"]``, ``batch.labels``.
    T is at least 1, so that a batch of empty texts is something that a model can take.

    A loader's ``columns=[…]`` says which fields a batch has; without, it has the five below, and those of a
    second text where rows have one. Further columns of the split are (B,) or (B, K): int64 where they are
    categories, float32 where they are numbers.

    Two texts together are one row, by the tokenizer's template (``[CLS] a [SEP] b [SEP]``), with
    ``token_type_ids``. With ``loader(pair="apart")`` each is a row of its own, of ``input_ids`` (B, T) and of
    ``pair_input_ids`` (B, T₂), with ``pair_attention_mask`` and ``pair_lengths``.

    >>> batch = Batch(
    ...     input_ids=torch.tensor([[5, 6], [7, 0]]),
    ...     attention_mask=torch.tensor([[True, True], [True, False]]),
    ...     labels=torch.tensor([0, 1]),
    ...     year=torch.tensor([1994.0, 2008.0]),
    ... )
    >>> X, y = batch.as_tuple()
    >>> X.shape, y.tolist(), batch.year.tolist(), sorted(batch)
    (torch.Size([2, 2]), [0, 1], [1994.0, 2008.0], ['attention_mask', 'input_ids', 'labels', 'year'])
    >>> batch
    Batch(input_ids (2, 2) int64, attention_mask (2, 2) bool, labels (2,) int64, year (2,) float32; on cpu)

    Attributes:
        input_ids: (B, T) int64, special tokens included; the vocabulary's ``pad_id`` behind each row's end.
        inputs: (B, T, F) float32, where rows are sequences of numbers, in place of ``input_ids``; 0 behind
            each row's end.
        attention_mask: (B, T) bool, True on tokens, False on padding.
        lengths: (B,) int64, tokens of each row, special ones included.
        token_type_ids: (B, T) int64, which text a token belongs to, as the template numbers them; 0 on
            padding. Of rows of one text only where ``columns`` asks for it.
        labels: depending on the target. A class: (B,) int64; -100, torch's ``ignore_index``, where
            there is none. A label for each token: (B, T) int64; -100 where there is none, and on padding and
            special tokens. Several classes: (B, C) float32, 1 for each class that the row has and 0 for the
            others; -100 in a row without labels. A number: (B,) float32, (B, K) of several; NaN where there
            is none.
        token_index: (B, T) int64, which token of its text each one is; -1 on special tokens and padding.
            Only where ``columns`` asks for it, of rows of one text.
        document_ids: (B, T) int64, of blocks of joined texts which text each token belongs to; -1 on padding.
            Only where ``columns`` asks for it.
        continues: (B,) bool, of blocks in lanes whether a row goes on where the batch before stopped. Only
            where ``columns`` asks for it.
        row_ids: (B,) int64, the rows' ids in the corpus.
    """

    __slots__ = ("__weakref__", "_tensors")

    _tensors: dict[str, Tensor]
    input_ids: Tensor
    inputs: Tensor
    attention_mask: Tensor
    lengths: Tensor
    token_type_ids: Tensor
    pair_input_ids: Tensor
    pair_attention_mask: Tensor
    pair_lengths: Tensor
    labels: Tensor
    token_index: Tensor
    document_ids: Tensor
    continues: Tensor
    row_ids: Tensor

    def __init__(
        self, tensors: Mapping[str, Tensor] | Iterable[tuple[str, Tensor]] = (), /, **more: Tensor
    ) -> None:
        object.__setattr__(self, "_tensors", dict(tensors, **more))

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Batch:
        """The batch of NumPy arrays, whose memory it shares."""
        return cls({name: torch.from_numpy(array) for name, array in arrays.items()})

    def to(self, device: torch.device | str | int, *, non_blocking: bool = False) -> Batch:
        """The same batch on ``device``; with ``non_blocking``, a pinned one is copied while work goes on."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory, from where a GPU copies fastest."""
        return self._each(Tensor.pin_memory)

    def as_tuple(self) -> tuple[Tensor, Tensor]:
        """``(input_ids, labels)``, or ``(inputs, labels)``, what plain training loops call ``(X, y)``.

        Raises:
            KeyError: the batch does not have both.
        """
        return self[field_in(self)], self["labels"]

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        return Batch({name: change(tensor) for name, tensor in self.items()})

    def __getitem__(self, name: str) -> Tensor:
        try:
            return self._tensors[name]
        except KeyError:
            raise KeyError(self._lacks(name)) from None

    def __getattr__(self, name: str) -> Tensor:
        if name.startswith("__") or name == "_tensors" or name not in self._tensors:
            raise AttributeError(name if name.startswith("_") else self._lacks(name), name=name, obj=self)
        return self._tensors[name]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a batch is immutable: Batch(batch, {name}=…) makes a new one")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a batch is immutable: make a new one from the fields to keep")

    def __contains__(self, name: object) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._tensors]

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(Batch, self._tensors), ()

    def __repr__(self) -> str:
        each = ", ".join(f"{name} {_described(tensor)}" for name, tensor in self.items())
        devices = sorted({str(tensor.device) for tensor in self.values()})
        return f"Batch({each}; on {', '.join(devices)})" if devices else "Batch()"

    def _lacks(self, name: str) -> str:
        return f"a batch has no {name!r}; it has {', '.join(self._tensors) or 'nothing'}"


def field_in(names: Container[str]) -> str:
    """The field of a batch that its rows are."""
    return INPUTS if INPUTS in names else IDS


def _described(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('torch.')}"
