"""Rows that are whole sequences already, as arrays or nested lists, → the steps of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np

from textprep.datasets.rows import Block, Record, Rejected
from textprep.datasets.sequences.options import SequenceColumns
from textprep.datasets.sequences.steps import Coded, StepArrays
from textprep.datasets.sequences.values import is_missing, joined
from textprep.errors import DatasetError
from textprep.targets.coding import plain_value
from textprep.targets.numbers import LARGEST

NAMES = ("name", "recording")  # what may say how a sequence is called
USUAL = "sequence"
SHAPES = "(steps, numbers), or one number a step"


def has_whole(blocks: Iterator[Block], columns: SequenceColumns) -> tuple[bool, Iterator[Block]]:
    """Whether rows are whole sequences, as the first one says; and all blocks again."""
    seen = []
    for block in blocks:
        seen.append(block)
        row = next((row for row in block.records() if isinstance(row, Record)), None)
        if row is not None:
            value: Any = row.fields.get(columns.sequence or USUAL)
            return isinstance(value, (list, tuple)) or np.ndim(value) > 0, chain(seen, blocks)
    return False, iter(seen)


def read_whole(blocks: Iterable[Block], columns: SequenceColumns) -> tuple[StepArrays, dict[str, None]]:
    """The steps of all rows, and notes.

    Raises:
        DatasetError: rows have different numbers a step.
    """
    column = columns.sequence or USUAL
    notes: dict[str, None] = {}
    names: list[str] = []
    arrays: list[Any] = []
    rows: list[Any] = []
    bad: dict[str, Rejected] = {}
    for block in blocks:
        notes |= dict.fromkeys(block.notes)
        for record in block.records():
            name = _name(record, len(names), column)
            names.append(name)
            problem = _problem(record, column, columns)
            if isinstance(record, Rejected) or problem:
                bad[name] = problem or record  # type: ignore[assignment]  # it is one of the two
                array = np.zeros((0, 0))
            else:
                array = array_of(record.fields[column])
            arrays.append(array)
            rows.append({} if isinstance(record, Rejected) else record.fields)
    return _steps(column, columns, names, arrays, rows, bad), notes


def array_of(value: Any) -> Any:
    """(T, F) float64 of a value; one number a step is (T, 1).

    Raises:
        ValueError: it is something else.
    """
    array = np.asarray(value)
    if array.dtype == object or array.dtype.kind in "US":
        array = np.asarray(
            [[np.nan if is_missing(each) else float(each) for each in np.atleast_1d(step)] for step in value]
        )
    if array.dtype.kind not in "iufb" or array.ndim not in (1, 2):
        raise ValueError
    return array.astype(np.float64).reshape(len(array), -1) if array.size else np.zeros((0, 0))


def _steps(
    column: str, columns: SequenceColumns, names: list[str], arrays: list[Any], rows: list[Any], bad: Any
) -> StepArrays:
    width = next((array.shape[1] for array in arrays if array.size), len(columns.features))
    others = {name: Coded() for name in dict.fromkeys(chain.from_iterable(rows)) if name != column}
    for name, coded in others.items():
        for row, array in zip(rows, arrays, strict=True):
            coded.add(np.zeros(len(array), np.int64), [plain_value(row.get(name), True)])
    for name, array in zip(names, arrays, strict=True):
        if array.size and array.shape[1] != width:
            problem = f"{array.shape[1]} numbers a step, and the first sequence has {width}"
            raise DatasetError(f"sequence {name!r} has {problem}", column=column, hint="give each the same")
    lengths = [len(array) for array in arrays]
    features = columns.features or tuple(f"x{place}" for place in range(width))
    if len(features) != width:
        raise DatasetError(
            f"features= names {len(features)} numbers, and a step has {width}", option="features",
            hint="name each of them",
        )  # fmt: skip
    return StepArrays(
        features,
        names,
        np.repeat(np.arange(len(names)), lengths),
        np.concatenate([np.zeros((0, width)), *(array for array in arrays if array.size)]),
        None,
        {name: (joined(each.codes, np.int64), each.values) for name, each in others.items()},
        bad,
    )  # fmt: skip


def _name(record: Record | Rejected, number: int, column: str) -> str:
    fields = record.fields if isinstance(record, Record) else {}
    return next(
        (str(fields[name]) for name in NAMES if fields.get(name) is not None and name != column), str(number)
    )


def _problem(record: Record | Rejected, column: str, columns: SequenceColumns) -> Rejected | None:
    if isinstance(record, Rejected):
        return None
    option = hint = None
    value: Any = ...
    try:
        array = array_of(record.fields[column])
        reason = None
        if np.isinf(array).any() or (np.abs(array) > LARGEST).any():
            reason = "a number is not finite, or too large for float32"
        elif np.isnan(array).any() and columns.missing == "error":
            step = int(np.argwhere(np.isnan(array))[0, 0])
            reason = f"a number of step {step} is missing"
            option, value = "missing", "linear"
            hint = 'missing="linear" fills it from its neighbours; "forward", "mean" or a number can, too'
    except KeyError:
        reason = f"there is no such column; there are: {', '.join(map(str, record.fields))}"
        option, hint = "sequence", "sequence= says which column holds the sequences"
    except (TypeError, ValueError, OverflowError):
        reason = f"it is no sequence of numbers: {SHAPES}"
    if reason is None:
        return None
    return Rejected(
        record.file, record.line, column, reason, {**record.fields, column: "…"},
        byte=record.byte, source=record.source, option=option, hint=hint, value=value,
    )  # fmt: skip
