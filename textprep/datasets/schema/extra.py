"""Columns beside the text that a model may read too: numbers, lists of numbers, booleans and categories.

What a value must be is said as in `textprep.datasets.schema.roles`: a rule for a value, and one for a column that
gives the same. Shapes are written with N rows, K numbers of a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from textprep.errors import DatasetError
from textprep.options import explain_validation
from textprep.targets.class_names import class_name, is_blank
from textprep.targets.coding import distinct, plain_value, ruled
from textprep.targets.numbers import LARGEST, number_column, number_of
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]

NEVER_MET, FIRST = 1, 2  # ids of categories; 0 is of padding
TAKEN = (
    "input_ids", "attention_mask", "lengths", "labels", "row_ids",  # fields of a batch
    "text", "pair", "label", "row_id", "length", "return_attention",
)  # fmt: skip


class Extra(BaseModel):
    """A column beside the text.

    >>> Extra(kind="category").array(["bo", "al"], Extra(kind="category").learned(["al"]).names).tolist()
    [1, 2]

    Attributes:
        kind: ``"number"`` (also a list of as many in every row, or a boolean) or ``"category"``; ``None``
            takes numbers for numbers, and all else for categories.
        missing: what stands where a row has none; ``None`` makes that an error.
        standardize: whether numbers are given less their mean in the training split, over their deviation
            there; ``None`` leaves that to who asks.
        width: K of lists; 0 of numbers by themselves; known once a row was read.
        names: the categories of the training split, the ids of which begin at 2.
        mean, deviation: of each number in the training split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["number", "category"] | None = None
    missing: Annotated[float | str | None, Field(union_mode="left_to_right")] = None
    standardize: bool | None = None
    width: Annotated[int, Field(ge=0)] = 0
    names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    def record(self) -> dict[str, Any]:
        """What is not as usual, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def reading(self) -> dict[str, Any]:
        """The same of what says how values are read."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"names", "mean", "deviation"})

    def seen(self, values: Iterable[Any]) -> Extra:
        """With the kind and the width that the first values of a source show, where nobody has said them."""
        there = [value for value in map(_plain, values) if not _is_blank(value)]
        if self.kind == "category" or not there:
            return self.model_copy(update={"kind": self.kind or "category"})
        width = len(there[0]) if isinstance(there[0], (list, tuple)) else 0
        number = self.model_copy(update={"kind": "number", "width": width})
        if self.kind == "number" or all(ruled(number.check, "", value) is not None for value in there):
            return number
        return self.model_copy(update={"kind": "category"})

    def check(self, name: str, value: Any) -> float | str | tuple[float, ...]:
        """What a raw value of the column ``name`` means.

        Raises:
            BadValueError: it is missing and nothing stands for it, or is of another kind.
        """
        value = _plain(value)
        if _is_blank(value):
            if self.missing is None:
                hint = f'extra={{"{name}": {{"missing": VALUE}}}} says what stands there'
                raise BadValueError(name, "the value is missing", "extra", hint)
            return self._filler(name)
        if self.kind == "category":
            return class_name(name, value, None)
        return self._numbers(name, value)

    def gathered(self, checked: Sequence[Any]) -> pa.Array:
        """Values that were checked, as a column."""
        import pyarrow as pa

        if self.kind == "category":
            return pa.array(checked, pa.large_string())
        numbers = pa.array(np.array(checked, np.float64).ravel())
        return pa.FixedSizeListArray.from_arrays(numbers, self.width) if self.width else numbers

    def column(self, name: str, column: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
        """The values of a column, and which of them are good; what is bad is no matter.

        Raises:
            pa.ArrowException: Arrow cannot tell the values apart.
        """
        import pyarrow as pa

        kind = column.type
        plain = pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind)
        if self.kind == "number" and not self.width and plain:
            return self._number_column(name, column)
        codes, values = distinct(column) if not pa.types.is_nested(kind) else _each(column)
        checked = [ruled(self.check, name, plain_value(value, False)) for value in values]
        good = np.array([value is not None for value in checked], bool)
        filled = [self._nothing() if value is None else value for value in checked]
        return self.gathered([filled[code] for code in codes.tolist()]), good[codes]

    def learned(self, column: Iterable[Any]) -> Extra:
        """With the categories, or the mean and deviation, of a column of the training split."""
        if self.kind == "category":
            return self.model_copy(update={"names": tuple(sorted(set(_python(column))))})
        numbers = _matrix(column, self.width)
        mean, deviation = numbers.mean(axis=0), numbers.std(axis=0)
        update = {"mean": mean.tolist(), "deviation": np.where(deviation > 0, deviation, 1.0).tolist()}
        return Extra(**{**self.record(), **update}) if self.standardize and len(numbers) else self

    def array(self, column: Any, names: Sequence[str] | None = None) -> Array:
        """A column as batches have it: (N,) int64 ids of categories; (N,) or (N, K) float32.

        A category that training never met has the id 1.
        """
        if self.kind == "category":
            known = self.names if names is None else names
            places = {name: place for place, name in enumerate(known, FIRST)}
            return np.array([places.get(name, NEVER_MET) for name in _python(column)], np.int64)
        numbers = _matrix(column, self.width)
        if self.mean:
            numbers = (numbers - np.array(self.mean)) / np.array(self.deviation)
        return numbers.astype(np.float32).reshape(numbers.shape if self.width else (-1,))

    def _number_column(self, name: str, column: pa.ChunkedArray) -> tuple[pa.Array, npt.NDArray[np.bool_]]:
        import pyarrow as pa

        numbers = number_column(name, column)
        if self.missing is not None:
            numbers = np.where(np.isnan(numbers), self._filler(name), numbers)
        return pa.array(numbers), np.isfinite(numbers) & (np.abs(numbers) <= LARGEST)

    def _filler(self, name: str) -> Any:
        return (
            class_name(name, self.missing, None)
            if self.kind == "category"
            else self._numbers(name, self.missing)
        )

    def _numbers(self, name: str, value: Any) -> Any:
        if not self.width:
            return number_of(name, value)
        if not isinstance(value, (list, tuple)):
            value = [value] * self.width if value == self.missing else [value]
        if len(value) != self.width:
            raise BadValueError(name, f"there are {len(value)} numbers, and {self.width} in the first row")
        return tuple(number_of(name, each) for each in value)

    def _nothing(self) -> Any:
        return "" if self.kind == "category" else (0.0,) * self.width if self.width else 0.0


