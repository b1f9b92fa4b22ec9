"""Parts of sequences as rows of their own, with the values per step that belong to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.sequences.values import array_of_values
from textprep.inputs import SEQUENCE, sequence_column

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Ints = npt.NDArray[np.int64]

RECORDING = "recording"  # the column of a part that names what it is cut from
STEPS = {b"textprep": b"steps"}  # the mark of a column with a value per step


def steps_field(values: Sequence[Any], codes: Ints, offsets: Ints) -> tuple[pa.Array, dict[bytes, bytes]]:
    """A column with a value per step, and its mark."""
    import pyarrow as pa

    flat = array_of_values(values).take(pa.array(codes))
    return pa.LargeListArray.from_arrays(pa.array(offsets), flat), STEPS


def per_step(table: pa.Table) -> list[str]:
    """The further columns of a split that have a value per step."""
    return [field.name for field in table.schema if field.metadata == STEPS]


def flat(table: pa.Table, name: str) -> tuple[Any, Ints]:
    """The values of all steps of a column, (S,) or (S, F), and (N + 1,) where each row begins."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from textprep.ragged import numbers

    column = table[name].combine_chunks()
    column = column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks)
    offsets = np.concatenate([[0], np.cumsum(numbers(pc.list_value_length(column)), dtype=np.int64)])
    values = column.flatten()
    return numbers(values) if name == SEQUENCE else values, offsets


def cut(table: pa.Table, rows: Ints, starts: Ints, stops: Ints, first_id: int) -> pa.Table:
    """A table of parts of rows: steps ``starts`` to before ``stops`` of ``rows``; all are (parts,).

    Args:
        table: of a split of sequences.
        rows, starts, stops: which parts.
        first_id: the row id of the first; they count up.
    """
    import pyarrow as pa

    values, offsets = flat(table, SEQUENCE)
    lengths = stops - starts
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    steps = np.arange(ends[-1]) + np.repeat(offsets[rows] + starts - ends[:-1], lengths)
    held: dict[str, Any] = {}
    for field in table.schema:
        if field.name == SEQUENCE:
            held[SEQUENCE] = sequence_column(values[steps], ends)
        elif field.name == "tags":
            held["tags"] = _tags(flat(table, "tags")[0].take(pa.array(steps)), ends, field.type)
        elif field.metadata == STEPS:
            of_steps, _ = flat(table, field.name)
            held[field.name] = pa.LargeListArray.from_arrays(pa.array(ends), of_steps.take(pa.array(steps)))
        else:
            held[field.name] = table[field.name].take(pa.array(rows))
    held[RECORDING] = table[RECORDING if RECORDING in held else "name"].take(pa.array(rows))
    held["row_id"] = pa.array(np.arange(first_id, first_id + len(rows)))
    named = zip(held["name"].to_pylist(), starts.tolist(), stops.tolist(), strict=True)
    held["name"] = pa.array([_part(*each) for each in named], pa.large_string())
    schema = table.schema
    if RECORDING not in schema.names:
        schema = schema.append(pa.field(RECORDING, pa.large_string()))
    return pa.table([held[name] for name in schema.names], schema=schema)


def _tags(pieces: pa.Array, ends: Ints, kind: pa.DataType) -> pa.Array:
    """The pieces of steps, one each, counted from the beginning of their row."""
    import pyarrow as pa
    import pyarrow.compute as pc

    starts = np.arange(ends[-1]) - np.repeat(ends[:-1], np.diff(ends))
    numbers = [pa.array(each.astype(np.int32)) for each in (starts, starts + 1)]
    tags = pc.struct_field(pieces, "tag")
    cut_pieces = pa.StructArray.from_arrays([*numbers, tags], fields=list(kind.value_type))
    return pa.LargeListArray.from_arrays(pa.array(ends), cut_pieces)


def _part(name: str, start: int, stop: int) -> str:
    """The name of some steps of a sequence, which may itself be a part.

    >>> _part("eeg", 0, 32), _part("eeg[100:200]", 10, 20)
    ('eeg[0:32]', 'eeg[110:120]')
    """
    found = re.fullmatch(r"(.*)\[(\d+):\d+\]", name, re.DOTALL)
    whole, first = (found[1], int(found[2])) if found else (name, 0)
    return f"{whole}[{first + start}:{first + stop}]"
