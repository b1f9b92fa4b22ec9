"""Blocks → a `Corpus`: every row checked and counted, classes in order, columns of one type each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.opening import Part
from textprep.datasets.quarantine import Quarantine, excerpt
from textprep.datasets.rows import Block, Rejected, block_of
from textprep.datasets.schema.classes import in_order, plain_numbers
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.labelling import Labels, labels_of
from textprep.datasets.schema.labels import advice, merging, proposed, says_merging, written
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
    found = [labels for rows in read.values() for labels in rows.labels if labels and labels.names]
    columns = parts[0].columns
    names, plain = (names, {}) if names else _classes(found, columns)
    return Corpus(
        {split: rows.joined(names, plain) for split, rows in read.items()},
        names,
        rejected=reader.rejected,
        name=name,
        rows_read=reader.total,
        quarantine=folder,
        notes=[*notes, *reader.notes, *_about(names, found, columns)],
    )


def _classes(found: Sequence[Labels], columns: Columns) -> tuple[tuple[str, ...], dict[str, str]]:
    """The classes in their order, and which of them a label means that is called otherwise."""
    labels = dict.fromkeys(name for one in found for name in one.names)
    known = [name for one in found for name in one.known] if all(one.known for one in found) else []
    plain = {} if known or columns.labels else plain_numbers(labels, "".join(columns.label[:1]))
    return in_order((plain.get(name, name) for name in labels), known, columns.labels), plain


def _about(names: Sequence[str], found: Sequence[Labels], columns: Columns) -> Iterator[str]:
    """What people should know about the classes."""
    if merged := merging(names):
        yield says_merging(merged)
    met = {name for labels in found for name in labels.names}
    for name in dict.fromkeys(columns.labels.values()):
        if name not in met:
            yield f"no row has a label that labels= makes {name!r}"


class _Reader:
    """Reads parts one after the other; numbers the rows, and sorts the good from the bad."""

    def __init__(self, classes: tuple[str, ...] | None, on_error: str, quarantine: Quarantine) -> None:
        self.classes, self.on_error, self.quarantine = classes, on_error, quarantine
        self.rejected: list[Rejected] = []
        self.notes: dict[str, None] = {}  # in the order of the blocks, each once
        self.total, self.advised = 0, False

    def read(self, part: Part) -> _Rows:
        rows = _Rows()
        for block in chain(part.blocks, [block_of(())]):  # a split without rows has its columns, too
            self.notes |= dict.fromkeys(block.notes)
            found = validated(block, part.columns, self.total, self.classes)
            self.total += len(found.row_ids) + len(found.rejected)
            for rejected in self._advised(found.rejected, block, part.columns):
                self._leave_out(rejected, part.split)
            rows.tables.add(found.table, mapped=found.mapped)
            rows.labels.append(found.labels)
            rows.row_ids.append(found.row_ids)
        return rows

    def _advised(self, rejected: Sequence[Rejected], block: Block, columns: Columns) -> Sequence[Rejected]:
        """The rows; the first whose label is no class says which class its like may mean."""
        first = next((at for at, row in enumerate(rejected) if row.option == "labels"), None)
        if first is None or self.advised or self.classes is None:
            return rejected
        self.advised = True
        hint, value = advice(labels_of(block.records(), columns), self.classes)
        return [*rejected[:first], rejected[first]._replace(hint=hint, value=value), *rejected[first + 1 :]]

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

    def joined(self, classes: tuple[str, ...], plain: Mapping[str, str]) -> Split:
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
        columns |= _label_column(self.labels, classes, plain)
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
        first = rejected[0]
        raise DatasetError(
            f"every one of the {total} rows of {name!r} is bad; the first: {first}",
            option=first.option,
            value=first.value,
        )


def _declared_classes(parts: Sequence[Part]) -> tuple[str, ...] | None:
    declared = {in_order((), part.class_names, part.columns.labels) for part in parts if part.class_names}
    if len(declared) > 1:
        first, *_, last = sorted(declared)
        means = written(proposed(first, last) or {"NAME": "CLASS"})
        raise DatasetError(
            f"the splits name their classes differently: {'; '.join(map(', '.join, sorted(declared)))}",
            option="class_names",
            hint=f"give class_names=, or labels={means} where names mean the same",
        )
    return declared.pop() if declared else None


def _label_column(
    found: Sequence[Labels | None], classes: tuple[str, ...], plain: Mapping[str, str]
) -> dict[str, Any]:
    """Of each row the id of its class (``label``), or the ids of its classes (``labels``)."""
    import pyarrow as pa

    places = {name: number for number, name in enumerate(classes)}
    places |= {label: places[name] for label, name in plain.items()}
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