def extras_of(given: Any) -> dict[str, Extra]:
    """The columns beside the text as somebody asked for them.

    >>> extras_of(["year", "author"])["year"].record(), extras_of({"year": {"missing": 0}})["year"].missing
    ({}, 0.0)
    >>> extras_of({"author": "category"})["author"].kind
    'category'

    Args:
        given: a name, a list of names, or a mapping of names to a kind, or to a mapping of options.

    Raises:
        DatasetError: it is none of these, or an option cannot be used.
    """
    if given is None:
        return {}
    named = [given] if isinstance(given, str) else given
    if not isinstance(named, Mapping):
        named = dict.fromkeys(named, {}) if isinstance(named, (list, tuple)) else None
    if named is None or not all(isinstance(name, str) and name for name in named):
        raise DatasetError(
            f'extra= is a list of columns, or a mapping such as {{"year": "number"}}, not {given!r:.60}',
            option="extra",
        )
    return {name: _extra(name, options) for name, options in named.items()}


def _extra(name: str, options: Any) -> Extra:
    if name in TAKEN:
        raise DatasetError(
            f"extra= names {name!r}, which a batch or a split has already: rename the column in the source",
            option="extra",
        )
    if isinstance(options, Extra):
        return options
    try:
        return Extra(**({"kind": options} if isinstance(options, str) else options))
    except (ValidationError, TypeError) as error:
        told = isinstance(error, ValidationError)
        what = explain_validation(error, Extra.model_fields) if told else f"{options!r:.60} is no mapping"  # type: ignore[arg-type]
        raise DatasetError(f"extra= of {name!r}: {what}", option="extra") from error


def _plain(value: Any) -> Any:
    """Lists and arrays as lists; all else as Python has it."""
    value = value.tolist() if getattr(value, "ndim", 0) else value
    return plain_value(value, False)


def _is_blank(value: Any) -> bool:
    return not isinstance(value, (list, tuple)) and is_blank(value)


def _each(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Every value by itself, where Arrow cannot tell lists apart."""
    return np.arange(len(column)), column.to_pylist()


def _python(column: Any) -> list[Any]:
    values: list[Any] = column.to_pylist() if hasattr(column, "to_pylist") else list(column)
    return values


def _matrix(column: Any, width: int) -> npt.NDArray[np.float64]:
    """(N, K) float64."""
    import pyarrow.compute as pc

    if hasattr(column, "type") and width:
        column = pc.list_flatten(column)
    values = column.to_numpy() if hasattr(column, "to_numpy") else np.array(list(column), np.float64)
    return np.asarray(values, np.float64).reshape(-1, width or 1)
