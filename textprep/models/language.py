"""Language models: which token comes next, at every place of a text.

Shapes are written with B texts a batch, T tokens a text, E embedding features, H hidden units, N heads,
V tokens of the vocabulary: ids (B, T) → embeddings (B, T, E) → states (B, T, E) → logits (B, T, V).
"""

from __future__ import annotations

import math
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError
from textprep.models.base import TextModel, check_shape
from textprep.models.encoder import EncoderBlock
from textprep.models.options import checked
from textprep.models.positions import LearnedPositions, SinusoidalPositions
from textprep.models.rows import put_back, put_back_tokens
from textprep.options import names_options

DOCUMENTS = "document_ids"


class Encoded(NamedTuple):
    """What a language model makes of embeddings.

    Attributes:
        states: (B, T, E), what each place knows of the tokens up to it.
        weights: (B, layers, N, T, T) of attention; ``None`` where there is none or nobody asked.
        last: (B, H), what a recurrent model knows at the end; ``None`` of others.
    """

    states: Tensor
    weights: Tensor | None = None
    last: Tensor | None = None


class LanguageModel(TextModel):
    """Embedding → `read` → scores of every token of the vocabulary, by one matrix.

    Place t sees the tokens 0 … t, and its logits are those of the token after it. They do not depend on
    what a text is batched with, nor on where its padding is; on padding, they are the bias. With
    ``document_ids`` nothing of one document reaches another, and each has the logits that it has alone.

    With ``tied``, the embedding of a token is what the token is scored by, too (Press and Wolf, "Using the
    output embedding to improve language models", EACL 2017, https://aclanthology.org/E17-2025): fewer
    weights, and rare tokens learn from both sides.
    """

    predicts: ClassVar[str] = "next_token"
    recurrent: ClassVar[bool] = False
    embedding_scale = 1.0  # of what is read
    optional_names: ClassVar[tuple[str, ...]] = (DOCUMENTS,)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options, options["embedding_dim"])
        self.bias = nn.Parameter(torch.zeros(options["vocab_size"]))

    def made_head(self, features: int) -> nn.Linear | None:
        """A matrix of its own, where the embeddings are not what tokens are scored by."""
        return None if self._options["tied"] else nn.Linear(features, self._options["vocab_size"], bias=False)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        *,
        document_ids: Tensor | None = None,
        state: Tensor | None = None,
        return_attention: bool = False,
        return_state: bool = False,
        **extra: object,
    ) -> Any:
        """Logits of the next token at every place; other fields of a `Batch` are accepted and ignored.

        Args:
            input_ids: (B, T) int64.
            attention_mask: (B, T) bool, True on real tokens; if not given, wherever ``input_ids`` is not
                ``pad_id``.
            token_type_ids: ignored.
            document_ids: (B, T) int64, equal for neighbours of one document; all are of one, if not given.
            state: (B, H), where a recurrent model goes on; zeros if not given.
            return_attention: also return the attention weights.
            return_state: also return the state after the last token.
            extra: ignored.

        Returns:
            logits (B, T, V); or a tuple of these and what was asked for: weights (B, layers, N, T, T), zeros
            on padding, ``None`` of a model without attention; the state, (B, H), ``None`` of a model that is
            not recurrent.

        Raises:
            TextprepError: a tensor is not (B, T), or (on a CPU) an id is outside the vocabulary.
        """
        ids, real, places, _ = self._row(input_ids, attention_mask, None)
        documents = self._documents(document_ids, input_ids, places)
        embedded = self.dropout(self._embedded(ids))  # (B, T, E)
        found = self.read(embedded, real, documents, state, return_attention=return_attention)
        width = input_ids.shape[1]
        states = found.states.masked_fill(~real.unsqueeze(2), 0)[:, :width]
        logits = self.scores(put_back_tokens(states, places[:, :width], width))  # (B, T, V)
        if not (return_attention or return_state):
            return logits
        weights = found.weights if found.weights is None else put_back(found.weights, places, width)
        asked = ((return_attention, weights), (return_state, found.last))
        return (logits, *(value for wanted, value in asked if wanted))

    def _documents(self, document_ids: Tensor | None, input_ids: Tensor, places: Tensor) -> Tensor | None:
        if document_ids is None or not input_ids.shape[1]:
            return None
        check_shape(DOCUMENTS, document_ids, input_ids)
        return document_ids.gather(1, places)

    def scores(self, states: Tensor) -> Tensor:
        """States (…, E) → logits (…, V)."""
        table = self.embedding if self.head is None else self.head
        return functional.linear(states, table.weight, self.bias)

    def read(
        self,
        embedded: Tensor,
        mask: Tensor,
        documents: Tensor | None,
        state: Tensor | None,
        *,
        return_attention: bool,
    ) -> Encoded:
        """What each place knows of the tokens up to it.

        Args:
            embedded: (B, T, E), padding on the right.
            mask: (B, T) bool.
            documents: (B, T) int64, or ``None``.
            state: (B, H), or ``None``.
            return_attention: whether the weights are wanted.
        """
        raise NotImplementedError


