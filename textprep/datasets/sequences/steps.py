"""Blocks of rows, one per time step → the numbers of all steps, and what else is known of each.

Shapes are written with S steps of all sequences together, F numbers a step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.rows import Block, Record, Rejected
from textprep.datasets.sequences.options import SequenceColumns
from textprep.datasets.sequences.values import (
    coded,
    is_missing,
    is_numeric,
    joined,
    key_of,
    table_of,
    times_of,
)
from textprep.errors import DatasetError, nearest_first
from textprep.targets.class_names import is_blank
from textprep.targets.coding import distinct, plain_value
from textprep.targets.numbers import LARGEST, number_column, number_of
from textprep.targets.problems import BadValueError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Array = npt.NDArray[Any]
    Codes = npt.NDArray[np.int64]

ALONE = "recording"  # the name of a sequence that nobody has named


@dataclass
class Coded:
    """Values of steps as numbers: the place of each in ``values``, which grow."""

    values: list[Any] = field(default_factory=list)
    codes: list[Codes] = field(default_factory=list)
    places: dict[Any, int] = field(default_factory=dict)

    def add(self, codes: Codes, values: Sequence[Any]) -> Codes:
        """Add steps whose values are those at ``codes`` of ``values``; gives their places in all values."""
        for value in values:
            if key_of(value) not in self.places:
                self.places[key_of(value)] = len(self.values)
                self.values.append(value)
        found = np.array([self.places[key_of(value)] for value in values], np.int64)[codes]
        self.codes.append(found)
        return found


@dataclass
class Steps:
    """The steps of one split, block after block, as they are read.

    Attributes:
        columns: what is in which column.
        features: what the F numbers are called.
        names: of each step, which sequence it is of.
        files: what the recording of each file is called, where each is one.
        numbers: blocks of (steps, F) float64, NaN where a number is missing.
        times: blocks of (steps,) float64; none without ``columns.time``.
        others: every other column: name → values.
        bad: name of a sequence → the first row of it that cannot be used.
    """

    columns: SequenceColumns
    features: tuple[str, ...] = ()
    names: Coded = field(default_factory=Coded)
    files: dict[str, str] = field(default_factory=dict)
    numbers: list[Array] = field(default_factory=list)
    times: list[Array] = field(default_factory=list)
    others: dict[str, Coded] = field(default_factory=lambda: defaultdict(Coded))
    bad: dict[str, Rejected] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Add the rows of a block.

        Raises:
            DatasetError: a column is missing, or a row cannot be read, so that nobody knows which sequence
                lacks a step.
        """
        self.notes |= dict.fromkeys(block.notes)
        for rejected in block.rejected.values():
            raise DatasetError(
                str(rejected), file=rejected.file, line=rejected.line, column=rejected.column,
                hint="mend the row: which sequence would lack it, nobody can tell",
            )  # fmt: skip
        table = table_of(block)
        if table is None or not table.num_rows:
            return
        self._settle(table, block)
        codes = self._named(table, block)
        self.numbers.append(self._checked(table, block, codes))
        if self.columns.time:
            self.times.append(self._timed(self.columns.time, table, block, codes))
        for name in table.column_names:
            if name not in (self.columns.sequence, self.columns.time, *self.features):
                self.others[name].add(*coded(table[name]))

    def _settle(self, table: pa.Table, block: Block) -> None:
        """Which columns the numbers are in, once the first rows are there; and that all are there."""
        if not self.features:
            taken = {
                self.columns.sequence,
                self.columns.time,
                *self.columns.dividing,
                *self.columns.labels_among(table.column_names),
            }
            self.features = self.columns.features or tuple(
                name for name in table.column_names if name not in taken and is_numeric(table[name])
            )
            if not self.features:
                raise DatasetError(
                    "there is no column of numbers", option="features",
                    hint=f"features= says which; there are: {', '.join(table.column_names)}",
                )  # fmt: skip
        wanted = [*filter(None, (self.columns.sequence, self.columns.time)), *self.features]
        for name in (*wanted, *self.columns.own_label):
            if name not in table.column_names:
                raise self._no_column(name, table, block)

    def _no_column(self, name: str, table: pa.Table, block: Block) -> DatasetError:
        roles = {
            "sequence": (self.columns.sequence,),
            "time": (self.columns.time,),
            "label": self.columns.label,
        }
        option = next((option for option, names in roles.items() if name in names), "features")
        known = ", ".join(nearest_first(name, table.column_names))
        return DatasetError(
            f"there is no column {name!r}; there are: {known}", file=_file(block), column=name, option=option,
            hint=f"{option}= says which one to read",
        )  # fmt: skip

    def _named(self, table: pa.Table, block: Block) -> Codes:
        if self.columns.sequence is None:
            return self.names.add(np.zeros(table.num_rows, np.int64), [self._name_of(_file(block))])
        codes, values = distinct(table[self.columns.sequence])
        plain = [plain_value(value, True) for value in values]
        if any(map(is_blank, plain)):
            row = int(np.flatnonzero(np.isin(codes, [i for i, v in enumerate(plain) if is_blank(v)]))[0])
            raise _rejected(
                block, row, self.columns.sequence, "it does not say which sequence it is of"
            ).error()
        return self.names.add(codes, [str(value) for value in plain])

    def _name_of(self, file: str | None) -> str:
        """What the recording of a file is called: as the file, with its folders where two are called so."""
        if file is None:
            return ALONE
        if file not in self.files:
            stem = PurePath(file).stem
            self.files[file] = file if stem in self.files.values() else stem
        return self.files[file]

    def _checked(self, table: pa.Table, block: Block, codes: Codes) -> Array:
        """(steps, F), NaN where a number is missing; a sequence with a bad one is noted."""
        found = np.stack([number_column(name, table[name]) for name in self.features], axis=1)
        doubtful = ~(np.abs(found) <= LARGEST)
        places = np.argwhere(doubtful) if doubtful.any() else ()
        for row, place in places:
            name = self.features[place]
            value = table[name][int(row)].as_py()
            if problem := self._problem(name, value):
                self._reject(block, int(row), name, codes, problem)
            found[row, place] = np.nan
        return found

    def _reject(self, block: Block, row: int, column: str, codes: Codes, problem: BadValueError) -> None:
        """Leave the sequence of a row out."""
        sequence = str(self.names.values[codes[row]])
        if sequence not in self.bad:
            reason = f"{problem.reason} (a step of sequence {sequence!r})"
            self.bad[sequence] = _rejected(block, row, column, reason, problem)

    def _timed(self, name: str, table: pa.Table, block: Block, codes: Codes) -> Array:
        """(steps,) when each was; a sequence with a step of which nobody knows is noted."""
        times, wrong = times_of(name, table)
        for row, what in wrong.items():
            self._reject(block, row, name, codes, BadValueError(name, what))
        return times

    def _problem(self, name: str, value: Any) -> BadValueError | None:
        """What is wrong with a value that is no number; nothing where it is missing and to be filled."""
        if is_missing(value):
            if self.columns.missing != "error":
                return None
            hint = 'missing="linear" fills it from its neighbours; "forward", "mean" or a number can, too'
            return BadValueError(name, "the number is missing", "missing", hint, "linear")
        try:
            number_of(name, plain_value(value, True))
        except BadValueError as bad:
            return bad
        return None

    def arrays(self) -> StepArrays:
        """All steps, in the order in which they were read."""
        width = len(self.features)
        return StepArrays(
            self.features,
            self.names.values,
            joined(self.names.codes, np.int64),
            np.concatenate([np.zeros((0, width)), *self.numbers]),
            joined(self.times, np.float64) if self.columns.time else None,
            {name: (joined(each.codes, np.int64), each.values) for name, each in self.others.items()},
            self.bad,
        )


