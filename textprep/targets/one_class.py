"""``class``: a row has one of several classes."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, model_validator

from textprep.errors import DatasetError
from textprep.targets.class_names import is_blank, threshold_names
from textprep.targets.coding import Labels, are_good, distinct, ids_of, merged, plain_value, ruled
from textprep.targets.named import UNLABELLED, NamedTarget
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good


class ClassTarget(NamedTarget):
    """One class a row: a name, a whole number or a bool. ``labels`` (B,) int64; -100 where there is none.

    >>> target = ClassTarget(class_names=["bad", "good"])
    >>> target.check(["label"], ["good"]), target.classes
    ('good', ('bad', 'good'))

    Attributes:
        class_names: the classes in the order of their ids, and the only ones allowed; ``None`` allows any.
        labels: label → the class that it means.
        threshold: where labels are numbers, from which on they are of the second class.

    Raises:
        DatasetError: an option cannot be used, or not with another.
    """

    name: ClassVar[str] = "class"
    objective: ClassVar[str] = "textprep.training.targets.one_class:ClassObjective"
    for_reading: ClassVar[tuple[str, ...]] = ("labels", "threshold")

    threshold: Annotated[float | None, Field(strict=True, allow_inf_nan=False)] = None

    @model_validator(mode="after")
    def _fits_together(self) -> ClassTarget:
        if self.threshold is not None and self.labels:
            raise DatasetError(
                "with threshold=, class_names= names the two classes, not labels=", option="labels"
            )
        if self.threshold is not None and self.class_names and len(self.class_names) != 2:
            raise DatasetError(
                f"threshold= divides labels into two classes; class_names= has {len(self.class_names)}",
                option="class_names",
            )
        self.check_mapped()
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names in the order of their ids."""
        numbers = self.threshold is not None
        return self.class_names or (threshold_names(self.threshold or 0.0) if numbers else ())

    def check(self, columns: Sequence[str], values: Sequence[Any]) -> str:
        """The name of the class."""
        (column,), (value,) = columns, values
        if self.threshold is None:
            return self.class_of(column, value)
        return self.classes[int(_number(column, value) >= self.threshold)]

    def check_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Labels | None, Good]:
        """The classes of a block, by the rule for a value, applied once a distinct value."""
        codes, found = distinct(values[0])
        names = [ruled(self.check, columns, [plain_value(value, strip)]) for value in found]
        good = are_good(names)[codes]
        return merged(codes, names) if good.all() else None, good

    def gathered(self, checked: Sequence[Any]) -> Labels:
        """The names of the rows of a block as codes."""
        return merged(np.arange(len(checked)), checked)

    def advice(self, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> tuple[str, Any] | None:
        """Which class each label that is none may mean."""
        return self.means(value for (value,) in values)

    def stored(self, blocks: Sequence[Labels]) -> pa.ChunkedArray:
        """int64 ids."""
        import pyarrow as pa

        ids = [ids_of(labels.names, self.classes)[labels.codes] for labels in blocks]
        return pa.chunked_array([np.concatenate([np.zeros(0, np.int64), *ids])])

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """int64, every one an id of a class."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if column.type != pa.int64() or column.null_count:
            held = f"{column.type} with {column.null_count} nulls"
            raise DatasetError(f"the column 'label' of a split is int64 without nulls, not {held}")
        lowest, highest = pc.min_max(column).as_py().values()
        if len(column) and (lowest < 0 or highest >= len(self.classes)):
            raise DatasetError(
                f"labels run from {lowest} to {highest}, but there are {len(self.classes)} class names"
            )

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """(N,) int64, -100 where there is no label."""
        from textprep.ragged import numbers

        return np.full(rows, UNLABELLED, np.int64) if column is None else numbers(column)

    def labelled(self, labels: Array) -> Good:
        """(N,): those that are not -100."""
        return np.asarray(labels >= 0)

    def batch(self, labels: Array) -> Array:
        """int64, as cross-entropy takes them."""
        return labels.astype(np.int64, copy=False)

    def strata(self, column: pa.ChunkedArray) -> list[Hashable]:
        """The class."""
        ids: list[Hashable] = self.array(column, len(column)).tolist()
        return ids

    def drawn_in(self, labels: Array) -> Array:
        """The class."""
        return labels

    def groups(self, labels: Array) -> Iterator[tuple[int, Good]]:
        """Each class that a row has; -100 of rows without."""
        return ((int(label), labels == label) for label in np.unique(labels))

    def balanced(self, labels: Array) -> Array:
        """The class of each row, where every row has one."""
        if unlabelled := int((~self.labelled(labels)).sum()):
            raise DatasetError(
                f"weights='balanced' needs a class for every row: {unlabelled:,} rows have none",
                option="weights",
                value=None,
            )
        return labels

    def ids(self, column: pa.ChunkedArray) -> Array:
        """One a row."""
        return self.array(column, len(column))

    def shown(self, value: Any) -> str:
        """The class's name."""
        return self.classes[int(value)]

    def pandas(self, values: Any) -> Any:
        """Categorical, of the class names in the order of their ids."""
        import pandas as pd

        return pd.Categorical.from_codes(values, list(self.classes))

    def feature(self) -> Any:
        """A ``ClassLabel``."""
        from datasets import ClassLabel

        return ClassLabel(names=list(self.classes))

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """There are two classes."""
        if len(self.classes) > 1:
            return None
        found = ", ".join(f"all rows are {name!r}" for name in self.classes) or "there are none"
        return f"a classifier needs labels of two classes or more, and {found}"


def _number(column: str, value: Any) -> float:
    if is_blank(value):
        raise BadValueError(column, "the label is missing")
    try:
        is_number = isinstance(value, (str, Real, Decimal)) and not isinstance(value, bool)
        number = float(value) if is_number else float("nan")
    except ValueError:
        number = float("nan")
    if math.isnan(number):
        raise BadValueError(column, f"with threshold= a label is a number, not {value!r:.40}", "threshold")
    return number
