"""Missing values and missing steps of sequences: found, and filled where somebody says how.

Shapes are written with T steps of one sequence, F numbers a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

UNEVEN = 0.1  # of the distances between steps: if more are of another length, nobody can say what is missing
FEW_STEPS = 3


class Filled(NamedTuple):
    """A sequence without gaps.

    Attributes:
        numbers: (T, F).
        taken: (T,) which of the given steps each is, of one that was missing the last before it.
        values, steps: how many were missing.
    """

    numbers: Array
    taken: Array
    values: int
    steps: int


class MissingError(Exception):
    """What is missing, and where."""


def step_of(times: Array | None) -> float | None:
    """How far two steps of ascending times are apart; ``None`` where they are not evenly spaced.

    >>> step_of(np.array([0.0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12])), step_of(np.array([0.0, 1, 5, 6, 9]))
    (1.0, None)
    """
    if times is None or len(times) < FEW_STEPS:
        return None
    apart = np.diff(times)
    step = float(np.median(apart))
    if step <= 0:
        return None
    is_other = np.abs(apart - step) > step / 2
    return None if is_other.mean() > UNEVEN else step


def filled(numbers: Array, times: Array | None, features: tuple[str, ...], how: str | float) -> Filled:
    """A sequence with what is missing filled.

    Args:
        numbers: (T, F), NaN where one is missing.
        times: (T,) ascending; ``None`` where nobody said when a step was.
        features: what the numbers are called, for messages.
        how: ``"error"``; ``"forward"``, the number before, or at the beginning the first one; ``"linear"``,
            between the neighbours; ``"mean"``, that of the sequence; or a number.

    Raises:
        MissingError: something is missing, and ``how`` is ``"error"``, or there is nothing to fill it from.

    >>> import numpy as np
    >>> sequence = np.array([[0.0], [np.nan], [4.0]])
    >>> ways = ("forward", "linear", "mean", -1)
    >>> [filled(sequence, None, ("x",), how).numbers[1, 0].item() for how in ways]
    [0.0, 2.0, 2.0, -1.0]
    """
    values = int(np.isnan(numbers).sum())
    taken = _with_gaps(times, len(numbers))
    gaps = taken < 0
    steps = int(gaps.sum())
    if (values or steps) and how == "error":
        raise MissingError(_what(times, taken, steps))
    whole = np.where(gaps[:, None], np.nan, numbers[taken])
    for place in np.flatnonzero(np.isnan(whole).any(axis=0)):
        whole[:, place] = _one(whole[:, place], features[place], how)
    places = np.arange(len(taken))
    last = np.maximum.accumulate(np.where(gaps, 0, places))
    return Filled(whole, taken[last], values, steps)


def _with_gaps(times: Array | None, steps: int) -> Array:
    """Which step comes at each place; -1 where one is missing."""
    step = step_of(times)
    if times is None or step is None:
        return np.arange(steps)
    places = np.concatenate([[0], np.cumsum(np.maximum(1, np.rint(np.diff(times) / step)))]).astype(np.int64)
    taken = np.full(places[-1] + 1, -1)
    taken[places] = np.arange(steps)
    return taken


def _one(values: Array, feature: str, how: str | float) -> Array:
    """(T,) numbers of one feature, filled."""
    there = ~np.isnan(values)
    if isinstance(how, (int, float)):
        return np.where(there, values, float(how))
    if not there.any():
        raise MissingError(f"no step has a number {feature!r}, so there is nothing to fill it from")
    places = np.flatnonzero(there)
    if how == "mean":
        return np.where(there, values, values[there].mean())
    if how == "linear":
        return np.interp(np.arange(len(values)), places, values[places])
    before = np.searchsorted(places, np.arange(len(values)), side="right") - 1
    return values[places[np.maximum(before, 0)]]


def _what(times: Array | None, taken: Array, steps: int) -> str:
    """In words, which steps are missing; that values are, their rows say."""
    if not steps or times is None:
        return "numbers are missing"
    first = int(np.flatnonzero(taken < 0)[0])
    before = float(times[taken[first - 1]])
    are = "1 step is" if steps == 1 else f"{steps:,} steps are"
    return f"{are} missing, the first after the time {before:g}"
