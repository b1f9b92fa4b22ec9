"""Parts → a `Corpus`: every row checked and counted, classes in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from textprep.datasets.checked import Checked, Labels, checked_block, checked_examples
from textprep.datasets.columns import Columns, Example, as_record, check
from textprep.datasets.corpus import Corpus
from textprep.datasets.joining import joined_split
from textprep.datasets.labels import class_order
from textprep.datasets.parts import Part
from textprep.datasets.quarantine import Quarantine
from textprep.datasets.rows import Block, Preamble, Record, Rejected
from textprep.datasets.spill import Spill
from textprep.errors import DatasetError

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
            raise rejected.error()
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
            yield as_record(item, columns, position)
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
