"""The reference classifiers: embedding → encoder → pooling → linear head, and a bag of word pairs beside it.

Shapes are written with B texts a batch, T tokens a text, E embedding features, H hidden units each way,
N heads, C outputs: ids (B, T) → embeddings (B, T, E) → states (B, T, 2H) → context (B, 2H) → logits (B, C).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError
from textprep.models.attention import AdditiveAttention, DotAttention, MultiHeadAttention
from textprep.models.base import TextClassifier
from textprep.models.encoder import BidirectionalGRU, EncoderBlock
from textprep.models.options import checked
from textprep.models.positions import LearnedPositions, SinusoidalPositions
from textprep.options import names_options


class GRUClassifier(TextClassifier):
    """Reads a text both ways and takes the mean over the real tokens: attention's plain rival.

    Args:
        vocab_size: number of token ids, of a model that reads texts.
        num_classes: C, the outputs: classes, or numbers.
        features: numbers of a step, of a model that reads sequences of numbers: it has a linear layer in
            place of the embedding.
        embedding_dim: E.
        hidden_dim: H.
        dropout: share of the features set to zero in training, of each embedding and of the text's vector.
        word_pairs: rows of the table of a `BagOfPairs`, whose logits are added; 0 for none.
        pad_id: the id of padding, which has no embedding; ``None`` where the vocabulary has none.
        pairs: whether a row holds two texts to compare, which ``token_type_ids`` tell apart.
        categories: extra columns, name → how many ids there are, 0 (none) and 1 (not met in
            training) among them.
        numbers: extra columns, name → how many numbers a row has, 1 or K.
        offset, scale: C numbers each, where the outputs are numbers: their mean and deviation, so that what
            is learned is standardized and what comes out is in their own unit.

    Raises:
        ConfigError: a size is not a positive whole number, dropout is not in [0, 1), a feature has the name
            of another field, or ``offset`` or ``scale`` are not C finite numbers.

    >>> GRUClassifier(vocab_size=100, num_classes=3)(torch.tensor([[5, 8, 2], [7, 0, 0]])).shape
    torch.Size([2, 3])
    """

    @names_options(ConfigError)
    def __init__(
        self,
        vocab_size: int | None = None,
        num_classes: int | None = None,
        *,
        features: int | None = None,
        embedding_dim: int = 128,
        hidden_dim: int = 64,
        dropout: float = 0.5,
        word_pairs: int = 0,
        pad_id: int | None = 0,
        pairs: bool = False,
        categories: Mapping[str, int] | None = None,
        numbers: Mapping[str, int] | None = None,
        offset: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
    ) -> None:
        options = checked(
            vocab_size=vocab_size, features=features, num_classes=num_classes,
            embedding_dim=embedding_dim,
            hidden_dim=hidden_dim, dropout=dropout, word_pairs=word_pairs,
            pad_id=pad_id, pairs=pairs, categories=categories, numbers=numbers, offset=offset, scale=scale,
        )  # fmt: skip
        super().__init__(options, 2 * hidden_dim)
        self.gru = BidirectionalGRU(embedding_dim, hidden_dim)

    def encode(
        self, embedded: Tensor, mask: Tensor, *, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """States (B, T, 2H); there are no weights."""
        return self.gru(embedded, mask), None


class GRUAttentionClassifier(TextClassifier):
    """Reads a text both ways, looks at the words that matter, and names a class.

    Args:
        vocab_size: number of token ids, of a model that reads texts.
        num_classes: C, the outputs: classes, or numbers.
        features: numbers of a step, of a model that reads sequences of numbers: it has a linear layer in
            place of the embedding.
        embedding_dim: E.
        hidden_dim: H.
        dropout: share of the features set to zero in training, of each embedding and of the text's vector.
        attention: ``"additive"`` or ``"dot"``: one learned query a text, weights (B, T); ``"multihead"``:
            self-attention in N heads, weights (B, N, T, T), and the mean of what it gives.
        heads: N, which divides 2H; for ``"multihead"`` only.
        word_pairs: rows of the table of a `BagOfPairs`, whose logits are added; 0 for none.
        pad_id: the id of padding, which has no embedding; ``None`` where the vocabulary has none.
        pairs: whether a row holds two texts to compare, which ``token_type_ids`` tell apart.
        categories: extra columns, name → how many ids there are, 0 (none) and 1 (not met in
            training) among them.
        numbers: extra columns, name → how many numbers a row has, 1 or K.
        offset, scale: C numbers each, where the outputs are numbers: their mean and deviation, so that what
            is learned is standardized and what comes out is in their own unit.

    Raises:
        ConfigError: a size is not a positive whole number, dropout is not in [0, 1), there is no such
            attention, or the heads do not divide 2H.

    >>> model = GRUAttentionClassifier(vocab_size=100, num_classes=3).eval()
    >>> ids = torch.tensor([[5, 8, 2], [7, 0, 0]])
    >>> logits, weights = model(ids, return_attention=True)
    >>> logits.shape, weights[1].tolist()
    (torch.Size([2, 3]), [1.0, 0.0, 0.0])
    >>> same = GRUAttentionClassifier(**model.options())
    """

    @names_options(ConfigError)
    def __init__(
        self,
        vocab_size: int | None = None,
        num_classes: int | None = None,
        *,
        features: int | None = None,
        embedding_dim: int = 128,
        hidden_dim: int = 64,
        dropout: float = 0.5,
        attention: str = "additive",
        heads: int = 4,
        word_pairs: int = 0,
        pad_id: int | None = 0,
        pairs: bool = False,
        categories: Mapping[str, int] | None = None,
        numbers: Mapping[str, int] | None = None,
        offset: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
    ) -> None:
        options = checked(
            vocab_size=vocab_size, features=features, num_classes=num_classes,
            embedding_dim=embedding_dim,
            hidden_dim=hidden_dim, dropout=dropout, attention=attention, heads=heads, word_pairs=word_pairs,
            pad_id=pad_id, pairs=pairs, categories=categories, numbers=numbers, offset=offset, scale=scale,
        )  # fmt: skip
        super().__init__(options, 2 * hidden_dim)
        self.gru = BidirectionalGRU(embedding_dim, hidden_dim)
        self.attention: nn.Module = (
            MultiHeadAttention(2 * hidden_dim, heads)
            if attention == "multihead"
            else {"additive": AdditiveAttention, "dot": DotAttention}[attention](2 * hidden_dim)
        )

    def encode(
        self, embedded: Tensor, mask: Tensor, *, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """States (B, T, 2H), and the weights of self-attention, (B, N, T, T)."""
        states = self.gru(embedded, mask)  # (B, T, 2H)
        if not isinstance(self.attention, MultiHeadAttention):
            return states, None
        states, weights = self.attention(states, states, states, mask, return_weights=return_attention)
        return states, _of_real_queries(weights, mask)

    def pool(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        """The weighted mean of the states, (B, 2H), with its weights, (B, T); or their plain mean."""
        if isinstance(self.attention, MultiHeadAttention):
            return super().pool(states, mask)
        context, weights = self.attention(states, mask)
        return context, weights


class TransformerClassifier(TextClassifier):
    """Embeddings with positions, a stack of encoder blocks, the mean over the real tokens.

    After the encoder of Vaswani et al., "Attention is all you need" (NeurIPS 2017,
    https://arxiv.org/abs/1706.03762).

    Args:
        vocab_size: number of token ids, of a model that reads texts.
        num_classes: C, the outputs: classes, or numbers.
        features: numbers of a step, of a model that reads sequences of numbers: it has a linear layer in
            place of the embedding.
        embedding_dim: E, of the embeddings and of every state.
        hidden_dim: of the feed-forward networks.
        dropout: share of the features set to zero in training, of each embedding, in each block, and of
            the text's vector.
        heads: N, which divides E.
        layers: how many encoder blocks.
        positions: ``"sinusoidal"``, or ``"learned"`` for texts of up to ``max_length`` tokens.
        max_length: of learned positions.
        word_pairs: rows of the table of a `BagOfPairs`, whose logits are added; 0 for none.
        pad_id: the id of padding, which has no embedding; ``None`` where the vocabulary has none.
        pairs: whether a row holds two texts to compare, which ``token_type_ids`` tell apart.
        categories: extra columns, name → how many ids there are, 0 (none) and 1 (not met in
            training) among them.
        numbers: extra columns, name → how many numbers a row has, 1 or K.
        offset, scale: C numbers each, where the outputs are numbers: their mean and deviation, so that what
            is learned is standardized and what comes out is in their own unit.

    Raises:
        ConfigError: a size is not a positive whole number, dropout is not in [0, 1), there are no such
            positions, or the heads do not divide E.

    >>> model = TransformerClassifier(vocab_size=100, num_classes=3, layers=1).eval()
    >>> logits, weights = model(torch.tensor([[5, 8, 2], [7, 0, 0]]), return_attention=True)
    >>> logits.shape, weights.shape
    (torch.Size([2, 3]), torch.Size([2, 1, 4, 3, 3]))
    """

    @names_options(ConfigError)
    def __init__(
        self,
        vocab_size: int | None = None,
        num_classes: int | None = None,
        *,
        features: int | None = None,
        embedding_dim: int = 128,
        hidden_dim: int = 64,
        dropout: float = 0.5,
        heads: int = 4,
        layers: int = 2,
        positions: str = "sinusoidal",
        max_length: int = 512,
        word_pairs: int = 0,
        pad_id: int | None = 0,
        pairs: bool = False,
        categories: Mapping[str, int] | None = None,
        numbers: Mapping[str, int] | None = None,
        offset: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
    ) -> None:
        options = checked(
            vocab_size=vocab_size, features=features, num_classes=num_classes,
            embedding_dim=embedding_dim,
            hidden_dim=hidden_dim, dropout=dropout, heads=heads, layers=layers, positions=positions,
            max_length=max_length, word_pairs=word_pairs,
            pad_id=pad_id, pairs=pairs, categories=categories, numbers=numbers, offset=offset, scale=scale,
        )  # fmt: skip
        super().__init__(options, embedding_dim)
        learned = positions == "learned"
        self.positions: nn.Module = (
            LearnedPositions(embedding_dim, max_length) if learned else SinusoidalPositions(embedding_dim)
        )
        self.blocks = nn.ModuleList(
            EncoderBlock(embedding_dim, heads, hidden_dim, dropout=dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(embedding_dim)

    def encode(
        self, embedded: Tensor, mask: Tensor, *, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """The last block's states, (B, T, E), and weights (B, layers, N, T, T)."""
        states, of_layers = self.positions(embedded), []
        for block in self.blocks:
            states, weights = block(states, mask, return_weights=return_attention)
            of_layers.append(_of_real_queries(weights, mask))
        return self.norm(states), torch.stack(of_layers, dim=1) if return_attention else None


def _of_real_queries(weights: Tensor | None, mask: Tensor) -> Any:
    """(B, N, T, T) weights with zeros in the rows of padding."""
    return None if weights is None else weights * mask[:, None, :, None]
