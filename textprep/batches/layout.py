"""How rows of ids become a rectangle: truncated, framed by special tokens, padded."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, overload

import numpy as np
from pydantic import Field, model_validator

from textprep.batches.options import (
    BatchOptions,
    Flag,
    Natural,
    Positive,
    TooLong,
)
from textprep.batches.permutation import Rows
from textprep.errors import LoaderError
from textprep.template import Part, Template
from textprep.truncation import PairTruncation, Truncation, kept_lengths
from textprep.visible import counted


class Layout(BatchOptions):
    """What is kept of each row, and how wide a batch is.

    Rows get the special tokens of their template, and its padding (`textprep.template.Template`), after
    truncation, as ``tokenizers`` lays them out.

    Attributes:
        max_length: longest row in tokens, with special ones; longer ones are truncated. ``None``: none is.
        truncation: what is kept of a longer text: ``"head"``, its first tokens; ``"tail"``, its last;
            ``"head_tail"``, the first ⌈half⌉ and the last ⌊half⌋.
        pair_truncation: which of two texts in one row is cut: ``"longest_first"``, the longer one to the
            length of the other, then both alike; ``"only_first"`` or ``"only_second"``.
        special_tokens: whether rows get those of their template.
        start_id: the id of a token to put before every row; for templates without special tokens.
        end_id: the id of a token to put behind every row, likewise.
        padding: ``"longest"`` pads to the longest row of the batch, ``"max_length"`` to ``max_length``
            always, for models that are compiled for one shape.
        padding_side: where the padding is, ``"right"`` or ``"left"``.
        pad_to_multiple_of: a batch's width is a multiple of this, which tensor cores like.
        too_long: with ``max_tokens``, what becomes of a row that alone is more than that: ``"truncate"`` cuts
            it, ``"error"`` raises one.

    >>> layout = Layout(max_length=5, pad_to_multiple_of=4)
    >>> layout.widths(np.array([0, 2, 4, 5])).tolist()
    [4, 4, 4, 8]

    Raises:
        LoaderError: an option has a value that it cannot have.
    """

    max_length: Positive | None = None
    truncation: Truncation = "head"
    pair_truncation: PairTruncation = "longest_first"
    special_tokens: Flag = True
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
        self.room(sum(len(part.ids) for part in [*self._start, *self._end]))
        return self

    @property
    def _start(self) -> tuple[Part, ...]:
        return () if self.start_id is None else (Part(ids=(self.start_id,)),)

    @property
    def _end(self) -> tuple[Part, ...]:
        return () if self.end_id is None else (Part(ids=(self.end_id,)),)

    def applied(self, template: Template) -> Template:
        """``template`` with this layout's own special tokens, or without any.

        >>> from textprep.template import Template
        >>> Layout(start_id=2).applied(Template()).row([7, 8])[0]
        [2, 7, 8]

        Raises:
            LoaderError: there are special tokens of both.
        """
        template = template if self.special_tokens else template.bare()
        start, end = self._start, self._end
        if not start and not end:
            return template
        if template.specials(pair=False):
            raise LoaderError(
                "start_id and end_id cannot be used: the rows get the special tokens of their tokenizer",
                option="special_tokens",
                value=False,
                hint="leave start_id and end_id out, or those of the tokenizer: special_tokens=False",
            )
        pair = None if template.pair is None else (*start, *template.pair, *end)
        return replace(template, single=(*start, *template.single, *end), pair=pair)

    def room(self, specials: int) -> int | None:
        """How many tokens of its texts fit into a row with so many special ones; ``None`` if any number.

        Raises:
            LoaderError: none does.
        """
        if self.max_length is None:
            return None
        if self.max_length <= specials:
            raise LoaderError(
                f"max_length={self.max_length} leaves no room for text: "
                f"a row has {counted(specials, 'special token')}",
                option="max_length",
                hint=f"give an integer of at least {specials + 1}",
            )
        return self.max_length - specials

    def kept(self, specials: int, *lengths: Rows) -> tuple[Rows, ...]:
        """How many tokens are kept of each text, (N,) int64.

        >>> [kept.tolist() for kept in Layout(max_length=8).kept(3, np.array([2, 9]), np.array([9, 9]))]
        [[2, 2], [3, 3]]

        Args:
            specials: how many special tokens a row has.
            lengths: (N,) of the text of each row, or of the first text and of the second.

        Raises:
            LoaderError: a row cannot be cut as ``pair_truncation`` says.
        """
        room = self.room(specials)
        if room is None:
            return lengths
        if len(lengths) == 1:
            return (np.minimum(lengths[0], room),)
        kept = kept_lengths(lengths[0], lengths[1], room, self.pair_truncation)
        for number, name in enumerate(("first", "second")):
            self._check_kept(name, lengths[1 - number], lengths[number], kept[number], specials)
        return kept

    def _check_kept(self, name: str, other: Rows, whole: Rows, kept: Rows, specials: int) -> None:
        """Whether a row's text that alone is cut has anything left, as ``tokenizers`` wants it."""
        if self.pair_truncation != f"only_{name}" or not (gone := (kept < np.minimum(whole, 1))).any():
            return
        row = int(np.flatnonzero(gone)[0])
        raise LoaderError(
            f"pair_truncation={self.pair_truncation!r} cannot cut row {row} to {self.max_length:,} tokens: "
            f"its other text has {other[row]:,}, and there are {specials} special ones",
            option="pair_truncation",
            value="longest_first",
            hint="cut both texts (pair_truncation='longest_first'), or let rows have at least "
            f"{int(other[gone].max()) + specials + 1:,} tokens",
        )

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

    @overload
    def edges(self, room: Rows) -> tuple[Rows, Rows]: ...

    @overload
    def edges(self, room: int) -> tuple[int, int]: ...

    def edges(self, room: Rows | int) -> tuple[Rows | int, Rows | int]:
        """How many of a longer text's first and last tokens are kept where there is ``room`` for so many.

        >>> Layout(truncation="head_tail").edges(5)
        (3, 2)
        """
        if self.truncation == "head":
            return room, room * 0
        first = room * 0 if self.truncation == "tail" else room - room // 2
        return first, room - first


def with_length(layout: Layout | None, max_length: int | None) -> Layout:
    """The layout with ``max_length``, if that is given."""
    # not model_dump(), which leaves out too_long: that is not part of a loader's state
    given = {} if layout is None else {name: getattr(layout, name) for name in Layout.model_fields}
    return Layout(**given | ({} if max_length is None else {"max_length": max_length}))
