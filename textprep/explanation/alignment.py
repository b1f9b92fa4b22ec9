"""Which piece of the raw text each character of a changed text came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.steps.edits import Edit

Places = npt.NDArray[np.int64]
Span = tuple[int, int]


class Alignment(NamedTuple):
    """For each of ``n`` characters, the piece of the raw text that it came from.

    Neither ``starts`` nor ``stops`` ever decreases. A character that a step put in, and that stands for
    nothing, has an empty piece, at the place where it was put in.

    >>> edits = [Edit(2, 5, ""), Edit(10, 14, "")]
    >>> Alignment.identity(19).after(edits).pieces(0, 7)
    [(0, 2), (5, 10)]

    Attributes:
        starts: (n,) int64.
        stops: (n,) int64.
        length: of the raw text.
    """

    starts: Places
    stops: Places
    length: int

    @classmethod
    def identity(cls, length: int) -> Alignment:
        """That of a text with itself."""
        return cls(np.arange(length), np.arange(1, length + 1), length)

    def after(self, edits: Sequence[Edit]) -> Alignment:
        """That of the text that ``edits`` make: what replaced a piece comes from all of the piece."""
        if not edits:
            return self
        lefts, rights = _origins(edits, len(self.starts))
        stops = np.append([0], self.stops)[rights]
        starts = np.minimum(np.append(self.starts, self.length)[lefts], stops)
        return Alignment(starts, stops, self.length)

    def pieces(self, start: int, stop: int) -> list[Span]:
        """The pieces of the raw text that the characters from ``start`` to ``stop`` came from, in order."""
        if start == stop:
            return [self._place(start)]
        spans = list(zip(self.starts[start:stop].tolist(), self.stops[start:stop].tolist(), strict=True))
        return _joined(span for span in spans if span[0] < span[1]) or spans[:1]

    def _place(self, place: int) -> Span:
        """Where a character that was put in at ``place`` would have come from."""
        stop = int(self.stops[place - 1]) if place else 0
        return min(int(self.starts[place]), stop) if place < len(self.starts) else stop, stop


def _origins(edits: Sequence[Edit], length: int) -> tuple[Places, Places]:
    """Start and stop, in the text before ``edits``, of what each character after them came from."""
    first, last = (np.array([edit[side] for edit in edits]) for side in (0, 1))
    kept_from, kept_to = np.append([0], last), np.append(first, length)
    lengths = np.empty(2 * len(edits) + 1, dtype=np.int64)
    lengths[::2] = kept_to - kept_from  # what was kept, and what was put in, by turns
    lengths[1::2] = [len(edit.replacement) for edit in edits]
    lefts, rights = np.empty_like(lengths), np.empty_like(lengths)
    lefts[::2], lefts[1::2] = kept_from, first
    rights[::2], rights[1::2] = kept_from + 1, last
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    within[np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)] = 0
    return np.repeat(lefts, lengths) + within, np.repeat(rights, lengths) + within


def _joined(spans: Iterable[Span]) -> list[Span]:
    """``spans``, which come in order, with those that touch or overlap made one."""
    joined: list[Span] = []
    for start, stop in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined
