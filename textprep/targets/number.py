"""``number``: a row has a number, or several."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from textprep.errors import DatasetError
from textprep.targets.base import Target
from textprep.targets.numbers import (
    LARGEST,
    described,
    figures_of,
    number_column,
    number_of,
    number_problems,
    rounded_away,
)
from textprep.targets.problems import BadValueError, Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good

BINS = 10  # by which splits are stratified, of about as many rows each


class NumberTarget(Target):
    """A number a row, or one of each of several columns.

    ``labels`` (B,) float32, (B, K) of several; NaN where there is none.

    >>> target = NumberTarget()
    >>> target.check(["stars"], ["3.5"]), target.check(["stars"], [4])
    ((3.5,), (4.0,))

    Attributes:
        names: the K columns; empty for one column; given by ``label``.
        mean, deviation: of each column in the training split, which standardize it; set by training.

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
        if any(isinstance(value, (list, tuple)) for value in values):
            raise BadValueError(
                columns[0], "a list is not a number: several numbers are a column each", "label"
            )
        return tuple(number_of(column, value) for column, value in zip(columns, values, strict=True))

    def check_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Array | None, Good]:
        """(rows, K) float64, by Arrow where it knows the type."""
        found = [number_column(name, column) for name, column in zip(columns, values, strict=True)]
        numbers = np.stack(found, axis=1)
        good = (np.abs(numbers) <= LARGEST).all(axis=1)  # which NaN is not
        return numbers if good.all() else None, good

    def gathered(self, checked: Sequence[Any]) -> Array:
        """(rows, K) float64."""
        return np.array(checked, np.float64).reshape(len(checked), len(self.names) or 1)

    def settled(self, blocks: Sequence[Array], columns: Sequence[str]) -> tuple[NumberTarget, list[str]]:
        """As it is."""
        return self, []

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
        return np.asarray(np.isfinite(labels.reshape(len(labels), len(self.names) or 1)).all(axis=1))

    def batch(self, labels: Array) -> Array:
        """float32."""
        return labels.astype(np.float32)

    def strata(self, column: pa.ChunkedArray) -> list[Hashable]:
        """The tenth of the rows that a number is in; of several, that of the mean of their ranks."""
        if not len(column):
            return []
        values = [numbers for _, numbers in self._values(column)]
        ranks = sum(np.unique(each, return_inverse=True)[1].reshape(-1) for each in values)
        edges = np.unique(np.quantile(ranks, np.arange(1, BINS) / BINS))
        bins: list[Hashable] = np.searchsorted(edges, ranks, side="right").tolist()
        return bins

    def contradiction(self) -> tuple[bool, str]:
        """Worth knowing: opinions differ."""
        return False, "texts have different numbers: no model can predict both"

    def figures(self, column: pa.ChunkedArray) -> dict[str, float]:
        """Mean, deviation and quantiles of each."""
        prefix = {name: f"{name} " if self.names else "" for name in self._columns}
        each = [(name, figures_of(values)) for name, values in self._values(column) if len(values)]
        return {f"{prefix[name]}{key}": value for name, said in each for key, value in said.items()}

    def describe(self, column: pa.ChunkedArray) -> str:
        """Mean, deviation and quantiles of each."""
        each = [(name, described(values)) for name, values in self._values(column) if len(values)]
        return "; ".join(f"{name} {said}" if self.names else said for name, said in each)

    def problems(self, columns: Mapping[str, pa.ChunkedArray]) -> Iterator[Problem]:
        """Numbers that are all the same, or of few values, and numbers far from all others."""
        for split, column in columns.items():
            for name, values in self._values(column):
                yield from number_problems(name, split, values)

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """The numbers of the training split differ."""
        if "train" not in columns:
            return "there are no numbers to learn in 'train'"
        for name, values in self._values(columns["train"]):
            if len(values) and values.min() == values.max():
                return f"every {name!r} of 'train' is {values[0]:g}, so there is nothing to learn"
            if len(values) and (too_close := rounded_away(values)):
                return f"the numbers {name!r} of 'train' {too_close}"
        return None

    @property
    def _columns(self) -> tuple[str, ...]:
        return self.names or ("label",)

    def _values(self, column: pa.ChunkedArray) -> Iterator[tuple[str, Array]]:
        """Of each column its name and (N,) numbers."""
        numbers = self.array(column, len(column)).reshape(len(column), len(self._columns))
        return zip(self._columns, numbers.T, strict=True)
