"""Attention: a weighted mean over a sequence, the weights learned.

Shapes are written with B texts a batch, T tokens a text, F features a token, A attention units.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AdditiveAttention(nn.Module):
    """Additive attention over the states of a sequence, padding left out.

    After Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and
    translate" (ICLR 2015, https://arxiv.org/abs/1409.0473), with a learned query in place of a decoder's
    state: state ``h`` scores ``v · tanh(W h + b)``, and a softmax over the real tokens makes weights.

    Args:
        features: F, the size of a state.
        units: A, the rows of W; F if not given.

    >>> attention = AdditiveAttention(features=4)
    >>> mask = torch.tensor([[True, True, False], [False, False, False]])
    >>> context, weights = attention(torch.randn(2, 3, 4), mask)
    >>> context.shape, weights.shape
    (torch.Size([2, 4]), torch.Size([2, 3]))
    >>> weights[:, 2].tolist(), weights.sum(dim=1).round(decimals=4).tolist()
    ([0.0, 0.0], [1.0, 0.0])
    """

    def __init__(self, features: int, units: int | None = None) -> None:
        super().__init__()
        self.project = nn.Linear(features, units or features)  # W and b
        self.score = nn.Linear(units or features, 1, bias=False)  # v

    def forward(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Weigh the states and add them up.

        Args:
            states: (B, T, F) float.
            mask: (B, T) bool, True on real tokens.

        Returns:
            context (B, F), and weights (B, T): at least 0, exactly 0 on padding, summing to 1 over the real
            tokens. A row that is all padding has weights and context of zeros.
        """
        scores = self.score(torch.tanh(self.project(states))).squeeze(-1)  # (B, T)
        weights = masked_softmax(scores, mask)  # (B, T)
        context = torch.bmm(weights.unsqueeze(1), states).squeeze(1)  # (B, 1, T) @ (B, T, F) → (B, F)
        return context, weights


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis where ``mask`` is True; zeros elsewhere, and in rows without a True.

    >>> masked_softmax(torch.zeros(2, 3), torch.tensor([[True, True, False], [False, False, False]]))
    tensor([[0.5000, 0.5000, 0.0000],
            [0.0000, 0.0000, 0.0000]])

    Args:
        scores: (…, T) float.
        mask: (…, T) bool.
    """
    # The lowest finite number, not minus infinity: a row of those would be NaN, and so would its gradient.
    lowest = torch.finfo(scores.dtype).min
    return scores.masked_fill(~mask, lowest).softmax(dim=-1) * mask
