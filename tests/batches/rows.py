"""Rows in memory to make batches of, and the slow, plain definition of what a batch of them is."""

from __future__ import annotations

import numpy as np

from textprep.template import Template


class Rows:
    """Rows of ids as a split of one's own would have them."""

    def __init__(self, rows, labels=None, dtype=np.uint16, target=None, extra=None, template=None, pair=None):
        self._rows = [np.array(row, dtype=dtype) for row in rows]
        self.lengths = np.array([len(row) for row in rows], dtype=np.int64)
        self.target = target
        self.labels = np.arange(len(rows)) % 3 if labels is None else np.array(labels)
        self._extra = extra or {}
        self.template = template or Template()
        self.pair = None if pair is None else Rows(pair, dtype=dtype)
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


def laid_out(rows, layout, template=None, pair=None):
    """The slow, plain definition of a batch: padded ids, token types and mask, as lists."""
    template = layout.applied(template or Template())
    room = None if layout.max_length is None else layout.max_length - template.specials(pair=pair is not None)
    sides = [rows] if pair is None else [rows, pair]
    lines = [template.row(*truncated_texts(texts, room, layout)) for texts in zip(*sides, strict=True)]
    width = max(1, layout.max_length if layout.padding == "max_length" else max(len(ids) for ids, _ in lines))
    while width % (layout.pad_to_multiple_of or 1):
        width += 1
    side = layout.padding_side
    return {
        "input_ids": [padded(ids, width, side, template.pad_id) for ids, _ in lines],
        "token_type_ids": [padded(types, width, side, 0) for _, types in lines],
        "attention_mask": [padded([True] * len(ids), width, side, False) for ids, _ in lines],
        "lengths": [len(ids) for ids, _ in lines],
    }


def padded(row, width, side, filler):
    """The slow, plain definition."""
    padding = [filler] * (width - len(row))
    return [*row, *padding] if side == "right" else [*padding, *row]


def truncated_texts(texts, room, layout):
    """The slow, plain definition: tokens go one by one, each from the text that is to be cut."""
    if len(texts) == 1:
        return [truncated(list(texts[0]), room, layout.truncation)]
    kept = [len(text) for text in texts]
    while room is not None and sum(kept) > room:
        longer = 0 if kept[0] > kept[1] else 1
        # between two that are as long as each other, the one that was longer keeps the odd token
        if kept[0] == kept[1]:
            longer = 1 if len(texts[0]) > len(texts[1]) else 0
        kept[{"longest_first": longer, "only_first": 0, "only_second": 1}[layout.pair_truncation]] -= 1
    return [truncated(list(text), room, layout.truncation) for text, room in zip(texts, kept, strict=True)]


def truncated(ids, longest, way):
    """The slow, plain definition."""
    if longest is None or len(ids) <= longest:
        return ids
    first = {"head": longest, "tail": 0, "head_tail": (longest + 1) // 2}[way]
    last = longest - first
    return ids[:first] + (ids[-last:] if last else [])
