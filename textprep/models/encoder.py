"""What reads a text both ways or all at once: the bidirectional GRU, and the transformer's encoder block.

Shapes are written with B texts a batch, T tokens a text, F features a token, H hidden units each way.
Padding stands on the right.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError
from textprep.models.attention import MultiHeadAttention, every_token
from textprep.options import names_options


class BidirectionalGRU(nn.Module):
    """Two one-way GRUs, the second over each text reversed within its own length.

    The mathematics of ``nn.GRU(bidirectional=True)`` over packed sequences, and faster on a CPU, where
    packing turns each step into a batch of its own size.

    GRU: Cho et al., "Learning phrase representations using RNN encoder-decoder" (EMNLP 2014,
    https://arxiv.org/abs/1406.1078).

    Args:
        features: F, of a token.
        hidden_dim: H.

    >>> gru = BidirectionalGRU(features=3, hidden_dim=4)
    >>> gru(torch.randn(2, 5, 3), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 8])
    """

    @names_options(ConfigError)
    def __init__(self, features: int, hidden_dim: int) -> None:
        super().__init__()
        self.forward_gru = nn.GRU(features, hidden_dim, batch_first=True)
        self.backward_gru = nn.GRU(features, hidden_dim, batch_first=True)

    def forward(self, states: Tensor, mask: Tensor | None = None) -> Tensor:
        """Read.

        Args:
            states: (B, T, F) float.
            mask: (B, T) bool, True on real tokens; all, if not given.

        Returns:
            (B, T, 2H): at token t, what was read up to t from the left, then from the right. Exact on real
            tokens; what stands on padding means nothing.
        """
        mask = every_token(states) if mask is None else mask
        if states.shape[1] == 0:
            return states.new_zeros(*mask.shape, 2 * self.forward_gru.hidden_size)
        mirror = _mirror(mask)  # (B, T)
        from_left, _ = self.forward_gru(states)  # (B, T, H)
        from_right, _ = self.backward_gru(_reorder(states, mirror))  # (B, T, H), last token first
        return torch.cat([from_left, _reorder(from_right, mirror)], dim=2)


class EncoderBlock(nn.Module):
    """Self-attention and a feed-forward network, each with layer norm before it and a skip around it.

    After Vaswani et al. (2017), section 3.1, with the norms placed as by Xiong et al., "On layer
    normalization in the transformer architecture" (ICML 2020, https://arxiv.org/abs/2002.04745): training
    is then stable without a long warm-up.

    Args:
        features: F.
        heads: N, which divides F.
        hidden_dim: of the feed-forward network.
        dropout: share of the features set to zero in training, before each is added to the skip.

    >>> block = EncoderBlock(features=8, heads=2, hidden_dim=16)
    >>> states, weights = block(torch.randn(2, 3, 8), torch.ones(2, 3, dtype=torch.bool), return_weights=True)
    >>> states.shape, weights.shape
    (torch.Size([2, 3, 8]), torch.Size([2, 2, 3, 3]))
    """

    @names_options(ConfigError)
    def __init__(self, features: int, heads: int, hidden_dim: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(features)
        self.attention = MultiHeadAttention(features, heads, dropout=dropout)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(features),
            nn.Linear(features, hidden_dim),
            nn.GELU(),
            nn.Linear(hidden_dim, features),
        )
        self.dropout = nn.Dropout(dropout)

    def forward(
        self,
        states: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool = False,
        return_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """States (B, T, F), mask (B, T) or (B, T, T) → states (B, T, F), weights (B, N, T, T) if asked."""
        normal = self.attention_norm(states)
        context, weights = self.attention(
            normal, normal, normal, mask, causal=causal, return_weights=return_weights
        )
        states = states + self.dropout(context)
        return states + self.dropout(self.feed_forward(states)), weights


def _mirror(mask: Tensor) -> Tensor:
    """(B, T) positions that reverse each row within its own length; padding keeps its place.

    >>> _mirror(torch.tensor([[True, True, True, False]]))
    tensor([[2, 1, 0, 3]])
    """
    positions = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
    last = mask.sum(dim=1, keepdim=True) - 1  # (B, 1)
    return torch.where(mask, last - positions, positions)


def _reorder(states: Tensor, mirror: Tensor) -> Tensor:
    """(B, T, F) states taken in the order of (B, T) positions that are their own inverse."""
    reordered: Tensor = _Reorder.apply(states, mirror)  # type: ignore[no-untyped-call]
    return reordered


class _Reorder(torch.autograd.Function):
    """``states.gather``, whose gradient is gathered back: faster than the general one, which scatters."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, mirror: Tensor) -> Tensor:
        ctx.save_for_backward(mirror)
        return states.gather(1, mirror.unsqueeze(2).expand_as(states))

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (mirror,), (gradient,) = ctx.saved_tensors, gradients
        return gradient.gather(1, mirror.unsqueeze(2).expand_as(gradient)), None
