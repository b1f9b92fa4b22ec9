"""``number``: a row has a number, or several."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from textprep.errors import DatasetError
from textprep.targets.base import BadValueError, Problem, Target
from textprep.targets.class_names import is_blank

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good

BINS = 10  # by which splits are stratified, of about as many rows each
FEW_VALUES = 2  # distinct numbers that are rather classes
OUTLIER = 6.0  # times the distance of the quartiles beyond them


class NumberTarget(Target):
    """A number a row, or one of each of several columns.

    ``labels`` (B,) float32, (B, K) of several; NaN where there is none.

    >>> target = NumberTarget()
    >>> target.check(["stars"], ["3.5"]), target.check(["stars"], [4])
    ((3.5,), (4.0,))

    Attributes:
        names: of the K columns; none where it is one.
        mean, deviation: of each in the training split, by which they are standardized; known once a model
            is trained.

    Raises:
        DatasetError: an option cannot be used.
    """

    name: ClassVar[str] = "number"
    objective: ClassVar[str] = "textprep.training.targets.number:NumberObjective"
    found_in_data: ClassVar[tuple[str, ...]] = ("names", "mean", "deviation")
    missing: ClassVar[float] = math.nan

    names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @property
    def column(self) -> str:
        """``label``; ``labels`` of several."""
        return "labels" if self.names else "label"

    def for_columns(self, columns: Sequence[str]) -> Target:
        """Several columns are a number each."""
        return self.but(names=tuple(columns)) if len(columns) > 1 else self

    def check(self, columns: Sequence[str], values: Sequence[Any]) -> tuple[float, ...]:
        """The numbers."""
        return tuple(number_of(column, value) for column, value in zip(columns, values, strict=True))

    def check_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Array | None, Good]:
        """(rows, K) float64, by Arrow where it knows the type."""
        found = [_column_of(name, column) for name, column in zip(columns, values, strict=True)]
        numbers = np.stack(found, axis=1)
        good = np.isfinite(numbers).all(axis=1)
        return numbers if good.all() else None, good

    def gathered(self, checked: Sequence[Any]) -> Array:
        """(rows, K) float64."""
        return np.array(checked, np.float64).reshape(len(checked), len(self.names) or 1)

    def settled(self, blocks: Sequence[Array], columns: Sequence[str]) -> tuple[NumberTarget, list[str]]:
        """The names of the columns, where there are several."""
        return NumberTarget(names=self.names) if self.names else NumberTarget(), []

    def stored(self, blocks: Sequence[Array]) -> pa.ChunkedArray:
        """float64; of several, lists of so many."""
        import pyarrow as pa

        width = len(self.names) or 1
        values = pa.array(np.concatenate([np.zeros((0, width)), *(b for b in blocks if len(b))]).ravel())
        return pa.chunked_array([pa.FixedSizeListArray.from_arrays(values, width) if self.names else values])

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """float64, or lists of as many as there are columns, every one finite."""
        import pyarrow as pa

        wanted = pa.list_(pa.float64(), len(self.names)) if self.names else pa.float64()
        if column.type != wanted or column.null_count:
            held = f"{column.type} with {column.null_count} nulls"
            raise DatasetError(f"the column {self.column!r} of a split is {wanted} without nulls, not {held}")
        if not np.isfinite(self.array(column, len(column))).all():
            raise DatasetError(f"the column {self.column!r} of a split holds a number that is not finite")

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """(N,) float64, (N, K) of several; NaN where there is none."""
        from textprep.ragged import numbers

        shape = (rows, len(self.names)) if self.names else (rows,)
        if column is None:
            return np.full(shape, np.nan)
        if not self.names:
            return numbers(column)
        import pyarrow.compute as pc

        return numbers(pc.list_flatten(column)).reshape(shape)

    def labelled(self, labels: Array) -> Good:
        """(N,): those without NaN."""
        return np.asarray(np.isfinite(labels.reshape(len(labels), -1)).all(axis=1))

    def batch(self, labels: Array) -> Array:
        """float32."""
        return labels.astype(np.float32)

    def strata(self, column: pa.ChunkedArray) -> list[Hashable]:
        """The tenth of the rows that a number is in; of several, that of the mean of their ranks."""
        numbers = self.array(column, len(column)).reshape(len(column), -1)
        if not len(numbers):
            return []
        ranks = sum(np.unique(each, return_inverse=True)[1].reshape(-1) for each in numbers.T)
        edges = np.unique(np.quantile(ranks, np.arange(1, BINS) / BINS))
        bins: list[Hashable] = np.searchsorted(edges, ranks, side="right").tolist()
        return bins

    def describe(self, column: pa.ChunkedArray) -> str:
        """Mean, deviation and quantiles of each."""
        numbers = self.array(column, len(column)).reshape(len(column), -1)
        if not len(numbers):
            return ""
        each = [_described(values) for values in numbers.T]
        if not self.names:
            return each[0]
        return "; ".join(f"{name} {said}" for name, said in zip(self.names, each, strict=True))

    def problems(self, columns: Mapping[str, pa.ChunkedArray]) -> Iterator[Problem]:
        """Numbers that are all the same, or of two values, and numbers far from all others."""
        for split, column in columns.items():
            numbers = self.array(column, len(column)).reshape(len(column), -1)
            for name, values in zip(self.names or ("label",), numbers.T, strict=True):
                yield from _problems(name, split, values)

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """The numbers of the training split differ."""
        if "train" not in columns:
            return "there are no numbers to learn in 'train'"
        numbers = self.array(columns["train"], len(columns["train"])).reshape(len(columns["train"]), -1)
        for name, values in zip(self.names or ("label",), numbers.T, strict=True):
            if len(values) and values.min() == values.max():
                return f"numbers that differ are needed, and {name!r} is {values[0]:g} in every row of 'train'"
        return None


def number_of(column: str, value: Any) -> float:
    """The number that a raw value is.

    >>> number_of("stars", "4.5"), number_of("stars", True)
    (4.5, 1.0)

    Raises:
        BadValueError: it is missing, no number, or not finite.
    """
    if is_blank(value):
        raise BadValueError(column, "the number is missing")
    try:
        number = float(value) if isinstance(value, (str, Real, Decimal)) and "_" not in str(value) else None
    except (ValueError, OverflowError):
        number = None
    if number is None:
        comma = isinstance(value, str) and _plain(value.strip().replace(",", "."))
        hint = " (a number has a point, not a comma)" if comma else ""
        raise BadValueError(column, f"{value!r:.40} is not a number{hint}")
    if not math.isfinite(number):
        raise BadValueError(column, f"{value!r:.40} is not a finite number")
    return number


def _plain(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _column_of(name: str, column: pa.ChunkedArray) -> Array:
    """(rows,) float64, NaN where a value breaks the rule."""
    import pyarrow as pa

    from textprep.targets.coding import distinct, plain_value, ruled

    kind = column.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        numbers: Array = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        return np.where(column.is_valid().to_numpy(), numbers, np.nan)
    codes, values = distinct(column)
    found = [ruled(number_of, name, plain_value(value, True)) for value in values]
    return np.array([np.nan if each is None else each for each in found], np.float64)[codes]


def _described(values: Array) -> str:
    """In words.

    >>> _described(np.array([1.0, 2.0, 3.0]))
    'mean 2, deviation 0.8165, from 1 over 1.5, 2 and 2.5 (quartiles) to 3'
    """
    least, low, middle, high, most = (f"{q:.4g}" for q in np.quantile(values, [0, 0.25, 0.5, 0.75, 1]))
    return (
        f"mean {values.mean():.4g}, deviation {values.std():.4g}, from {least} over {low}, {middle} and "
        f"{high} (quartiles) to {most}"
    )


def _problems(name: str, split: str, values: Array) -> Iterator[Problem]:
    if not len(values):
        return
    kinds = len(np.unique(values))
    if kinds == 1:
        says = f"every {name!r} of {split} is {values[0]:g}: there is nothing to learn or to score"
        yield Problem("constant", split == "train", 1, says)
    elif kinds <= FEW_VALUES and split == "train":
        says = f'values of {name!r} in train: target="class" predicts which of them a row has'
        yield Problem("few_values", False, kinds, says)
    low, high = np.quantile(values, [0.25, 0.75])
    distance = OUTLIER * (high - low)
    far = values[(values < low - distance) | (values > high + distance)] if distance else values[:0]
    if len(far):
        farthest = far[np.abs(far - np.median(values)).argmax()]
        says = f"numbers {name!r} of {split} are far from all others, the farthest {farthest:g}: mistyped?"
        yield Problem("outliers", False, len(far), says)
