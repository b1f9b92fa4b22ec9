"""Two texts compared: each token with what the other text has for it, then both texts as a whole.

Shapes are written with B rows a batch, T tokens of the longest text, F features. The first texts of all rows
come first, and then the second ones: (2B, …).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError
from textprep.models.attention import scaled_dot_product_attention
from textprep.options import names_options


class Comparison(nn.Module):
    """What a head sees of two texts, in place of the vector of one.

    Each state is compared with the mean of the other text's states, weighted by how well they fit it:
    Parikh et al., "A decomposable attention model for natural language inference" (EMNLP 2016,
    https://aclanthology.org/D16-1244), sections 3.1 and 3.2. The vectors u and v that pooling makes of the
    compared states become one as by Conneau et al., "Supervised learning of universal sentence
    representations from natural language inference data" (EMNLP 2017, https://aclanthology.org/D17-1070):
    u, v, |u - v| and u * v, here with a layer behind them.

    Args:
        features: F, of a state, and of the vector that comes out.
        dropout: share of the compared features that are set to zero in training.

    >>> comparison = Comparison(features=4, dropout=0.0)
    >>> states, mask = torch.randn(6, 5, 4), torch.ones(6, 5, dtype=torch.bool)
    >>> compared = comparison.of_tokens(states, mask)
    >>> compared.shape, comparison(compared.mean(dim=1)).shape
    (torch.Size([6, 5, 4]), torch.Size([3, 4]))
    """

    @names_options(ConfigError)
    def __init__(self, features: int, dropout: float) -> None:
        super().__init__()
        self.fit = nn.Linear(features, features, bias=False)
        self.token = nn.Linear(4 * features, features)
        self.text = nn.Linear(4 * features, features)
        self.dropout = nn.Dropout(dropout)

    def of_tokens(self, states: Tensor, mask: Tensor) -> Tensor:
        """States (2B, T, F) and mask (2B, T) of both texts → each compared with the other text, likewise."""
        other, seen = (torch.cat(each.chunk(2)[::-1]) for each in (states, mask))
        aligned, _ = scaled_dot_product_attention(
            self.fit(states), self.fit(other), other, seen.unsqueeze(1)
        )  # (2B, T, F), zeros beside an empty text
        return functional.gelu(self.token(self.dropout(_compared(states, aligned))))

    def forward(self, vectors: Tensor) -> Tensor:
        """Vectors (2B, F) of both texts → (B, F) of what they have to do with each other."""
        return functional.gelu(self.text(self.dropout(_compared(*vectors.chunk(2)))))


def _compared(one: Tensor, other: Tensor) -> Tensor:
    """(…, F) and (…, F) → (…, 4F)."""
    return torch.cat([one, other, (one - other).abs(), one * other], dim=-1)
