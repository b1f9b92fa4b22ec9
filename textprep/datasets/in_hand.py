"""Rows, tables and Hugging Face data sets in hand → `Corpus`, labelled where they have labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.datasets.building import Policy, build
from textprep.datasets.columns import Columns
from textprep.datasets.corpus import Corpus
from textprep.datasets.formats.hugging_face import is_hugging_face
from textprep.datasets.parts import Part, as_parts, labelled_if_named
from textprep.errors import DatasetError


def corpus_in_hand(data: Mapping[str, Any], columns: Columns) -> Corpus:
    """The rows of every split; the first bad row is an error."""
    parts = [_part(split, rows, columns) for split, rows in data.items()]
    return build("data", parts, None, Policy())


def corpus_from_hf(data: Any, text: str = "text", label: str | None = "label") -> Corpus:
    """See `Corpus.from_hf`."""
    splits = {"train": data} if is_hugging_face(data) else data
    if not isinstance(splits, Mapping) or not splits or not all(map(is_hugging_face, splits.values())):
        raise DatasetError(f"a datasets.Dataset or DatasetDict is needed, not {type(data).__name__}")
    return corpus_in_hand(splits, Columns((text,), () if label is None else (label,)))


def _part(split: str, rows: Any, columns: Columns) -> Part:
    if is_hugging_face(rows) and not set(columns.label) <= set(rows.column_names or ()):
        columns = columns._replace(label=())
    (part,) = as_parts({split: rows}, columns)[0]
    return part if is_hugging_face(rows) else labelled_if_named(part)
