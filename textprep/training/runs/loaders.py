"""The batches of an experiment: to train on, and to score."""

from __future__ import annotations

from typing import Any

from textprep.batches.columns import FIELDS
from textprep.batches.loader import BatchLoader
from textprep.config.experiment import Config
from textprep.prepared.split import PreparedSplit

WHOLE = {"rank": 0, "world_size": 1}  # every process gets every batch, and takes its rows of it


def training_loader(split: PreparedSplit, config: Config) -> BatchLoader:
    """Batches in an order of the epoch and ``training.seed``."""
    options = {**config.loader.training(), **fields(split), **WHOLE}
    return split.loader(**options, shuffle=True, seed=config.training.seed)


def scoring_loader(split: PreparedSplit, config: Config) -> BatchLoader:
    """Batches by length, since the order of rows changes no score and padding costs time."""
    return split.loader(**config.loader.scoring(), **fields(split), by_length=True, **WHOLE)


def fields(split: Any) -> dict[str, list[str]]:
    """The usual fields of a batch, and every extra column."""
    return {"columns": [*FIELDS, *split.extra_names]}