class GRULanguageModel(LanguageModel):
    """Reads a text from left to right and says at every place what comes next.

    ids (T,) → embeddings (T, E) → GRU (T, H) → dense (T, E) → (T, V).

    After Mikolov et al., "Recurrent neural network based language model" (Interspeech 2010), with a GRU.
    Its state can be carried from one piece of a text to the next.

    Args:
        vocab_size: V.
        embedding_dim: E.
        hidden_dim: H.
        dropout: share of the features set to zero in training, of each embedding and of each state.
        tied: whether the embeddings are what the next token is scored by, too.
        pad_id: the id of padding; ``None`` where the vocabulary has none.

    Raises:
        ConfigError: a size is not a positive whole number, or dropout is not in [0, 1).

    >>> model = GRULanguageModel(vocab_size=100).eval()
    >>> ids = torch.tensor([[5, 8, 2, 9]])
    >>> model(ids).shape
    torch.Size([1, 4, 100])
    >>> first, state = model(ids[:, :3], return_state=True)
    >>> torch.allclose(model(ids[:, 3:], state=state), model(ids)[:, 3:], atol=1e-6)
    True
    """

    recurrent: ClassVar[bool] = True

    @names_options(ConfigError)
    def __init__(
        self,
        vocab_size: int,
        *,
        embedding_dim: int = 128,
        hidden_dim: int = 256,
        dropout: float = 0.2,
        tied: bool = True,
        pad_id: int | None = 0,
    ) -> None:
        options = checked(
            vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_dim=hidden_dim, dropout=dropout,
            tied=tied, pad_id=pad_id,
        )  # fmt: skip
        super().__init__(options)
        self.gru = nn.GRU(embedding_dim, hidden_dim, batch_first=True)
        self.dense = nn.Linear(hidden_dim, embedding_dim)

    def read(
        self,
        embedded: Tensor,
        mask: Tensor,
        documents: Tensor | None,
        state: Tensor | None,
        *,
        return_attention: bool,
    ) -> Encoded:
        """States of a GRU; each document begins with zeros, the first of a row with ``state``."""
        start = embedded.new_zeros(len(embedded), self.gru.hidden_size) if state is None else state
        states = self._run(embedded, start) if documents is None else self._apart(embedded, documents, start)
        ends = (mask.sum(dim=1) - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[2])
        last = torch.where(mask.any(dim=1, keepdim=True), states.gather(1, ends).squeeze(1), start)
        return Encoded(self.dense(self.dropout(states)), last=last)

    def _run(self, embedded: Tensor, start: Tensor) -> Tensor:
        """Embeddings (S, T, E) and first states (S, H) → states (S, T, H)."""
        states: Tensor = self.gru(embedded, start.unsqueeze(0).contiguous().to(embedded.dtype))[0]
        return states

    def _apart(self, embedded: Tensor, documents: Tensor, start: Tensor) -> Tensor:
        """As `_run`, each document of a row as a row of its own."""
        first, places = _begins(documents)
        rows = first.flatten().cumsum(0).view_as(places) - 1  # (B, T), of S rows
        shape = (int(rows[-1, -1]) + 1 if rows.numel() else 0, int(places.amax()) + 1 if rows.numel() else 1)
        begun = start.new_zeros(shape[0], start.shape[1]).index_copy(0, rows[:, 0], start)
        apart = embedded.new_zeros(*shape, embedded.shape[2]).index_put((rows, places), embedded)
        return self._run(apart, begun)[rows, places]


