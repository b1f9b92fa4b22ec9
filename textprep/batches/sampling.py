"""Rows drawn by weight: each row and each class comes as often as its weight says, give or take one."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.permutation import Permutation, Rows
from textprep.errors import LoaderError

Weights = npt.NDArray[np.float64]
GRAIN = 2**40  # weights are counted in this many grains, so that all machines agree


def row_weights(weights: Literal["balanced"] | npt.ArrayLike, labels: Rows) -> Weights:
    """The weight of each row, (N,) float64, of sum 1.

    ``"balanced"`` gives every class the same sum.

    >>> row_weights("balanced", np.array([0, 0, 0, 1])).round(3).tolist()
    [0.167, 0.167, 0.167, 0.5]

    Raises:
        LoaderError: rows without a class cannot be balanced; weights are not one finite number of at least 0
            a row, or all are 0.
    """
    if isinstance(weights, str):
        return _balanced(weights, labels)
    given: Weights = np.asarray(weights, dtype=np.float64)
    if (
        given.shape != labels.shape[:1]
        or not np.isfinite(given).all()
        or (given < 0).any()
        or not given.any()
    ):
        raise LoaderError(
            f"weights of shape {given.shape} cannot be used: give one number of at least 0 for each of the "
            f"{len(labels):,} rows, not all of them 0, or 'balanced'",
            option="weights",
        )
    return given / float(given.sum())


def _balanced(weights: str, labels: Rows) -> Weights:
    if weights != "balanced":
        raise LoaderError(
            f"weights={weights!r} cannot be used: give 'balanced' or one number a row",
            option="weights",
            value="balanced",
        )
    if labels.ndim == 2:
        raise LoaderError(
            "weights='balanced' needs one class a row, and these may have several: give numbers",
            option="weights",
            value=None,
        )
    if unlabelled := int((labels < 0).sum()):
        raise LoaderError(
            f"weights='balanced' needs a class for every row: {unlabelled:,} rows have none",
            option="weights",
            value=None,
        )
    counts = np.bincount(labels)
    of_class = 1 / (np.maximum(counts, 1) * np.count_nonzero(counts))
    balanced: Weights = of_class[labels]
    return balanced


class Weighted(NamedTuple):
    """What is drawn from: the weight of each row, (N,) float64 of sum 1, and its class, (N,) int64.

    Of rows that may have several, the first that they have.
    """

    weights: Weights
    labels: Rows


def first_class(labels: Rows) -> Rows:
    """The class of each row, (N,), from (N,) or, where it may have several, from (N, C) of 0 and 1."""
    return labels if labels.ndim == 1 else labels.argmax(axis=1)


class Draws:
    """As many draws as there are rows: called with places, (K,) int64, it says which rows stand there.

    Rows are laid on a line, class after class and in random order within, each as long as its weight; N
    points at equal distances from a random first one choose. So row i is drawn ⌊N wᵢ⌋ or ⌈N wᵢ⌉ times, N wᵢ
    on average over epochs, and likewise each class (Madow and Madow 1944, "On the theory of systematic
    sampling", https://doi.org/10.1214/aoms/1177731312). The draws come in random order. Takes 16 bytes a row.

    >>> weighted = Weighted(np.array([0.0, 0.25, 0.75, 0.0]), np.zeros(4, np.int64))
    >>> draws = Draws(weighted, np.random.PCG64(np.random.SeedSequence(0)))
    >>> sorted(draws(np.arange(4)).tolist())
    [1, 2, 2, 2]
    """

    def __init__(self, weighted: Weighted, bits: np.random.PCG64) -> None:
        self.size = len(weighted.weights)
        self._shuffled = Permutation(self.size, bits)
        rows = Permutation(self.size, bits)(np.arange(self.size))
        self._laid = rows[np.argsort(weighted.labels[rows], kind="stable")]
        weights = weighted.weights[self._laid]
        weights *= GRAIN
        self._ends = np.cumsum(np.rint(weights, out=weights).astype(np.int64))
        total = int(self._ends[-1]) if self.size else 0
        self._distance, self._rest = divmod(total, max(self.size, 1))
        self._first = int(bits.random_raw()) % max(self._distance, 1)

    def __call__(self, places: Rows) -> Rows:
        """The rows at ``places``, each from 0 to ``size`` - 1."""
        numbers = self._shuffled(places)
        points = self._first + numbers * self._distance + numbers * self._rest // max(self.size, 1)
        return self._laid[np.searchsorted(self._ends, points, side="right")]
