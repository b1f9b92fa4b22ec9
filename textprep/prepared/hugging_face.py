"""A prepared split as a ``datasets.Dataset``: the same files, mapped into memory once more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datasets


def as_dataset(files: Sequence[Path], class_names: Sequence[str]) -> datasets.Dataset:
    """The rows of shards as one dataset; ``class_names`` of its labels, if they have names."""
    from datasets import ClassLabel, Dataset, DatasetInfo, concatenate_datasets

    parts = [Dataset.from_file(str(file)) for file in files]
    if class_names:
        features = parts[0].features | {"label": ClassLabel(names=list(class_names))}
        info = DatasetInfo(features=type(parts[0].features)(features))
        parts = [Dataset(part.data, info=info) for part in parts]
    return concatenate_datasets(parts)
