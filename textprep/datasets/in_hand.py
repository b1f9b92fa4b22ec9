"""Rows, tables and Hugging Face data sets in hand → `Corpus`, labelled where they have labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.datasets.building import Policy, build
from textprep.datasets.columns import Columns
from textprep.datasets.corpus import Corpus
from textprep.datasets.formats.hugging_face import is_hugging_face
from textprep.datasets.parts import Part, as_parts, labelled_if_named


def corpus_in_hand(data: Mapping[str, Any], columns: Columns) -> Corpus:
    """The rows of every split; the first bad row is an error."""
    parts = [_part(split, rows, columns) for split, rows in data.items()]
    return build("data", parts, None, Policy())


def _part(split: str, rows: Any, columns: Columns) -> Part:
    if is_hugging_face(rows) and not set(columns.label) <= set(rows.column_names or ()):
        columns = columns._replace(label=())
    (part,) = as_parts({split: rows}, columns)[0]
    return part if is_hugging_face(rows) else labelled_if_named(part)
