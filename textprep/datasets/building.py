"""Parts → a `Corpus`: every row checked, every row counted, classes in order, columns joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from textprep.datasets.checked import AS_JSON, Checked, Labels, as_json, checked_block, checked_examples
from textprep.datasets.columns import Columns, Example, as_records, check
from textprep.datasets.corpus import Corpus, Split
from textprep.datasets.labels import class_order
from textprep.datasets.parts import Part
from textprep.datasets.quarantine import Quarantine
from textprep.datasets.rows import Block, Preamble, Record, Rejected
from textprep.datasets.spill import Spill
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 10_000  # rows that are Python objects at a time
CHARACTERS_AT_ONCE = 2**24


class Policy(NamedTuple):
    """What happens to bad rows; ``quarantine`` is the folder for folders of them."""

    on_error: str = "raise"
    quarantine: Path = Path("quarantine")


class _Read(NamedTuple):
    """What was read of a part."""

    part: Part
    labels: list[Labels | None]
    row_ids: list[Any]
    tables: Spill


def build(
    name: str,
    parts: list[Part],
    names: tuple[str, ...] | None,
    policy: Policy,
    notes: Sequence[str] = (),
) -> Corpus:
    """Every part as a split of one corpus; rows that are still to be divided are in ``"train"``.

    Args:
        name: of the data set.
        parts: its rows.
        names: the classes, where somebody said which.
        policy: what happens to bad rows.
        notes: what people should know about how it was read.

    Raises:
        DatasetError: a row is bad and the policy is to raise; no row is good; or rows were lost.
    """
    names = names or _declared_classes(parts)
    reader = _Reader(names, policy)
    try:
        read = [reader.read(part) for part in parts]
        total, good = reader.total, sum(len(ids) for one in read for ids in one.row_ids)
        _check_count(name, total, good, reader.rejected)
        folder = reader.quarantine.publish(name)
    except BaseException:
        reader.quarantine.discard()
        raise
    names = names or class_order(
        label for one in read for found in one.labels if found is not None for label in found.names
    )
    splits = {one.part.split or "train": _split(one, names) for one in read}
    return Corpus(
        splits,
        names,
        rejected=reader.rejected,
        name=name,
        rows_read=total,
        quarantine=folder,
        notes=notes,
    )


class _Reader:
    """Reads parts one after the other; numbers the rows, and sorts the good from the bad."""

    def __init__(self, classes: tuple[str, ...] | None, policy: Policy) -> None:
        self.classes, self.policy = classes, policy
        self.quarantine = Quarantine(policy.quarantine)
        self.rejected: list[Rejected] = []
        self.total = 0

    def read(self, part: Part) -> _Read:
        read = _Read(part, [], [], Spill())
        for checked in _gathered(self._good(part), part.columns):
            read.tables.add(checked.table, mapped=checked.mapped)
            read.labels.append(checked.labels)
            read.row_ids.append(checked.row_ids)
        return read

    def _good(self, part: Part) -> Iterator[Checked | Example]:
        """The good rows of a part, by blocks where every row of a block is good."""
        for stretch in _stretches(part.items, part.columns, self.quarantine.begins):
            block = isinstance(stretch, Block) and checked_block(
                stretch, part.columns, self.total, self.classes
            )
            if block:
                self.total += len(block.row_ids)
                yield block
                continue
            for record in stretch.records() if isinstance(stretch, Block) else (stretch,):
                example = self._examined(record, part)
                if example:
                    yield example

    def _examined(self, record: Record | Rejected, part: Part) -> Example | None:
        row_id, self.total = self.total, self.total + 1
        result = record if isinstance(record, Rejected) else check(record, part.columns, row_id, self.classes)
        if isinstance(result, Example):
            return result
        rejected = result._replace(split=part.split)
        if self.policy.on_error == "raise":
            raise DatasetError(str(rejected))
        if self.policy.on_error == "quarantine":
            self.quarantine.add(rejected)
        self.rejected.append(rejected._replace(source=None))
        return None


def _gathered(good: Iterable[Checked | Example], columns: Columns) -> Iterator[Checked]:
    """Rows that were looked at one by one, some thousands at a time, between the blocks."""
    examples: list[Example] = []
    characters = 0
    for one in good:
        if isinstance(one, Example):
            examples.append(one)
            characters += len(one.text)
            if len(examples) < ROWS_AT_ONCE and characters < CHARACTERS_AT_ONCE:
                continue
        if examples:
            yield checked_examples(examples, columns)
            examples, characters = [], 0
        if isinstance(one, Checked):
            yield one
    yield checked_examples(examples, columns)


def _stretches(
    items: Any, columns: Columns, begins: Callable[[Preamble], None]
) -> Iterator[Block | Record | Rejected]:
    """The items, what comes from code as records; positions are counted over all of them."""
    position = 0
    for item in items:
        if isinstance(item, Preamble):
            begins(item)
        elif isinstance(item, Block):
            position += item.table.num_rows
            yield item
        else:
            yield from as_records((item,), columns, position)
            position += 1


def _check_count(name: str, total: int, good: int, rejected: list[Rejected]) -> None:
    if total != good + len(rejected):
        raise DatasetError(
            f"{name!r}: {total} rows read, {good} kept, {len(rejected)} rejected: rows were lost"
        )
    if not total:
        raise DatasetError(f"the data set {name!r} holds no rows")
    if not good:
        raise DatasetError(f"every one of the {total} rows of {name!r} is bad; the first: {rejected[0]}")


def _declared_classes(parts: list[Part]) -> tuple[str, ...] | None:
    declared = {part.class_names for part in parts if part.class_names}
    if len(declared) > 1:
        lists = "; ".join(", ".join(names) for names in sorted(declared))
        raise DatasetError(f"the splits name their classes differently: {lists}; give class_names=")
    return declared.pop() if declared else None


def _split(read: _Read, names: tuple[str, ...]) -> Split:
    """What was read of a part as a split: text and labels first, then the further columns."""
    import pyarrow as pa

    tables = read.tables.tables()
    own = dict.fromkeys(name for table in tables for name in ("text", *table.column_names))
    columns: dict[str, pa.ChunkedArray] = {}
    for name in own:
        columns[name] = _joined(name, tables)
        if name == "text":
            columns |= _label_column(read.labels, names)
            columns["row_id"] = pa.chunked_array([np.concatenate(read.row_ids)])
    order = [name for name in ("text", "pair", "label", "labels", "row_id") if name in columns]
    return Split(
        pa.table({name: columns[name] for name in [*order, *(n for n in columns if n not in order)]}), names
    )


def _label_column(found: list[Labels | None], names: tuple[str, ...]) -> dict[str, Any]:
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
