"""The labels of sequences: one for each, that of all its steps; or one per step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.sequences.cutting import steps_field
from textprep.datasets.sequences.options import SequenceColumns
from textprep.errors import DatasetError
from textprep.targets import Target
from textprep.targets.class_names import is_blank
from textprep.targets.problems import BadValueError
from textprep.targets.tagged import Pieces

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.datasets.sequences.building import Sequences

Checked = Any


def labelled_tables(
    tables: dict[str, pa.Table], read: Mapping[str, Sequences], columns: SequenceColumns
) -> tuple[dict[str, pa.Table], Target | None, list[str]]:
    """The tables with what the target stores; the target, and notes.

    Where rows are to be windows, the labels are values per step.

    Raises:
        DatasetError: a label changes within a sequence, or cannot be used.
    """
    target, names = columns.target, columns.label
    if not names or target is None:
        return tables, None, []
    lacking = [split for split, one in read.items() if not set(names) <= set(one.others)]
    if lacking:
        there = ", ".join(read[lacking[0]].others) or "none"
        raise DatasetError(
            f"there is no column {names[0]!r}; further columns are: {there}", column=names[0], option="label",
            hint="label= says which one to read, label=None that there is none",
        )  # fmt: skip
    if target.per_token:
        blocks = {split: _tagged(one, names[0], target) for split, one in read.items()}
        return with_target(tables, blocks, target, names)
    if columns.windows is not None:
        return {split: _with_steps(tables[split], one, names) for split, one in read.items()}, None, []
    blocks = {split: _block(one, names, target) for split, one in read.items()}
    return with_target(tables, blocks, target, names)


def bad_labels(one: Sequences, columns: SequenceColumns) -> dict[int, tuple[int, BadValueError]]:
    """Of each sequence with a label that cannot be used the place, its first such step, and what is wrong."""
    target, names = columns.target, columns.label
    if target is None or not names or not set(names) <= set(one.others) or not len(one.values):
        return {}
    codes = np.stack([one.others[name][0] for name in names], axis=1)
    distinct, which = np.unique(codes, axis=0, return_inverse=True)
    values = [[one.others[name][1][code] for name, code in zip(names, row, strict=True)] for row in distinct]
    problems = [_problem(target, names, row) for row in values]
    is_bad = np.array([problem is not None for problem in problems])[which.reshape(-1)]
    found: dict[int, tuple[int, BadValueError]] = {}
    for step in np.flatnonzero(is_bad).tolist():
        place = int(np.searchsorted(one.offsets, step, side="right")) - 1
        problem = problems[which.reshape(-1)[step]]
        if place not in found and problem is not None:
            found[place] = step - int(one.offsets[place]), problem
    return found


def _problem(target: Target, names: Sequence[str], values: Sequence[Any]) -> BadValueError | None:
    if target.per_token:
        return BadValueError(names[0], "the tag is missing") if is_blank(values[0]) else None
    try:
        target.check(names, list(values))
    except BadValueError as bad:
        return bad
    return None


def with_target(
    tables: Mapping[str, pa.Table], blocks: Mapping[str, Any], target: Target, names: Sequence[str]
) -> tuple[dict[str, pa.Table], Target, list[str]]:
    """The tables with the target's column, once all rows have said which values there are."""
    settled, notes = target.settled(list(blocks.values()), names)
    stored = {
        split: table.append_column(settled.column, settled.stored([blocks[split]]))
        for split, table in tables.items()
    }
    return stored, settled, notes


def checked_values(target: Target, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Checked]:
    """What the values of each row mean; each that differs is checked once.

    Raises:
        DatasetError: one cannot be used.
    """
    known: dict[Any, Checked] = {}
    found = []
    for row in rows:
        key = repr(row)
        if key not in known:
            try:
                known[key] = target.check(names, list(row))
            except BadValueError as bad:
                raise DatasetError(
                    f"column {bad.column!r}: {bad.reason}",
                    column=bad.column,
                    option=bad.option,
                    hint=bad.hint,
                ) from bad
        found.append(known[key])
    return found


def _block(one: Sequences, names: Sequence[str], target: Target) -> Any:
    """What the target gathers of the sequences, each of which has one label."""
    columns = []
    for name in names:
        codes, values = one.others[name]
        first, other = one.of_sequences(codes)
        if other is not None:
            raise _changes(one, name, first, other)
        columns.append([values[code] for code in first.tolist()])
    return target.gathered(checked_values(target, names, list(zip(*columns, strict=True))))


def _tagged(one: Sequences, name: str, target: Target) -> Any:
    """What the target gathers of the sequences, each step of which is a piece with a tag."""
    codes, values = one.others[name]
    tags = [str(value) for value in values]
    rows = []
    for start, stop in pairwise(one.offsets.tolist()):
        places = range(stop - start)
        rows.append(Pieces(places, range(1, stop - start + 1), [tags[code] for code in codes[start:stop]]))
    return target.gathered(rows)


def _changes(one: Sequences, name: str, first: Any, step: int) -> DatasetError:
    codes, values = one.others[name]
    sequence, place = one.where(step)
    was = values[int(first[one.names.index(sequence)])]
    return DatasetError(
        f"sequence {sequence!r}: its {name!r} is {was!r} and becomes {values[int(codes[step])]!r} at step "
        f"{place:,}; a sequence has one label", column=name, option="windows", value={"length": 64},
        hint='target="tags" gives each step its own; windows={"length": 64} makes rows of windows, and '
        f'windows={{"by": {name!r}}} one of each run',
    )  # fmt: skip


def _with_steps(table: pa.Table, one: Sequences, names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    for name in names:
        codes, values = one.others[name]
        column, mark = steps_field(values, np.asarray(codes), one.offsets)
        table = table.append_column(pa.field(name, column.type, metadata=mark), column)
    return table
