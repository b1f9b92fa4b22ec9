"""Attention: a weighted mean over a sequence, the weights learned.

Shapes are written with B texts a batch, T tokens a text, F features a token, A attention units, N heads.
Every mask is True where something may be looked at.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError
from textprep.options import names_options


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last axis where ``mask`` is True; zeros elsewhere, and in rows without a True.

    >>> masked_softmax(torch.zeros(2, 3), torch.tensor([[True, True, False], [False, False, False]]))
    tensor([[0.5000, 0.5000, 0.0000],
            [0.0000, 0.0000, 0.0000]])

    Args:
        scores: (…, T) float.
        mask: (…, T) bool, or a shape that broadcasts to that; everywhere True, if not given.
    """
    if mask is None:
        return scores.softmax(dim=-1)
    # Minus infinity before the softmax is zero behind it. A row of nothing else would be NaN, and so would
    # its gradient: such rows stay as they are.
    hidden = ~mask & mask.any(dim=-1, keepdim=True)
    return scores.masked_fill(hidden, -math.inf).softmax(dim=-1) * mask


def every_token(states: Tensor) -> Tensor:
    """The mask (B, T) of states (B, T, F) without padding: what every layer takes for one that is not given.

    >>> every_token(torch.zeros(1, 2, 4))
    tensor([[True, True]])
    """
    return states.new_ones(states.shape[:2], dtype=torch.bool)


def scaled_dot_product_attention(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None, *, causal: bool = False
) -> tuple[Tensor, Tensor]:
    """Weigh the values by how well their keys fit each query: softmax(Q Kᵀ / √F) V.

    After Vaswani et al., "Attention is all you need" (NeurIPS 2017, https://arxiv.org/abs/1706.03762),
    written out step by step. `torch.nn.functional.scaled_dot_product_attention` is the same mathematics
    without the weights in memory, and what `MultiHeadAttention` uses when nobody asks for them.

    Args:
        queries: (…, T, F) float.
        keys: (…, S, F).
        values: (…, S, V).
        mask: (…, T, S) bool, True where a query may look at a key, or what broadcasts to that, such as
            a key-padding mask (B, 1, S); all keys, if not given.
        causal: query t looks at the keys 0 … t only.

    Returns:
        context (…, T, V) and weights (…, T, S), which sum to 1 over the keys. A query that may look at
        nothing has zeros in both.

    >>> one = torch.ones(1, 3, 2)
    >>> scaled_dot_product_attention(one, one, one, causal=True)[1]
    tensor([[[1.0000, 0.0000, 0.0000],
             [0.5000, 0.5000, 0.0000],
             [0.3333, 0.3333, 0.3333]]])
    """
    scores = queries @ keys.transpose(-2, -1) / math.sqrt(queries.shape[-1])  # (…, T, S)
    weights = masked_softmax(scores, visible(queries, keys, mask, causal=causal))
    return weights @ values, weights  # (…, T, S) @ (…, S, V) → (…, T, V)


