"""What all models of this package share, and all classifiers: embedding, head, padding that is never read.

Shapes are written with B rows a batch, T tokens a row, E embedding features, F features of a text, N heads,
C outputs: ids (B, T) → embeddings (B, T, E) → states (B, T, F) → context (B, F) → logits (B, C). Where a row
holds two texts, each is read by itself: there are 2B texts then, first all first ones, and T is the length of
the longest text.
"""

from __future__ import annotations

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from textprep.errors import ConfigError, TextprepError
from textprep.models.attention import every_token
from textprep.models.bag import BagOfPairs
from textprep.models.extra import ExtraFeatures
from textprep.models.pairs import Comparison
from textprep.models.rows import Row, put_back, put_back_tokens, real_first

TYPES = "token_type_ids"


class TextModel(nn.Module):
    """Embedding → `encode` → linear head, padding never read: what all models share.

    What comes out for a text does not depend on what it is batched with, nor on where its padding stands.
    With ``offset`` and ``scale``, the outputs are numbers in their own unit: ``offset + scale · logits``.

    Args:
        options: all arguments of the constructor of a subclass, checked.
        features: F, of what the head sees.

    Attributes:
        predicts: what there is a vector of outputs for: ``"rows"``, ``"tokens"``, or ``"next_token"``.
    """

    predicts: ClassVar[str]
    embedding: Any
    bag: BagOfPairs | None
    comparison: Comparison | None
    offset: Tensor | None
    scale: Tensor | None

    def __init__(self, options: dict[str, Any], features: int) -> None:
        super().__init__()
        self._options = {
            name: value for name, value in options.items() if value is not None or name == "pad_id"
        }
        self.embedding = _input_layer(self._options)
        self.dropout = nn.Dropout(options["dropout"])
        self.head = self.made_head(features)
        self.comparison = self.bag = None
        self.add_parts(features)
        declared = self._options.get("categories", {}), self._options.get("numbers", {})
        self.extra = ExtraFeatures(features, *declared) if any(declared) else None
        for name in ("offset", "scale"):  # a buffer that is None is in no state dict
            given = self._options.get(name)
            self.register_buffer(name, None if given is None else torch.tensor(given, dtype=torch.float32))

    def made_head(self, features: int) -> Any:
        """The linear layer from ``features`` to outputs."""
        return nn.Linear(features, self._options["num_classes"])

    def add_parts(self, features: int) -> None:
        """Make what a kind of model has beside its head, of so many ``features``."""

    @property
    def features(self) -> int | None:
        """How many numbers a step has, where it reads sequences of numbers; ``None`` where it reads ids."""
        return self._options.get("features")

    @property
    def extra_names(self) -> tuple[str, ...]:
        """What it takes in addition to ids and mask, by name."""
        types = (TYPES,) if self.comparison else ()
        return (*types, *self.extra.categories, *self.extra.numbers) if self.extra else types

    def options(self) -> dict[str, Any]:
        """The constructor's arguments as plain JSON values: ``type(model)(**model.options())``."""
        return dict(self._options)

    def contributions(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, Tensor] | None:
        """The share of the linear model in the outputs of rows (B, T); None without such a model.

        Returns:
            what each token adds, (B, T, C) float64, and what each two neighbours add, (B, T - 1, C), zeros on
            padding, and where one text ends and the other begins.
        """
        if self.bag is None:
            return None
        row, width = self._row(input_ids, attention_mask, token_type_ids), input_ids.shape[1]
        scale = 1.0 if self.scale is None else self.scale.double()
        tokens, pairs = (
            part.double() * scale for part in self.bag.contributions(row.ids, row.mask, row.second)
        )
        of_pairs = put_back_tokens(pairs, row.places[:, :-1], width)
        return put_back_tokens(tokens, row.places, width), of_pairs[:, :-1]

    def _read(self, input_ids: Tensor | None, inputs: Tensor | None) -> Tensor:
        """The ids (B, T), or the numbers (B, T, F), that a batch has.

        Raises:
            TextprepError: it has not what the model reads.
        """
        if self.features is None:
            if input_ids is None:
                raise TextprepError("the model reads input_ids, and they are missing")
            return input_ids
        if inputs is None or inputs.ndim != 3 or inputs.shape[2] != self.features:
            held = "missing" if inputs is None else f"of shape {tuple(inputs.shape)}"
            raise TextprepError(
                f"the model reads inputs (sequences, steps, {self.features}), and they are {held}"
            )
        return inputs

    def _row(self, input_ids: Tensor, attention_mask: Tensor | None, types: Tensor | None) -> Row:
        """The tokens of each row, real ones first."""
        pad_id = self._options["pad_id"]
        mask = every_token(input_ids) if pad_id is None else input_ids != pad_id
        mask = mask if attention_mask is None else attention_mask.bool()
        check_shape("attention_mask", mask, input_ids)
        ids, mask, places = real_first(input_ids, mask)
        if self.comparison is None:
            return Row(ids, mask, places)
        if types is None:
            raise ConfigError(
                "the model compares two texts, and token_type_ids, which tell them apart, are missing",
                hint="pass token_type_ids=, or a batch from a loader of pairs with them in columns=",
            )
        check_shape(TYPES, types, input_ids)
        second = types != 0
        return Row(ids, mask, places, second.gather(1, places) if types.shape[1] else mask)

    def _in_its_unit(self, logits: Tensor) -> Tensor:
        """(…, C) standardized numbers as they are; other logits stay."""
        if self.scale is not None:
            logits = logits * self.scale
        return logits if self.offset is None else logits + self.offset

    def _embedded(self, ids: Tensor) -> Tensor:
        try:
            embedded: Tensor = self.embedding(ids)
        except IndexError as error:  # torch names neither the id nor the size
            raise TextprepError(
                f"the ids run from {int(ids.min())} to {int(ids.max())}, and the model was made for a "
                f"vocabulary of {self.embedding.num_embeddings}: encode with the pipeline that it is for"
            ) from error
        return embedded

    def encode(
        self, embedded: Tensor, mask: Tensor, *, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """The state of each token, (B, T, F), and the attention between tokens, if any.

        Args:
            embedded: (B, T, E), padding on the right.
            mask: (B, T) bool.
            return_attention: whether the weights are wanted; otherwise they may be None.
        """
        raise NotImplementedError


class TextClassifier(TextModel):
    """Embedding → `encode` → `pool` → linear head, and with ``word_pairs`` a linear model beside them.

    An empty text has the logits of the head's bias. With several labels a row, logit c is that of class c
    against its absence; the loss makes the difference, not the model. Where the target is a number, or
    several, the outputs are these, in their own unit.

    With ``categories`` and ``numbers``, extra columns are added to the vector that the head sees,
    see `textprep.models.extra.ExtraFeatures`. With ``pairs``, both texts of a row are read by the same
    layers, each by itself, and compared, see `textprep.models.pairs.Comparison`.
    """

    predicts: ClassVar[str] = "rows"

    def add_parts(self, features: int) -> None:
        """The comparison of two texts, and the bag of word pairs, where they are asked for."""
        options = self._options
        sizes = options["embedding_dim"], features
        if options["pairs"]:
            self.comparison = Comparison(*sizes, options["dropout"])
        if options["word_pairs"]:
            self.bag = BagOfPairs(
                options["vocab_size"],
                options["num_classes"],
                options["word_pairs"],
                options["dropout"],
                texts=2 if options["pairs"] else 1,
            )

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        *,
        inputs: Tensor | None = None,
        return_attention: bool = False,
        **extra: object,
    ) -> Any:
        """Logits for a batch; fields of a `Batch` that the model does not know are accepted and ignored.

        Args:
            input_ids: (B, T) int64.
            attention_mask: (B, T) bool, True on real tokens; if not given, wherever ``input_ids`` is not
                ``pad_id``.
            inputs: (B, T, F) float, in place of ``input_ids``, of a model with ``features``.
            token_type_ids: (B, T) int64, 0 on the first text of a row, 1 on the second; of a model with
                ``pairs`` alone.
            return_attention: also return the attention weights.
            extra: each feature that the model was made with: (B,) int64 ids of a category, (B,) or (B, K)
                float of numbers.

        Returns:
            logits (B, C); with ``return_attention`` a pair, logits and weights, which are zero on padding:
            (B, T) for one query a text, (B, N, T, T) by head for self-attention, (B, layers, N, T, T) for
            several layers of it, None where the model has no attention. With two texts, the weights of each
            are as if it were alone.

        Raises:
            ConfigError: a feature is not given, or ``token_type_ids`` of a model with ``pairs``.
            TextprepError: ``input_ids`` is not (B, T), the mask or a feature has another shape, or (on a CPU)
                an id is outside the vocabulary or the categories.
        """
        given = self._read(input_ids, inputs)
        row = self._row(given, attention_mask, token_type_ids)
        ids, mask, places = row.texts()
        embedded = self.dropout(self._embedded(ids))  # (B, T, E)
        if self.comparison:  # after dropout: matches of exact embeddings would be learned by heart
            embedded = self.comparison.of_tokens(embedded, mask)
        states, of_states = self.encode(embedded, mask, return_attention=return_attention)
        context, weights = self.pool(states, mask)
        context = self.comparison(context) if self.comparison else context
        context = self.dropout(context)  # (B, F)
        if self.extra:
            context = self.extra(context, extra)  # noqa: S610  # not Django's
        logits = self.head(context)  # (B, C)
        if self.bag:
            logits = logits + self.bag(row.ids, row.mask, row.second)
        logits = self._in_its_unit(logits)
        if not return_attention:
            return logits
        weights = of_states if weights is None else weights
        if weights is not None:
            weights = put_back(weights, places, given.shape[1])
            weights = torch.stack(weights.chunk(2)).sum(dim=0) if self.comparison else weights
        return logits, weights

    def pool(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        """The vector of each text, (B, F), zeros for an empty one; and the weight of each state.

        Here their mean, and nothing else.
        """
        return masked_mean(states, mask), None


def masked_mean(states: Tensor, mask: Tensor | None = None) -> Tensor:
    """The mean (B, F) of states (B, T, F) over the real tokens of mask (B, T); zeros where there is none.

    Without a mask, all tokens are real.

    >>> masked_mean(torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[True, True, False]]))
    tensor([[2.]])
    """
    real = (every_token(states) if mask is None else mask).unsqueeze(2)
    return states.masked_fill(~real, 0).sum(dim=1) / real.sum(dim=1).clamp(min=1)


def _input_layer(options: dict[str, Any]) -> nn.Module:
    """What makes (B, T, E) of ids, or of steps of numbers."""
    if (features := options.get("features")) is not None:
        return nn.Linear(features, options["embedding_dim"])
    embedding = nn.Embedding(options["vocab_size"], options["embedding_dim"], padding_idx=options["pad_id"])
    with torch.no_grad():  # at torch's deviation of 1, chance drowns what one epoch learns of a word
        embedding.weight.mul_(0.1)
    return embedding


def check_shape(name: str, given: Tensor, input_ids: Tensor) -> None:
    """Raise `TextprepError` where ``input_ids`` is not (B, T), or ``given`` has another shape."""
    if input_ids.ndim not in (2, 3) or given.shape != input_ids.shape[:2]:
        raise TextprepError(
            f"the model takes input_ids and {name} of one shape (texts, tokens), "
            f"not {tuple(input_ids.shape)} and {tuple(given.shape)}"
        )