@dataclass(frozen=True)
class StepArrays:
    """The steps of one split.

    Attributes:
        features: what the F numbers are called.
        names: of the sequences.
        codes: (S,) which sequence each step is of.
        numbers: (S, F) float64, NaN where one is missing.
        times: (S,) float64; ``None`` where nobody said when a step was.
        others: further columns: name → (S,) places, and the values at these.
        bad: name of a sequence → why it cannot be used.
    """

    features: tuple[str, ...]
    names: Sequence[str]
    codes: Codes
    numbers: Array
    times: Array | None
    others: Mapping[str, tuple[Codes, Sequence[Any]]]
    bad: Mapping[str, Rejected]


def read_steps(blocks: Iterable[Block], columns: SequenceColumns) -> Steps:
    """The steps of all blocks of a split."""
    steps = Steps(columns)
    for block in blocks:
        steps.add(block)
    return steps


def _rejected(
    block: Block, row: int, column: str, reason: str, problem: BadValueError | None = None
) -> Rejected:
    """The row of a block, with where it is from."""
    record: Any = _record(block.records(), row)
    return Rejected(
        record.file, record.line, column, reason, dict(record.fields), byte=record.byte, source=record.source,
        option=problem.option if problem else None, hint=problem.hint if problem else None,
        value=problem.value if problem else ..., header=record.header,
    )  # fmt: skip


def _record(records: Iterable[Any], row: int) -> Record:
    good = (record for record in records if isinstance(record, Record))
    return next(record for number, record in enumerate(good) if number == row)


def _file(block: Block) -> str | None:
    """The file that the rows of a block are from."""
    first: Iterator[Any] = iter(block.records())
    record = next(first, None)
    return record.file if record else None
