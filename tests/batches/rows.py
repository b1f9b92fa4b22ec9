"""Rows in memory to make batches of, and the slow, plain definition of what a batch of them is."""

from __future__ import annotations

import numpy as np


class Rows:
    """Rows of ids as a split of one's own would have them."""

    def __init__(self, rows, labels=None, dtype=np.uint16, target=None, extra=None):
        self._rows = [np.array(row, dtype=dtype) for row in rows]
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.target = target
        self.labels = np.arange(len(rows)) % 3 if labels is None else np.array(labels)
        self._extra = extra or {}
        self.row_ids = np.arange(len(rows), dtype=np.int64) + 1000

    def __len__(self):
        return len(self._rows)

    def ids(self, row):
        return self._rows[row]

    @property
    def extra_names(self):
        return tuple(self._extra)

    def extra(self, name):
        return self._extra[name]


def numbered(lengths):
    """Rows of these lengths in which no two tokens are the same."""
    ends = np.cumsum(lengths)
    return [
        list(range(end - length + 1, end + 1)) for end, length in zip(ends.tolist(), lengths, strict=True)
    ]


def laid_out(rows, layout):
    """The slow, plain definition of a batch: padded ids and mask, as lists."""
    room = (
        None
        if layout.max_length is None
        else layout.max_length - (layout.start_id is not None) - (layout.end_id is not None)
    )
    start = [] if layout.start_id is None else [layout.start_id]
    end = [] if layout.end_id is None else [layout.end_id]
    served = [start + truncated(list(row), room, layout.truncation) + end for row in rows]
    width = max(1, layout.max_length if layout.padding == "max_length" else max(map(len, served)))
    while width % (layout.pad_to_multiple_of or 1):
        width += 1
    padding = [[0] * (width - len(row)) for row in served]
    if layout.padding_side == "right":
        return [row + zeros for row, zeros in zip(served, padding, strict=True)]
    return [zeros + row for row, zeros in zip(served, padding, strict=True)]


def truncated(ids, longest, way):
    """The slow, plain definition."""
    if longest is None or len(ids) <= longest:
        return ids
    first = {"head": longest, "tail": 0, "head_tail": (longest + 1) // 2}[way]
    last = longest - first
    return ids[:first] + (ids[-last:] if last else [])
