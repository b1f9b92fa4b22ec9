"""How well a language model foresees texts: perplexity and bits per character, with their intervals.

Shapes are written with N texts, P tokens that are predicted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
DRAWS, LEVEL = 1000, 0.95
MOST_GROUPS = 1000  # of neighbouring texts, which are drawn together: bounds memory


def perplexity_scores(log_probabilities: npt.ArrayLike, offsets: npt.ArrayLike) -> dict[str, Any]:
    """The scores of the tokens of texts, as JSON values.

    The perplexity is exp of the mean of -log p: a model of perplexity 80 is as unsure as one that
    chooses among 80 tokens that are all alike (Jelinek, Mercer, Bahl and Baker, "Perplexity: a measure of
    the difficulty of speech recognition tasks", 1977). It depends on what a token is, so it compares models
    of one tokenizer alone; bits per character compare others, see `with_characters`.

    The intervals are those of the percentile bootstrap over texts (Efron and Tibshirani, "An introduction
    to the bootstrap", 1993, chapter 13); of more than a thousand texts, over groups of neighbours.

    Args:
        log_probabilities: (P,) natural logarithms of what the model gave the tokens.
        offsets: (N + 1,) where each text begins among them.

    Returns:
        ``rows`` (N), ``tokens`` (P), ``loss`` (nats per token), ``perplexity``, ``bits_per_token``, and
        ``intervals`` of the last three, with their ``level``.

    >>> scores = perplexity_scores(np.log([0.5, 0.25, 0.5, 0.25]), [0, 2, 4])
    >>> scores["perplexity"], scores["bits_per_token"], scores["tokens"]
    (2.828427, 1.5, 4)
    """
    sums = text_sums(log_probabilities, offsets)
    loss = _ratio(sums.sum(axis=0))
    drawn = _ratio(_drawn(sums))
    return {
        "rows": len(sums),
        "tokens": int(sums[:, 1].sum()),
        **_written(loss),
        "intervals": {"level": LEVEL, **_intervals(drawn)},
    }


def loss_difference(mine: npt.ArrayLike, others: npt.ArrayLike, offsets: npt.ArrayLike) -> dict[str, Any]:
    """By how many nats per token one model's loss is above another's on the same texts, with its interval.

    >>> loss_difference(np.log([0.5, 0.5]), np.log([0.25, 0.25]), [0, 1, 2])
    {'value': -0.693147, 'interval': [-0.693147, -0.693147]}
    """
    difference = np.asarray(mine, np.float64) - np.asarray(others, np.float64)
    sums = text_sums(difference, offsets)
    return {"value": _round(float(_ratio(sums.sum(axis=0)))), "interval": _ends(_ratio(_drawn(sums)))}


def with_characters(scores: Mapping[str, Any], characters: int) -> dict[str, Any]:
    """``bits_per_character`` of scores, with its interval among the others.

    All bits that the tokens cost, divided by the characters of the raw texts, each text's end counted as
    one more: what a token is plays no part, so models of different tokenizers can be compared by it, where
    the steps are the same and every token of the texts is predicted.

    >>> scores = perplexity_scores(np.log([0.5, 0.25]), [0, 2])
    >>> with_characters(scores, 6)["bits_per_character"]
    0.5
    """
    share = scores["tokens"] / characters if characters else 0.0
    ends = [_round(end * share) for end in scores["intervals"]["bits_per_token"]]
    return {
        **scores,
        "characters": characters,
        "bits_per_character": _round(scores["bits_per_token"] * share),
        "intervals": {**scores["intervals"], "bits_per_character": ends},
    }


def text_sums(log_probabilities: npt.ArrayLike, offsets: npt.ArrayLike) -> Floats:
    """(N, 2) of each text the sum of -log p, and how many tokens it has.

    >>> text_sums([-1.0, -2.0, -4.0], [0, 2, 3]).tolist()
    [[3.0, 2.0], [4.0, 1.0]]
    """
    before = np.concatenate([[0.0], np.cumsum(-np.asarray(log_probabilities, np.float64))])
    ends = np.asarray(offsets, np.int64)
    return np.stack([np.diff(before[ends]), np.diff(ends).astype(np.float64)], axis=1)


def _drawn(sums: Floats) -> Floats:
    """(DRAWS, 2) the sums of bootstrap samples of texts, or of groups of them."""
    bounds = np.unique(np.linspace(0, len(sums), min(len(sums), MOST_GROUPS) + 1).astype(np.int64))
    groups = np.add.reduceat(sums, bounds[:-1], axis=0) if len(sums) else np.zeros((1, 2))
    generator = np.random.Generator(np.random.PCG64(0))
    drawn: Floats = generator.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), DRAWS) @ groups
    return drawn


def _ratio(sums: Floats) -> Floats:
    """Nats per token, (…,), of sums (…, 2)."""
    ratio: Floats = sums[..., 0] / np.maximum(sums[..., 1], 1)
    return ratio


def _written(loss: Floats) -> dict[str, float]:
    return {name: _round(float(value)) for name, value in _measures(loss).items()}


def _measures(loss: Floats) -> dict[str, Floats]:
    return {"loss": loss, "perplexity": np.exp(loss), "bits_per_token": loss / math.log(2)}


def _intervals(drawn: Floats) -> dict[str, list[float]]:
    return {name: _ends(values) for name, values in _measures(drawn).items()}


def _ends(values: Floats) -> list[float]:
    tail = (1 - LEVEL) / 2
    return [_round(float(value)) for value in np.quantile(values, [tail, 1 - tail])]


def _round(value: float) -> float:
    return round(value, 6)
