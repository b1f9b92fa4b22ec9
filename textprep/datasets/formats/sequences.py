"""Recordings: files of any format that has rows, one per time step, or of whole arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from textprep.datasets.formats.arff import read_arff
from textprep.datasets.formats.npz import read_npz
from textprep.datasets.sources.paths import Paths
from textprep.errors import DatasetError

OWN = {".npz": read_npz, ".arff": read_arff}


def read_sequences(path: Paths | None = None, rows: Any = None, **options: Any) -> Any:
    """Sequences of numbers, in files or in memory: one row per time step, or one array per sequence.

    Which column holds what, ``sequence``, ``features``, ``time`` and ``label``, are options of
    `load_dataset`.

    >>> import numpy as np, textprep as tp
    >>> rows = [(np.ones((3, 2)), "still"), (np.zeros((5, 2)), "moving")]
    >>> corpus = tp.load_dataset("sequences", rows=rows, splits=None)
    >>> corpus.class_names, corpus["train"].features
    (('moving', 'still'), 2)

    Args:
        path: CSV, TSV, Parquet, JSON Lines, Arrow, ARFF or ``.npz`` files: one, a glob, a URL, a list of
            these, or a mapping of split names to them.
        rows: in place of ``path``: arrays (steps, numbers), ``(array, label)`` pairs, mappings with a
            ``sequence``, or a table of one row per time step; or a mapping of split names to either.
        **options: of the reader of such files, such as ``delimiter``.

    Raises:
        DatasetError: neither or both are given, or a file is of a kind that is not read.
    """
    if (path is None) == (rows is None):
        raise DatasetError("sequences are read from path= or given as rows=: one of them", option="path")
    if path is None:
        return _in_memory(rows)
    return _reader_of(path)(path, **options)


def _reader_of(path: Any) -> Any:
    from textprep.datasets.formats import dataset_of
    from textprep.registry import DATASETS

    first = next(iter(path.values())) if isinstance(path, Mapping) else path
    first = first if isinstance(first, (str, bytes)) or not isinstance(first, Iterable) else next(iter(first))
    found = dataset_of(str(first))
    ending = next((ending for ending in OWN if str(first).lower().endswith(ending)), None)
    return OWN[ending] if ending else DATASETS.get(found["name"])


def _in_memory(rows: Any) -> Any:
    if isinstance(rows, np.ndarray) and rows.ndim == 3:
        return [{"sequence": each} for each in rows]
    if isinstance(rows, Mapping) and not any(map(_is_flat, rows.values())):
        return {split: _in_memory(each) for split, each in rows.items()}
    if isinstance(rows, (list, tuple)):
        return [_row(each) for each in rows]
    return rows


def _is_flat(column: Any) -> bool:
    """Whether it is a column of values, and not the rows of a split."""
    first = next(iter(column), None) if isinstance(column, (list, tuple, np.ndarray)) else None
    return first is not None and np.ndim(first) == 0 and not isinstance(first, Mapping)


def _row(row: Any) -> Any:
    if _is_pair(row):
        return {"sequence": row[0], "label": row[1]}
    return row if isinstance(row, Mapping) or np.ndim(row) == 0 else {"sequence": row}


def _is_pair(row: Any) -> bool:
    """Whether it is a sequence and its label; a file of JSON makes a list of a tuple."""
    if not isinstance(row, (tuple, list)) or len(row) != 2:
        return False
    return isinstance(row[0], (list, tuple, np.ndarray)) and not isinstance(row[1], (list, tuple, np.ndarray))
