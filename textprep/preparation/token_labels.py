"""Labels of tokens: what rows say about their raw texts, brought to the tokens that came from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from textprep.preparation.manifest import checked_content, read_manifest
from textprep.preparation.shards import SPANS
from textprep.ragged import numbers
from textprep.targets import Target

if TYPE_CHECKING:
    from textprep.datasets.split import Split

LABELS = "token_labels"  # the column
_KIND = pa.large_list(pa.int16())


class _Places(NamedTuple):
    """Where the tokens of some rows came from: (rows + 1,) offsets, and (tokens, 2) start and stop."""

    offsets: npt.NDArray[np.int64]
    spans: npt.NDArray[np.int64]


def token_labels(
    store: Path, name: str, split: Split, target: Target
) -> tuple[pa.ChunkedArray, dict[str, int]]:
    """A label for each token of each row, a record batch of the store at a time; and how many tags were lost.

    Args:
        store: where the ids are.
        name: of the split.
        split: its texts and tags.
        target: what the tags are.

    Returns:
        (rows,) large_list of int16; and the counts of `textprep.targets.alignment.Lost`.

    Raises:
        PreparationError: a file of the store is damaged.
    """
    lost: Counter[str] = Counter(tags=0, deleted=0, joined=0)
    chunks, start = [], 0
    for places in _places(store, name):
        rows = split.rows(start, start + len(places.offsets) - 1)
        labels, counts = target.token_labels(
            _texts(rows), rows.table[target.column], places.spans, places.offsets
        )
        lost.update(counts)
        chunks.append(pa.LargeListArray.from_arrays(pa.array(places.offsets), pa.array(labels), type=_KIND))
        start += len(rows)
    return pa.chunked_array(chunks, _KIND), dict(lost)


def _texts(rows: Split) -> list[str]:
    """The raw texts; of sequences of numbers a character for each step."""
    if rows.features is None:
        return rows.text.to_pylist()  # type: ignore[no-any-return]
    return ["x" * length for length in pc.list_value_length(rows.sequence).to_pylist()]


def _places(store: Path, name: str) -> Iterator[_Places]:
    """Those of each record batch of the split."""
    manifest = read_manifest(store)
    for shard in manifest["splits"][name]["shards"]:
        file = shard["file"]
        for batch in pa.ipc.open_stream(checked_content(store / file, manifest["files"][file])):
            yield _stored(batch) if SPANS[0] in batch.schema.names else _of_steps(batch)


def _stored(batch: pa.RecordBatch) -> _Places:
    starts, stops = (batch.column(side) for side in SPANS)
    spans = np.stack([numbers(starts.values), numbers(stops.values)], axis=1)
    return _Places(numbers(starts.offsets), spans.astype(np.int64))


def _of_steps(batch: pa.RecordBatch) -> _Places:
    """Each step of a sequence is a token, which came from one place."""
    offsets = np.cumsum([0, *numbers(batch.column("length"))])
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    return _Places(offsets, np.stack([places, places + 1], axis=1))
