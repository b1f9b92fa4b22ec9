"""What kinds of targets with named classes have in common: the names, their order, what labels mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeVar

import numpy as np
from pydantic import BeforeValidator, Field

from textprep.errors import DatasetError, nearest_first
from textprep.targets.base import Target
from textprep.targets.class_counts import class_problems, described
from textprep.targets.class_names import checked_class_names, class_name, in_order, known_classes
from textprep.targets.coding import Labels, found_names, notes_about
from textprep.targets.label_mapping import advice, checked_labels, proposed, raw_names, written
from textprep.targets.problems import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.targets.base import Array

UNLABELLED = -100  # torch's ``ignore_index``
Self = TypeVar("Self", bound="NamedTarget")


class NamedTarget(Target):
    """A kind of target whose values are of classes with names.

    Attributes:
        class_names: the classes in the order of their ids, and the only ones allowed; ``None`` allows any.
        labels: label → the class that it means.
    """

    found_in_data: ClassVar[tuple[str, ...]] = ("class_names",)
    for_reading: ClassVar[tuple[str, ...]] = ("labels",)

    class_names: Annotated[tuple[str, ...] | None, BeforeValidator(checked_class_names)] = None
    labels: Annotated[Mapping[str, str], BeforeValidator(checked_labels)] = Field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names in the order of their ids."""
        return self.class_names or ()

    def knowing(self, classes: Sequence[str]) -> Target:
        """With ``classes`` as the only ones, unless it has its own."""
        known = self.class_names or not classes
        return self if known else self.but(class_names=in_order((), classes, self.labels))

    @classmethod
    def agreed(cls: type[Self], targets: Sequence[Any]) -> Self:
        """The first, with the class names that all splits declare.

        Raises:
            DatasetError: they declare different ones.
        """
        first: Self = targets[0]
        declared = {target.class_names for target in targets if target.class_names}
        if len(declared) > 1:
            raise _different(sorted(declared))
        return first.but(class_names=declared.pop()) if declared else first

    def noting(self, block: Labels, values: Sequence[pa.ChunkedArray]) -> Labels:
        """With the classes that a column of a dictionary type knows."""
        return block._replace(known=known_classes(values))

    def settled(self: Self, blocks: Sequence[Labels], columns: Sequence[str]) -> tuple[Self, list[str]]:
        """With the classes of all rows, in their order."""
        names = self.classes or found_names(blocks, self.labels, columns[0])
        return self.meaning(class_names=names or None), notes_about(names, blocks, self.labels)

    def counts(self, column: pa.ChunkedArray) -> dict[str, int]:
        """Class name → rows that have it."""
        counts = np.bincount(self.ids(column), minlength=len(self.classes))
        return dict(zip(self.classes, counts.tolist(), strict=True))

    def ids(self, column: pa.ChunkedArray) -> Array:
        """The ids of a column, those of one row after those of the other."""
        raise NotImplementedError

    def describe(self, column: pa.ChunkedArray) -> str:
        """The counts of the first classes."""
        return described(self.counts(column))

    def problems(self, columns: Mapping[str, pa.ChunkedArray]) -> Iterator[Problem]:
        """Names that are nearly the same, classes without rows, and large differences of their sizes."""
        return class_problems(self.classes, {name: self.counts(column) for name, column in columns.items()})

    def class_of(self, column: str, label: Any) -> str:
        """The class that a label means.

        Raises:
            BadValueError: it is missing, no word, whole number or bool, or none of the classes.
        """
        return class_name(column, label, self.class_names, self.labels)

    def means(self, labels: Iterable[Any]) -> tuple[str, Any] | None:
        """Which class each of ``labels`` that is none may mean, see `Target.advice`."""
        if self.class_names is None:
            return None
        return advice(raw_names(labels), self.class_names, self.labels)

    def check_mapped(self) -> None:
        """Raise `DatasetError` where ``labels`` names a class that does not exist."""
        known = self.class_names
        unknown = [name for name in self.labels.values() if known and name not in known]
        if unknown:
            raise DatasetError(
                f"labels= names a class {unknown[0]!r} that does not exist; there are: "
                f"{', '.join(nearest_first(unknown[0], known or ()))}",
                option="labels",
                hint="the label of the data comes first, its class second",
            )


def _different(declared: Sequence[tuple[str, ...]]) -> DatasetError:
    means = written(proposed(declared[0], declared[-1]) or {"NAME": "CLASS"})
    return DatasetError(
        f"the splits name their classes differently: {'; '.join(map(', '.join, declared))}",
        option="class_names",
        hint=f"give class_names=, or labels={means} where names mean the same",
    )
