"""Data sets of the package ``datasets`` as blocks: what is memory-mapped stays so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from textprep.datasets.formats.tables import table_blocks
from textprep.datasets.rows import Block, in_blocks

if TYPE_CHECKING:
    import pyarrow as pa

TAKEN_AT_ONCE = 10_000


def is_hugging_face(rows: object) -> bool:
    """Whether it is one data set of the package ``datasets``; asked without importing that package."""
    return (
        not isinstance(rows, Mapping)
        and hasattr(rows, "with_format")
        and any(base.__module__.partition(".")[0] == "datasets" for base in type(rows).__mro__)
    )


def class_names_of(dataset: Any, label: str | None) -> tuple[str, ...]:
    """The names of the classes, where the data set says them."""
    return tuple(getattr((dataset.features or {}).get(label), "names", None) or ())


def is_unlabelled(dataset: Any, label: str | None) -> bool:
    """Whether every label is -1, as Hugging Face marks rows without one."""
    return hasattr(dataset, "unique") and set(dataset.unique(label)) == {-1}


def hugging_face_blocks(dataset: Any, label: str | None, names: tuple[str, ...]) -> Iterator[Block]:
    """The rows; labels by name where the data set names its classes."""
    if not hasattr(dataset, "data"):  # a stream
        rows = dataset.with_format(None)
        return in_blocks(_named_rows(rows, label, names) if names and label else rows)
    tables = _tables(dataset)
    if names and label:
        tables = map(partial(_named, label=label, names=names), tables)
    return table_blocks(tables)


def _tables(dataset: Any) -> Iterator[pa.Table]:
    """Slices of the dataset's own Arrow table; a copy only of what was selected or put in another order."""
    arrow = dataset.with_format("arrow")
    for start in range(0, len(dataset), TAKEN_AT_ONCE):
        yield arrow[start : start + TAKEN_AT_ONCE]


def _named(table: pa.Table, label: str, names: tuple[str, ...]) -> pa.Table:
    """Labels as names, without one where the id is none of a class."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ids = table[label]
    known = pc.if_else(pc.and_(pc.greater_equal(ids, 0), pc.less(ids, len(names))), ids, None)
    chunks = [pa.DictionaryArray.from_arrays(chunk, pa.array(names)) for chunk in known.chunks]
    column = pa.chunked_array(chunks, pa.dictionary(known.type, pa.string()))
    return table.set_column(table.column_names.index(label), label, column)


def _named_rows(
    rows: Iterable[dict[str, Any]], label: str, names: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        number = row[label]
        yield {**row, label: None if number is None or number < 0 else names[number]}
