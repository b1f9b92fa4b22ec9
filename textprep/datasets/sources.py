"""What a dataset returns, or a person has in hand → parts, each the rows of one split or of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from textprep.datasets.rows import Columns, Record, Rejected, Row
from textprep.errors import DatasetError


class Part(NamedTuple):
    """Rows with where to find what in them; ``split=None`` where they are still to be divided."""

    split: str | None
    rows: Iterable[Row]
    columns: Columns
    class_names: tuple[str, ...] | None = None


def as_parts(data: Any, columns: Columns) -> list[Part]:
    """Rows, or a mapping of split names to rows; either may be Hugging Face ``datasets`` objects.

    Raises:
        DatasetError: it is neither.
    """
    if isinstance(data, Mapping):
        return [_part(split, rows, columns) for split, rows in data.items()]
    return [_part(None, data, columns)]


def guess_columns(rows: Iterable[Row]) -> tuple[Iterable[Row], Columns]:
    """The rows, and whether they are labelled, by the first of them."""
    if is_hugging_face(rows):
        names = getattr(rows, "column_names", None) or ()
        return rows, Columns(label="label" if "label" in names else None)
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return (), Columns(label=None)
    fields = first.fields if isinstance(first, Record) else first
    labelled = "label" in fields if isinstance(fields, Mapping) else not isinstance(fields, (str, Rejected))
    return chain([first], iterator), Columns(label="label" if labelled else None)


def _part(split: str | None, rows: Any, columns: Columns) -> Part:
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise DatasetError(
            f"{f'split {split!r} is' if split else 'the data are'} {type(rows).__name__}, not rows: "
            "give an iterable of mappings, of (text, label) pairs or of texts"
        )
    return _hugging_face_part(split, rows, columns) if is_hugging_face(rows) else Part(split, rows, columns)


def is_hugging_face(rows: object) -> bool:
    """Whether it is an object of the package ``datasets``; asked without importing that package."""
    return any(base.__module__.partition(".")[0] == "datasets" for base in type(rows).__mro__)


def _hugging_face_part(split: str | None, dataset: Any, columns: Columns) -> Part:
    """Rows of a ``datasets.Dataset``: the names of its ``ClassLabel`` kept, -1 being no label there."""
    names = getattr((dataset.features or {}).get(columns.label), "names", None)
    rows = dataset.with_format(None)
    if not names:
        return Part(split, rows, columns)
    if hasattr(dataset, "unique") and set(dataset.unique(columns.label)) == {-1}:
        return Part(split, rows.remove_columns(columns.label), columns._replace(label=None), tuple(names))
    return Part(split, _named(rows, str(columns.label), names), columns, tuple(names))


def _named(rows: Iterable[dict[str, Any]], label: str, names: list[str]) -> Iterator[dict[str, Any]]:
    for row in rows:
        number = row[label]
        yield {**row, label: None if number is None or number < 0 else names[number]}
