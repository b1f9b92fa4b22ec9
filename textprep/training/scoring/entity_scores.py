"""Precision, recall and F1 of entities, what was taken for what, and how far chance could move it.

Shapes are written with M tokens of N rows, E entities, C tags, K types of entities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.errors import DatasetError
from textprep.training.scoring.entities import Entities, Ints, Scheme, entities_of, entity_counts, right_ones
from textprep.training.scoring.intervals import (
    LEVEL,
    SharesOfMany,
    drawn_sums,
    macro,
    share_interval,
    shares_of,
)


def entity_scores(
    true: Ints, predicted: Ints, offsets: Ints, scheme: Scheme, *, seed: int = 0
) -> dict[str, Any]:
    """Precision, recall and F1 of entities, what was taken for what, and token accuracy, as JSON values.

    A share of nothing is 0. ``macro`` is the plain mean over the types that are true or predicted somewhere,
    ``weighted`` the mean by how many entities each type has.

    Args:
        true: (M,) ids of tags.
        predicted: (M,) ids of tags.
        offsets: (N + 1,) where each row begins among the tokens, and M.
        scheme: what the ids mean.
        seed: of the bootstrap samples.

    Returns:
        ``rows``, ``tokens``; ``precision``, ``recall`` and ``f1`` of all entities; ``macro``, ``weighted``
        and ``strict`` (the same three; see `entities_of`); ``per_class`` (type → the three, and
        ``support``, how many are true); ``token_accuracy``; ``outcomes`` and ``confusion_matrix``, see
        `confusion`; ``class_names``; ``intervals``: ``level``, and low and high of each score, by the
        percentile bootstrap over rows (Efron and Tibshirani, "An introduction to the bootstrap", 1993,
        chapter 13), or, where all samples are alike, as for the accuracy of as many rows as have entities.

    Raises:
        DatasetError: there are no tokens, or the lengths differ.

    >>> scheme = Scheme.of(["O", "B-PER", "I-PER"], ["PER"])
    >>> scores = entity_scores(np.array([1, 2, 0, 1]), np.array([1, 0, 0, 1]), np.array([0, 3, 4]), scheme)
    >>> scores["f1"], scores["token_accuracy"], scores["outcomes"]["wrong_borders"]
    (0.5, 0.75, 1)
    """
    _check(true, predicted, offsets)
    counts = entity_counts(true, predicted, offsets, scheme)
    right = np.add.reduceat(np.append(true == predicted, 0), offsets[:-1]) * (np.diff(offsets) > 0)
    strict = entity_counts(true, predicted, offsets, scheme, strict=True).sum(axis=(0, 2))
    columns = np.hstack([counts.reshape(len(counts), -1), right[:, None], np.diff(offsets)[:, None]])
    scores = _of_sums(columns.sum(axis=0), len(scheme.names))
    per_class = _per_class(counts.sum(axis=0), scheme.names)
    return {
        "rows": len(counts),
        "tokens": len(true),
        **{name: _json(value) for name, value in scores.items()},
        "strict": _json(shares_of(*strict)),
        "per_class": per_class,
        **confusion(true, predicted, offsets, scheme),
        "class_names": list(scheme.names),
        "intervals": _intervals(columns, scheme.names, seed),
    }


def confusion(true: Ints, predicted: Ints, offsets: Ints, scheme: Scheme) -> dict[str, Any]:
    """Which types were taken for which, and how many entities were missed and invented.

    Each true entity is held against the predicted one that shares the most tokens with it, of several the
    first. A predicted one that shares none with any is invented.

    Args:
        true: (M,) ids of tags.
        predicted: (M,) ids of tags.
        offsets: (N + 1,) where each row begins among the tokens, and M.
        scheme: what the ids mean.

    Returns:
        ``confusion_matrix``: K + 1 lists of K + 1 counts, rows true, columns predicted; the last column has
        the missed ones, the last row the invented ones. ``outcomes``: how many are ``right``, have
        ``wrong_borders`` (the type is right), the ``wrong_type``, were ``missed``, ``invented``.

    >>> scheme = Scheme.of(["O", "B-LOC", "B-PER"], ["LOC", "PER"])
    >>> confusion(np.array([1, 2, 0]), np.array([2, 0, 1]), np.array([0, 3]), scheme)["confusion_matrix"]
    [[0, 1, 0], [0, 0, 1], [1, 0, 0]]
    """
    has, given, partner, invented = compared(true, predicted, offsets, scheme)
    none = len(scheme.names)
    matrix = np.zeros((none + 1, none + 1), np.int64)
    np.add.at(matrix, (has.types, np.where(partner < 0, none, np.append(given.types, none)[partner])), 1)
    matrix[none, :none] = np.bincount(given.types[invented], minlength=none)
    right, same_type = int(right_ones(has, given).sum()), int(np.trace(matrix))
    missed = int(matrix[:-1, -1].sum())
    outcomes = {
        "right": right,
        "wrong_borders": same_type - right,
        "wrong_type": len(has.types) - same_type - missed,
        "missed": missed,
        "invented": len(invented),
    }
    return {"outcomes": outcomes, "confusion_matrix": matrix.tolist()}


class Compared(NamedTuple):
    """Entities held against each other.

    Attributes:
        has, given: the true ones (E,), and the predicted ones.
        partner: (E,) int64, of each true one the predicted one that shares the most tokens with it, of
            several the first; -1 where it is missed.
        invented: which predicted ones share no token with a true one.
    """

    has: Entities
    given: Entities
    partner: Ints
    invented: Ints


def compared(true: Ints, predicted: Ints, offsets: Ints, scheme: Scheme) -> Compared:
    """The entities that tags make, held against each other; the arguments are those of `confusion`."""
    has, given = (entities_of(tags, offsets, scheme) for tags in (true, predicted))
    of_true, of_given = has.of_tokens(len(true)), given.of_tokens(len(true))
    both = (of_true >= 0) & (of_given >= 0)
    partner = _partners(of_true[both], of_given[both], len(has.types))
    invented = np.setdiff1d(np.arange(len(given.types)), of_given[both])
    return Compared(has, given, partner, invented)


def _check(true: Ints, predicted: Ints, offsets: Ints) -> None:
    if true.shape != predicted.shape or offsets[-1] != len(true):
        raise DatasetError(
            f"there are {len(true)} true tags and {len(predicted)} predicted: give one each a token"
        )
    if not len(true):
        raise DatasetError("there is no labelled row to score")


def _partners(of_true: Ints, of_given: Ints, count: int) -> Ints:
    """(E,) of each true entity the predicted one that shares the most tokens; -1 where none shares any.

    Args:
        of_true: which true entity each token of both is of.
        of_given: which predicted one.
        count: of the true entities.
    """
    pairs, shared = np.unique(np.stack([of_true, of_given]), axis=1, return_counts=True)
    order = np.lexsort([pairs[1], -shared, pairs[0]])
    true, first = np.unique(pairs[0][order], return_index=True)
    partners = np.full(count, -1, np.int64)
    partners[true] = pairs[1][order][first]
    return partners


def _of_sums(sums: npt.NDArray[Any], types: int) -> dict[str, Any]:
    """Scores of sums (…, 3K + 2) over rows; those of each type (…, K), all others (…,)."""
    right, has, given = np.moveaxis(sums[..., :-2].reshape(*sums.shape[:-1], 3, types), -2, 0)
    by_type = shares_of(right, has, given)
    weights = has / np.maximum(has.sum(axis=-1, keepdims=True), 1)
    return {
        **_plain(shares_of(*(each.sum(-1) for each in (right, has, given)))),
        "macro": macro(by_type, has + given),
        "weighted": {name: (values * weights).sum(axis=-1) for name, values in by_type.items()},
        "token_accuracy": sums[..., -2] / np.maximum(sums[..., -1], 1),
    }


def _plain(shares: SharesOfMany) -> dict[str, Any]:
    return {str(name): values for name, values in shares.items()}


def _per_class(counts: Ints, names: Sequence[str]) -> dict[str, Any]:
    shares = shares_of(*counts)
    return {
        name: {
            **{share: float(values[place]) for share, values in shares.items()},
            "support": int(counts[1, place]),
        }
        for place, name in enumerate(names)
    }


def _intervals(columns: Ints, names: Sequence[str], seed: int) -> dict[str, Any]:
    """Of rows' counts (N, 3K + 2)."""
    kinds, times = np.unique(columns, axis=0, return_counts=True)
    sums = drawn_sums(kinds.astype(np.float64), times, seed)
    has = columns[:, :-2].reshape(len(columns), 3, -1)[:, 1:].sum(axis=1) > 0  # (N, K) true or predicted
    rows = int(has.any(axis=1).sum())
    scores = _of_sums(sums, len(names))
    of_tokens = share_interval(scores.pop("token_accuracy"), len(columns))
    found = {name: _spread(values, rows) for name, values in scores.items()}
    by_type = shares_of(*np.moveaxis(sums[:, :-2].reshape(len(sums), 3, len(names)), 1, 0))
    found["per_class"] = {
        name: {
            share: share_interval(values[:, place], int(has[:, place].sum()))
            for share, values in by_type.items()
        }
        for place, name in enumerate(names)
    }
    return {"level": LEVEL, **found, "token_accuracy": of_tokens}


def _spread(values: Any, rows: int) -> Any:
    if isinstance(values, dict):
        return {name: share_interval(each, rows) for name, each in values.items()}
    return share_interval(values, rows)


def _json(value: Any) -> Any:
    return {name: float(each) for name, each in value.items()} if isinstance(value, dict) else float(value)