def visible(queries: Tensor, keys: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
    """What each query may look at, as one bool mask that broadcasts to (…, T, S)."""
    every = mask if mask is not None else queries.new_ones((1, keys.shape[-2]), dtype=torch.bool)
    return every & every.new_ones((queries.shape[-2], keys.shape[-2])).tril() if causal else every


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

    @names_options(ConfigError)
    def __init__(self, features: int, units: int | None = None) -> None:
        super().__init__()
        self.project = nn.Linear(features, units or features)  # W and b
        self.score = nn.Linear(units or features, 1, bias=False)  # v

    def forward(self, states: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Weigh the states and add them up.

        Args:
            states: (B, T, F) float.
            mask: (B, T) bool, True on real tokens; all, if not given.

        Returns:
            context (B, F), and weights (B, T): at least 0, exactly 0 on padding, summing to 1 over the real
            tokens. A row that is all padding has weights and context of zeros.
        """
        mask = every_token(states) if mask is None else mask
        scores = self.score(torch.tanh(self.project(states))).squeeze(-1)  # (B, T)
        weights = masked_softmax(scores, mask)  # (B, T)
        context = torch.bmm(weights.unsqueeze(1), states).squeeze(1)  # (B, 1, T) @ (B, T, F) → (B, F)
        return context, weights


class DotAttention(nn.Module):
    """Scaled dot-product attention of one learned query over the states of a sequence.

    State ``h`` is key and value and scores ``q · h / √F``: the "dot" score of Luong, Pham and Manning,
    "Effective approaches to attention-based neural machine translation" (EMNLP 2015,
    https://arxiv.org/abs/1508.04025), scaled as by Vaswani et al.

    Args:
        features: F, the size of a state.

    >>> context, weights = DotAttention(features=4)(torch.randn(2, 3, 4), torch.ones(2, 3, dtype=torch.bool))
    >>> context.shape, weights.shape
    (torch.Size([2, 4]), torch.Size([2, 3]))
    """

    @names_options(ConfigError)
    def __init__(self, features: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(features))

    def forward(self, states: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """States (B, T, F) and mask (B, T) → context (B, F) and weights (B, T), as `AdditiveAttention`."""
        mask = every_token(states) if mask is None else mask
        query = self.query.expand(len(states), 1, -1)  # (B, 1, F)
        context, weights = scaled_dot_product_attention(query, states, states, mask.unsqueeze(1))
        return context.squeeze(1), weights.squeeze(1)


class MultiHeadAttention(nn.Module):
    """Scaled dot-product attention in N heads, each with its own F/N features, joined by a linear layer.

    After Vaswani et al. (2017), section 3.2.2. With queries = keys = values it is self-attention.

    Args:
        features: F, of queries, keys, values and output.
        heads: N, which divides F.
        dropout: share of the weights set to zero in training.

    Raises:
        ConfigError: ``heads`` does not divide ``features``.

    >>> states, mask = torch.randn(2, 3, 8), torch.tensor([[True, True, True], [True, False, False]])
    >>> context, weights = MultiHeadAttention(features=8, heads=2)(states, states, states, mask)
    >>> context.shape, weights
    (torch.Size([2, 3, 8]), None)
    >>> _, weights = MultiHeadAttention(8, 2)(states, states, states, mask, return_weights=True)
    >>> weights.shape, weights[1, 0, 0].tolist()
    (torch.Size([2, 2, 3, 3]), [1.0, 0.0, 0.0])
    """

    @names_options(ConfigError)
    def __init__(self, features: int, heads: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        if heads < 1 or features % heads:
            raise ConfigError(
                f"{heads} heads cannot share {features} features: the one must divide the other"
            )
        self.heads, self.rate = heads, dropout
        self.query, self.key, self.value = (nn.Linear(features, features) for _ in range(3))
        self.join = nn.Linear(features, features)

    def forward(
        self,
        queries: Tensor,
        keys: Tensor,
        values: Tensor,
        mask: Tensor | None = None,
        *,
        causal: bool = False,
        return_weights: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            queries: (B, T, F) float.
            keys: (B, S, F).
            values: (B, S, F).
            mask: (B, S) bool, True on real keys, or (B, T, S), True where a query may look at a key; all, if
                not given.
            causal: query t looks at the keys 0 … t only.
            return_weights: take the written-out way, which has the weights; no dropout on them then.

        Returns:
            context (B, T, F), and weights (B, N, T, S), or None if nobody asked. What stands on padding
            among the queries means nothing.
        """
        query = _split(self.query(queries), self.heads)  # (B, N, T, F/N)
        key, value = _split(self.key(keys), self.heads), _split(self.value(values), self.heads)
        mask = every_token(keys) if mask is None else mask
        seen = mask[:, None] if mask.ndim == 3 else mask[:, None, None]  # (B, 1, T or 1, S): for every head
        if return_weights:
            context, weights = scaled_dot_product_attention(query, key, value, seen, causal=causal)
            return self.join(_joined(context)), weights
        return self.join(
            _joined(self._fast(query, key, value, visible(query, key, seen, causal=causal)))
        ), None

    def _fast(self, query: Tensor, key: Tensor, value: Tensor, seen: Tensor) -> Tensor:
        """(B, N, T, F/N) from torch's own kernel, zeros where a query may look at nothing."""
        any_seen = seen.any(dim=-1, keepdim=True)
        rate = self.rate if self.training else 0.0
        context = functional.scaled_dot_product_attention(query, key, value, seen | ~any_seen, rate)
        return context * any_seen


def _split(states: Tensor, heads: int) -> Tensor:
    """(B, T, F) → (B, N, T, F/N)."""
    return states.reshape(*states.shape[:2], heads, states.shape[2] // heads).transpose(1, 2)


def _joined(context: Tensor) -> Tensor:
    """(B, N, T, F/N) → (B, T, F)."""
    return context.transpose(1, 2).flatten(-2)
