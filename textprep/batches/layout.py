"""How rows of ids become a rectangle: truncated, framed by special tokens, padded."""

from __future__ import annotations

from typing import Literal, get_args, overload

import numpy as np
from pydantic import Field, model_validator

from textprep.batches.options import BatchOptions, Natural, Positive, TooLong, Truncation
from textprep.batches.permutation import Rows
from textprep.errors import LoaderError

TRUNCATIONS: tuple[str, ...] = get_args(Truncation)


class Layout(BatchOptions):
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
        too_long: with ``max_tokens``, what becomes of a row that alone is more than that: ``"truncate"`` cuts
            it, ``"error"`` raises one.

    >>> layout = Layout(max_length=5, start_id=2, end_id=3, pad_to_multiple_of=4)
    >>> layout.lengths(np.array([0, 2, 9])).tolist(), layout.widths(np.array([0, 2, 4, 5])).tolist()
    ([2, 4, 5], [4, 4, 4, 8])

    Raises:
        LoaderError: an option has a value that it cannot have.
    """

    max_length: Positive | None = None
    truncation: Truncation = "head"
    start_id: Natural | None = None
    end_id: Natural | None = None
    padding: Literal["longest", "max_length"] = "longest"
    padding_side: Literal["right", "left"] = "right"
    pad_to_multiple_of: Positive | None = None
    too_long: TooLong = Field(default="truncate", exclude=True)  # decides no batch: not part of a state

    @model_validator(mode="after")
    def _fits_together(self) -> Layout:
        if self.padding == "max_length" and self.max_length is None:
            raise LoaderError(
                "padding='max_length' needs a max_length", option="max_length", hint="say how wide a batch is"
            )
        if self.max_length is not None and self.max_length <= self.specials:
            raise LoaderError(
                f"max_length={self.max_length} cannot be used beside {self.specials} special tokens",
                option="max_length",
                hint=f"give an integer of at least {self.specials + 1}",
            )
        return self

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


def within(max_tokens: int | None, layout: Layout, lengths: Rows) -> Layout:
    """Limit ``layout`` so that no row exceeds ``max_tokens``.

    Raises:
        LoaderError: the layout is wider in any case; or there is a longer row and that is an error.
    """
    if max_tokens is None:
        if layout.too_long != "truncate":
            raise LoaderError(
                "too_long says what becomes of rows of more than max_tokens, which is not given",
                option="max_tokens",
                hint="give max_tokens, too",
            )
        return layout
    least = layout.widths(1 + layout.specials)
    if least > max_tokens:
        raise LoaderError(
            f"max_tokens={max_tokens} is less than one row",
            option="max_tokens",
            hint=f"a batch is at least {least} tokens wide",
        )
    is_over = layout.widths(layout.lengths(lengths)) > max_tokens
    if layout.too_long == "error" and is_over.any():
        over = np.flatnonzero(is_over)
        raise LoaderError(
            f"{len(over):,} rows alone are more than max_tokens={max_tokens}, the first is row {over[0]} "
            f"with {lengths[over[0]]:,} tokens",
            option="too_long",
            value="truncate",
            hint="truncate them (too_long='truncate', max_length) or give more",
        )
    multiple = layout.pad_to_multiple_of or 1
    longest = max_tokens // multiple * multiple
    return layout.model_copy(update={"max_length": min(layout.max_length or longest, longest)})