class TransformerLanguageModel(LanguageModel):
    """Looks back at the words that matter and says at every place what comes next.

    ids (T,) → embeddings with positions (T, E) → attention with its causal mask (T, T), and a skip around it
    → dense, and a skip around it → dense (T, E) → (T, V).

    After the decoder of Vaswani et al., "Attention is all you need" (NeurIPS 2017,
    https://arxiv.org/abs/1706.03762), without a text to translate, as Radford et al., "Improving language
    understanding by generative pre-training" (2018).

    Args:
        vocab_size: V.
        embedding_dim: E, of the embeddings and of every state.
        hidden_dim: of the dense layers in each block.
        dropout: share of the features set to zero in training, of each embedding and in each block.
        heads: N, which divides E.
        layers: how many blocks.
        positions: ``"sinusoidal"``, or ``"learned"`` for texts of up to ``max_length`` tokens.
        max_length: of learned positions.
        tied: whether the embeddings are what the next token is scored by, too.
        pad_id: the id of padding; ``None`` where the vocabulary has none.

    Raises:
        ConfigError: a size is not a positive whole number, dropout is not in [0, 1), there are no such
            positions, or the heads do not divide E.

    >>> model = TransformerLanguageModel(vocab_size=100, layers=1).eval()
    >>> logits, weights = model(torch.tensor([[5, 8, 2]]), return_attention=True)
    >>> logits.shape, weights.shape
    (torch.Size([1, 3, 100]), torch.Size([1, 1, 4, 3, 3]))
    >>> (weights[0, 0, 0] > 0).tolist()  # the causal mask
    [[True, False, False], [True, True, False], [True, True, True]]
    """

    @names_options(ConfigError)
    def __init__(
        self,
        vocab_size: int,
        *,
        embedding_dim: int = 128,
        hidden_dim: int = 256,
        dropout: float = 0.2,
        heads: int = 4,
        layers: int = 2,
        positions: str = "sinusoidal",
        max_length: int = 512,
        tied: bool = True,
        pad_id: int | None = 0,
    ) -> None:
        options = checked(
            vocab_size=vocab_size, embedding_dim=embedding_dim, hidden_dim=hidden_dim, dropout=dropout,
            heads=heads, layers=layers, positions=positions, max_length=max_length, tied=tied, pad_id=pad_id,
        )  # fmt: skip
        super().__init__(options)
        self.embedding_scale = math.sqrt(embedding_dim)  # as Vaswani et al.: else positions drown the tokens
        learned = positions == "learned"
        self.positions: nn.Module = (
            LearnedPositions(embedding_dim, max_length) if learned else SinusoidalPositions(embedding_dim)
        )
        self.blocks = nn.ModuleList(
            EncoderBlock(embedding_dim, heads, hidden_dim, dropout=dropout) for _ in range(layers)
        )
        self.norm = nn.LayerNorm(embedding_dim)
        self.dense = nn.Linear(embedding_dim, embedding_dim)  # or each token would foresee itself

    def read(
        self,
        embedded: Tensor,
        mask: Tensor,
        documents: Tensor | None,
        state: Tensor | None,
        *,
        return_attention: bool,
    ) -> Encoded:
        """The last block's states; positions count from the beginning of each document."""
        places, seen, of_layers = None, mask, []
        if documents is not None:
            places = _begins(documents)[1]
            seen = mask.unsqueeze(1) & (documents.unsqueeze(2) == documents.unsqueeze(1))  # (B, T, T)
        states = self.positions(embedded * self.embedding_scale, places)
        for block in self.blocks:
            states, weights = block(states, seen, causal=True, return_weights=return_attention)
            of_layers.append(weights)
        if not return_attention:
            return Encoded(self.dense(self.norm(states)))
        return Encoded(
            self.dense(self.norm(states)), torch.stack(of_layers, dim=1) * mask[:, None, None, :, None]
        )


def _begins(documents: Tensor) -> tuple[Tensor, Tensor]:
    """Where documents (B, T) begin, bool, and which place of its document each token has, int64.

    >>> [each.tolist() for each in _begins(torch.tensor([[4, 4, 7, 7, 7]]))]
    [[[True, False, True, False, False]], [[0, 1, 0, 1, 2]]]
    """
    first = torch.ones_like(documents, dtype=torch.bool)
    first[:, 1:] = documents[:, 1:] != documents[:, :-1]
    places = torch.arange(documents.shape[1], device=documents.device).expand_as(documents)
    return first, places - places.where(first, 0).cummax(dim=1).values
