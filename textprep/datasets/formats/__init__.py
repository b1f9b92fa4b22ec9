"""Which adapter reads a file or a folder, by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from textprep.errors import UnknownNameError
from textprep.registry import DATASETS

ADAPTERS: dict[str, dict[str, Any]] = {
    ".csv": {"name": "csv"},
    ".tsv": {"name": "tsv"},
    ".jsonl": {"name": "jsonl"},
    ".ndjson": {"name": "jsonl"},
    ".parquet": {"name": "parquet"},
}


def dataset_of(target: str) -> dict[str, Any]:
    """What ``target`` stands for, as a dataset's name and options.

    A registered name stands for itself, also where a folder is called so; a data file or a folder for the
    adapter that reads it.

    >>> dataset_of("reviews.tsv")
    {'name': 'tsv', 'path': 'reviews.tsv'}
    >>> dataset_of("movie-reviews")
    {'name': 'movie-reviews'}
    """
    path = Path(target)
    if path.suffix.lower() in ADAPTERS:
        return {**ADAPTERS[path.suffix.lower()], "path": target}
    if path.is_dir() and not _is_registered(target):
        return {"name": "folder", "path": target}
    return {"name": target}


def _is_registered(name: str) -> bool:
    try:
        DATASETS.get(name)
    except UnknownNameError:
        return False
    return True
