"""What the first rows of a source say of its columns: the target, its form, the kinds of extra columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from textprep.datasets.formats import hugging_face as hf
from textprep.datasets.rows import Block, Record, Rows
from textprep.datasets.schema.columns import Columns, is_spans, is_tags, is_words
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa


def with_target(
    columns: Columns,
    by_split: Mapping[str | None, Any],
    blocks: dict[str | None, Iterator[Block]],
    target_given: bool,
) -> Columns:
    """The columns with what the first rows say of the target; these are in ``blocks`` again afterwards."""
    if len(columns.label) > 1 or len(columns.text) != 1:
        return columns
    named = next((rows.target for rows in by_split.values() if isinstance(rows, Rows)), None)
    if named and not target_given:
        columns, target_given = columns.with_usual(named), True
    looked_at: dict[str | None, list[Block]] = {split: [] for split in by_split}
    first = _first_blocks(by_split, blocks, looked_at)
    block = None if target_given else next(first, None)
    if block is not None and _is_tagged(block, columns):
        columns = columns.with_usual("tags")
    read = first if block is None else chain([block], first)
    labels = (value for each in read for name in columns.label for value in _values(each, name))
    target = columns.target.seen(labels)
    blocks.update({split: chain(looked_at[split], blocks[split]) for split in by_split})
    return columns._replace(target=target)


def _first_blocks(
    by_split: Mapping[str | None, Any],
    blocks: Mapping[str | None, Iterator[Block]],
    looked_at: Mapping[str | None, list[Block]],
) -> Iterator[Block]:
    """The blocks of all splits that have rows, which are added to ``looked_at`` as they come."""
    for split, rows in by_split.items():
        if hf.is_hugging_face(rows):
            yield from hf.hugging_face_blocks(rows)
            continue
        for block in blocks[split]:
            looked_at[split].append(block)
            if block.table is not None or any(True for _ in block.records()):
                yield block


def _is_tagged(block: Block, columns: Columns) -> bool:
    """Whether rows have spans of a text; or words, and a tag of each unless they are unlabelled."""
    texts, labels = ([_type(block, name) for name in names] for names in (columns.text, columns.label))
    if labels and all(map(is_spans, labels)):
        return True
    return all(map(is_words, texts)) and all(map(is_tags, labels))


def _type(block: Block, name: str) -> pa.DataType:
    """The Arrow type of a column, or of its first value that is not empty; that of nothing without one."""
    import pyarrow as pa

    if block.table is not None:
        return block.table.schema.field(name).type if name in block.table.column_names else pa.null()
    try:
        values = _values(block, name)
        telling = [each for each in values if not hasattr(each, "__len__") or len(each)]
        return pa.infer_type((telling or values)[:1])
    except (pa.ArrowException, ValueError, TypeError, OverflowError):
        return pa.null()


def with_extra(
    columns: Columns, by_split: Mapping[str | None, Any], blocks: dict[str | None, Iterator[Block]]
) -> tuple[Columns, str | None]:
    """The columns, with the kinds of extra ones inferred from the first rows; and a note that lists these.

    What is looked at of ``blocks`` is there again afterwards.
    """
    values: dict[str, list[Any]] = {}
    for split, rows in by_split.items():
        if hf.is_hugging_face(rows):
            values = _first_values(hf.hugging_face_blocks(rows), columns.extra)[0]
        else:
            values, blocks[split] = _first_values(blocks[split], columns.extra)
        if any(values.values()):
            break
    found = {name: kind.seen(values[name]) for name, kind in columns.extra.items()}
    for name, kind in found.items():
        if kind.kind == "category" and kind.standardize:
            raise DatasetError(
                f"extra= of {name!r}: standardize= is for numbers, and this is a category",
                option="extra",
                hint='leave it out, or give it the kind "number"',
            )
    taken = [name for name in found if columns.extra[name].kind is None and values[name]]
    listed = ", ".join(f"{name!r} as {found[name].kind}" for name in taken)
    told = f'extra columns: {listed}; extra={{"NAME": KIND}} changes that' if taken else None
    return columns._replace(extra=found), told


def _first_values(
    blocks: Iterator[Block], names: Iterable[str]
) -> tuple[dict[str, list[Any]], Iterator[Block]]:
    """The values of these columns in the first block that has a good row; and all blocks again."""
    seen: list[Block] = []
    for block in blocks:
        seen.append(block)
        values = {name: _values(block, name) for name in names}
        if any(values.values()):
            return values, chain(seen, blocks)
    return {name: [] for name in names}, iter(seen)


def _values(block: Block, name: str) -> list[Any]:
    """The values of a column, as far as a block has them."""
    if block.table is not None:
        values: list[Any] = block.table[name].to_pylist() if name in block.table.column_names else []
        return values
    fields = (row.fields for row in block.records() if isinstance(row, Record))
    return [row[name] for row in fields if name in row]
