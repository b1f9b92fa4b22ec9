"""The reference classifier: embedding → bidirectional GRU → additive attention → linear head.

Shapes are written with B texts a batch, T tokens a text, E embedding features, H hidden units each way,
C classes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError, TextprepError
from textprep.models.attention import AdditiveAttention

PAD_ID = 0


class GRUAttentionClassifier(nn.Module):
    """Reads a text both ways, looks at the words that matter, and names a class.

    The logits of a text do not depend on what it is batched with: padding, left, right or between the
    tokens, is never read. An empty text has the logits of the head's bias.

    GRU: Cho et al., "Learning phrase representations using RNN encoder-decoder" (EMNLP 2014,
    https://arxiv.org/abs/1406.1078).

    Args:
        vocab_size: number of token ids; id 0 is padding.
        num_classes: C.
        embedding_dim: E.
        hidden_dim: H.
        dropout: share of the features set to zero in training, of each embedding and of the text's vector.

    Raises:
        ConfigError: a size is not a positive whole number, or dropout is not in [0, 1).

    >>> model = GRUAttentionClassifier(vocab_size=100, num_classes=3).eval()
    >>> ids = torch.tensor([[5, 8, 2], [7, 0, 0]])
    >>> logits, weights = model(ids, return_attention=True)
    >>> logits.shape, weights[1].tolist()
    (torch.Size([2, 3]), [1.0, 0.0, 0.0])
    >>> same = GRUAttentionClassifier(**model.options())
    """

    def __init__(
        self,
        vocab_size: int,
        num_classes: int,
        *,
        embedding_dim: int = 128,
        hidden_dim: int = 64,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        self._options: dict[str, Any] = {
            "vocab_size": vocab_size,
            "num_classes": num_classes,
            "embedding_dim": embedding_dim,
            "hidden_dim": hidden_dim,
            "dropout": dropout,
        }
        _check(self._options)
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx=PAD_ID)
        with torch.no_grad():  # at torch's deviation of 1, chance drowns what one epoch learns of a word
            self.embedding.weight.mul_(0.1)
        self.forward_gru = nn.GRU(embedding_dim, hidden_dim, batch_first=True)
        self.backward_gru = nn.GRU(embedding_dim, hidden_dim, batch_first=True)
        self.attention = AdditiveAttention(2 * hidden_dim)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * hidden_dim, num_classes)

    def options(self) -> dict[str, Any]:
        """The constructor's arguments as plain JSON values: ``GRUAttentionClassifier(**model.options())``."""
        return dict(self._options)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        *,
        return_attention: bool = False,
        **_: object,
    ) -> Any:
        """Logits for a batch; further fields of a `Batch` are accepted and ignored.

        Args:
            input_ids: (B, T) int64.
            attention_mask: (B, T) bool, True on real tokens; wherever ``input_ids`` is not 0, if not given.
            return_attention: also return the attention weights.

        Returns:
            logits (B, C); with ``return_attention`` a pair, logits and weights (B, T), zero on padding.

        Raises:
            TextprepError: ``input_ids`` is not (B, T), or the mask has another shape.
        """
        mask = input_ids != PAD_ID if attention_mask is None else attention_mask.bool()
        if input_ids.ndim != 2 or mask.shape != input_ids.shape:
            raise TextprepError(
                "the model takes input_ids and attention_mask of one shape (texts, tokens), "
                f"not {tuple(input_ids.shape)} and {tuple(mask.shape)}"
            )
        order = mask.byte().argsort(dim=1, descending=True, stable=True)  # (B, T): real tokens first
        packed_ids, packed_mask = input_ids.gather(1, order), mask.gather(1, order)
        states = self.encode(packed_ids, packed_mask)  # (B, T, 2H)
        context, weights = self.attention(states, packed_mask)  # (B, 2H), (B, T)
        logits = self.head(self.dropout(context))  # (B, C)
        if not return_attention:
            return logits
        return logits, torch.zeros_like(weights).scatter(1, order, weights)

    def encode(self, input_ids: Tensor, mask: Tensor) -> Tensor:
        """States of the bidirectional GRU, exact on real tokens (what stands on padding means nothing).

        Two one-way GRUs, the second over each text reversed within its own length: the mathematics of
        ``nn.GRU(bidirectional=True)`` over packed sequences, and faster on a CPU.

        Args:
            input_ids: (B, T), padding on the right.
            mask: (B, T) bool.

        Returns:
            (B, T, 2H): at token t, what was read up to t from the left, then from the right.
        """
        if input_ids.shape[1] == 0:
            return self.head.weight.new_zeros(*input_ids.shape, self.head.in_features)
        embedded = self.dropout(self.embedding(input_ids))  # (B, T, E)
        mirror = _mirror(mask)  # (B, T)
        from_left, _ = self.forward_gru(embedded)  # (B, T, H)
        from_right, _ = self.backward_gru(_reorder(embedded, mirror))  # (B, T, H), last token first
        return torch.cat([from_left, _reorder(from_right, mirror)], dim=2)


def _mirror(mask: Tensor) -> Tensor:
    """(B, T) positions that reverse each row within its own length; padding keeps its place.

    >>> _mirror(torch.tensor([[True, True, True, False]]))
    tensor([[2, 1, 0, 3]])
    """
    positions = torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
    last = mask.sum(dim=1, keepdim=True) - 1  # (B, 1)
    return torch.where(mask, last - positions, positions)


def _reorder(states: Tensor, positions: Tensor) -> Tensor:
    """(B, T, F) states taken in the order of (B, T) positions."""
    return states.gather(1, positions.unsqueeze(2).expand_as(states))


def _check(options: dict[str, Any]) -> None:
    for name, value in options.items():
        if name == "dropout":
            if not 0 <= value < 1:
                raise ConfigError(f"dropout is {value!r}: it must be at least 0 and below 1")
        elif not isinstance(value, int) or value < 1:
            raise ConfigError(f"{name} is {value!r}: it must be a whole number, at least 1")
