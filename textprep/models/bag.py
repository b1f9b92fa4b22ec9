"""A linear model of a text's words and word pairs, to stand beside one that reads it in order.

Shapes are written with B rows a batch, T tokens a row, C classes, P rows of the table of pairs.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError
from textprep.options import names_options

PACE = 5.0  # times what a step of the optimizer changes: each weight is seen in few texts
_MIX = (0x9E3779B1, 0x85EBCA6B)  # odd numbers of 32 bits, whose products spread ids over all bits


class BagOfPairs(nn.Module):
    """Logits of a text from a weight of each token and of each pair of neighbours, all starting at zero.

    The linear half of "wide and deep" learning (Cheng et al. 2016, https://arxiv.org/abs/1606.07792). The
    pairs are hashed into a table of P rows, as fastText does (Joulin et al. 2017,
    https://aclanthology.org/E17-2068), so that nothing needs to be counted beforehand. The sum over a row
    is divided by the square root of its length. Where a row holds two texts, a token of the second has a
    weight of its own, and no pair has a token of each.

    Args:
        vocab_size: number of token ids.
        num_classes: C.
        pairs: P.
        dropout: share of the tokens, and of the pairs, that are left out in training.
        texts: how many texts a row holds, 1 or 2.

    >>> import torch
    >>> bag = BagOfPairs(vocab_size=100, num_classes=3, pairs=64, dropout=0.0)
    >>> ids = torch.tensor([[5, 8, 2], [7, 0, 0]])
    >>> bag(ids, ids != 0)
    tensor([[0., 0., 0.], [0., 0., 0.]], grad_fn=<...>)
    """

    @names_options(ConfigError)
    def __init__(self, vocab_size: int, num_classes: int, pairs: int, dropout: float, texts: int = 1) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.of_tokens = nn.Embedding(vocab_size * texts, num_classes)
        self.of_pairs = nn.Embedding(pairs, num_classes)
        self.dropout = nn.Dropout(dropout)
        for table in (self.of_tokens, self.of_pairs):
            nn.init.zeros_(table.weight)

    def forward(self, ids: Tensor, mask: Tensor | None = None, second: Tensor | None = None) -> Tensor:
        """(B, T) ids, bool mask and which tokens are of the second text → (B, C) logits.

        An empty row has zeros. Without a mask, all ids are real; padding may be on the right only.
        """
        tokens, real, both = self._read(ids, mask, second)
        rows = pair_rows(tokens, self.of_pairs.num_embeddings)  # (B, T - 1)
        total = (self.of_tokens(tokens) * self.dropout(real)).sum(dim=1)
        total = total + (self.of_pairs(rows) * self.dropout(both)).sum(dim=1)
        logits: Tensor = PACE * total / real.sum(dim=1).clamp(min=1).sqrt()
        return logits

    def _read(self, ids: Tensor, mask: Tensor | None, second: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """(B, T) rows of the table of tokens, and floats: (B, T, 1) what is real, (B, T - 1, 1) each pair."""
        mask = torch.ones_like(ids, dtype=torch.bool) if mask is None else mask
        real = mask.unsqueeze(2).to(self.of_tokens.weight)
        if second is None:
            return ids, real, real[:, 1:]
        same = (second[:, 1:] == second[:, :-1]).unsqueeze(2)
        return ids + self.vocab_size * second, real, real[:, 1:] * same

    def contributions(
        self, ids: Tensor, mask: Tensor | None = None, second: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """What `forward` sums up, apart: why a text has its logits, where nothing is dropped.

        Args:
            ids: (B, T) int64.
            mask: (B, T) bool, padding on the right; everywhere True, if not given.
            second: (B, T) bool, True on the tokens of the second text.

        Returns:
            what each token adds, (B, T, C), and what each pair of neighbours adds, (B, T - 1, C), zeros on
            padding and between two texts; their sums over T, added, are the logits.

        >>> import torch
        >>> bag = BagOfPairs(vocab_size=100, num_classes=3, pairs=64, dropout=0.0)
        >>> ids = torch.tensor([[5, 8, 2], [7, 0, 0]])
        >>> [part.shape for part in bag.contributions(ids, ids != 0)]
        [torch.Size([2, 3, 3]), torch.Size([2, 2, 3])]
        """
        tokens, real, both = self._read(ids, mask, second)
        share = PACE / real.sum(dim=1, keepdim=True).clamp(min=1).sqrt()  # (B, 1, 1)
        rows = pair_rows(tokens, self.of_pairs.num_embeddings)  # (B, T - 1)
        return self.of_tokens(tokens) * real * share, self.of_pairs(rows) * both * share


def pair_rows(ids: Tensor, rows: int) -> Tensor:
    """Which of so many rows each two neighbours of ids (B, T) have: (B, T - 1), the same on every machine.

    >>> import torch
    >>> pair_rows(torch.tensor([[5, 8, 5, 8]]), rows=1000)
    tensor([[..., ..., ...]])
    """
    mixed = (ids[:, :-1] * _MIX[0] + ids[:, 1:]) * _MIX[1]  # int64, which wraps around
    return (mixed ^ (mixed >> 15)).remainder(rows)
