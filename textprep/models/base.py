"""What every classifier of this package shares: options, embedding, head, and padding that is never read.

Shapes are written with B texts a batch, T tokens a text, E embedding features, F features of a text, N heads,
C classes: ids (B, T) → embeddings (B, T, E) → context (B, F) → logits (B, C).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError, TextprepError, nearest_first
from textprep.models.attention import every_token
from textprep.models.bag import BagOfPairs

PAD_ID = 0
LEAST = {"word_pairs": 0}  # of sizes that may be smaller than 1
CHOICES = {"attention": ("additive", "dot", "multihead"), "positions": ("sinusoidal", "learned")}


class TextClassifier(nn.Module):
    """Embedding → whatever `read` does → linear head, and with ``word_pairs`` a linear model beside them.

    The logits of a text do not depend on what it is batched with, nor on where its padding stands. An
    empty text has the logits of the head's bias. With several labels a row, logit c is that of class c
    against its absence; the loss makes the difference, not the model.
    """

    def __init__(self, options: dict[str, Any], features: int) -> None:
        super().__init__()
        self._options = options
        self.embedding = nn.Embedding(options["vocab_size"], options["embedding_dim"], padding_idx=PAD_ID)
        with torch.no_grad():  # at torch's deviation of 1, chance drowns what one epoch learns of a word
            self.embedding.weight.mul_(0.1)
        self.dropout = nn.Dropout(options["dropout"])
        self.head = nn.Linear(features, options["num_classes"])
        self.bag: BagOfPairs | None = None
        if options["word_pairs"]:
            sizes = (options["vocab_size"], options["num_classes"], options["word_pairs"])
            self.bag = BagOfPairs(*sizes, options["dropout"])

    def options(self) -> dict[str, Any]:
        """The constructor's arguments as plain JSON values: ``type(model)(**model.options())``."""
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
            logits (B, C); with ``return_attention`` a pair, logits and weights, which are zero on padding:
            (B, T) for one query a text, (B, N, T, T) by head for self-attention, (B, layers, N, T, T) for
            several layers of it, None where the model has no attention.

        Raises:
            TextprepError: ``input_ids`` is not (B, T), the mask has another shape, or (on a CPU) an id is
                outside the vocabulary.
        """
        mask = input_ids != PAD_ID if attention_mask is None else attention_mask.bool()
        if input_ids.ndim != 2 or mask.shape != input_ids.shape:
            raise TextprepError(
                "the model takes input_ids and attention_mask of one shape (texts, tokens), "
                f"not {tuple(input_ids.shape)} and {tuple(mask.shape)}"
            )
        ids, mask, order = real_first(input_ids, mask)
        embedded = self.dropout(self._embedded(ids))  # (B, T, E)
        context, weights = self.read(embedded, mask, return_attention=return_attention)
        logits = self.head(self.dropout(context))  # (B, C)
        if self.bag:
            logits = logits + self.bag(ids, mask)
        return (logits, _put_back(weights, order, input_ids.shape[1])) if return_attention else logits

    def _embedded(self, ids: Tensor) -> Tensor:
        try:
            embedded: Tensor = self.embedding(ids)
        except IndexError as error:  # torch names neither the id nor the size
            raise TextprepError(
                f"the ids run from {int(ids.min())} to {int(ids.max())}, and the model was made for a "
                f"vocabulary of {self.embedding.num_embeddings}: encode with the pipeline that it is for"
            ) from error
        return embedded

    @abstractmethod
    def read(self, embedded: Tensor, mask: Tensor, *, return_attention: bool) -> tuple[Tensor, Tensor | None]:
        """What the head sees of each text, zeros for an empty one, and the attention weights, if any.

        Args:
            embedded: (B, T, E), padding on the right.
            mask: (B, T) bool.
            return_attention: whether the weights are wanted; otherwise they may be None.
        """


def real_first(input_ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Ids and mask (B, T) with the real tokens first, and the order (B, T) that they were taken in.

    T is at least 1, so that a batch of empty texts is something that every layer can take.

    >>> real_first(torch.tensor([[0, 7, 0, 5]]), torch.tensor([[False, True, False, True]]))[0]
    tensor([[7, 5, 0, 0]])
    """
    if input_ids.shape[1] == 0:
        input_ids, mask = functional.pad(input_ids, (0, 1)), functional.pad(mask, (0, 1))
    order = mask.byte().argsort(dim=1, descending=True, stable=True)
    return input_ids.gather(1, order), mask.gather(1, order), order


def masked_mean(states: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean (B, F) of states (B, T, F) over the real tokens of mask (B, T); zeros where there is none.

    Without a mask, all tokens are real.

    >>> masked_mean(torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[True, True, False]]))
    tensor([[2.]])
    """
    real = (every_token(states) if mask is None else mask).unsqueeze(2)
    return states.masked_fill(~real, 0).sum(dim=1) / real.sum(dim=1).clamp(min=1)


def _put_back(weights: Tensor | None, order: Tensor, width: int) -> Tensor | None:
    """Weights (B, …, T) of reordered tokens, in the order in which the ``width`` tokens were given."""
    if weights is None:
        return None
    places = order.argsort(dim=1)[:, :width]  # (B, T): where each token went
    index = places.view(len(places), *[1] * (weights.ndim - 2), -1)  # (B, 1 …, T)
    weights = weights.take_along_dim(index, dim=-1)
    return weights if weights.ndim == 2 else weights.take_along_dim(index.transpose(-2, -1), dim=-2)


def checked(**options: Any) -> dict[str, Any]:
    """The options of a model, each of which can be used.

    Raises:
        ConfigError: a choice is not offered, a size is not a positive whole number, dropout is not in [0, 1).

    >>> checked(vocab_size=100, dropout=0.5)
    {'vocab_size': 100, 'dropout': 0.5}
    """
    for name, value in options.items():
        if name in CHOICES:
            if value not in CHOICES[name]:
                listed = ", ".join(nearest_first(str(value), CHOICES[name]))
                raise ConfigError(f"{name} is {value!r}: it must be one of {listed}")
        elif name == "dropout":
            if not isinstance(value, (int, float)) or not 0 <= value < 1:
                raise ConfigError(f"dropout is {value!r}: it must be at least 0 and below 1")
        elif not isinstance(value, int) or isinstance(value, bool) or value < (least := LEAST.get(name, 1)):
            raise ConfigError(f"{name} is {value!r}: it must be a whole number, at least {least}")
    return options
