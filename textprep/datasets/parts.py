"""What a dataset returns, or a person has in hand → parts, each the rows of one split or of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from textprep.datasets.columns import Columns
from textprep.datasets.formats import hugging_face as hf
from textprep.datasets.formats.tables import as_rows, is_table
from textprep.datasets.guessing import GUESS, guessed
from textprep.datasets.rows import Block, Item, Preamble, Record, Rejected, Rows
from textprep.errors import DatasetError

Guard = Callable[[Iterable[Item]], Iterator[Item]]


class Part(NamedTuple):
    """Rows with where to find what in them; ``split=None`` where they are still to be divided."""

    split: str | None
    items: Iterable[Item]
    columns: Columns
    class_names: tuple[str, ...] | None = None


def as_parts(data: Any, columns: Columns, guard: Guard = iter) -> tuple[list[Part], str | None]:
    """Rows, or a mapping of split names to rows; either may be tables or Hugging Face ``datasets`` objects.

    Args:
        data: the rows.
        columns: where to find what in them; what is to be guessed is, from the first row.
        guard: what every iteration over rows goes through.

    Returns:
        the parts, and what people should know about guesses.

    Raises:
        DatasetError: it is neither.
    """
    names_splits = isinstance(data, Mapping) and not is_table(data, _usual(columns.text, "text"))
    by_split = data.items() if names_splits else [(None, data)]
    opened = [
        _Opened(split, rows if hf.is_hugging_face(rows) else guard(_items(split, rows)), _said(rows))
        for split, rows in by_split
    ]
    columns, note = _settled(columns, opened)
    return [_part(one, columns) for one in opened], note


def labelled_if_named(part: Part) -> Part:
    """The part, unlabelled unless its first row has the column of the labels."""
    names, items = _names_of(part.items, part.columns)
    labelled = part.columns.label and set(part.columns.label) <= set(names or ())
    return part._replace(items=items, columns=part.columns if labelled else part.columns._replace(label=()))


def _items(split: str | None, data: Any) -> Iterable[Item]:
    where = "the data" if split is None else f"split {split!r}"
    rows = as_rows(data, where)
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise DatasetError(
            f"{where}: rows are needed, not {type(rows).__name__}: "
            "give a table, or an iterable of mappings, of (text, label) pairs or of texts"
        )
    return rows.items() if isinstance(rows, Rows) else rows


class _Opened(NamedTuple):
    """The rows of a split, or a data set of Hugging Face."""

    split: str | None
    rows: Any
    class_names: tuple[str, ...] | None


def _said(rows: Any) -> tuple[str, ...] | None:
    return (rows.class_names or None) if isinstance(rows, Rows) else None


def _settled(columns: Columns, opened: list[_Opened]) -> tuple[Columns, str | None]:
    """The columns without a guess left, by the first row that there is, which ``opened`` then still has."""
    if GUESS not in (*columns.text, *columns.label):
        return columns, None
    for place, one in enumerate(opened):
        names, items = _names_of(one.rows, columns)
        opened[place] = one._replace(rows=items)
        if names is not None:
            return guessed(columns, names)
    return guessed(columns, ["text", "label"])


def _names_of(items: Any, columns: Columns) -> tuple[list[str] | None, Any]:
    """The names of the columns as the first good row has them, if there is one; and all items again."""
    if hf.is_hugging_face(items):
        return items.column_names, items
    iterator, seen = iter(items), []
    for item in iterator:
        seen.append(item)
        names = _names(item, columns)
        if names is not None:
            return names, chain(seen, iterator)
    return None, iter(seen)


def _names(item: Item, columns: Columns) -> list[str] | None:
    if isinstance(item, Block):
        return list(item.table.column_names)
    if isinstance(item, (Preamble, Rejected)):
        return None
    fields = item.fields if isinstance(item, Record) else item
    text, label = _usual(columns.text, "text"), _usual(columns.label, "label")
    if isinstance(fields, Mapping):
        return list(fields)
    if isinstance(fields, str):
        return [text]
    return [text, label] if isinstance(fields, tuple) and len(fields) == 2 else None


def _usual(names: tuple[str, ...], usual: str) -> str:
    return names[0] if names and names[0] != GUESS else usual


def _part(opened: _Opened, columns: Columns) -> Part:
    if hf.is_hugging_face(opened.rows):
        return _hugging_face_part(opened.split, opened.rows, columns)
    return Part(opened.split, opened.rows, columns, opened.class_names if columns.label else None)


def _hugging_face_part(split: str | None, dataset: Any, columns: Columns) -> Part:
    """Rows of a ``datasets.Dataset``: the names of its ``ClassLabel`` kept, -1 being no label there."""
    label = columns.label[0] if len(columns.label) == 1 else None
    names = hf.class_names_of(dataset, label)
    if names and hf.is_unlabelled(dataset, label):
        columns, dataset = columns._replace(label=()), dataset.remove_columns(label)
        return Part(split, hf.hugging_face_items(dataset, None, ()), columns, names)
    return Part(split, hf.hugging_face_items(dataset, label, names), columns, names or None)
