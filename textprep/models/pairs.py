"""Two texts compared: each token with what the other text has for it, then both texts as a whole.

Shapes are written with B rows a batch, T tokens of the longest text, E embedding features, F features of a
text. The first texts of all rows come first, and then the second ones: (2B, …).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError
from textprep.models.attention import masked_softmax
from textprep.options import names_options

SHARPNESS = 10.0  # of the choice among the other text's tokens, at first


class Comparison(nn.Module):
    """A comparison of two texts, for a model that reads each by itself.

    Before a text is read, each token is compared with those of the other text that are like it, a mean of
    their embeddings: so whatever reads it knows which words the other one has too. After Parikh et al., "A
    decomposable attention model for natural language inference" (EMNLP 2016,
    https://aclanthology.org/D16-1244), with the cosine for a score: equal words are alike from the start.

    The vectors u and v of both texts become one as in Conneau et al., "Supervised learning of universal
    sentence representations from natural language inference data" (EMNLP 2017,
    https://aclanthology.org/D17-1070): u, v, |u - v| and u * v, here with a layer behind them.

    Args:
        embedding_dim: E.
        features: F, of each vector, and of the one that comes out.
        dropout: share of the compared features of texts that are set to zero in training.

    >>> comparison = Comparison(embedding_dim=4, features=6, dropout=0.0)
    >>> comparison.of_tokens(torch.randn(2, 5, 4), torch.ones(2, 5, dtype=torch.bool)).shape
    torch.Size([2, 5, 4])
    >>> comparison(torch.randn(2, 6)).shape
    torch.Size([1, 6])
    """

    @names_options(ConfigError)
    def __init__(self, embedding_dim: int, features: int, dropout: float) -> None:
        super().__init__()
        self.sharpness = nn.Parameter(torch.tensor(SHARPNESS))
        self.token = nn.Linear(4 * embedding_dim, embedding_dim)
        self.text = nn.Linear(4 * features, features)
        self.dropout = nn.Dropout(dropout)

    def of_tokens(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Embeddings (2B, T, E) and mask (2B, T) of both texts → the same, with what the other text has."""
        directions = functional.normalize(embedded, dim=-1)
        other, others, seen = (torch.cat(each.chunk(2)[::-1]) for each in (embedded, directions, mask))
        likeness = directions @ others.transpose(1, 2)  # (2B, T, T)
        weights = masked_softmax(self.sharpness * likeness, seen.unsqueeze(1))  # zeros if the other is empty
        compared = _compared(embedded, weights @ other)  # (2B, T, 4E)
        return embedded + functional.gelu(self.token(compared))

    def forward(self, vectors: Tensor) -> Tensor:
        """Vectors (2B, F) of both texts → (B, F) of what they have to do with each other."""
        return functional.gelu(self.text(self.dropout(_compared(*vectors.chunk(2)))))


def _compared(one: Tensor, other: Tensor) -> Tensor:
    """(…, F) and (…, F) → (…, 4F)."""
    return torch.cat([one, other, (one - other).abs(), one * other], dim=-1)
