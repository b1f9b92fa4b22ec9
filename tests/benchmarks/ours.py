"""Our side: `tp.prepare`, raw texts to ids on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import textprep as tp
from tests.benchmarks.timing import Contestant, Run


def prepared(corpus: tp.Corpus, pipeline: Path, name: str = "textprep") -> Contestant:
    """``corpus`` through the fitted pipeline saved at ``pipeline``, into an empty cache.

    No digest of its texts is known from an earlier run, so that taking it is timed too.
    """

    def ready(folder: Path) -> Run:
        fitted = tp.Pipeline.load(pipeline)
        unread = corpus.with_splits({name: split.rows(0, len(split)) for name, split in corpus.items()})
        return lambda: tp.prepare(unread, fitted, cache_dir=folder)

    return Contestant(name, ready, ids_of_store)


def found(corpus: tp.Corpus, pipeline: Path, cache: Path) -> Contestant:
    """The same once more, with what it finds in ``cache``."""

    def ready(_: Path) -> Run:
        tp.prepare(corpus, tp.Pipeline.load(pipeline), cache_dir=cache)
        again = tp.Pipeline.load(pipeline)
        return lambda: tp.prepare(corpus, again, cache_dir=cache)

    return Contestant("textprep, prepared before", ready, ids_of_store)


def ids_of_store(data: tp.PreparedDataset) -> tp.Ragged:
    """The ids of the split "train", copied."""
    split = data["train"]
    rows = [split.ids(row) for row in range(len(split))]
    offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(split.lengths)])
    return tp.Ragged(np.concatenate(rows), offsets)


def first_rows(ids: tp.Ragged, rows: int) -> tp.Ragged:
    """The first ``rows`` rows of ``ids``."""
    offsets = ids.offsets[: rows + 1]
    return tp.Ragged(ids.values[: offsets[-1]], offsets)
