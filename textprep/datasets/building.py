"""Blocks → a `Corpus`: every row checked and counted, classes in order, columns of one type each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.quarantine import Quarantine, excerpt
from textprep.datasets.rows import Block, Rejected, block_of
from textprep.datasets.schema.classes import in_order, plain_numbers
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.labelling import Labels, labels_of
from textprep.datasets.schema.labels import advice, merging, proposed, says_merging, written
from textprep.datasets.schema.validation import validated
from textprep.datasets.spill import Spill, joined
from textprep.datasets.split import Split
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy.typing as npt


def build(
    name: str,
    splits: Mapping[str | None, tuple[Iterable[Block], Columns]],
    *,
    on_error: str = "raise",
    quarantine: Path = Path("quarantine"),
) -> Corpus:
    """Every split of one corpus; rows that are still to be divided are in ``"train"``.

    Args:
        name: of the data set.
        splits: of each its blocks, and what their columns are.
        on_error: what happens to bad rows: ``"raise"``, ``"skip"`` or ``"quarantine"``.
        quarantine: the folder for folders of bad rows.

    Raises:
        DatasetError: a row is bad and ``on_error`` is to raise; no row is good; or rows were lost.
    """
    schemas = [columns for _, columns in splits.values()]
    names = _declared_classes(schemas)
    reader = _Reader(names, on_error, Quarantine(quarantine))
    try:
        read = {split or "train": reader.read(split, *blocks) for split, blocks in splits.items()}
        good = sum(len(ids) for rows in read.values() for ids in rows.row_ids)
        _check_count(name, reader.total, good, reader.rejected)
        folder = reader.quarantine.publish(name)
    except BaseException:
        reader.quarantine.discard()
        raise
    found = [labels for rows in read.values() for labels in rows.labels if labels and labels.names]
    names, plain = (names, {}) if names else _classes(found, schemas[0])
    return Corpus(
        {split: rows.joined(names, plain) for split, rows in read.items()},
        names,
        rejected=reader.rejected,
        name=name,
        rows_read=reader.total,
        quarantine=folder,
        notes=[*reader.notes, *_about(names, found, schemas[0])],
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
    """Reads splits one after the other; numbers the rows, and sorts the good from the bad."""

    def __init__(self, classes: tuple[str, ...] | None, on_error: str, quarantine: Quarantine) -> None:
        self.classes, self.on_error, self.quarantine = classes, on_error, quarantine
        self.rejected: list[Rejected] = []
        self.notes: dict[str, None] = {}  # in the order of the blocks, each once
        self.total, self.advised = 0, False

    def read(self, split: str | None, blocks: Iterable[Block], columns: Columns) -> _Rows:
        rows = _Rows()
        for block in chain(blocks, [block_of(())]):  # a split without rows has its columns, too
            self.notes |= dict.fromkeys(block.notes)
            found = validated(block, columns, self.total, self.classes)
            self.total += len(found.row_ids) + len(found.rejected)
            for rejected in self._advised(found.rejected, block, columns):
                self._leave_out(rejected, split)
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
        hint, value = advice(labels_of(block.records(), columns), self.classes, columns.labels)
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

        columns = joined(self.tables.tables())
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
        reason = f"every one of the {total} rows of {name!r} is bad; the first: {first}"
        raise DatasetError(reason, file=first.file, option=first.option, value=first.value)


def _declared_classes(schemas: Iterable[Columns]) -> tuple[str, ...] | None:
    declared = {columns.class_names for columns in schemas if columns.class_names}
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
