r"""The possible matches of a regular expression around one character, the mark.

A pattern is taken apart into positions, each a set of characters, and into which of them may follow which
(Glushkov 1961, `The abstract theory of automata <https://doi.org/10.1070/RM1961v016n05ABEH004112>`_).
Alternatives, greed and possession are not looked at: what no path through the positions can do, no engine
does. A look-ahead is a position that need not be there.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field

LETTERS = frozenset(string.ascii_letters + string.digits)
# The characters of which is known in what sets they are: the marks, what they are spelled as, what is before.
KNOWN = frozenset(map(chr, range(0x20, 0x7F))) | {*"▁Ġġ"}


@dataclass(frozen=True)
class Chars:
    """A set of characters: which of the `KNOWN` are in it, and whether others than white space may be."""

    known: frozenset[str] = frozenset()
    others: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a pattern.

    Attributes:
        empty: it may match nothing.
        first: the positions that may be its first.
        last: the positions that may be its last.
        alone: each of these characters by itself is certainly a match, whatever follows.
        asks: it may ask for what comes after it.
    """

    empty: bool = True
    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    alone: frozenset[str] = frozenset()
    asks: bool = False


@dataclass
class Pattern:
    r"""A pattern, taken apart.

    Attributes:
        chars: (positions) what each position takes.
        follow: which position may come directly after which.
        whole: its first and last positions.
    """

    chars: list[Chars] = field(default_factory=list)
    follow: set[tuple[int, int]] = field(default_factory=set)
    whole: Part = field(default_factory=Part)

    def at(self, mark: str, after: frozenset[str] | None = None) -> Around:
        """Its possible matches around ``mark`` after one of these characters, or after any solid one."""
        return Around(self, mark, after)

    def tells_apart(self, some: str, *, closed: str) -> bool:
        """Whether it may treat ``some`` characters unlike each other, in a text without ``closed``."""
        gates = {i for i, one in enumerate(self.chars) if one.known == {closed}}
        behind = self._reached(closed=set()) - self._reached(closed=gates)
        open_ones = (one for i, one in enumerate(self.chars) if i not in behind)
        return any(0 < len(one.known & {*some}) < len(some) for one in open_ones)

    def _reached(self, closed: set[int]) -> set[int]:
        """The positions that can be reached from the first ones, but not beyond those that are ``closed``."""
        reached: set[int] = set()
        waiting = [*self.whole.first]
        while waiting:
            place = waiting.pop()
            if place not in reached:
                reached.add(place)
                waiting += [] if place in closed else [b for a, b in self.follow if a == place]
        return reached


@dataclass(frozen=True)
class Around:
    """The possible matches of a pattern around a mark that follows certain characters.

    Attributes:
        pattern: which one.
        mark: a character.
        after: what comes before it; None for anything but white space and the mark itself.
    """

    pattern: Pattern
    mark: str
    after: frozenset[str] | None

    @property
    def keeps_apart(self) -> bool:
        """No match holds what is before the mark and the mark, or depends, before the mark, on the mark."""
        return not any(self._is_before(a) and self._is_mark(b) for a, b in self.pattern.follow)

    @property
    def may_be_empty(self) -> bool:
        """The empty text may be a match."""
        return self.pattern.whole.empty

    @property
    def matches_mark(self) -> bool:
        """A match certainly begins at a mark, whatever comes after it."""
        return self.mark in self.pattern.whole.alone

    @property
    def may_begin_with_mark(self) -> bool:
        """A match may begin with a mark."""
        return any(map(self._is_mark, self.pattern.whole.first))

    @property
    def may_begin_with_single_mark(self) -> bool:
        """A match may begin with a mark after which comes something solid."""
        return any(
            a in self.pattern.whole.last or any(self._is_solid(b) for x, b in self.pattern.follow if x == a)
            for a in filter(self._is_mark, self.pattern.whole.first)
        )

    @property
    def may_end_before(self) -> bool:
        """A match may end with what comes before the mark."""
        return any(map(self._is_before, self.pattern.whole.last))

    @property
    def may_hold_solid(self) -> bool:
        """A match may hold something else than white space and marks."""
        return any(map(self._is_solid, range(len(self.pattern.chars))))

    def _is_mark(self, position: int) -> bool:
        return self.mark in self.pattern.chars[position].known

    def _is_solid(self, position: int) -> bool:
        chars = self.pattern.chars[position]
        return chars.others or bool(chars.known - {self.mark, " "})

    def _is_before(self, position: int) -> bool:
        if self.after is None:
            return self._is_solid(position)
        return bool(self.pattern.chars[position].known & self.after)
