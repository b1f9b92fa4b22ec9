"""What raw values of extra columns mean, one by one and as columns: numbers, lists of numbers, categories.

Shapes are written with N rows, K numbers of a list.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.targets.class_names import is_blank, is_whole, label_name, without_point
from textprep.targets.coding import distinct, plain_value
from textprep.targets.numbers import number_of
from textprep.targets.problems import BadValueError, check_whole

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Places = npt.NDArray[np.int64]

MANY = 20  # categories, of which one may tell rows apart
TRUTH = {"true": 1.0, "false": 0.0}


def plain(value: Any) -> Any:
    """Lists and arrays as lists; all else as Python has it.

    >>> import numpy as np
    >>> plain(np.array([1, 2])), plain(np.int8(3)), plain("x")
    ([1, 2], 3, 'x')
    """
    return plain_value(value.tolist() if getattr(value, "ndim", 0) else value, False)


def is_missing(value: Any) -> bool:
    """Whether a plain value is none at all: null, NaN or a text of white space."""
    return not isinstance(value, (list, tuple)) and is_blank(value)


def number_in(name: str, value: Any) -> float:
    """A number; 1 and 0 of booleans, also of those in words.

    >>> number_in("year", "1994"), number_in("is_new", True), number_in("is_new", "False")
    (1994.0, 1.0, 0.0)

    Raises:
        BadValueError: it is none.
    """
    word = value.strip().lower() if isinstance(value, str) else None
    if word in TRUTH:
        return TRUTH[word]
    try:
        return number_of(name, value)
    except BadValueError as bad:
        hint = f'extra={{"{name}": "category"}} reads words'
        raise BadValueError(name, bad.reason, "extra", hint if word else None) from bad


def numbers_in(name: str, value: Any, width: int) -> tuple[float, ...]:
    """A list of ``width`` numbers.

    Raises:
        BadValueError: it is none.
    """
    if not isinstance(value, (list, tuple)):
        raise BadValueError(name, f"{value!r:.40} is not a list of {width} numbers, as in the first rows")
    if len(value) != width:
        raise BadValueError(name, f"there are {len(value)} numbers, and {width} in the first row")
    return tuple(number_in(name, each) for each in value)


def category_in(name: str, value: Any) -> str:
    """The name of a category: a whole number has no point, and there is no white space around it.

    >>> category_in("author", " Al "), category_in("year", 1994.0), category_in("year", "1994.0")
    ('Al', '1994', '1994')

    Raises:
        BadValueError: it is no word, whole number or boolean.
    """
    if isinstance(value, (float, Decimal)) and not is_whole(value):
        reason = f"{value} is not whole: categories are words, whole numbers or booleans"
        raise BadValueError(name, reason, "extra", f'extra={{"{name}": "number"}} reads numbers')
    if not isinstance(value, (str, Integral, float, Decimal)):
        kind = type(value).__name__
        reason = f"the value is {kind}, not a word, a whole number or a boolean: {value!r:.40}"
        raise BadValueError(name, reason)
    return check_whole(name, without_point(label_name(value).strip()))


def coded(column: pa.ChunkedArray) -> tuple[Places, list[Any]]:
    """The distinct values, and which each row has; every value by itself where Arrow cannot compare lists.

    Raises:
        pa.ArrowException: Arrow cannot tell the values apart.
    """
    import pyarrow as pa

    if pa.types.is_nested(column.type):
        return np.arange(len(column)), column.to_pylist()
    codes, values = distinct(column)
    return codes, [plain(value) for value in values]


def is_plain(kind: pa.DataType) -> bool:
    """Whether Arrow has numbers, or booleans, in a column of that type."""
    import pyarrow as pa

    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind))


def has_width(column: pa.ChunkedArray, width: int) -> bool:
    """Whether every row is a list of so many numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    if column.null_count or not any(is_kind(column.type) for is_kind in kinds):
        return False
    return is_plain(column.type.value_type) and bool((pc.list_value_length(column).to_numpy() == width).all())


def names_in(column: Any) -> tuple[str, ...]:
    """The distinct categories of a column, sorted.

    >>> names_in(["bo", "al", "bo"])
    ('al', 'bo')
    """
    return tuple(sorted(column.unique().to_pylist() if hasattr(column, "unique") else set(column)))


def note_on(name: str, column: pa.ChunkedArray) -> str | None:
    """A warning about a column whose values are all the same, or nearly all different.

    >>> import pyarrow as pa
    >>> note_on("year", pa.chunked_array([[1994.0, 1994.0]]))
    "'year' is the same in all rows and carries no information: leave it out of extra="
    """
    import pyarrow as pa

    if pa.types.is_nested(column.type) or len(column) < 2:
        return None
    kinds = len(column.unique())
    if kinds == 1:
        return f"{name!r} is the same in all rows and carries no information: leave it out of extra="
    if pa.types.is_large_string(column.type) and kinds > max(MANY, len(column) / 2):
        return (
            f"{name!r} has {kinds:,} categories in {len(column):,} rows, so a model would memorize the rows: "
            'leave it out of extra=, or give it the kind "number"'
        )
    return None


def places_in(names: Sequence[str], column: Any) -> Places:
    """(N,) where in the sorted ``names`` each category of a column is; -1 where it is not.

    >>> places_in(("al", "bo"), ["bo", "cy"]).tolist()
    [1, -1]
    """
    if not hasattr(column, "type"):  # a few, which are not worth an import of Arrow
        return np.array([_place(names, name) for name in column], np.int64)
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array(names, pa.large_string())
    places = pc.index_in(column.cast(pa.large_string()), known).fill_null(-1)
    return np.asarray(places.to_numpy(), np.int64)


def _place(names: Sequence[str], name: str) -> int:
    place = bisect_left(names, name)
    return place if place < len(names) and names[place] == name else -1


def matrix_of(column: Any, width: int) -> npt.NDArray[np.float64]:
    """(N, K) float64 of a column of numbers, or of lists of ``width`` numbers.

    >>> matrix_of([(1, 2), (3, 4)], 2).shape, matrix_of([1, 2], 0).shape
    ((2, 2), (2, 1))
    """
    import pyarrow.compute as pc

    if hasattr(column, "type") and width:
        column = pc.list_flatten(column)
    values = column.to_numpy() if hasattr(column, "to_numpy") else list(column)
    return np.asarray(values, np.float64).reshape(-1, width or 1)
