"""Rows copied out of a split into a rectangle, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.batches.reader import IDS, INPUTS, Texts, features_of, field_of
from textprep.errors import LoaderError
from textprep.template import Part

Arrays = dict[str, npt.NDArray[Any]]
Ids = npt.NDArray[np.int64]
FIELDS = (IDS, INPUTS, "attention_mask", "token_type_ids", "lengths")


class Rectangle:
    """How rows of a batch become (B, T) ids, or (B, T, F) numbers, and what belongs to them.

    Args:
        texts: the one text of each row, or the first and the second.
        parts: what a row is made of, in order.
        layout: what is kept of each text, and where the padding is.
        pad_id: what the padding is.
        most: (N,) the most tokens of each row, if that is less than the layout allows; of one text only.

    Attributes:
        lengths: (N,) int64, the tokens served of each row, special ones included.

    Raises:
        LoaderError: a row cannot be cut as the layout says.
    """

    def __init__(
        self,
        texts: Sequence[Texts],
        parts: Sequence[Part],
        layout: Layout,
        pad_id: int,
        most: Rows | None = None,
    ) -> None:
        self._texts, self._parts, self._layout, self._pad_id = texts, parts, layout, pad_id
        self._features = features_of(texts[0])
        specials = sum(len(part.ids) for part in parts)
        self._whole = [text.lengths for text in texts]
        self._kept = layout.kept(specials, *self._whole)
        if most is not None:
            self._kept = (np.minimum(self._kept[0], most - specials),)
        kept = _sum(self._kept)
        self.lengths = kept + specials if specials else kept

    def arrays(self, rows: Rows, names: Collection[str]) -> Arrays:
        """Those of `FIELDS` that are among ``names``, for ``rows`` (B,); without rows, for one of padding.

        Raises:
            LoaderError: a row does not have as many ids as the split's lengths say.
        """
        served = self.lengths[rows] if len(rows) else np.zeros(1, np.int64)
        width = self._layout.widths(int(served.max()))
        is_left = self._layout.padding_side == "left"
        place = _Place(rows, served, width - served if is_left else np.zeros_like(served), width)
        own = {field_of(self._texts[0]), *FIELDS[2:]} & set(names)
        return {name: make(self, place) for name, make in _MAKERS.items() if name in own}

    def tokens(self) -> tuple[Rows, Rows]:
        """(N,) int64, the tokens of each row without special ones: before truncation, and after."""
        return _sum(self._whole), _sum(self._kept)

    def widths(self, rows: Rows, starts: Rows) -> Rows:
        """How wide batches of ``rows`` are, which begin at ``starts`` (batches,) among them."""
        return self._layout.widths(np.maximum.reduceat(self.lengths[rows], starts))

    def _ids(self, place: _Place) -> npt.NDArray[Any]:
        """(B, T) ids; of steps of F numbers (B, T, F), zeros on padding."""
        size = len(place.served), place.width
        if self._features is None:
            out: npt.NDArray[Any] = np.full(size, self._pad_id, dtype=np.int64)
        else:
            out = np.zeros((*size, self._features), np.float32)
        flat, lines = out.reshape(-1, *out.shape[2:]), np.arange(len(out)) * place.width
        for part, begins, counts in self._spans(place):
            if part.text is None:
                flat[(lines + begins)[:, None] + np.arange(counts)] = part.ids
            else:
                self._copy(part.text, place.rows, lines + begins, counts, flat)
        return out

    def _copy(self, text: int, rows: Rows, begins: Rows, kept: Rows, flat: npt.NDArray[Any]) -> None:
        """Put what is kept of one text of each row where it begins."""
        texts, whole = self._texts[text], self._whole[text][rows]
        gather = getattr(texts, "gather", None)
        if gather is not None and np.array_equal(whole, kept):
            flat[_at(begins, kept, len(flat))] = gather(rows).values
            return
        firsts, _ = self._layout.edges(kept)
        places = zip(*(each.tolist() for each in (rows, begins, whole, kept, firsts)), strict=True)
        for row, begin, length, room, first in places:
            ids = texts.ids(row)
            if len(ids) != length:
                raise other_length(row, len(ids), length)
            if room == length:
                flat[begin : begin + room] = ids
                continue
            flat[begin : begin + first] = ids[:first]
            if first < room:
                flat[begin + first : begin + room] = ids[length - room + first :]

    def _mask(self, place: _Place) -> npt.NDArray[np.bool_]:
        columns = np.arange(place.width)
        if self._layout.padding_side == "left":
            return columns >= place.begins[:, None]
        return columns < place.served[:, None]

    def _types(self, place: _Place) -> Ids:
        out = np.zeros((len(place.served), place.width), dtype=np.int64)
        for part, begins, counts in self._spans(place):
            if part.type_id:
                out[_between(begins, counts, place.width)] = part.type_id
        return out

    def _spans(self, place: _Place) -> Iterator[tuple[Part, Rows, Any]]:
        """Each part, where it begins in the line of each row, and how many tokens it has there."""
        begins = place.begins
        for part in self._parts if len(place.rows) else ():  # a row of padding has none
            counts = len(part.ids) if part.text is None else self._kept[part.text][place.rows]
            yield part, begins, counts
            begins = begins + counts

    def _served(self, place: _Place) -> Rows:
        return place.served


_MAKERS: dict[str, Callable[[Rectangle, _Place], npt.NDArray[Any]]] = dict(
    zip(
        FIELDS,
        (Rectangle._ids, Rectangle._ids, Rectangle._mask, Rectangle._types, Rectangle._served),
        strict=True,
    )
)


class _Place(NamedTuple):
    """Where the rows of a batch lie: (B,) each; of no rows, one of padding."""

    rows: Rows
    served: Rows
    begins: Rows
    width: int


def _sum(lengths: Sequence[Rows]) -> Rows:
    return lengths[0] if len(lengths) == 1 else lengths[0] + lengths[1]


def _between(begins: Rows, counts: Rows, width: int) -> npt.NDArray[np.bool_]:
    """(B, width) bool, True on ``counts`` columns from ``begins`` on.

    >>> _between(np.array([0, 1]), np.array([2, 1]), 3).astype(int).tolist()
    [[1, 1, 0], [0, 1, 0]]
    """
    columns = np.arange(width)
    return (columns >= begins[:, None]) & (columns < (begins + counts)[:, None])


def _at(begins: Rows, counts: Rows, size: int) -> Any:
    """Where so many places from each of ``begins`` on are, which follow each other, in a line of ``size``.

    >>> np.arange(6)[_at(np.array([0, 3]), np.array([1, 2]), 6)].tolist()
    [0, 3, 4]
    """
    total = int(counts.sum())
    if total == size:
        return slice(None)
    skipped = begins - np.cumsum(counts) + counts
    return np.arange(total) + np.repeat(skipped, counts)


def other_length(row: int, found: int, expected: int) -> LoaderError:
    """The error for a row that has another number of ids than the split's lengths say."""
    return LoaderError(
        f"row {row} of the split has {found:,} ids, where its lengths say {expected:,}",
        hint="prepare it again",
    )
