"""What every classifier of this package shares: options, embedding, head, and padding that is never read.

Shapes are written with B rows a batch, T tokens a row, E embedding features, F features of a text, N heads,
C outputs: ids (B, T) → embeddings (B, T, E) → states (B, T, F) → context (B, F) → logits (B, C). Where a row
holds two texts, each is read by itself: there are 2B texts then, first all first ones, and T is the length of
the longest text.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from textprep.errors import ConfigError, TextprepError, nearest_first
from textprep.models.attention import every_token
from textprep.models.bag import BagOfPairs
from textprep.models.extra import ExtraFeatures
from textprep.models.pairs import Comparison

OPTIONAL = ("categories", "numbers", "offset", "scale")
LEAST = {"word_pairs": 0}  # of sizes that may be smaller than 1
TYPES = "token_type_ids"
TAKEN = ("input_ids", "attention_mask", TYPES, "return_attention", "lengths", "labels", "row_ids")
CHOICES = {"attention": ("additive", "dot", "multihead"), "positions": ("sinusoidal", "learned")}


class TextClassifier(nn.Module):
    """Embedding → `encode` → `pool` → linear head, and with ``word_pairs`` a linear model beside them.

    The logits of a text do not depend on what it is batched with, nor on where its padding stands. An
    empty text has the logits of the head's bias. With several labels a row, logit c is that of class c
    against its absence; the loss makes the difference, not the model. Where the target is a number, or
    several, the outputs are these, in their own unit: ``offset + scale · logits``.

    With ``categories`` and ``numbers``, extra columns are added to the vector that the head sees,
    see `textprep.models.extra.ExtraFeatures`. With ``pairs``, both texts of a row are read by the same
    layers, each by itself, and compared, see `textprep.models.pairs.Comparison`.
    """

    offset: Tensor | None
    scale: Tensor | None

    def __init__(self, options: dict[str, Any], features: int) -> None:
        super().__init__()
        self._options = {
            name: value for name, value in options.items() if value is not None or name == "pad_id"
        }
        self.embedding = nn.Embedding(
            options["vocab_size"], options["embedding_dim"], padding_idx=options["pad_id"]
        )
        with torch.no_grad():  # at torch's deviation of 1, chance drowns what one epoch learns of a word
            self.embedding.weight.mul_(0.1)
        self.dropout = nn.Dropout(options["dropout"])
        self.head = nn.Linear(features, options["num_classes"])
        self.comparison = Comparison(features, options["dropout"]) if options["pairs"] else None
        self.bag: BagOfPairs | None = None
        if options["word_pairs"]:
            tokens = options["vocab_size"] * self.texts  # each text of a row has weights of its own
            self.bag = BagOfPairs(tokens, options["num_classes"], options["word_pairs"], options["dropout"])
        declared = self._options.get("categories", {}), self._options.get("numbers", {})
        self.extra = ExtraFeatures(features, *declared) if any(declared) else None
        for name in ("offset", "scale"):  # a buffer that is None is in no state dict
            given = self._options.get(name)
            self.register_buffer(name, None if given is None else torch.tensor(given, dtype=torch.float32))

    @property
    def texts(self) -> int:
        """How many texts a row holds, 1 or 2."""
        return 2 if self.comparison else 1

    @property
    def extra_names(self) -> tuple[str, ...]:
        """What it takes in addition to ids and mask, by name."""
        types = (TYPES,) if self.comparison else ()
        return (*types, *self.extra.categories, *self.extra.numbers) if self.extra else types

    def options(self) -> dict[str, Any]:
        """The constructor's arguments as plain JSON values: ``type(model)(**model.options())``."""
        return dict(self._options)

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        *,
        return_attention: bool = False,
        **extra: object,
    ) -> Any:
        """Logits for a batch; fields of a `Batch` that the model does not know are accepted and ignored.

        Args:
            input_ids: (B, T) int64.
            attention_mask: (B, T) bool, True on real tokens; if not given, wherever ``input_ids`` is not
                ``pad_id``.
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
        ids, mask, places = self._each_text(input_ids, attention_mask, token_type_ids)
        embedded = self.dropout(self._embedded(ids))  # (B, T, E)
        states, of_states = self.encode(embedded, mask, return_attention=return_attention)
        if self.comparison:
            states = self.comparison.of_tokens(states, mask)
        context, weights = self.pool(states, mask)
        context = self.comparison(context) if self.comparison else context
        context = self.dropout(context)  # (B, F)
        if self.extra:
            context = self.extra(context, extra)  # noqa: S610  # not Django's
        logits = self.head(context)  # (B, C)
        if self.bag:
            logits = logits + self._summed(self.bag(self._own(ids), mask))
        logits = self._in_its_unit(logits)
        if not return_attention:
            return logits
        weights = of_states if weights is None else weights
        width = input_ids.shape[1]
        return logits, None if weights is None else self._summed(put_back(weights, places, width))

    def contributions(
        self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None
    ) -> tuple[Tensor, Tensor] | None:
        """What the linear model beside adds to the outputs, apart; None where there is none.

        Returns:
            what each token adds, (B, T, C) float64, and what each two neighbours add, (B, T - 1, C), zeros on
            padding, and where one text ends and the other begins.
        """
        if self.bag is None:
            return None
        ids, mask, places = self._each_text(input_ids, attention_mask, token_type_ids)
        scale = 1.0 if self.scale is None else self.scale.double()
        tokens, pairs = (part.double() * scale for part in self.bag.contributions(self._own(ids), mask))
        width = input_ids.shape[1]
        parts = zip((tokens, pairs), (places, places[:, :-1]), (width, width - 1), strict=True)
        return tuple(self._summed(put_back_rows(*part)) for part in parts)  # type: ignore[return-value]

    def _each_text(
        self, input_ids: Tensor, attention_mask: Tensor | None, types: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Ids, mask and places of every text, real tokens first, see `real_first`."""
        pad_id = self.embedding.padding_idx
        mask = torch.ones_like(input_ids, dtype=torch.bool) if pad_id is None else input_ids != pad_id
        mask = mask if attention_mask is None else attention_mask.bool()
        _check_shape("attention_mask", mask, input_ids)
        if self.comparison is None:
            return real_first(input_ids, mask)
        if types is None:
            raise ConfigError(
                "the model compares two texts, and token_type_ids, which tell them apart, are missing",
                hint="pass token_type_ids=, or a batch from a loader of pairs with them in columns=",
            )
        _check_shape(TYPES, types, input_ids)
        each = torch.cat([mask & (types == 0), mask & (types != 0)])
        ids, each, places = real_first(torch.cat([input_ids, input_ids]), each)
        width = max(1, int(each.sum(dim=1).max())) if len(each) else 1
        return ids[:, :width], each[:, :width], places[:, :width]

    def _own(self, ids: Tensor) -> Tensor:
        """The ids of the linear model, in which a word of the second text is another than of the first."""
        if self.comparison is None:
            return ids
        first, second = ids.chunk(2)
        return torch.cat([first, second + self.embedding.num_embeddings])

    def _summed(self, of_texts: Tensor) -> Tensor:
        """(B, …) of (2B, …), where a row holds two texts."""
        return of_texts if self.comparison is None else torch.stack(of_texts.chunk(2)).sum(dim=0)

    def _in_its_unit(self, logits: Tensor) -> Tensor:
        """(B, C) standardized numbers as they are; other logits stay."""
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

    @abstractmethod
    def encode(
        self, embedded: Tensor, mask: Tensor, *, return_attention: bool
    ) -> tuple[Tensor, Tensor | None]:
        """The state of each token, (B, T, F), and the attention between tokens, if any.

        Args:
            embedded: (B, T, E), padding on the right.
            mask: (B, T) bool.
            return_attention: whether the weights are wanted; otherwise they may be None.
        """

    def pool(self, states: Tensor, mask: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the head sees of each text, (B, F), zeros for an empty one; and how much of each state, if any.

        Here their mean.
        """
        return masked_mean(states, mask), None


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


def put_back(weights: Tensor, places: Tensor, width: int) -> Tensor:
    """Weights (B, …, T) of tokens that were taken from ``places`` (B, T) of so many, where they were.

    >>> put_back(torch.tensor([[0.9, 0.1, 0.0]]), torch.tensor([[1, 3, 0]]), width=4)
    tensor([[0.0000, 0.9000, 0.0000, 0.1000]])
    """
    places = places[:, :width]  # of no tokens at all, there is one more than there were
    index = places.view(len(places), *[1] * (weights.ndim - 2), -1)  # (B, 1 …, T)
    if weights.ndim > 2:  # queries, too
        weights = put_back_rows(weights[..., : places.shape[1], :].transpose(1, -2), places, width)
        weights = weights.transpose(1, -2)
    kept = weights[..., : places.shape[1]]
    empty = kept.new_zeros(*kept.shape[:-1], width)
    return empty.scatter_add(-1, index.expand_as(kept), kept)


def put_back_rows(parts: Tensor, places: Tensor, width: int) -> Tensor:
    """Parts (B, T, …) of tokens that were taken from ``places`` (B, T) of so many, where they were."""
    index = places.view(*places.shape, *[1] * (parts.ndim - 2)).expand_as(parts)
    return parts.new_zeros(len(parts), width, *parts.shape[2:]).scatter_add(1, index, parts)


def _check_shape(name: str, given: Tensor, input_ids: Tensor) -> None:
    if input_ids.ndim != 2 or given.shape != input_ids.shape:
        raise TextprepError(
            f"the model takes input_ids and {name} of one shape (texts, tokens), "
            f"not {tuple(input_ids.shape)} and {tuple(given.shape)}"
        )


def checked(**options: Any) -> dict[str, Any]:
    """The options of a model as plain JSON values, each of which can be used; ``None`` is not given.

    Raises:
        ConfigError: a choice is not offered, a size is not a positive whole number, dropout is not in [0, 1),
            a feature cannot be called so, ``offset`` or ``scale`` is not a number an output.

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
        elif name == "pairs":
            if not isinstance(value, bool):
                raise ConfigError(f"pairs is {value!r}: it must be True or False")
        elif name == "pad_id":
            if value is not None and not (_is_whole(value, 0) and value < options["vocab_size"]):
                raise ConfigError(
                    f"pad_id is {value!r}: it must be an id of the vocabulary, from 0 to "
                    f"{options['vocab_size'] - 1}, or None"
                )
        elif name not in OPTIONAL and not _is_whole(value, least := LEAST.get(name, 1)):
            raise ConfigError(f"{name} is {value!r}: it must be a whole number, at least {least}")
    return options | _features(options) | _units(options)


def _features(options: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """``categories`` and ``numbers``, where they are given."""
    found: dict[str, dict[str, int]] = {}
    for option, least, what in (("categories", 2, "ids"), ("numbers", 1, "numbers a row")):
        given = options.get(option)
        if given is None:
            continue
        if not isinstance(given, Mapping):
            raise ConfigError(f"{option} is {given!r:.60}: it must be a mapping of name → how many {what}")
        for name, size in given.items():
            if name in TAKEN or not isinstance(name, str) or any(name in each for each in found.values()):
                raise ConfigError(f"{option} has a feature {name!r}: it must have a name of its own")
            if not _is_whole(size, least):
                raise ConfigError(
                    f"{option} has {name!r}: {size!r}: how many {what} there are is a whole number, at least "
                    f"{least}"
                )
        found[option] = dict(given)
    return found


def _units(options: Mapping[str, Any]) -> dict[str, list[float]]:
    """``offset`` and ``scale``, where they are given."""
    found: dict[str, list[float]] = {}
    for name in ("offset", "scale"):
        given = options.get(name)
        if given is None:
            continue
        try:
            found[name] = [float(each) for each in given]
        except (TypeError, ValueError):
            found[name] = []
        usable = all(math.isfinite(each) and (each or name == "offset") for each in found[name])
        if len(found[name]) != options["num_classes"] or not usable:
            raise ConfigError(
                f"{name} is {given!r:.60}: it must be {options['num_classes']} finite numbers, one an output"
                + (", none of them 0" if name == "scale" else "")
            )
    return found


def _is_whole(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
