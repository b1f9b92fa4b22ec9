"""Missing values and missing steps of sequences: found, and filled where somebody says how.

Shapes are written with T steps of one sequence, F numbers a step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

UNEVEN = 0.1  # of the distances between steps: if more are no multiple of one, nobody can say what is missing
HOLES = 1 / 3  # of the distances: if more are longer than one step, times are sparse, and none is missing
OFF = 0.25  # of a step: how far from a multiple of it a hole may be
MOST = 10  # times as many steps as there are: where more are missing, a time is wrong
FEW_STEPS = 3
FILL = '"linear" fills them from their neighbours; "forward", "mean" or a number can, too'
LEAVE_OUT = 'on_error="skip" leaves such sequences out'


class Filled(NamedTuple):
    """A sequence without gaps.

    Attributes:
        numbers: (T, F).
        taken: (T,) which of the given steps each is, of one that was missing the last before it.
        values, steps: how many were missing.
        is_uneven: whether its times are not evenly spaced, so that no step counts as missing.
    """

    numbers: Array
    taken: Array
    values: int
    steps: int
    is_uneven: bool


class MissingError(Exception):
    """What is missing, and where.

    Attributes:
        option, value, hint: what to do about it.
    """

    def __init__(
        self, what: str, option: str = "on_error", value: Any = "skip", hint: str = LEAVE_OUT
    ) -> None:
        super().__init__(what)
        self.option, self.value, self.hint = option, value, hint


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
    steps = np.rint(apart / step)
    is_hole = steps > 1
    is_off = (steps < 1) | (is_hole & (np.abs(apart / step - steps) > OFF))
    return None if is_off.mean() > UNEVEN or is_hole.mean() > HOLES else step


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
    step = step_of(times)
    is_uneven = times is not None and step is None and len(times) >= FEW_STEPS
    places = _places(times, step, len(numbers))
    steps = int(places[-1]) + 1 - len(places) if len(places) else 0
    if steps > MOST * len(places):
        raise MissingError(f"{_what(times, places, steps)}: a time is wrong, or they are two sequences")
    if (values or steps) and how == "error":
        raise MissingError(_what(times, places, steps), "missing", "linear", FILL)
    taken = np.full(steps + len(places), -1)
    taken[places] = np.arange(len(numbers))
    gaps = taken < 0
    whole = np.where(gaps[:, None], np.nan, numbers[taken])
    for place in np.flatnonzero(np.isnan(whole).any(axis=0)):
        whole[:, place] = _one(whole[:, place], features[place], how)
    last = np.maximum.accumulate(np.where(gaps, 0, np.arange(len(taken))))
    return Filled(whole, taken[last], values, steps, is_uneven)


def _places(times: Array | None, step: float | None, steps: int) -> Array:
    """(T,) the place of each step, which leaves out those of steps that are missing."""
    if times is None or step is None:
        return np.arange(steps)
    apart = np.minimum(np.maximum(1, np.rint(np.diff(times) / step)), float(2**40))
    return np.concatenate([[0], np.cumsum(apart)]).astype(np.int64)


def _one(values: Array, feature: str, how: str | float) -> Array:
    """(T,) numbers of one feature, filled."""
    there = ~np.isnan(values)
    if isinstance(how, (int, float)):
        return np.where(there, values, float(how))
    if not there.any():
        what = f"no step has a number {feature!r}, so there is nothing to fill it from"
        raise MissingError(what, "missing", 0, f"a number fills it, such as 0; {LEAVE_OUT}")
    places = np.flatnonzero(there)
    if how == "mean":
        return np.where(there, values, values[there].mean())
    if how == "linear":
        return np.interp(np.arange(len(values)), places, values[places])
    before = np.searchsorted(places, np.arange(len(values)), side="right") - 1
    return values[places[np.maximum(before, 0)]]


def _what(times: Array | None, places: Array, steps: int) -> str:
    """In words, which steps are missing; that values are, their rows say."""
    if not steps or times is None:
        return "numbers are missing"
    before = float(times[int(np.flatnonzero(np.diff(places) > 1)[0])])
    are = "1 step is" if steps == 1 else f"{steps:,} steps are"
    return f"{are} missing, the first after the time {before:g}"
