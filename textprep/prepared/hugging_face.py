"""The files of a split as `datasets.Dataset`, memory-mapped; nothing is copied."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from datasets import Dataset, DatasetInfo, Features, concatenate_datasets

from textprep.targets import Target


def rows_of(files: Sequence[Path]) -> Dataset:
    """The rows of all ``files``, in order."""
    return concatenate_datasets([Dataset.from_file(str(file)) for file in files])


def columns_of(file: Path, target: Target | None) -> Dataset:
    """The columns of ``file``, that of the ``target`` with its names of classes."""
    found = Dataset.from_file(str(file))
    feature = target.feature() if target else None
    if target is None or feature is None or target.column not in found.features:
        return found
    return Dataset(
        found.data, info=DatasetInfo(features=Features({**found.features, target.column: feature}))
    )


def side_by_side(one: Dataset, other: Dataset) -> Dataset:
    """The columns of both."""
    if len(one):
        return concatenate_datasets([one, other], axis=1)
    features = Features({**one.features, **other.features})  # it leaves out what has no rows, columns and all
    return Dataset.from_dict({name: [] for name in features}, features=features)
