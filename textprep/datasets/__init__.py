"""Datasets: sources of labelled texts, and the `Corpus` that each of them becomes.

A dataset is a function or a class that is called with its own options as keywords and yields or returns
rows (`textprep.datasets.rows`), returns a mapping of split names to rows, or returns a ready `Corpus`.
What every dataset needs besides (column names, class order, checks, splits, Arrow tables) is done once,
in `textprep.datasets.loading`. The built-in adapters come through the same hook as a plugin's datasets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textprep.datasets.corpus import Corpus, hold_out
from textprep.datasets.formats.archive import read_archive
from textprep.datasets.formats.arrow import read_arrow
from textprep.datasets.formats.bunch import read_sklearn
from textprep.datasets.formats.conll import read_conll, read_conllu
from textprep.datasets.formats.delimited import read_csv, read_tsv
from textprep.datasets.formats.folder import read_folder
from textprep.datasets.formats.hugging_face import read_huggingface
from textprep.datasets.formats.json_document import read_json
from textprep.datasets.formats.jsonl import read_jsonl
from textprep.datasets.formats.label_studio import read_label_studio
from textprep.datasets.formats.lines import read_text
from textprep.datasets.formats.memory import rows_in_memory
from textprep.datasets.formats.parquet import read_parquet
from textprep.datasets.formats.sequences import read_sequences
from textprep.datasets.formats.sql import read_sql
from textprep.datasets.loading import as_corpus, load_dataset
from textprep.datasets.rows import Record, Rejected
from textprep.datasets.split import Split
from textprep.hookspecs import hookimpl

__all__ = [
    "Corpus",
    "Record",
    "Rejected",
    "Split",
    "as_corpus",
    "hold_out",
    "load_dataset",
    "read_archive",
    "read_arrow",
    "read_conll",
    "read_conllu",
    "read_csv",
    "read_folder",
    "read_huggingface",
    "read_json",
    "read_jsonl",
    "read_label_studio",
    "read_parquet",
    "read_sklearn",
    "read_sql",
    "read_text",
    "read_tsv",
    "textprep_datasets",
]


@hookimpl
def textprep_datasets() -> dict[str, Callable[..., Any]]:
    """The adapters for data that people have already."""
    return {
        "archive": read_archive,
        "arrow": read_arrow,
        "conll": read_conll,
        "conllu": read_conllu,
        "csv": read_csv,
        "folder": read_folder,
        "huggingface": read_huggingface,
        "json": read_json,
        "jsonl": read_jsonl,
        "label-studio": read_label_studio,
        "memory": rows_in_memory,
        "parquet": read_parquet,
        "sequences": read_sequences,
        "sklearn": read_sklearn,
        "sql": read_sql,
        "text": read_text,
        "tsv": read_tsv,
    }
