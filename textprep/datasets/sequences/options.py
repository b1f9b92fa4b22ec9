"""Which columns of recordings hold what: the options of `load_dataset` about sequences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field, PlainValidator

from textprep.datasets.schema.columns import GUESS, LABELS, Columns, Nameless, first_of
from textprep.datasets.splits.options import checked
from textprep.errors import DatasetError
from textprep.targets import NextTokenTarget, Target

WAYS = ("error", "forward", "linear", "mean")
DATASET = "sequences"
NEXT_VALUES = "next_values"
PLAIN = "plain"  # the scheme of tags of steps: no step begins an entity


def _filling(given: Any) -> str | float:
    if given in WAYS or (isinstance(given, (int, float)) and not isinstance(given, bool)):
        return given  # type: ignore[no-any-return]
    raise ValueError


def _windows(given: Any) -> dict[str, Any] | None:
    if given is None or isinstance(given, Mapping):
        return None if given is None else dict(given)
    raise ValueError


Name = Annotated[str | None, Field(description="the name of a column, or None")]


class SequenceColumns(NamedTuple):
    """Which columns of recordings hold what; `SequenceColumns.of` checks options.

    Attributes:
        sequence: the column that says which sequence a step is of, or that holds whole sequences; ``None``
            where each file is one.
        features: the columns of the numbers of a step; none for every column of numbers.
        time: the column that says when a step was.
        label: the columns that the target is read from, ``"?"`` to guess.
        missing: what happens to missing values and steps.
        windows: the options of `textprep.windows`, where rows are windows.
        target: what a model is to learn from a row.
        dividing: the columns by which sequences are divided, which are no numbers of a step.
    """

    sequence: Name = None
    features: Annotated[
        tuple[str, ...], Nameless, Field(description="the names of the columns of numbers, a list, or None")
    ] = ()
    time: Name = None
    label: Annotated[
        tuple[str, ...],
        Nameless,
        Field(description="the name of the column that holds the labels, a list, or None"),
    ] = (GUESS,)
    missing: Annotated[
        Any,
        PlainValidator(_filling),
        Field(description=f"one of {', '.join(map(repr, WAYS))}, or a number"),
    ] = "error"
    windows: Annotated[
        Any, PlainValidator(_windows), Field(description="a mapping with options of textprep.windows")
    ] = None
    target: Annotated[Target | None, PlainValidator(lambda given: given)] = None
    dividing: tuple[str, ...] = ()

    @classmethod
    def of(cls, target: Any, about_target: Mapping[str, Any], **options: Any) -> SequenceColumns:
        """The columns by these options of `load_dataset`.

        Raises:
            DatasetError: one cannot be used, or not with another.
        """
        columns: SequenceColumns = checked(cls, options)
        _check_distinct(columns)
        if target == NEXT_VALUES:
            return _of_next_values(columns)
        if target == NextTokenTarget.name:
            raise DatasetError(
                "target='next_token' is of texts, and rows are sequences of numbers", option="target",
                value=NEXT_VALUES, hint="'next_values' learns the numbers of the step behind a window",
            )  # fmt: skip
        label = columns.label or None
        kind = Columns.of(target, about_target, label=label, text="\0").target
        return columns._replace(target=kind.but(scheme=PLAIN) if kind.per_token else kind)

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that somebody named."""
        one = (self.sequence, self.time)
        return (*(name for name in one if name), *self.features, *self.own_label)

    @property
    def own_label(self) -> tuple[str, ...]:
        """The columns of the label, where somebody named them."""
        return () if self.label == (GUESS,) else self.label

    def labels_among(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns of the label, named or guessed; ``y`` may as well be the second axis."""
        if self.label != (GUESS,):
            return self.label
        label = first_of([name for name in LABELS if name != "y"], names)
        return () if label is None else (label,)


def _of_next_values(columns: SequenceColumns) -> SequenceColumns:
    if columns.windows is None:
        raise DatasetError(
            "target='next_values' is the step behind a window, and there are no windows", option="windows",
            hint='say how long they are: windows={"length": 64}',
        )  # fmt: skip
    return columns._replace(label=(), target=None, windows={"target": NEXT_VALUES, **columns.windows})


def _check_distinct(columns: SequenceColumns) -> None:
    names: Sequence[str] = columns.named
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise DatasetError(
            f"the column {twice[0]!r} is named twice among sequence=, features=, time= and label=",
            option="features", column=twice[0], hint="name it once",
        )  # fmt: skip
