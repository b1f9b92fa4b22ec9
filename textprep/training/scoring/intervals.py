"""How far a score could be off by chance: bootstrap intervals.

To draw N rows with replacement is to draw the cells of the confusion matrix with the rows' frequencies: a
thousand bootstrap samples are a thousand multinomial draws, whatever N is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.records import Interval, Intervals, IntervalsOfShares, ShareName

DRAWS = 1000
DRAWS_AT_ONCE = 50  # of many distinct rows: bounds memory
LEVEL = 0.95
SharesOfMany = dict[ShareName, npt.NDArray[np.float64]]


def bootstrap_intervals(matrix: npt.ArrayLike, class_names: Sequence[str], *, seed: int = 0) -> Intervals:
    """95 % intervals of the scores that ``matrix`` gives, by the percentile bootstrap.

    After Efron and Tibshirani, "An introduction to the bootstrap" (1993), chapter 13. Where all rows are
    right, or none is, every sample is alike: there the accuracy has the exact interval of Clopper and
    Pearson ("The use of confidence or fiducial limits", Biometrika 1934).

    Args:
        matrix: (C, C) counts, rows true, columns predicted.
        class_names: the C names.
        seed: of the draws.

    Returns:
        ``level``, ``accuracy``, ``macro`` (precision, recall, f1) and ``per_class`` (name → the same), each
        interval a list of two numbers.

    >>> low, high = bootstrap_intervals([[90, 10], [20, 80]], ["bad", "good"])["accuracy"]
    >>> 0.78 < low < 0.82 < 0.88 < high < 0.92
    True
    >>> bootstrap_intervals([[20, 0], [0, 20]], ["bad", "good"])["accuracy"]
    [0.911903, 1.0]
    """
    counts = np.asarray(matrix, dtype=np.int64)
    right, true, predicted = _drawn_classes(counts, seed)
    shares = shares_of(right, true, predicted)
    return {
        "level": LEVEL,
        "accuracy": share_interval(right.sum(axis=1) / counts.sum(), int(counts.sum())),
        "macro": {name: interval(values) for name, values in macro(shares, true).items()},
        "per_class": _class_intervals(shares, class_names),
    }


def _drawn_classes(counts: npt.NDArray[np.int64], seed: int) -> npt.NDArray[np.float64]:
    """How many rows of each class are right, have it, and were given it in each sample, (3, draws, C).

    Only cells that have rows are drawn: of thousands of classes hardly any two are ever confused.
    """
    true, predicted = np.nonzero(counts)
    right = np.where(true == predicted, true, len(counts))  # one class more, which nobody asks for
    sums = [
        [[np.bincount(of, sample, len(counts) + 1) for sample in drawn] for of in (right, true, predicted)]
        for drawn in _draws(counts[true, predicted], seed)
    ]
    return np.concatenate(sums, axis=1)[:, :, :-1]


def multilabel_intervals(
    true: npt.NDArray[np.bool_],
    predicted: npt.NDArray[np.bool_],
    class_names: Sequence[str],
    *,
    seed: int = 0,
) -> Intervals:
    """What `bootstrap_intervals` gives, and ``micro``, where a row may have several classes.

    What is drawn are the distinct pairs of what a row has and what it was given, with the rows' frequencies.

    Args:
        true: (N, C), which classes each row has.
        predicted: (N, C), which it was given.
        class_names: the C names.
        seed: of the draws.
    """
    pairs, counts = np.unique(np.hstack([true, predicted]), axis=0, return_counts=True)
    has, given = np.hsplit(pairs, 2)
    same = (has == given).all(axis=1, keepdims=True)
    sums = drawn_sums(np.hstack([same, has & given, has, given]).astype(np.float64), counts, seed)
    by_class = np.split(sums[:, 1:], 3, axis=1)
    shares = shares_of(*by_class)
    micro = shares_of(*(each.sum(axis=1) for each in by_class))
    return {
        "level": LEVEL,
        "accuracy": share_interval(sums[:, 0] / len(true), len(true)),
        "macro": {name: interval(values) for name, values in macro(shares, by_class[1]).items()},
        "micro": {name: interval(values) for name, values in micro.items()},
        "per_class": _class_intervals(shares, class_names),
    }


def drawn_sums(
    columns: npt.NDArray[np.float64], counts: npt.NDArray[np.int64], seed: int
) -> npt.NDArray[np.float64]:
    """The sums of ``columns`` (P, K) in each bootstrap sample, (draws, K); line i stands for so many rows."""
    return np.concatenate([drawn @ columns for drawn in _draws(counts, seed)])


def _draws(counts: npt.NDArray[np.int64], seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """How often each of P kinds of rows is in each bootstrap sample, (some draws, P) at a time."""
    rows = int(counts.sum())
    generator = np.random.Generator(np.random.PCG64(seed))
    for _ in range(DRAWS // DRAWS_AT_ONCE):
        yield generator.multinomial(rows, counts / rows, DRAWS_AT_ONCE)


def class_shares(matrix: npt.NDArray[Any]) -> SharesOfMany:
    """Precision, recall and F1, (…, C) each, from confusion matrices (…, C, C); a share of nothing is 0."""
    right = np.diagonal(matrix, axis1=-2, axis2=-1)
    return shares_of(right, matrix.sum(axis=-1), matrix.sum(axis=-2))


def shares_of(right: npt.NDArray[Any], true: npt.NDArray[Any], predicted: npt.NDArray[Any]) -> SharesOfMany:
    """Precision, recall and F1 from counts of any shape; a share of nothing is 0."""
    return {
        "precision": right / np.maximum(predicted, 1),
        "recall": right / np.maximum(true, 1),
        "f1": 2 * right / np.maximum(true + predicted, 1),
    }


def macro(shares: SharesOfMany, support: npt.NDArray[Any]) -> SharesOfMany:
    """Plain means of shares (…, C) over the classes that have rows, of which there are ``support`` (…, C)."""
    has = support > 0
    classes = np.maximum(has.sum(axis=-1), 1)
    return {name: (values * has).sum(axis=-1) / classes for name, values in shares.items()}


def _class_intervals(shares: SharesOfMany, class_names: Sequence[str]) -> dict[str, IntervalsOfShares]:
    return {
        class_name: {name: interval(values[:, index]) for name, values in shares.items()}
        for index, class_name in enumerate(class_names)
    }


def share_interval(shares: npt.NDArray[np.float64], rows: int) -> Interval:
    """Low and high of what a share of so many ``rows`` is in each sample, (draws,); exact at 0 and at 1.

    >>> share_interval(np.ones(1000), 40)
    [0.911903, 1.0]
    """
    low, high = interval(shares)
    least = round(
        float(((1 - LEVEL) / 2) ** (1 / max(rows, 1))), 6
    )  # less, and all right would be too unlikely
    return [least, 1.0] if low == 1 else [0.0, 1 - least] if high == 0 else [low, high]


def interval(values: npt.NDArray[np.float64]) -> Interval:
    """Low and high of what a score is in each sample, (draws,)."""
    tail = (1 - LEVEL) / 2
    return [round(float(value), 6) for value in np.quantile(values, [tail, 1 - tail])]
