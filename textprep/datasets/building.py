"""Blocks → a `Corpus`: every row checked and counted, classes in order, columns of one type each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.datasets.corpus import Corpus
from textprep.datasets.quarantine import Quarantine, excerpt
from textprep.datasets.rows import Block, Record, Rejected, block_of
from textprep.datasets.schema.columns import Columns
from textprep.datasets.schema.validation import validated
from textprep.datasets.spill import Spill, joined
from textprep.datasets.split import Split
from textprep.errors import DatasetError
from textprep.extra.values import note_on
from textprep.targets import Target

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
    targets = [columns.target for _, columns in splits.values() if columns.label or columns.target.from_text]
    target = type(targets[0]).agreed(targets) if targets else None
    reader = _Reader(target, on_error, Quarantine(quarantine))
    try:
        read = {split or "train": reader.read(split, *blocks) for split, blocks in splits.items()}
        good = sum(len(ids) for rows in read.values() for ids in rows.row_ids)
        _check_count(name, reader.total, good, reader.rejected)
        folder = reader.quarantine.publish(name)
    except BaseException:
        reader.quarantine.discard()
        raise
    notes: list[str] = []
    if target is not None and not target.from_text:
        blocks = [block for rows in read.values() for block in rows.targets if block is not None]
        names = next(columns.label for _, columns in splits.values() if columns.label)
        target, notes = target.settled(blocks, names)
    joined_splits = {split: rows.joined(target) for split, rows in read.items()}
    extra = next(iter(splits.values()))[1].extra
    first = joined_splits.get("train") or next(iter(joined_splits.values()))
    notes += filter(None, (note_on(name, first.table[name]) for name in extra))
    return Corpus(
        joined_splits,
        target,
        rejected=reader.rejected,
        name=name,
        rows_read=reader.total,
        quarantine=folder,
        notes=[*reader.notes, *notes],
        extra=extra,
    )


class _Reader:
    """Reads splits one after the other; numbers the rows, and sorts the good from the bad."""

    def __init__(self, target: Target | None, on_error: str, quarantine: Quarantine) -> None:
        self.target, self.on_error, self.quarantine = target, on_error, quarantine
        self.rejected: list[Rejected] = []
        self.notes: dict[str, None] = {}  # in the order of the blocks, each once
        self.total, self.advised = 0, False

    def read(self, split: str | None, blocks: Iterable[Block], columns: Columns) -> _Rows:
        rows = _Rows()
        if self.target is not None and columns.label:
            columns = columns._replace(target=self.target)
        for block in chain(blocks, [block_of(())]):  # a split without rows has its columns, too
            self.notes |= dict.fromkeys(block.notes)
            found = validated(block, columns, self.total)
            self.total += len(found.row_ids) + len(found.rejected)
            for rejected in self._advised(found.rejected, block, columns):
                self._leave_out(rejected, split)
            rows.tables.add(found.table, mapped=found.mapped)
            rows.targets.append(found.target)
            rows.row_ids.append(found.row_ids)
        return rows

    def _advised(self, rejected: Sequence[Rejected], block: Block, columns: Columns) -> Sequence[Rejected]:
        """The rows; the first whose label is no class says which class its like may mean."""
        first = next((at for at, row in enumerate(rejected) if row.option == "labels"), None)
        if first is None or self.advised:
            return rejected
        self.advised = True
        fields = (row.fields for row in block.records() if isinstance(row, Record))
        advice = columns.target.advice(columns.label, ([row.get(n) for n in columns.label] for row in fields))
        if advice is None:
            return rejected
        hint, value = advice
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
        self.targets: list[Any] = []
        self.row_ids: list[npt.NDArray[np.int64]] = []

    def joined(self, target: Target | None) -> Split:
        """All of them: text and target first, then the further columns."""
        import pyarrow as pa

        columns = joined(self.tables.tables())
        if target is not None and target.column and all(block is not None for block in self.targets):
            columns[target.column] = target.stored(self.targets)
        columns["row_id"] = pa.chunked_array([np.concatenate(self.row_ids)])
        own = ("text", "pair", *([target.column] if target else []), "label", "labels", "row_id")
        order = [name for name in own if name in columns]
        return Split(pa.table({name: columns[name] for name in dict.fromkeys([*order, *columns])}), target)


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
