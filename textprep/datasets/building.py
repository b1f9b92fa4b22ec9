"""Parts → a `Corpus`: every row checked and counted, classes in order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from textprep.datasets.corpus import Corpus
from textprep.datasets.joining import joined_split
from textprep.datasets.opening import Part
from textprep.datasets.quarantine import Quarantine
from textprep.datasets.rows import Rejected, block_of
from textprep.datasets.schema.classes import class_order
from textprep.datasets.schema.roles import Labels
from textprep.datasets.schema.validation import validated
from textprep.datasets.spill import Spill
from textprep.errors import DatasetError


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
    splits = {
        one.part.split or "train": joined_split(one.tables.tables(), one.labels, one.row_ids, names)
        for one in read
    }
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
        for block in chain(part.blocks, [block_of(())]):  # a split without rows has its columns, too
            found = validated(block, part.columns, self.total, self.classes)
            self.total += len(found.row_ids) + len(found.rejected)
            for rejected in found.rejected:
                self._leave_out(rejected._replace(split=part.split))
            read.tables.add(found.table, mapped=found.mapped)
            read.labels.append(found.labels)
            read.row_ids.append(found.row_ids)
        return read

    def _leave_out(self, rejected: Rejected) -> None:
        if self.policy.on_error == "raise":
            raise rejected.error()
        if self.policy.on_error == "quarantine":
            self.quarantine.add(rejected)
        self.rejected.append(rejected._replace(source=None, header=b""))


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
