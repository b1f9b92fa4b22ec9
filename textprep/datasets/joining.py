"""Stretches of checked rows → one split: columns over all of them, of one type each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.schema.roles import Labels
from textprep.datasets.schema.validation import AS_JSON, as_json
from textprep.datasets.split import Split

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa


def joined_split(
    tables: Sequence[pa.Table],
    labels: Sequence[Labels | None],
    row_ids: Sequence[npt.NDArray[np.int64]],
    names: tuple[str, ...],
) -> Split:
    """Stretches of checked rows as one split: text and labels first, then the further columns.

    Args:
        tables: of each stretch, texts and further columns.
        labels: of each stretch; ``None`` where it is unlabelled.
        row_ids: of each stretch.
        names: of the classes.
    """
    import pyarrow as pa

    own = dict.fromkeys(name for table in tables for name in ("text", *table.column_names))
    columns: dict[str, pa.ChunkedArray] = {}
    for name in own:
        columns[name] = _joined(name, tables)
        if name == "text":
            columns |= _label_column(labels, names)
            columns["row_id"] = pa.chunked_array([np.concatenate(row_ids)])
    order = [name for name in ("text", "pair", "label", "labels", "row_id") if name in columns]
    return Split(
        pa.table({name: columns[name] for name in [*order, *(n for n in columns if n not in order)]}), names
    )


def _label_column(found: Sequence[Labels | None], names: tuple[str, ...]) -> dict[str, Any]:
    """Of each row the id of its class (``label``), or the ids of its classes (``labels``)."""
    import pyarrow as pa

    places = {name: number for number, name in enumerate(names)}
    ids, ends, before = [], [np.zeros(1, np.int64)], 0
    for labels in found:
        if labels is None:
            return {}
        ids.append(np.array([places[name] for name in labels.names], dtype=np.int64)[labels.codes])
        if labels.ends is not None:
            ends.append(labels.ends + before)
            before += len(labels.codes)
    if len(ends) == 1:
        return {"label": pa.chunked_array([np.concatenate(ids)])}
    lists = pa.LargeListArray.from_arrays(np.concatenate(ends), np.concatenate(ids))
    return {"labels": pa.chunked_array([lists])}


def _joined(name: str, tables: Sequence[pa.Table]) -> pa.ChunkedArray:
    """A column over all tables: null where one lacks it, JSON where they share no type."""
    import pyarrow as pa

    held = [table for table in tables if name in table.column_names and table.num_rows]
    fields = [table.schema.field(name) for table in held]
    kind = _common(fields) if fields else pa.large_string() if name == "text" else pa.null()
    if kind is None:
        return pa.chunked_array([_json_of(name, table) for table in tables], pa.large_string())
    try:
        columns = [
            table[name].cast(kind).chunks if name in table.column_names else [pa.nulls(table.num_rows, kind)]
            for table in tables
        ]
    except pa.ArrowInvalid:  # a whole number that no float can hold
        return pa.chunked_array([_json_of(name, table) for table in tables], pa.large_string())
    return pa.chunked_array(list(chain.from_iterable(columns)), kind)


def _common(fields: Sequence[pa.Field]) -> pa.DataType | None:
    """The type that one array of all the values would have; ``None`` where there is none."""
    import pyarrow as pa

    if any(field.metadata == AS_JSON for field in fields):
        return None
    kinds = {field.type for field in fields if field.type != pa.null()} or {pa.null()}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {pa.int64(), pa.float64()}:
        return pa.float64()
    if kinds <= {pa.string(), pa.large_string(), pa.string_view()}:
        return pa.large_string()
    return _common_nested(kinds)


def _common_nested(kinds: Iterable[pa.DataType]) -> pa.DataType | None:
    import pyarrow as pa

    if not all(pa.types.is_struct(kind) or pa.types.is_list(kind) for kind in kinds):
        return None
    schemas = [pa.schema([("", kind)]) for kind in kinds]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field(0).type
    except pa.ArrowException:
        return None


def _json_of(name: str, table: pa.Table) -> pa.Array:
    import pyarrow as pa

    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.large_string())
    if table.schema.field(name).metadata == AS_JSON:
        return table[name].combine_chunks()
    return pa.array([as_json(value) for value in table[name].to_pylist()], pa.large_string())
