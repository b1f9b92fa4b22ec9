"""Labels of tokens: what rows say about their raw texts, brought to the tokens that came from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

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
        texts, column = rows.text.to_pylist(), rows.table[target.column]
        labels, counts = target.token_labels(texts, column, places.spans, places.offsets)
        lost.update(counts)
        chunks.append(pa.LargeListArray.from_arrays(pa.array(places.offsets), pa.array(labels), type=_KIND))
        start += len(rows)
    return pa.chunked_array(chunks, _KIND), dict(lost)


def _places(store: Path, name: str) -> Iterator[_Places]:
    """Those of each record batch of the split."""
    manifest = read_manifest(store)
    for shard in manifest["splits"][name]["shards"]:
        file = shard["file"]
        for batch in pa.ipc.open_stream(checked_content(store / file, manifest["files"][file])):
            starts, stops = (batch.column(side) for side in SPANS)
            ends = np.stack([numbers(starts.values), numbers(stops.values)], axis=1)
            yield _Places(numbers(starts.offsets), ends.astype(np.int64))
