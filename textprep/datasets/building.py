"""Blocks → a `Corpus`: every row checked and counted, classes in order, columns of one type each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.opening import Part
from textprep.datasets.quarantine import Quarantine, excerpt
from textprep.datasets.rows import Rejected, block_of
from textprep.datasets.schema.classes import class_order
from textprep.datasets.schema.roles import Labels
from textprep.datasets.schema.validation import AS_JSON, validated
from textprep.datasets.schema.values import as_json
from textprep.datasets.spill import Spill
from textprep.datasets.split import Split
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    Piece: TypeAlias = tuple[pa.Field, pa.ChunkedArray]  # of a column: what a table has of it


def build(
    name: str,
    parts: Sequence[Part],
    names: tuple[str, ...] | None = None,
    *,
    on_error: str = "raise",
    quarantine: Path = Path("quarantine"),
    notes: Sequence[str] = (),
) -> Corpus:
    """Every part as a split of one corpus; rows that are still to be divided are in ``"train"``.

    Args:
        name: of the data set.
        parts: its blocks.
        names: the classes, where they are given.
        on_error: what happens to bad rows: ``"raise"``, ``"skip"`` or ``"quarantine"``.
        quarantine: the folder for folders of bad rows.
        notes: what people should know about how it was read.

    Raises:
        DatasetError: a row is bad and ``on_error`` is to raise; no row is good; or rows were lost.
    """
    names = names or _declared_classes(parts)
    reader = _Reader(names, on_error, Quarantine(quarantine))
    try:
        read = {part.split or "train": reader.read(part) for part in parts}
        good = sum(len(ids) for rows in read.values() for ids in rows.row_ids)
        _check_count(name, reader.total, good, reader.rejected)
        folder = reader.quarantine.publish(name)
    except BaseException:
        reader.quarantine.discard()
        raise
    found = (label for rows in read.values() for labels in rows.labels if labels for label in labels.names)
    classes = names or class_order(found)
    return Corpus(
        {split: rows.joined(classes) for split, rows in read.items()},
        classes,
        rejected=reader.rejected,
        name=name,
        rows_read=reader.total,
        quarantine=folder,
        notes=[*notes, *reader.notes],
    )


class _Reader:
    """Reads parts one after the other; numbers the rows, and sorts the good from the bad."""

    def __init__(self, classes: tuple[str, ...] | None, on_error: str, quarantine: Quarantine) -> None:
        self.classes, self.on_error, self.quarantine = classes, on_error, quarantine
        self.rejected: list[Rejected] = []
        self.notes: dict[str, None] = {}  # in the order of the blocks, each once
        self.total = 0

    def read(self, part: Part) -> _Rows:
        rows = _Rows()
        for block in chain(part.blocks, [block_of(())]):  # a split without rows has its columns, too
            self.notes |= dict.fromkeys(block.notes)
            found = validated(block, part.columns, self.total, self.classes)
            self.total += len(found.row_ids) + len(found.rejected)
            for rejected in found.rejected:
                self._leave_out(rejected, part.split)
            rows.tables.add(found.table, mapped=found.mapped)
            rows.labels.append(found.labels)
            rows.row_ids.append(found.row_ids)
        return rows

    def _leave_out(self, rejected: Rejected, split: str | None) -> None:
        if self.on_error == "raise":
            raise rejected._replace(split=split).error()
        if self.on_error == "quarantine":
            self.quarantine.add(rejected._replace(split=split))
        raw = excerpt(rejected.raw)
        self.rejected.append(rejected._replace(split=split, raw=raw, source=None, header=b""))


class _Rows:
    """The good rows of a split, block by block."""

    def __init__(self) -> None:
        self.tables = Spill()
        self.labels: list[Labels | None] = []
        self.row_ids: list[npt.NDArray[np.int64]] = []

    def joined(self, classes: tuple[str, ...]) -> Split:
        """All of them: text and labels first, then the further columns."""
        import pyarrow as pa

        tables = self.tables.tables()
        own = dict.fromkeys(name for table in tables for name in ("text", *table.column_names))
        held = [
            dict(zip(table.column_names, zip(table.schema, table.columns, strict=True), strict=True))
            for table in tables
        ]
        sizes = [table.num_rows for table in tables]
        columns = {name: _joined(name, [each.get(name) for each in held], sizes) for name in own}
        columns |= _label_column(self.labels, classes)
        columns["row_id"] = pa.chunked_array([np.concatenate(self.row_ids)])
        order = [name for name in ("text", "pair", "label", "labels", "row_id") if name in columns]
        return Split(pa.table({name: columns[name] for name in dict.fromkeys([*order, *columns])}), classes)


def _check_count(name: str, total: int, good: int, rejected: list[Rejected]) -> None:
    if total != good + len(rejected):
        raise DatasetError(
            f"{name!r}: {total} rows read, {good} kept, {len(rejected)} rejected: rows were lost"
        )
    if not total:
        raise DatasetError(f"the data set {name!r} holds no rows")
    if not good:
        raise DatasetError(f"every one of the {total} rows of {name!r} is bad; the first: {rejected[0]}")


def _declared_classes(parts: Sequence[Part]) -> tuple[str, ...] | None:
    declared = {part.class_names for part in parts if part.class_names}
    if len(declared) > 1:
        lists = "; ".join(", ".join(names) for names in sorted(declared))
        raise DatasetError(
            f"the splits name their classes differently: {lists}",
            option="class_names",
            hint="give class_names=",
        )
    return declared.pop() if declared else None


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


def _joined(name: str, pieces: Sequence[Piece | None], sizes: Sequence[int]) -> pa.ChunkedArray:
    """A column over all tables: null where one lacks it, JSON where they share no type."""
    import pyarrow as pa

    fields = [piece[0] for piece, size in zip(pieces, sizes, strict=True) if piece and size]
    kind = _common(fields) if fields else pa.large_string() if name == "text" else pa.null()
    try:
        if kind is not None:
            return _chunked(pieces, sizes, kind, lambda piece: piece[1].cast(kind).chunks)
    except pa.ArrowInvalid:  # a whole number that no float can hold
        pass
    return _chunked(pieces, sizes, pa.large_string(), _json_of)


def _chunked(
    pieces: Sequence[Piece | None],
    sizes: Sequence[int],
    kind: pa.DataType,
    chunks_of: Callable[[Piece], Sequence[pa.Array]],
) -> pa.ChunkedArray:
    import pyarrow as pa

    each = zip(pieces, sizes, strict=True)
    chunks = [chunks_of(piece) if piece else [pa.nulls(size, kind)] for piece, size in each]
    return pa.chunked_array(list(chain.from_iterable(chunks)), kind)


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


def _json_of(piece: Piece) -> Any:
    import pyarrow as pa

    field, column = piece
    if field.metadata == AS_JSON:
        return column.chunks
    return [pa.array([as_json(value) for value in column.to_pylist()], pa.large_string())]
