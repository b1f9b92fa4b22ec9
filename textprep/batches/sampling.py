"""Rows drawn by weight: each row and each class comes as often as its weight says, give or take one."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.permutation import Permutation, Rows
from textprep.errors import DatasetError, LoaderError
from textprep.targets import Target

Weights = npt.NDArray[np.float64]
GRAIN = 2**40  # weights are counted in this many grains, so that all machines agree


def row_weights(
    weights: Literal["balanced"] | npt.ArrayLike, labels: npt.NDArray[Any], target: Target
) -> Weights:
    """The weight of each row, (N,) float64, of sum 1.

    ``"balanced"`` gives every class the same sum.

    >>> from textprep.targets import ClassTarget
    >>> row_weights("balanced", np.array([0, 0, 0, 1]), ClassTarget()).round(3).tolist()
    [0.167, 0.167, 0.167, 0.5]

    Args:
        weights: one number a row, or ``"balanced"``.
        labels: (N, …), of each row; or those of each token.
        target: of which kind they are.

    Raises:
        LoaderError: the target has no classes to balance, or a row none; weights are not one finite number
            of at least 0 a row, or all are 0.
    """
    if isinstance(weights, str):
        return _balanced(weights, labels, target)
    given: Weights = np.asarray(weights, dtype=np.float64)
    if given.shape != (len(labels),) or not np.isfinite(given).all() or (given < 0).any() or not given.any():
        raise LoaderError(
            f"weights of shape {given.shape} cannot be used: give one number of at least 0 for each of the "
            f"{len(labels):,} rows, not all of them 0, or 'balanced'",
            option="weights",
        )
    return given / float(given.sum())


def _balanced(weights: str, labels: npt.NDArray[Any], target: Target) -> Weights:
    if weights != "balanced":
        raise LoaderError(
            f"weights={weights!r} cannot be used: give 'balanced' or one number a row",
            option="weights",
            value="balanced",
        )
    try:
        classes = target.balanced(labels)
    except DatasetError as error:
        raise LoaderError(error.message, option=error.option, value=error.value, hint=error.hint) from error
    counts = np.bincount(classes)
    of_class = 1 / (np.maximum(counts, 1) * np.count_nonzero(counts))
    balanced: Weights = of_class[classes]
    return balanced


class Weighted(NamedTuple):
    """What is drawn from.

    Attributes:
        weights: (N,) float64 of sum 1, of each row.
        groups: (N,) int64, of each row: each group comes as often as its rows' weights say.
    """

    weights: Weights
    groups: Rows


class Draws:
    """As many draws as there are rows: called with places, (K,) int64, it says which rows stand there.

    Rows are laid on a line, group after group and in random order within, each as long as its weight; N
    points at equal distances from a random first one choose. So row i is drawn ⌊N wᵢ⌋ or ⌈N wᵢ⌉ times, N wᵢ
    on average over epochs, and likewise each group (Madow and Madow 1944, "On the theory of systematic
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
        self._laid = rows[np.argsort(weighted.groups[rows], kind="stable")]
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
