"""What a dataset returns, or a person has in hand → parts, each the rows of one split or of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, NamedTuple

from textprep.datasets.formats.tables import as_rows, is_table
from textprep.datasets.rows import Columns, Record, Rejected, Row
from textprep.errors import DatasetError


class Part(NamedTuple):
    """Rows with where to find what in them; ``split=None`` where they are still to be divided."""

    split: str | None
    rows: Iterable[Row]
    columns: Columns
    class_names: tuple[str, ...] | None = None


def as_parts(data: Any, columns: Columns) -> list[Part]:
    """Rows, or a mapping of split names to rows; either may be tables or Hugging Face ``datasets`` objects.

    Raises:
        DatasetError: it is neither.
    """
    if isinstance(data, Mapping) and not is_table(data, columns.text):
        return [_part(split, rows, columns) for split, rows in data.items()]
    return [_part(None, data, columns)]


def guessed_part(split: str, data: Any) -> Part:
    """The rows of a split, labelled if the first of them is.

    Raises:
        DatasetError: ``data`` are no rows.
    """
    if is_hugging_face(data):
        labelled = "label" in (data.column_names or ())
        return _part(split, data, Columns(label="label" if labelled else None))
    rows = iter(_part(split, data, Columns()).rows)
    first = list(islice(rows, 1))
    return Part(split, chain(first, rows), Columns(label="label" if any(map(_is_labelled, first)) else None))


def _part(split: str | None, data: Any, columns: Columns) -> Part:
    if is_hugging_face(data):
        return _hugging_face_part(split, data, columns)
    where = "the data" if split is None else f"split {split!r}"
    rows = as_rows(data, where)
    if isinstance(rows, (str, bytes)) or not isinstance(rows, Iterable):
        raise DatasetError(
            f"{where}: rows are needed, not {type(rows).__name__}: "
            "give a table, or an iterable of mappings, of (text, label) pairs or of texts"
        )
    return Part(split, rows, columns)


def _is_labelled(row: Row) -> bool:
    fields = row.fields if isinstance(row, Record) else row
    return "label" in fields if isinstance(fields, Mapping) else not isinstance(fields, (str, Rejected))


def is_hugging_face(rows: object) -> bool:
    """Whether it is a data set of the package ``datasets``; asked without importing that package."""
    return hasattr(rows, "with_format") and any(
        base.__module__.partition(".")[0] == "datasets" for base in type(rows).__mro__
    )


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
