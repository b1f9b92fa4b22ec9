"""Numbers: which raw values are one, what a column of them looks like, and what is to be said about it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.targets.class_names import is_blank
from textprep.targets.coding import distinct, plain_value, ruled
from textprep.targets.problems import BadValueError, Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array

LARGEST = float(np.finfo(np.float32).max)  # of a batch's labels
PLAIN = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"  # texts of which Arrow makes the same number as Python
FEW_VALUES = 10  # distinct numbers, of which one may as well predict which
STEPS_APART = 10  # of float32 that numbers deviate at least, so that rounding costs next to nothing
OUTLIER = 6.0  # times the distance of the quartiles beyond them


def number_of(column: str, value: Any) -> float:
    """The number that a raw value is.

    >>> number_of("stars", " 4.5 "), number_of("stars", True), number_of("stars", "1e3")
    (4.5, 1.0, 1000.0)
    >>> number_of("stars", "4,5")
    Traceback (most recent call last):
        ...
    textprep.targets.problems.BadValueError: ('stars', "'4,5' is not a number: a decimal point is ...")

    Raises:
        BadValueError: it is missing, no number, not finite, or too large for float32.
    """
    if is_blank(value):
        raise BadValueError(column, "the number is missing")
    number = _parsed(value)
    if number is None:
        raise BadValueError(column, f"{value!r:.40} is not a number{_advice(value)}")
    if abs(number) > LARGEST or np.isnan(number):
        raise BadValueError(column, f"{value!r:.40} is not a finite number, or too large for float32")
    return number


def is_number(value: Any) -> bool:
    """Whether a raw value is a finite number.

    >>> is_number("4.5"), is_number("4,5")
    (True, False)
    """
    number = _parsed(value)
    return number is not None and bool(np.isfinite(number))


def _parsed(value: Any) -> float | None:
    if not isinstance(value, (str, Real, Decimal)) or (isinstance(value, str) and "_" in value):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number of Python's
        return float("inf")
    except ValueError:
        return None


def _advice(value: Any) -> str:
    """What to write in place of a text with a comma, where it is clear."""
    if not isinstance(value, str):
        return ""
    point, plain = value.strip().replace(",", "."), value.strip().replace(",", "")
    if "," in value and _parsed(point) is not None:
        return f": a decimal point is needed, not a comma, as in {point}"
    return f": it is written without commas, as {plain}" if _parsed(plain) is not None else ""


def number_column(name: str, column: pa.ChunkedArray) -> Array:
    """(rows,) float64 of a column, by Arrow where it knows the type; NaN where a value breaks the rule."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _of_texts(name, column)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)):
        return _ruled(name, column)
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    numbers: Array = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
    return np.where(column.is_valid().to_numpy(), numbers, np.nan)


def _of_texts(name: str, column: pa.ChunkedArray) -> Array:
    """Plain numbers by Arrow, the others by the rule for a value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_plain = pc.fill_null(pc.match_substring_regex(column, PLAIN), False)
    plain = is_plain.to_numpy()
    numbers = np.empty(len(column))
    numbers[plain] = column.filter(is_plain).cast(pa.float64()).to_numpy()
    numbers[~plain] = _ruled(name, column.filter(pc.invert(is_plain)))
    return numbers


def _ruled(name: str, column: pa.ChunkedArray) -> Array:
    codes, values = distinct(column)
    found = [ruled(number_of, name, plain_value(value, False)) for value in values]
    return np.array([np.nan if each is None else each for each in found], np.float64)[codes]


def figures_of(values: Array) -> dict[str, float]:
    """Mean, deviation (of the population) and quantiles.

    >>> figures_of(np.array([1.0, 2.0, 3.0]))["median"]
    2.0
    """
    names = ("minimum", "lower quartile", "median", "upper quartile", "maximum")
    quantiles = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return {
        "mean": float(values.mean()),
        "deviation": float(values.std()),
        **dict(zip(names, quantiles, strict=True)),
    }


def described(values: Array) -> str:
    """In words.

    >>> described(np.array([1.0, 2.0, 3.0]))
    'mean 2, standard deviation 0.8165, from 1 to 3, middle half from 1.5 to 2.5'
    """
    mean, deviation, least, low, _, high, most = (f"{each:.4g}" for each in figures_of(values).values())
    middle = f"middle half from {low} to {high}"
    return f"mean {mean}, standard deviation {deviation}, from {least} to {most}, {middle}"


def rounded_away(values: Array) -> str | None:
    """Why float32, which batches hold, is too coarse for numbers that differ; ``None`` where it is not.

    >>> rounded_away(np.array([1e9, 1e9 + 1])) is not None, rounded_away(np.array([0.001, 0.002]))
    (True, None)
    """
    step = float(np.spacing(np.float32(np.abs(values).max())))
    deviation = float(values.std())
    if deviation >= STEPS_APART * step:
        return None
    return (
        f"have the deviation {deviation:.4g}, and float32, which batches hold, cannot tell numbers apart "
        f"that are nearer than {step:.4g}: subtract something near their mean, or multiply tiny ones"
    )


def number_problems(name: str, split: str, values: Array) -> Iterator[Problem]:
    """That all numbers of a split are the same, or of few values; and those far from all others.

    >>> [problem.name for problem in number_problems("stars", "train", np.array([3.0, 3.0]))]
    ['constant']
    """
    kinds = np.unique(values)
    if len(kinds) == 1:
        says = f"value for all {name!r} of {split}, {kinds[0]:g}: there is nothing to learn or to score"
        yield Problem("constant", split == "train", 1, says)
    elif len(kinds) and len(kinds) <= FEW_VALUES and split == "train":
        yield Problem("few_values", False, len(kinds), _few(name, kinds))
    if len(kinds) > 1 and (too_close := rounded_away(values)):
        yield Problem("too_close", split == "train", len(values), f"numbers {name!r} of {split} {too_close}")
    if len(far := _outliers(values)):
        farthest = far[np.abs(far - np.median(values)).argmax()]
        says = f"numbers {name!r} of {split} are far from all others, the farthest {farthest:g}: mistyped?"
        yield Problem("outliers", False, len(far), says)


def _few(name: str, kinds: Array) -> str:
    listed = ", ".join(f"{kind:g}" for kind in kinds)
    instead = ', target="class" predicts which one it is' if np.all(kinds == np.floor(kinds)) else ""
    return f"different values of {name!r} in train ({listed}): a model predicts numbers between them{instead}"


def _outliers(values: Array) -> Array:
    if not len(values):
        return values
    low, high = np.quantile(values, [0.25, 0.75])
    distance = OUTLIER * (high - low)
    return values[(values < low - distance) | (values > high + distance)] if distance else values[:0]
