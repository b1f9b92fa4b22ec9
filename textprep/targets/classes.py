"""``classes``: a row has any number of several classes, or none."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
from pydantic import Field

from textprep.errors import DatasetError
from textprep.ragged import Ragged
from textprep.targets.base import Target
from textprep.targets.class_names import in_order, label_name, plain_label, without_point
from textprep.targets.coding import Labels, are_good, distinct, ids_of, plain_value, ruled, several
from textprep.targets.named import UNLABELLED, NamedTarget
from textprep.targets.numbers import is_number
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array, Good


class ClassesTarget(NamedTarget):
    """Any number of classes a row. ``labels`` (B, C) float32: 1 for each class that the row has; else 0.

    A row brings a list of labels, a text in which ``separator`` stands between them, or one column of yes
    and no for each class. Where it has none, its labels are -100.

    >>> ClassesTarget(separator="|").check(["genres"], ["drama|crime|drama"])
    ('drama', 'crime')
    >>> ClassesTarget().for_columns(["toxic", "rude"]).check(["toxic", "rude"], ["no", 1])
    Traceback (most recent call last):
        ...
    textprep.targets.problems.BadValueError: ('toxic', "one of several label columns holds 0 or 1, ...")

    Attributes:
        class_names: the classes in the order of their ids, and the only ones allowed; ``None`` allows any.
        labels: label → the class that it means.
        separator: what stands between labels in a text.

    Raises:
        DatasetError: an option cannot be used, or not with another.
    """

    name: ClassVar[str] = "classes"
    objective: ClassVar[str] = "textprep.training.targets.classes:ClassesObjective"
    for_reading: ClassVar[tuple[str, ...]] = ("labels", "separator")

    separator: Annotated[str | None, Field(strict=True, min_length=1)] = None

    @property
    def column(self) -> str:
        """``labels``."""
        return "labels"

    def for_columns(self, columns: Sequence[str]) -> Target:
        """Several columns are a class each."""
        if len(columns) == 1:
            self.check_mapped()
            return self
        return self.but(class_names=in_order((), columns, self.labels)) if columns else self

    def check(self, columns: Sequence[str], values: Sequence[Any]) -> tuple[str, ...]:
        """The names of the classes, each once."""
        if len(columns) > 1:
            yes = [column for column, value in zip(columns, values, strict=True) if _yes(column, value)]
            return tuple(dict.fromkeys(self.labels.get(column, column) for column in yes))
        (column,), (value,) = columns, values
        each = [self.class_of(column, label) for label in self._listed(column, value)]
        return tuple(dict.fromkeys(each))

    def check_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray], strip: bool
    ) -> tuple[Labels | None, Good]:
        """The classes of a block, by the rule for a value, applied once a distinct value."""
        import pyarrow as pa

        if len(columns) > 1:
            return self._of_columns(columns, values)
        (column,) = values
        if pa.types.is_nested(column.type):
            return self._of_lists(columns[0], column)
        codes, found = distinct(column)
        names = [ruled(self.check, columns, [plain_value(value, strip)]) for value in found]
        good = are_good(names)[codes]
        return self._of_rows(codes, names) if good.all() else None, good

    def gathered(self, checked: Sequence[Any]) -> Labels:
        """The names of the rows of a block as codes."""
        return self._of_rows(np.arange(len(checked)), checked)

    def advice(self, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> tuple[str, Any] | None:
        """Which class each label that is none may mean."""
        if self.class_names is None or len(columns) > 1:
            return None
        rows = [ruled(self._listed, columns[0], plain_label(value)) or () for (value,) in values]
        return self.means(label for row in rows for label in row)

    def stored(self, blocks: Sequence[Labels]) -> pa.ChunkedArray:
        """Large lists of int64 ids."""
        import pyarrow as pa

        ids, ends, before = [np.zeros(0, np.int64)], [np.zeros(1, np.int64)], 0
        for labels in blocks:
            assert labels.ends is not None  # noqa: S101  # this kind's blocks have them
            ids.append(ids_of(labels.names, self.classes)[labels.codes])
            ends.append(labels.ends + before)
            before += len(labels.codes)
        return pa.chunked_array([pa.LargeListArray.from_arrays(np.concatenate(ends), np.concatenate(ids))])

    def check_stored(self, column: pa.ChunkedArray) -> None:
        """Large lists of int64."""
        import pyarrow as pa

        if column.type != pa.large_list(pa.int64()):
            raise DatasetError(f"the column 'labels' of a split is lists of int64, not {column.type}")

    def array(self, column: pa.ChunkedArray | None, rows: int) -> Array:
        """(N, C) int8, 1 for each class that a row has; -100 where it has no labels."""
        if column is None:
            return np.full((rows, len(self.classes)), UNLABELLED, np.int8)
        hot = np.zeros((rows, len(self.classes)), np.int8)
        lists = column.combine_chunks()
        where = np.repeat(np.arange(rows), lists.value_lengths().to_numpy())
        hot[where, lists.flatten().to_numpy()] = 1
        return hot

    def labelled(self, labels: Array) -> Good:
        """(N,): those without -100."""
        return np.asarray((labels >= 0).all(axis=1))

    def batch(self, labels: Array) -> Array:
        """float32, as binary cross-entropy takes them."""
        return labels.astype(np.float32)

    def strata(self, column: pa.ChunkedArray) -> list[Hashable]:
        """The sorted ids."""
        return [tuple(sorted(ids)) for ids in column.to_pylist()]

    def taught(self, column: pa.ChunkedArray) -> list[Hashable]:
        """The sorted ids."""
        return self.strata(column)

    def drawn_in(self, labels: Array) -> Array:
        """The first class that a row has."""
        return labels.argmax(axis=1) if labels.shape[1] else super().drawn_in(labels)

    def groups(self, labels: Array) -> Iterator[tuple[int, Good]]:
        """Each class with its rows."""
        return ((label, labels[:, label] > 0) for label in range(labels.shape[1]))

    def ids(self, column: pa.ChunkedArray) -> Array:
        """Any number a row."""
        return np.asarray(column.combine_chunks().flatten().to_numpy())

    def shown(self, value: Any) -> list[str]:
        """The names of the classes."""
        return [self.classes[each] for each in value]

    def pandas(self, values: Any) -> Any:
        """Lists of names."""
        return [self.shown(each) for each in values]

    def check_trainable(self, columns: Mapping[str, pa.ChunkedArray]) -> str | None:
        """There is a class."""
        return None if self.classes else "a classifier needs labels, and no row has any"

    def _listed(self, column: str, value: Any) -> Sequence[Any]:
        """The labels of a row."""
        if value is None:
            raise BadValueError(column, "the labels are missing; a row without any has an empty list or text")
        if self.separator and isinstance(value, str):
            return [label.strip() for label in value.split(self.separator)] if value.strip() else []
        if isinstance(value, (list, tuple)):
            return [plain_label(label) for label in value]
        wanted = f"a text separated by {self.separator!r}" if self.separator else "a list of labels"
        hint = "where a text holds several, separator= says what is between them"
        asked = ("separator", hint) if isinstance(value, str) else ()
        raise BadValueError(
            column, f"the labels are {type(value).__name__}, not {wanted}: {value!r:.40}", *asked
        )

    def _of_rows(self, codes: Any, names: Sequence[tuple[str, ...]]) -> Labels:
        """Of rows with these codes the names that each code stands for."""
        ends = np.cumsum([0, *map(len, names)])
        each = Ragged(np.arange(ends[-1]), ends).gather(Ragged(codes, np.arange(len(codes) + 1)))
        flat = [name for row in names for name in row]
        return several(each.values.astype(np.int64), np.diff(ends)[codes], flat)

    def _of_columns(
        self, columns: Sequence[str], values: Sequence[pa.ChunkedArray]
    ) -> tuple[Labels | None, Good]:
        """Of each row the columns that say yes."""
        rows = len(values[0])
        hot, good = np.zeros((rows, len(columns)), bool), np.ones(rows, bool)
        for number, (name, column) in enumerate(zip(columns, values, strict=True)):
            codes, found = distinct(column)
            said = [ruled(_yes, name, value) for value in found]
            good &= are_good(said)[codes]
            hot[:, number] = np.array(said, bool)[codes]
        names = [self.labels.get(name, name) for name in columns]
        return (several(hot.nonzero()[1], hot.sum(axis=1), names) if good.all() else None), good

    def _of_lists(self, name: str, column: pa.ChunkedArray) -> tuple[Labels | None, Good]:
        import pyarrow.compute as pc

        codes, found = distinct(pc.list_flatten(column))
        names = [ruled(self.class_of, name, value) for value in found]
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy().astype(np.int64)
        rows = np.repeat(np.arange(len(column)), lengths)
        good = np.bincount(rows[~are_good(names)[codes]], minlength=len(column)) == 0
        good &= column.is_valid().to_numpy()
        return several(codes, lengths, names) if good.all() else None, good


def _yes(column: str, value: Any) -> bool:
    """A yes or no, as people write them."""
    name = without_point(label_name(value).strip().lower())
    said = {"1": True, "true": True, "0": False, "false": False}.get(name)
    if said is None:
        hint = 'target="number" learns the numbers of several columns' if is_number(value) else None
        raise BadValueError(
            column,
            f"one of several label columns holds 0 or 1, true or false, not {value!r:.40}",
            *(("target", hint, "number") if hint else ()),
        )
    return said
