"""What a dataset returns, or a person has in hand → parts: the blocks of one split, or of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from textprep.datasets.formats import hugging_face as hf
from textprep.datasets.formats.tables import as_rows, is_table
from textprep.datasets.rows import Block, Record, Rows, in_blocks
from textprep.datasets.schema.columns import GUESS, Columns, guessed
from textprep.errors import DatasetError

Guard = Callable[[Iterable[Any]], Iterator[Any]]


class Part(NamedTuple):
    """Blocks, with where to find what in them; ``split=None`` where they are still to be divided."""

    split: str | None
    blocks: Iterable[Block]
    columns: Columns
    class_names: tuple[str, ...] | None = None


def as_parts(
    data: Any, columns: Columns, guard: Guard = iter, *, labelled_if_named: bool = False
) -> tuple[list[Part], str | None]:
    """Rows, or a mapping of split names to rows; either may be tables or Hugging Face ``datasets`` objects.

    Args:
        data: the rows.
        columns: where to find what in them; what is to be guessed is, from the first row.
        guard: what every iteration over rows goes through.
        labelled_if_named: whether rows without the column of the labels are unlabelled, not bad.

    Returns:
        the parts, and what people should know about guesses.

    Raises:
        DatasetError: it is neither.
    """
    text, label = _usual(columns.text, "text"), _usual(columns.label, "label")
    names_splits = isinstance(data, Mapping) and not is_table(data, text)
    by_split: dict[str | None, Any] = dict(data.items()) if names_splits else {None: data}
    blocks = {split: _blocks(split, rows, guard, text, label) for split, rows in by_split.items()}
    note = None
    if GUESS in (*columns.text, *columns.label):
        names = None
        for split, rows in by_split.items():
            if names is None:
                names, blocks[split] = _peeked(rows, blocks[split])
        columns, note = guessed(columns, names or ["text", "label"])
    parts = []
    for split, rows in by_split.items():
        own = columns
        if labelled_if_named:
            names, blocks[split] = _peeked(rows, blocks[split])
            own = columns if set(columns.label) <= set(names or ()) else columns._replace(label=())
        parts.append(_part(split, rows, blocks[split], own))
    return parts, note


def names_in(data: Any) -> list[str] | None:
    """The names of the columns of the first block of rows, or of the first split that has any."""
    if hf.is_hugging_face(data):
        return list(data.column_names)
    if isinstance(data, Mapping) and not is_table(data, "text"):
        return next(filter(None, map(names_in, data.values())), None)
    for block in _blocks(None, data, iter, "text", "label"):
        fields = (row.fields for row in block.records() if isinstance(row, Record))
        names = chain.from_iterable(fields) if block.table is None else block.table.column_names
        if found := list(dict.fromkeys(names)):
            return found
    return None


def _part(split: str | None, rows: Any, blocks: Iterator[Block], columns: Columns) -> Part:
    if hf.is_hugging_face(rows):
        return _hugging_face_part(split, rows, columns)
    if isinstance(rows, Rows) and rows.strip:
        columns = columns._replace(strip=True)
    said = (rows.class_names or None) if isinstance(rows, Rows) and columns.label else None
    return Part(split, blocks, columns, said)


def _hugging_face_part(split: str | None, dataset: Any, columns: Columns) -> Part:
    """Rows of a ``datasets.Dataset``: the names of its ``ClassLabel`` kept, -1 being no label there."""
    label = columns.label[0] if len(columns.label) == 1 else None
    names = hf.class_names_of(dataset, label)
    if names and hf.is_unlabelled(dataset, label):
        columns, dataset = columns._replace(label=()), dataset.remove_columns(label)
        return Part(split, hf.hugging_face_blocks(dataset), columns, names)
    return Part(split, hf.hugging_face_blocks(dataset), columns, names or None)


def _blocks(split: str | None, data: Any, guard: Guard, text: str, label: str) -> Iterator[Block]:
    if hf.is_hugging_face(data):  # whose blocks depend on the column of the labels
        return iter(())
    where = "the data" if split is None else f"split {split!r}"
    rows = as_rows(data, where)
    if isinstance(rows, Rows):
        return guard(rows.blocks())
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise DatasetError(
            f"{where}: rows are needed, not {type(rows).__name__}: "
            "give a table, or an iterable of mappings, of (text, label) pairs or of texts"
        )
    return in_blocks(guard(rows), text, label)


def _peeked(data: Any, blocks: Iterator[Block]) -> tuple[list[str] | None, Iterator[Block]]:
    """The names of the columns in the first block that has a row, if there is one; and all blocks again.

    All rows of the block count: a bad one may come first, and lack a column.
    """
    if hf.is_hugging_face(data):
        return data.column_names, blocks
    seen = []
    for block in blocks:
        seen.append(block)
        rows = (
            [row.fields for row in block.records() if isinstance(row, Record)] if block.table is None else []
        )
        names = (
            block.table.column_names
            if block.table is not None
            else dict.fromkeys(name for row in rows for name in row)
        )
        if names:
            return list(names), chain(seen, blocks)
    return None, iter(seen)


def _usual(names: tuple[str, ...], usual: str) -> str:
    return names[0] if names and names[0] != GUESS else usual
