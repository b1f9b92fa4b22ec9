"""Masks that keep the texts of a row apart: for attention, and for the state of a recurrent model.

Both are made of the field ``document_ids`` of `textprep.batches.blocks.Blocks`. Shapes are written with B
rows of T tokens.
"""

from __future__ import annotations

import torch
from torch import Tensor


def document_mask(document_ids: Tensor) -> Tensor:
    """Where attention may look: from each token to those of the same text up to itself.

    >>> document_mask(torch.tensor([[4, 4, 5, -1]])).int()[0].tolist()
    [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]

    Args:
        document_ids: (B, T) int64, which text each token belongs to; -1 on padding, of which each place may
            look at itself, so that no softmax is over nothing.

    Returns:
        (B, T, T) bool, True where token t may look at token s; with a dimension for the heads
        (``mask[:, None]``) that is the ``attn_mask`` of torch's ``scaled_dot_product_attention``.
    """
    places = torch.arange(document_ids.shape[1], device=document_ids.device)
    is_same = document_ids[:, :, None] == document_ids[:, None, :]
    is_padding = (document_ids < 0)[:, :, None]
    is_self = places[:, None] == places
    return is_same & (places[:, None] >= places) & (~is_padding | is_self)


def document_begins(document_ids: Tensor, before: Tensor | None = None) -> Tensor:
    """Where a text begins: before these tokens a recurrent model sets its state to zero.

    >>> document_begins(torch.tensor([[4, 4, 5, -1]]), before=torch.tensor([4])).tolist()
    [[False, False, True, False]]

    Args:
        document_ids: (B, T) int64, which text each token belongs to; -1 on padding.
        before: (B,) int64, the text of the last token before each row, where the rows go on from those of
            another batch; without it, each row begins a text.

    Returns:
        (B, T) bool.
    """
    first = document_ids.new_full((len(document_ids),), -1) if before is None else before
    earlier = torch.cat([first[:, None], document_ids[:, :-1]], dim=1)
    return (document_ids != earlier) & (document_ids >= 0)
