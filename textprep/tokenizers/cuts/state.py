"""The state of a proof, from one part of a tokenizer to the next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textprep.tokenizers.cuts.patterns import Around
from textprep.tokenizers.cuts.reading import Unreadable, pattern_of


class NotProven(Exception):  # noqa: N818 - it is caught, and its message is the reason
    """A part may join what is on both sides of a cut; the message says which and why."""


class Side(Enum):
    """Where the two sides of a cut are by now."""

    TOGETHER = "in one piece"
    APART = "in two pieces, the second of which begins with the space"
    DROPPED = "in two pieces, between which the space was dropped"


@dataclass(frozen=True)
class State:
    """The state of the proof for a cut before a mark: the space, or a punctuation mark.

    Attributes:
        mark: what it is by now: itself, or what stands for it.
        after: what is before it; None for anything but white space and the mark itself.
        tight: so it still is.
        kept: a piece that begins with the mark still does. (`Strip` takes a space from a piece by itself.)
        sides: where both sides are.
        why: what put them there, for people.
        prefix: what a normalizer puts before a whole text; then pieces must not get it.
    """

    mark: str = " "
    after: frozenset[str] | None = None
    tight: bool = True
    kept: bool = True
    sides: Side = Side.TOGETHER
    why: str = ""
    prefix: str = ""

    @property
    def is_space(self) -> bool:
        """Whether the cut is before a space, whatever that is by now."""
        return self.after is None

    def pattern(self, part: str, pattern: dict[str, str]) -> Around:
        """The ``pattern`` of ``part``, a `Split` or a `Replace`, as it treats the mark.

        Raises:
            NotProven: it is not understood, may match nothing, or reaches across the mark.
        """
        try:
            read = pattern_of(pattern).at(self.mark, self.after)
        except Unreadable as problem:
            raise NotProven(f"the pattern of {part} has {problem}, of which nothing is known") from None
        if read.may_be_empty:
            raise NotProven(f"the pattern of {part} may match nothing at all, and so begin anywhere")
        if not read.keeps_apart:
            raise NotProven(
                f"the pattern of {part} may look from what is before {self.mark!r} to what is after it"
            )
        return read
