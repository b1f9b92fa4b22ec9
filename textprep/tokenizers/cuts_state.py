"""What is known about a cut while a text goes through the parts of a tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from textprep.tokenizers.cuts_patterns import Pattern, Unreadable


class NotProven(Exception):  # noqa: N818 - it is caught, and its message is the reason
    """A part may join what is on both sides of a cut; the message says which and why."""


class Side(Enum):
    """Where the two sides of a cut are by now."""

    TOGETHER = "in one piece"
    APART = "in two pieces, the second of which begins with the space"
    DROPPED = "in two pieces, between which the space was dropped"


@dataclass(frozen=True)
class State:
    """What is known about a cut.

    Attributes:
        space: what the space is by now: itself, or what stands for it.
        tight: what is on its left is neither white space nor another such character.
        kept: a piece that begins with the space still does. (`Strip` takes it from a piece by itself.)
        sides: where both sides are.
        why: what put them there, for people.
        prefix: what a normalizer puts before a whole text; then pieces must not get it.
    """

    space: str = " "
    tight: bool = True
    kept: bool = True
    sides: Side = Side.TOGETHER
    why: str = ""
    prefix: str = ""

    def pattern(self, part: str, pattern: dict[str, str]) -> Pattern:
        """The ``pattern`` of ``part``, a `Split` or a `Replace`, as it treats the space.

        Raises:
            NotProven: it is not understood, may match nothing, or reaches across the space.
        """
        try:
            if "String" in pattern:
                read = Pattern.of_literal(pattern["String"], self.space)
            else:
                read = Pattern.of(pattern["Regex"], self.space)
        except Unreadable as problem:
            raise NotProven(f"the pattern of {part} has {problem}, of which nothing is known") from None
        if read.may_be_empty:
            raise NotProven(f"the pattern of {part} may match nothing at all, and so begin anywhere")
        if not read.keeps_apart:
            raise NotProven(f"the pattern of {part} may look from a character across the space after it")
        return read
