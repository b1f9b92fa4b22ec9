"""Positions: what tells attention, which sees a set, that a text is a sequence.

Shapes are written with B texts a batch, T tokens a text, F features a token.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError, TextprepError
from textprep.options import names_options


class SinusoidalPositions(nn.Module):
    """Adds waves of F/2 lengths, from 2π to 10,000 · 2π tokens, to each token's features.

    After Vaswani et al., "Attention is all you need" (NeurIPS 2017, https://arxiv.org/abs/1706.03762),
    section 3.5. Nothing is learned, and there is no longest text.

    Args:
        features: F.

    >>> SinusoidalPositions(features=4)(torch.zeros(1, 2, 4))
    tensor([[[0.0000, 1.0000, 0.0000, 1.0000],
             [0.8415, 0.5403, 0.0100, 0.9999]]])
    """

    @names_options(ConfigError)
    def __init__(self, features: int) -> None:
        super().__init__()
        self.features = features

    def forward(self, states: Tensor, places: Tensor | None = None) -> Tensor:
        """States (B, T, F), and places (B, T) int64 that are not 0 … T - 1 → (B, T, F)."""
        waves = self.waves(states.shape[1]).to(states)
        return states + (waves if places is None else waves[places])

    def waves(self, length: int) -> Tensor:
        """(T, F): sines on even features, cosines on odd ones."""
        positions = torch.arange(length).unsqueeze(1)  # (T, 1)
        pairs = torch.arange((self.features + 1) // 2)  # (⌈F/2⌉,)
        angles = positions * torch.exp(-math.log(10_000) * 2 * pairs / self.features)  # (T, ⌈F/2⌉)
        return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)[:, : self.features]


class LearnedPositions(nn.Module):
    """Adds a learned vector for each position to each token's features.

    After Gehring et al., "Convolutional sequence to sequence learning" (ICML 2017,
    https://arxiv.org/abs/1705.03122).

    Args:
        features: F.
        max_length: the longest text, in tokens.

    >>> LearnedPositions(features=4, max_length=10)(torch.zeros(2, 3, 4)).shape
    torch.Size([2, 3, 4])
    """

    @names_options(ConfigError)
    def __init__(self, features: int, max_length: int) -> None:
        super().__init__()
        self.table = nn.Embedding(max_length, features)
        nn.init.normal_(self.table.weight, std=0.02)

    def forward(self, states: Tensor, places: Tensor | None = None) -> Tensor:
        """States (B, T, F), and places (B, T) int64 that are not 0 … T - 1 → (B, T, F).

        Raises:
            TextprepError: T is more than ``max_length``.
        """
        length, longest = states.shape[1], self.table.num_embeddings
        if length > longest:
            raise TextprepError(
                f"a text of {length} tokens is longer than the {longest} learned positions: "
                "truncate it, raise max_length, or use sinusoidal positions"
            )
        return states + (self.table.weight[:length] if places is None else self.table(places))
