"""Rows that are in hand already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textprep.datasets.rows import Row


def rows_in_memory(
    rows: Iterable[Row] | Mapping[str, Iterable[Row]],
) -> Iterable[Row] | Mapping[str, Iterable[Row]]:
    """Rows from Python: mappings, ``(text, label)`` pairs, texts alone, or a table (a DataFrame, say).

    >>> import textprep as tp
    >>> corpus = tp.load_dataset("memory", rows=[("Great.", "good"), ("Dull.", "bad")], splits=None)
    >>> corpus.class_names
    ('bad', 'good')

    Args:
        rows: the rows or a table of them (`textprep.datasets.formats.tables` says which), or a mapping of
            split names to either. A mapping with the column of the texts among its keys is a table.
    """
    return rows
