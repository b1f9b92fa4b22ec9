"""Rows copied out of memory maps into rectangles, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, Protocol, SupportsIndex

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.errors import LoaderError
from textprep.ragged import Ragged

Ids = npt.NDArray[np.integer]


class EncodedRows(Protocol):
    """What a loader reads: a `textprep.preparation.store.PreparedSplit`, texts encoded in memory, your own.

    A split that also has ``parts``, a sequence of `Ragged` that hold its rows in order, is read faster.
    """

    @property
    def lengths(self) -> Rows:
        """(N,) int64, the number of tokens of each row."""

    @property
    def labels(self) -> Rows:
        """(N,) int64, the class of each row; (N, C) of 0 and 1 where rows may have several."""

    @property
    def row_ids(self) -> Rows:
        """(N,) int64, the ids of the rows."""

    def __len__(self) -> int: ...

    def ids(self, row: SupportsIndex, /) -> Ids:
        """The ids of ``row``, (length,)."""


class Reader:
    """Fills rectangles with the rows of a split.

    Args:
        split: the rows.
        layout: what is kept of each, and where the padding is.
    """

    def __init__(self, split: EncodedRows, layout: Layout) -> None:
        self.layout = layout
        self._lengths = split.lengths
        parts = getattr(split, "parts", None)
        self._places: _Mapped | _Copied = _Copied(split) if parts is None else _Mapped(parts, split.lengths)
        specials = [token for token in (layout.start_id, layout.end_id) if token is not None]
        self.dtype = np.result_type(self._places.dtype, *map(np.min_scalar_type, specials))

    def rectangle(self, rows: Rows) -> Ids:
        """``rows`` as the layout wants them: (B, T) of ``dtype``, 0 where there is padding."""
        layout, whole = self.layout, self._lengths[rows]
        served = layout.lengths(whole)
        longest = int(served.max()) if len(rows) else 0
        width, widest = layout.widths(longest), longest - layout.specials
        if width == widest:
            return self._kept(rows, whole, served, widest)
        out = np.zeros((len(rows), width), dtype=self.dtype)
        if widest > 0:
            is_left = layout.padding_side == "left"
            first = (
                width - widest - (layout.end_id is not None) if is_left else int(layout.start_id is not None)
            )
            out[:, first : first + widest] = self._kept(rows, whole, served - layout.specials, widest)
        self._put_specials(out, served)
        return out

    def width(self, rows: Rows) -> int:
        """How wide the rectangle of ``rows`` is."""
        longest = self.layout.lengths(self._lengths[rows]).max() if len(rows) else 0
        return self.layout.widths(int(longest))

    def _kept(self, rows: Rows, whole: Rows, kept: Rows, width: int) -> Ids:
        """The tokens that are kept of each row, (B, width), flush with the side without padding."""
        layout, places = self.layout, self._places.of(rows)
        head, tail = layout.edges(width)
        starts = places.starts if head else places.starts + whole - kept
        if layout.padding_side == "left":
            starts = starts + kept - width
        block = places.windows(starts, width)
        if head and tail and len(cut := np.flatnonzero(whole > kept)):
            ends = (places.starts + whole)[cut]
            block[cut, head:] = places.only(cut).windows(ends - tail, tail)
        return _blanked(block, kept, layout.padding_side)

    def _put_specials(self, out: Ids, served: Rows) -> None:
        layout, lines = self.layout, np.arange(len(out))
        is_left = layout.padding_side == "left"
        if layout.start_id is not None:
            out[lines, out.shape[1] - served if is_left else 0] = layout.start_id
        if layout.end_id is not None:
            out[lines, -1 if is_left else served - 1] = layout.end_id


def token_mask(lengths: Rows, width: int, padding_side: str) -> npt.NDArray[np.bool_]:
    """(B, width) bool, True on the tokens of each row.

    >>> token_mask(np.array([2, 1]), 3, "right").astype(int).tolist()
    [[1, 1, 0], [1, 0, 0]]
    """
    mask = np.ones((len(lengths), width), dtype=np.bool_)
    columns, ragged = _ragged(lengths, width, padding_side)
    mask[:, columns] = ragged
    return mask


def _blanked(block: Ids, kept: Rows, padding_side: str) -> Ids:
    """``block`` with 0 beside the kept tokens."""
    columns, ragged = _ragged(kept, block.shape[1], padding_side)
    block[:, columns] *= ragged
    return block


def _ragged(lengths: Rows, width: int, padding_side: str) -> tuple[slice, npt.NDArray[np.bool_]]:
    """The columns that are padding in some row, and (B, those) bool, True on tokens."""
    shortest = int(lengths.min())
    if padding_side == "right":
        return slice(shortest, width), np.arange(shortest, width) < lengths[:, None]
    return slice(0, width - shortest), np.arange(width, shortest, -1) <= lengths[:, None]


class _Places(NamedTuple):
    """Where rows stand in ``memory``: from ``starts`` on; ``low`` to ``high`` may be read around each."""

    memory: _Memory
    starts: Rows
    low: Rows
    high: Rows

    def only(self, rows: Rows) -> _Places:
        """The places of some of the rows."""
        return _Places(self.memory, self.starts[rows], self.low[rows], self.high[rows])

    def windows(self, starts: Rows, width: int) -> Ids:
        """What stands at ``starts`` and behind it, (B, width), a copy; 0 where nothing may be read."""
        inside = (starts >= self.low) & (starts + width <= self.high)
        if (count := np.count_nonzero(inside)) == len(starts):
            return self.memory.windows(width)[starts]
        out = np.zeros((len(starts), width), dtype=self.memory.ids.dtype)
        if count:
            out[inside] = self.memory.windows(width)[starts[inside]]
        for line, start, low, high in self._edges(~inside, starts, width):
            out[line, low - start : high - start] = self.memory.ids[low:high]
        return out

    def _edges(self, outside: npt.NDArray[np.bool_], starts: Rows, width: int) -> Iterator[tuple[int, ...]]:
        """Line, start, and what may be read of the window, for each one that is partly outside."""
        low, high = np.maximum(starts, self.low), np.minimum(starts + width, self.high)
        lines = np.flatnonzero(outside & (low < high))
        columns = (column[lines].tolist() for column in (starts, low, high))
        return zip(lines.tolist(), *columns, strict=True)


class _Memory:
    """``ids``, (M,), and every run of so many of them as the lines of a matrix that shares their memory."""

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self._windows: dict[int, Ids] = {}

    def windows(self, width: int) -> Ids:
        """(M - width + 1, width): indexing it with (B,) starts copies rows by C alone, several times faster
        than slicing them one after the other."""
        if width not in self._windows:
            shape, step = (len(self.ids) - width + 1, width), self.ids.itemsize
            self._windows[width] = as_strided(self.ids, shape, (step, step), writeable=False)
        return self._windows[width]


class _Mapped:
    """Rows in many memory maps, addressed as one: ids are counted from the map that lies lowest in memory.

    Between the maps there is memory that is not ours, which is why `_Places` says what may be read.
    """

    def __init__(self, parts: Sequence[Ragged], lengths: Rows) -> None:
        held = [part for part in parts if len(part.offsets) > 1]
        pieces = [part.values[part.offsets[0] : part.offsets[-1]] for part in held]
        values = [np.require(piece, requirements=["C", "A"]) for piece in pieces]
        self._values = values  # kept alive: the memory is theirs
        self.dtype: np.dtype[np.integer] = values[0].dtype if values else np.dtype(np.int64)
        self._firsts = np.array(
            list(accumulate((len(part.offsets) - 1 for part in held), initial=0)), np.int64
        )
        self._before = np.cumsum(lengths) - lengths
        sizes = np.array([len(ids) for ids in values], np.int64)
        if self._firsts[-1] != len(lengths) or sizes.sum() != lengths.sum():
            raise LoaderError("the parts of the split do not hold what its lengths say: prepare it again")
        if any(ids.dtype != self.dtype for ids in values):
            raise LoaderError("the parts of the split hold ids of different types: give all parts one type")
        addresses = np.array([_address(ids) for ids in values], np.int64)
        origin = min((ids for ids in values if len(ids)), key=_address, default=np.zeros(0, self.dtype))
        self._low = np.where(sizes > 0, addresses - _address(origin), 0) // self.dtype.itemsize
        self._high = self._low + sizes
        self._shift = self._low - (np.cumsum(sizes) - sizes)
        span = (int(self._high.max(initial=0)),)
        self._memory = _Memory(as_strided(origin, span, (self.dtype.itemsize,), writeable=False))

    def of(self, rows: Rows) -> _Places:
        """Where ``rows`` are."""
        part = self._firsts.searchsorted(rows, side="right") - 1
        starts = self._before[rows] + self._shift[part]
        return _Places(self._memory, starts, self._low[part], self._high[part])


def _address(ids: Ids) -> int:
    return int(ids.__array_interface__["data"][0])


class _Copied:
    """Rows of a split that can only be asked for one after the other."""

    def __init__(self, split: EncodedRows) -> None:
        self._split = split
        self.dtype: np.dtype[np.integer] = np.dtype(np.int64)

    def of(self, rows: Rows) -> _Places:
        """The rows, copied one behind the other."""
        found = [self._split.ids(row) for row in rows.tolist()]
        ends = np.cumsum([len(ids) for ids in found])
        starts = ends - np.array([len(ids) for ids in found])
        ids = np.concatenate(found).astype(self.dtype, copy=False)
        low = np.zeros(len(rows), np.int64)
        return _Places(_Memory(ids), starts, low, low + len(ids))
