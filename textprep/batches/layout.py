"""How rows of ids become a rectangle: truncated, framed by special tokens, padded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from textprep.batches.checks import choice, integer, optional_integer
from textprep.batches.permutation import Rows
from textprep.errors import LoaderError

TRUNCATIONS = ("head", "tail", "head_tail")


@dataclass(frozen=True)
class Layout:
    """What is kept of each row, and how wide a batch is.

    Attributes:
        max_length: longest row in tokens, with special ones; longer ones are truncated. ``None``: none is.
        truncation: what is kept of a longer row: ``"head"``, its first tokens; ``"tail"``, its last;
            ``"head_tail"``, the first ⌈half⌉ and the last ⌊half⌋.
        start_id: the id of a token to put before every row.
        end_id: the id of a token to put behind every row.
        padding: ``"longest"`` pads to the longest row of the batch, ``"max_length"`` to ``max_length``
            always, for models that are compiled for one shape.
        padding_side: where the padding is, ``"right"`` or ``"left"``.
        pad_to_multiple_of: a batch's width is a multiple of this, which tensor cores like.

    >>> layout = Layout(max_length=5, start_id=2, end_id=3, pad_to_multiple_of=4)
    >>> layout.lengths(np.array([0, 2, 9])).tolist(), layout.widths(np.array([0, 2, 4, 5])).tolist()
    ([2, 4, 5], [4, 4, 4, 8])

    Raises:
        LoaderError: an option has a value that it cannot have.
    """

    max_length: int | None = None
    truncation: str = "head"
    start_id: int | None = None
    end_id: int | None = None
    padding: str = "longest"
    padding_side: str = "right"
    pad_to_multiple_of: int | None = None

    def __post_init__(self) -> None:
        for name, least in (("max_length", 1), ("start_id", 0), ("end_id", 0), ("pad_to_multiple_of", 1)):
            object.__setattr__(self, name, optional_integer(name, getattr(self, name), least))
        choice("truncation", self.truncation, TRUNCATIONS)
        choice("padding", self.padding, ("longest", "max_length"))
        choice("padding_side", self.padding_side, ("right", "left"))
        if self.padding == "max_length" and self.max_length is None:
            raise LoaderError("padding='max_length' needs a max_length: say how wide a batch is")
        if self.max_length is not None:
            integer("max_length", self.max_length, at_least=self.specials + 1)

    @property
    def specials(self) -> int:
        """How many special tokens every row gets."""
        return (self.start_id is not None) + (self.end_id is not None)

    def lengths(self, lengths: Rows) -> Rows:
        """How many tokens are served of rows of so many, special ones included."""
        if self.specials:
            lengths = lengths + self.specials
        return lengths if self.max_length is None else np.minimum(lengths, self.max_length)

    @overload
    def widths(self, lengths: Rows) -> Rows: ...

    @overload
    def widths(self, lengths: int) -> int: ...

    def widths(self, lengths: Rows | int) -> Rows | int:
        """How wide a batch is whose longest row serves so many tokens; at least 1."""
        if self.padding == "max_length":
            lengths = lengths * 0 + (self.max_length or 0)
        multiple = self.pad_to_multiple_of or 1
        steps = -(-lengths // multiple)
        return (np.maximum(steps, 1) if isinstance(steps, np.ndarray) else max(steps, 1)) * multiple

    def edges(self, room: int) -> tuple[int, int]:
        """How many of a longer row's first and last tokens are kept where there is ``room`` for so many.

        >>> Layout(truncation="head_tail").edges(5)
        (3, 2)
        """
        first = {"head": room, "tail": 0, "head_tail": room - room // 2}[self.truncation]
        return first, room - first


def within(max_tokens: int | None, too_long: str, layout: Layout, lengths: Rows) -> Layout:
    """``layout`` such that a row is no more than ``max_tokens``, if that is what becomes of a longer one.

    Raises:
        LoaderError: the layout is wider in any case; or there is a longer row and that is an error.
    """
    choice("too_long", too_long, ("truncate", "alone", "error"))
    if max_tokens is None:
        if too_long != "truncate":
            raise LoaderError(
                "too_long says what becomes of rows of more than max_tokens: give max_tokens, too"
            )
        return layout
    least = layout.widths(1 + layout.specials)
    if least > max_tokens:
        raise LoaderError(
            f"max_tokens={max_tokens} is less than one row: a batch is at least {least} tokens wide"
        )
    if too_long == "truncate":
        multiple = layout.pad_to_multiple_of or 1
        longest = max_tokens // multiple * multiple
        return replace(layout, max_length=min(layout.max_length or longest, longest))
    over = np.flatnonzero(layout.widths(layout.lengths(lengths)) > max_tokens)
    if len(over) and too_long == "error":
        raise LoaderError(
            f"{len(over):,} rows alone are more than max_tokens={max_tokens}, the first is row {over[0]} "
            f"with {lengths[over[0]]:,} tokens: truncate them (too_long='truncate', max_length) or give more"
        )
    return layout
