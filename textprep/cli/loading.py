"""The data set of a command, and what people should know about how it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textprep.cli.output import say

if TYPE_CHECKING:
    from textprep.config.experiment import Named
    from textprep.datasets.corpus import Corpus


def loaded(dataset: Named, **options: Any) -> Corpus:
    """The data set; what was guessed or left out goes to standard error. ``options`` are over its own."""
    from textprep.datasets.loading import load_dataset

    return told(load_dataset(dataset.name, **{**dataset.options(), **options}))


def told(corpus: Corpus) -> Corpus:
    """``corpus``, once its notes are on standard error."""
    for note in corpus.notes:
        say(f"note: {note}")
    return corpus
