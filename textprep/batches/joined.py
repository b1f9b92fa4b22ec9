"""`Joined`: the texts of a split as one line of tokens, read where they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from textprep.batches.permutation import Rows
from textprep.batches.reader import EncodedRows, Ids
from textprep.batches.rectangle import other_length
from textprep.ragged import Ragged

Between = Callable[[Rows, Rows], Ids]
"""Spans of tokens, from each of some starts to before its stop → all of them, one after another."""


class Joined:
    """The texts of all rows in one line, in order, with an end token behind each.

    >>> from textprep.batches.reader import EncodedTexts
    >>> line = Joined(EncodedTexts(Ragged.from_rows([[5, 6, 7], [], [8]])), end_id=2)
    >>> len(line), line.tokens(np.array([1]), np.array([5])).values.tolist()
    (7, [6, 7, 2, 2, 8])

    Args:
        rows: the texts, without special tokens.
        end_id: the id of the token behind each.
    """

    def __init__(self, rows: EncodedRows, end_id: int) -> None:
        self._end_id = end_id
        self._ends: Rows = np.cumsum(rows.lengths + 1) - 1  # the place of the token behind each text
        self._between = _between(rows)

    def __len__(self) -> int:
        return int(self._ends[-1]) + 1 if len(self._ends) else 0

    def tokens(self, starts: Rows, counts: Rows) -> Ragged:
        """Pieces of the line, int64: ``counts`` (B,) tokens from each of ``starts`` (B,) on."""
        stops, offsets = starts + counts, _offsets(counts)
        first, last = np.searchsorted(self._ends, starts), np.searchsorted(self._ends, stops)
        shift = np.repeat(offsets[:-1] - starts, last - first)
        is_text = np.ones(offsets[-1], bool)
        is_text[self._ends[_ranges(first, last)] + shift] = False
        values = np.full(offsets[-1], self._end_id, np.int64)
        if len(starts):
            values[is_text] = self._between(starts - first, stops - last)
        return Ragged(values, offsets)

    def documents(self, starts: Rows, counts: Rows) -> Ragged:
        """Of each token of such pieces, which row its text is; an end token belongs to the text behind it."""
        places = _ranges(starts, starts + counts)
        return Ragged(np.searchsorted(self._ends, places, side="right"), _offsets(counts))


def _offsets(counts: Rows) -> Rows:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def _ranges(starts: Rows, stops: Rows) -> Rows:
    """All numbers from each start to before its stop.

    >>> _ranges(np.array([3, 7, 9]), np.array([5, 7, 11])).tolist()
    [3, 4, 9, 10]
    """
    counts = stops - starts
    offsets = _offsets(counts)
    return np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], counts)


def _between(rows: EncodedRows) -> Between:
    """What reads spans of the tokens of all rows, joined without end tokens."""
    own: Between | None = getattr(rows, "tokens_between", None)
    if own is not None:
        return own
    ends = np.cumsum(rows.lengths)

    def pieces(start: int, stop: int) -> Iterator[Ids]:
        row = int(np.searchsorted(ends, start, side="right"))
        while start < stop:
            first, last = int(ends[row] - rows.lengths[row]), int(ends[row])
            ids = rows.ids(row)
            if len(ids) != last - first:
                raise other_length(row, len(ids), last - first)
            yield ids[start - first : stop - first]
            start, row = last, row + 1

    def between(starts: Rows, stops: Rows) -> Ids:
        spans = zip(starts.tolist(), stops.tolist(), strict=True)
        return np.concatenate([np.zeros(0, np.uint8), *(ids for span in spans for ids in pieces(*span))])

    return between
