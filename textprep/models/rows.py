"""Rows of tokens, real ones first, one text or two; and what was made of them, back where they were.

Shapes are written with B rows a batch, T tokens a row.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Row(NamedTuple):
    """The tokens of each row, real ones first.

    Attributes:
        ids: (B, T) int64; of sequences of numbers (B, T, F) float.
        mask: (B, T) bool.
        places: (B, T) int64, which token of the row as it was given each one is.
        second: (B, T) bool, True on the tokens of a second text; None where there is only one.
    """

    ids: Tensor
    mask: Tensor
    places: Tensor
    second: Tensor | None = None

    def texts(self) -> tuple[Tensor, Tensor, Tensor]:
        """Ids, mask and places of each text: of two a row, (2B, T), as many columns as the longest has.

        >>> ids = torch.tensor([[5, 6, 7, 8, 0]])
        >>> Row(ids, ids != 0, torch.arange(5)[None], ids > 6).texts()[0]
        tensor([[5, 6],
                [7, 8]])
        """
        if self.second is None:
            return self.ids, self.mask, self.places
        each = torch.cat([self.mask & ~self.second, self.mask & self.second])
        ids, each, order = real_first(self.ids.repeat(2, 1), each)
        width = max(1, int(each.sum(dim=1).amax())) if len(each) else 1
        return ids[:, :width], each[:, :width], self.places.repeat(2, 1).gather(1, order)[:, :width]


def real_first(input_ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Ids (B, T), or numbers (B, T, F), and mask with the real tokens first, and the order (B, T) of them.

    T is at least 1, so that a batch of empty texts is something that every layer can take.

    >>> real_first(torch.tensor([[0, 7, 0, 5]]), torch.tensor([[False, True, False, True]]))[0]
    tensor([[7, 5, 0, 0]])
    """
    if input_ids.shape[1] == 0:
        behind = (0, 0) * (input_ids.ndim - 2) + (0, 1)
        input_ids, mask = functional.pad(input_ids, behind), functional.pad(mask, (0, 1))
    order = mask.byte().argsort(dim=1, descending=True, stable=True)
    each = order.view(*order.shape, *[1] * (input_ids.ndim - 2)).expand_as(input_ids)
    return input_ids.gather(1, each), mask.gather(1, order), order


def put_back(weights: Tensor, places: Tensor, width: int) -> Tensor:
    """Weights (B, …, T) of tokens that were taken from ``places`` (B, T) of so many, where they were.

    >>> put_back(torch.tensor([[0.9, 0.1, 0.0]]), torch.tensor([[1, 3, 0]]), width=4)
    tensor([[0.0000, 0.9000, 0.0000, 0.1000]])
    """
    places = places[:, :width]  # of no tokens at all, there is one more than there were
    index = places.view(len(places), *[1] * (weights.ndim - 2), places.shape[1])  # (B, 1 …, T)
    if weights.ndim > 2:  # queries, too
        weights = put_back_tokens(weights[..., : places.shape[1], :].transpose(1, -2), places, width)
        weights = weights.transpose(1, -2)
    kept = weights[..., : places.shape[1]]
    empty = kept.new_zeros(*kept.shape[:-1], width)
    return empty.scatter_add(-1, index.expand_as(kept), kept)


def put_back_tokens(parts: Tensor, places: Tensor, width: int) -> Tensor:
    """Parts (B, T, …) of tokens that were taken from ``places`` (B, T) of so many, where they were."""
    parts, places = parts[:, :width], places[:, :width]  # of no tokens at all, there is one more
    index = places.view(*places.shape, *[1] * (parts.ndim - 2)).expand_as(parts)
    return parts.new_zeros(len(parts), width, *parts.shape[2:]).scatter_add(1, index, parts)
