"""The way back: which pieces of a text before some edits a piece of the text after them came from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from textprep.steps.edits import Edit

Span = tuple[int, int]
# A token that came from more is said to come from all that lies between, so that no text is slow to trace.
_MOST_PIECES = 64
_MOST_BLOCKS = 256


class Block(NamedTuple):
    """What stayed, or what an edit put in, and what it came from."""

    start: int
    stop: int
    before_start: int
    before_stop: int
    stayed: bool


class Alignment:
    """The way back through the edits of one step.

    >>> alignment = Alignment([Edit(2, 5, ""), Edit(10, 14, "")], 19)
    >>> alignment.back([(0, 7)])
    [(0, 2), (5, 10)]

    Args:
        edits: in order.
        length: of the text before them.

    Attributes:
        blocks: what stayed, and what edits put in, in the order of the text after them.
    """

    def __init__(self, edits: Sequence[Edit], length: int) -> None:
        self.blocks = list(_blocks(edits, length))
        self._starts = [block.start for block in self.blocks]

    def back(self, spans: Sequence[Span]) -> list[Span]:
        """The pieces of the text before that ``spans`` of the text after came from, in order.

        What replaced a piece comes from all of it. An empty piece is where something was put in; it is kept
        beside others, since an earlier step may have put it into something that came from text.
        """
        joined = _joined(piece for span in spans for piece in self._pieces(*span))
        return joined if len(joined) <= _MOST_PIECES else [(joined[0][0], joined[-1][1])]

    def _pieces(self, start: int, stop: int) -> Iterator[Span]:
        if start == stop:
            yield self._place(start)
            return
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, stop - 1)
        if last - first > _MOST_BLOCKS:
            begin, end = self.blocks[first], self.blocks[last - 1]
            yield self._piece(begin, start, stop)[0], self._piece(end, start, stop)[1]
            return
        for block in self.blocks[first:last]:
            yield self._piece(block, start, stop)

    @staticmethod
    def _piece(block: Block, start: int, stop: int) -> Span:
        """What the part of ``block`` between ``start`` and ``stop`` came from."""
        if not block.stayed:
            return block.before_start, block.before_stop
        shift = block.before_start - block.start
        return max(start, block.start) + shift, min(stop, block.stop) + shift

    def _place(self, place: int) -> Span:
        """Where something put in at ``place`` would have come from: behind the character before it."""
        if not place:
            return 0, 0
        block = self.blocks[bisect_right(self._starts, place - 1) - 1]
        if place < block.stop and not block.stayed:
            return block.before_start, block.before_stop
        stop = self._piece(block, place - 1, place)[1]
        return stop, stop


def _blocks(edits: Sequence[Edit], length: int) -> Iterator[Block]:
    """The blocks of the text after ``edits`` that are not empty."""
    done = place = 0
    for start, stop, replacement in [*edits, Edit(length, length, "")]:
        if start > done:
            yield Block(place, place + start - done, done, start, stayed=True)
            place += start - done
        if replacement:
            yield Block(place, place + len(replacement), start, stop, stayed=False)
            place += len(replacement)
        done = stop


def _joined(spans: Iterable[Span]) -> list[Span]:
    """``spans``, which come in order, with those that touch or overlap made one."""
    joined: list[Span] = []
    for start, stop in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(stop, joined[-1][1])
        else:
            joined.append((start, stop))
    return joined


def trace_back(alignments: Sequence[Alignment], span: Span) -> tuple[Span, ...]:
    """The pieces of the first text that ``span`` of the last one came from."""
    spans = [span]
    for alignment in reversed(alignments):
        spans = alignment.back(spans)
    return tuple(filled(spans))


def filled(pieces: Sequence[Span]) -> list[Span]:
    """The pieces that hold text; where none does, the first."""
    return [piece for piece in pieces if piece[0] < piece[1]] or list(pieces[:1])
