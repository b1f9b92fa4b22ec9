"""Extra columns that a model reads with the text: numbers, lists of numbers, booleans and categories.

As for the text and the target there is a rule for one value, and one for a column that gives the same.
Shapes are written with N rows, K numbers of a list.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from textprep.errors import DatasetError
from textprep.extra.values import (
    category_in,
    coded,
    has_width,
    is_missing,
    is_plain,
    matrix_of,
    names_in,
    number_in,
    numbers_in,
    places_in,
    plain,
)
from textprep.options import explain_validation
from textprep.targets.coding import are_good, ruled
from textprep.targets.numbers import LARGEST, number_column
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]
    Bools = npt.NDArray[np.bool_]

NEVER_MET, FIRST = 1, 2  # ids of categories; 0 is of padding
ROUNDING = 1e-12  # a smaller share of the numbers is no deviation
TAKEN = (
    "input_ids", "attention_mask", "lengths", "labels", "row_ids", "token_type_ids",  # fields of a batch
    "pair_input_ids", "pair_attention_mask", "pair_lengths", "pair_token_type_ids", "pair_ids",
    "text", "pair", "label", "row_id", "length", "return_attention",
)  # fmt: skip


class Extra(BaseModel):
    """An extra column.

    >>> author = Extra(kind="category").learned(["al", "bo"])
    >>> author.names, author.array(["bo", "al", "cy"]).tolist()
    (('al', 'bo'), [3, 2, 1])

    Attributes:
        kind: ``"number"`` (also a list of as many in every row, or a boolean) or ``"category"``; ``None``
            takes numbers for numbers, and all else for categories.
        missing: what stands where a row has none; ``None`` makes that an error.
        standardize: whether batches have numbers less their mean in the training split, over their deviation
            there; ``None`` leaves that to who asks: training does, `textprep.prepare` does not.
        width: K of lists; 0 of numbers by themselves; known once a row was read.
        names: the categories of the training split, the ids of which begin at 2.
        mean, deviation: of each number in the training split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["number", "category"] | None = None
    missing: bool | float | str | None = None
    standardize: bool | None = None
    width: Annotated[int, Field(ge=0)] = 0
    names: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Extra:
        if self.missing is not None and is_missing(self.missing):
            raise ValueError("missing= must be a value that fills empty cells, and this one is empty too")
        if self.kind == "number" and self.missing is not None and not _is_number(self.missing):
            raise ValueError("missing= must be a number where kind= is 'number'")
        return self

    def record(self) -> dict[str, Any]:
        """What is not as usual, as JSON values."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def reading(self) -> dict[str, Any]:
        """How values are read: `record` without what the training split says."""
        return self.model_dump(mode="json", exclude_defaults=True, exclude={"names", "mean", "deviation"})

    def seen(self, values: Iterable[Any]) -> Extra:
        """With the kind and the width that the first values of a source show, where nobody has said them."""
        there = [value for value in map(plain, values) if not is_missing(value)]
        if self.kind == "category":
            return self
        width = len(there[0]) if there and isinstance(there[0], (list, tuple)) else 0
        number = self.model_copy(update={"kind": "number", "width": width})
        shown = there or [self.missing]
        is_number = all(ruled(number._value, "", value) is not None for value in shown)
        filled = self.missing is None or _is_number(self.missing)
        lists = bool(there) and all(isinstance(value, (list, tuple)) for value in there)
        if self.kind == "number" or lists or (is_number and filled):  # no category is a list
            return number
        return self.model_copy(update={"kind": "category"})

    def check(self, name: str, value: Any) -> Any:
        """What a raw value of the column ``name`` means: a number, a tuple of numbers, or a category's name.

        Raises:
            BadValueError: it is missing and nothing stands for it, or is of another kind.
        """
        value = plain(value)
        if not is_missing(value):
            return self._value(name, value)
        if self.missing is None:
            hint = f'extra={{"{name}": {{"missing": VALUE}}}} says what stands there'
            raise BadValueError(name, "the value is missing", "extra", hint)
        return self._filler(name)

    def _value(self, name: str, value: Any) -> Any:
        if self.kind == "category":
            return category_in(name, value)
        return numbers_in(name, value, self.width) if self.width else number_in(name, value)

    def _filler(self, name: str) -> Any:
        """What replaces a missing value; in a list, each of its numbers."""
        return self._value(name, [self.missing] * self.width if self.width else self.missing)

    def gathered(self, checked: Sequence[Any] | Array) -> pa.Array:
        """Values that were checked, as a column."""
        import pyarrow as pa

        if self.kind == "category":
            return pa.array(checked, pa.large_string())
        numbers = pa.array(np.array(checked, np.float64).ravel())
        return pa.FixedSizeListArray.from_arrays(numbers, self.width) if self.width else numbers

    def column(self, name: str, column: pa.ChunkedArray) -> tuple[pa.Array, Bools]:
        """The values of a column as `gathered` has them, and which of them are good; bad ones are anything.

        Raises:
            pa.ArrowException: Arrow cannot tell the values apart.
        """
        import pyarrow as pa

        if self.kind == "number" and not self.width and is_plain(column.type):
            return self._number_column(name, column)
        if self.width and has_width(column, self.width):
            return self._list_column(name, column)
        codes, values = coded(column)
        checked = [ruled(self.check, name, value) for value in values]
        nothing = "" if self.kind == "category" else (0.0,) * self.width if self.width else 0.0
        filled = [nothing if value is None else value for value in checked]
        return self.gathered(filled).take(pa.array(codes)), are_good(checked)[codes]

    def _number_column(self, name: str, column: pa.ChunkedArray) -> tuple[pa.Array, Bools]:
        import pyarrow as pa

        numbers = number_column(name, column)
        if self.missing is not None:
            numbers = np.where(np.isnan(numbers), self._filler(name), numbers)
        return pa.array(numbers), np.isfinite(numbers) & (np.abs(numbers) <= LARGEST)

    def _list_column(self, name: str, column: pa.ChunkedArray) -> tuple[pa.Array, Bools]:
        import pyarrow.compute as pc

        numbers = number_column(name, pc.list_flatten(column)).reshape(-1, self.width)
        good = np.isfinite(numbers) & (np.abs(numbers) <= LARGEST)
        return self.gathered(numbers), np.all(good, axis=1)

    def learned(self, column: Any) -> Extra:
        """With the categories, or the mean and deviation, of a column of the training split."""
        if self.kind == "category":
            return self.model_copy(update={"names": names_in(column)})
        numbers = matrix_of(column, self.width)
        if not self.standardize or not len(numbers):
            return self
        mean = _means(numbers)
        spread = np.sqrt(_means((numbers - mean) ** 2))
        spread = np.where(spread > ROUNDING * np.abs(numbers).max(axis=0), spread, 1.0)
        return self.model_copy(update={"mean": tuple(mean.tolist()), "deviation": tuple(spread.tolist())})

    def array(self, column: Any) -> Array:
        """A column as batches have it: (N,) int64 ids of categories; (N,) or (N, K) float32.

        A category that training never met has the id 1.
        """
        if self.kind == "category":
            return self._ids(column)
        numbers = matrix_of(column, self.width)
        if self.mean:
            numbers = (numbers - np.array(self.mean)) / np.array(self.deviation)
            numbers = numbers.clip(-LARGEST, LARGEST)
        return numbers.astype(np.float32).reshape(numbers.shape if self.width else (-1,))

    def _ids(self, column: Any) -> npt.NDArray[np.int64]:
        places = places_in(self.names, column)
        return np.where(places < 0, NEVER_MET, places + FIRST)


def _means(numbers: Array) -> Array:
    """(K,) of (N, K); exact sums, since a store's name depends on them and machines add up differently."""
    return np.array([math.fsum(each) / len(numbers) for each in numbers.T])


def extras_of(given: Any) -> dict[str, Extra]:
    """The extra columns that somebody asked for.

    >>> extras_of(["year", "author"])["year"].record(), extras_of({"year": {"missing": 0}})["year"].missing
    ({}, 0.0)
    >>> extras_of({"author": "category"})["author"].kind
    'category'

    Args:
        given: a name, a list of names, or a mapping of names to a kind, or to a mapping of options.

    Raises:
        DatasetError: it is none of these, or an option cannot be used.
    """
    return {name: _extra(name, options) for name, options in _named(given).items()}


def _named(given: Any) -> Mapping[str, Any]:
    names: Any = [given] if isinstance(given, str) else () if given is None else given
    is_one = isinstance(names, (Mapping, list, tuple))
    if not is_one or not all(isinstance(name, str) and name for name in names):
        example = '["year"], or a mapping such as {"year": "number"}'
        raise DatasetError(f"extra= is a list of columns, as in {example}, not {given!r:.60}", option="extra")
    return names if isinstance(names, Mapping) else {name: {} for name in names}


def _extra(name: str, options: Any) -> Extra:
    if name in TAKEN:
        raise DatasetError(
            f"extra= cannot take {name!r}, a field of every batch or split: rename the column in the source",
            option="extra",
        )
    if isinstance(options, Extra):
        return options
    try:
        return Extra(**({"kind": options} if isinstance(options, str) else dict(options)))
    except ValidationError as error:
        what = explain_validation(error, ("kind", "missing", "standardize"))
        raise DatasetError(f"extra= of {name!r}: {what}", option="extra") from error
    except (TypeError, ValueError) as error:
        what = f'{options!r:.60} is neither a kind, "number" or "category", nor a mapping of options'
        raise DatasetError(f"extra= of {name!r}: {what}", option="extra") from error


def _is_number(value: Any) -> bool:
    return ruled(number_in, "", value) is not None
