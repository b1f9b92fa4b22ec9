r"""What a regular expression can match around one character, the space: read from its text.

A pattern is taken apart into positions, each a set of characters, and into which of them may follow which
(Glushkov 1961, `The abstract theory of automata <https://doi.org/10.1070/RM1961v016n05ABEH004112>`_). Only what
all engines read alike is read: `Unreadable` is raised for look-behind, anchors, word boundaries, references and
the like. Alternatives, greed and possession are not looked at: what no path through the positions can do, no
engine does.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise

import regex

_WHITE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_CATEGORY = regex.compile(r"[LMNPSZC][a-z]?")
_HEX = regex.compile(r"x([0-7][0-9A-Fa-f])|u([0-9A-Fa-f]{4})|x\{([0-9A-Fa-f]{1,6})\}")
_REPEAT = regex.compile(r"(?:([*+?])[+?]?|\{(\d+)(?:,\d*)?\})")  # lazy and possessive ones, too
_END = "$"


class Unreadable(Exception):  # noqa: N818 - it is caught, and said in other words
    """A pattern has something of which nothing is known here; the message says what."""


@dataclass(frozen=True)
class Chars:
    """A set of characters: whether the space is in it, and whether something else than white space may be."""

    space: bool
    solid: bool


@dataclass(frozen=True)
class Part:
    """A part of a pattern: which positions may be its first and its last.

    Attributes:
        alone: the space by itself certainly is a match of it.
        asks: it may ask for what comes after it.
    """

    empty: bool = True
    first: frozenset[int] = frozenset()
    last: frozenset[int] = frozenset()
    alone: bool = False
    asks: bool = False


@dataclass
class Pattern:
    r"""A pattern, taken apart.

    >>> gpt2 = Pattern.of(r"'s| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
    >>> gpt2.keeps_apart, gpt2.matches_space
    (True, True)
    >>> Pattern.of(r"\w+ \w+").keeps_apart
    False

    Attributes:
        space: the character that is asked about.
        chars: (positions) what each position takes.
        follow: which position may come directly after which.
        ahead: what a look-ahead begins with is not the space, and it keeps apart, too.
        ends: after which positions the pattern asks for the end of the text.
    """

    space: str
    chars: list[Chars] = field(default_factory=list)
    follow: set[tuple[int, int]] = field(default_factory=set)
    ahead: bool = True
    ends: set[int] = field(default_factory=set)
    whole: Part = field(default_factory=Part)

    @classmethod
    def of(cls, text: str, space: str = " ") -> Pattern:
        """Read ``text``.

        Raises:
            Unreadable: it has something that is not understood.
        """
        return _Reader(text, cls(space)).read()

    @classmethod
    def of_literal(cls, text: str, space: str = " ") -> Pattern:
        """The pattern that matches ``text`` and nothing else."""
        pattern = cls(space)
        pattern.chars = [Chars(one == space, not one.isspace()) for one in text]
        pattern.follow = set(pairwise(range(len(text))))
        pattern.whole = Part(not text, frozenset([0]), frozenset([len(text) - 1]), alone=text == space)
        return pattern

    @property
    def keeps_apart(self) -> bool:
        """No match holds the space after something solid, or depends on what comes after something solid."""
        crosses = any(self.chars[a].solid and self.chars[b].space for a, b in self.follow)
        return not crosses and self.ahead and not any(self.chars[a].solid for a in self.ends)

    @property
    def may_be_empty(self) -> bool:
        """The empty text may be a match."""
        return self.whole.empty

    @property
    def matches_space(self) -> bool:
        """A match certainly begins at a space, whatever comes after it."""
        return self.whole.alone

    @property
    def may_begin_with_space(self) -> bool:
        """A match may begin with the space."""
        return any(self.chars[a].space for a in self.whole.first)

    @property
    def may_begin_at_single_space(self) -> bool:
        """A match may begin with a space after which comes something solid."""
        return any(
            self.chars[a].space
            and (a in self.whole.last or any(self.chars[b].solid for x, b in self.follow if x == a))
            for a in self.whole.first
        )

    @property
    def may_end_solid(self) -> bool:
        """A match may end with something solid."""
        return any(self.chars[a].solid for a in self.whole.last)

    @property
    def may_hold_solid(self) -> bool:
        """A match may hold something solid."""
        return any(chars.solid for chars in self.chars)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str, pattern: Pattern) -> None:
        self.text, self.place, self.pattern = text, 0, pattern

    def read(self) -> Pattern:
        self.pattern.whole = self._alternatives()
        if self.place < len(self.text):
            raise Unreadable("')' without '('")
        return self.pattern

    def _alternatives(self) -> Part:
        parts = [self._sequence()]
        while self._skip("|"):
            parts.append(self._sequence())
        return Part(
            any(part.empty for part in parts),
            frozenset().union(*(part.first for part in parts)),
            frozenset().union(*(part.last for part in parts)),
            any(part.alone for part in parts),
            any(part.asks for part in parts),
        )

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            if self._skip(_END):
                self._end(reduce(self._join, parts, Part()))
                parts.append(Part(asks=True))
            else:
                parts.append(self._repeated())
        whole = reduce(self._join, parts, Part())
        others = [part for part in parts if not part.alone]
        return replace(whole, alone=len(parts) == len(others) + 1 and all(map(self._may_be_missing, others)))

    def _may_be_missing(self, part: Part) -> bool:
        """Whether ``part`` matches nothing where there is a space, whatever comes after that."""
        return part.empty and not part.asks and not any(self.pattern.chars[a].space for a in part.first)

    def _end(self, before: Part) -> None:
        if before.empty:
            raise Unreadable("'$' at the beginning")
        self.pattern.ends |= before.last

    def _join(self, one: Part, other: Part) -> Part:
        self.pattern.follow |= {(a, b) for a in one.last for b in other.first}
        return Part(
            one.empty and other.empty,
            one.first | other.first if one.empty else one.first,
            other.last | one.last if other.empty else other.last,
            asks=one.asks or other.asks,
        )

    def _repeated(self) -> Part:
        part = self._one()
        while found := _REPEAT.match(self.text, self.place):
            self.place = found.end()
            sign, least = found[1], found[2]
            if sign != "?":
                self.pattern.follow |= {(a, b) for a in part.last for b in part.first}
            empty = part.empty or least == "0" or sign in ("*", "?")
            part = replace(part, empty=empty, alone=part.alone and least in (None, "0", "1"))
        return part

    def _one(self) -> Part:
        if self._skip("("):
            return self._group()
        if self._skip("["):
            return self._position(self._set())
        character = self._next()
        if character == "\\":
            return self._position(self._escape())
        if character == ".":
            return self._position(Chars(space=True, solid=True))
        if character in "^*+?{":
            raise Unreadable(f"{character!r}")
        return self._position(self._literal(character))

    def _position(self, chars: Chars) -> Part:
        place = frozenset([len(self.pattern.chars)])
        self.pattern.chars.append(chars)
        return Part(empty=False, first=place, last=place, alone=chars.space)

    def _group(self) -> Part:
        start = regex.compile(r"\?(:|=|!|i:|-i:|>)").match(self.text, self.place)
        if not start and self.text.startswith("?", self.place):
            raise Unreadable(f"'({self.text[self.place : self.place + 3]}'")
        if start and "i" in start[1] and self.pattern.space.lower() != self.pattern.space.upper():
            raise Unreadable("'(?i:'")
        self.place = start.end() if start else self.place
        part = self._alternatives()
        if not self._skip(")"):
            raise Unreadable("'(' without ')'")
        if start and start[1] in "=!":
            self.pattern.ahead &= not any(self.pattern.chars[a].space for a in part.first)
            return Part(asks=True)
        return part

    def _set(self) -> Chars:
        negated = self._skip("^")
        members: list[Chars] = []
        while not self._skip("]") or not members:
            members.append(self._member())
        if negated:
            return Chars(not any(one.space for one in members), solid=True)
        return Chars(any(one.space for one in members), any(one.solid for one in members))

    def _member(self) -> Chars:
        if self.text.startswith(("[:", "&&"), self.place):
            raise Unreadable(f"{self.text[self.place : self.place + 2]!r} in a set")
        character = self._next()
        if character == "[":
            return self._set()
        low = self._escaped() if character == "\\" else character
        if not isinstance(low, str):
            return low
        if not self.text.startswith("-", self.place) or self.text.startswith("-]", self.place):
            return self._literal(low)
        self.place += 1
        high = self._next()
        high = self._escaped() if high == "\\" else high  # type: ignore[assignment]
        if not isinstance(high, str) or high == "[":
            raise Unreadable("a range that ends with a set")
        return Chars(low <= self.pattern.space <= high, solid=True)

    def _escape(self) -> Chars:
        found = self._escaped()
        return self._literal(found) if isinstance(found, str) else found

    def _escaped(self) -> Chars | str:
        """What follows a backslash: a character or a set of them."""
        if code := _HEX.match(self.text, self.place):
            self.place = code.end()
            return chr(int(next(filter(None, code.groups())), 16))
        letter = self._next()
        if letter in _WHITE_ESCAPES:
            return _WHITE_ESCAPES[letter]
        if letter in "pP":
            return self._property(letter == "P")
        if letter in "sSdDwW":
            inside = bool(regex.match(rf"\{letter.lower()}", self.pattern.space))
            return Chars(inside != letter.isupper(), solid=letter != "s")
        if letter.isalnum():
            raise Unreadable(f"'\\{letter}'")
        return letter

    def _property(self, negated: bool) -> Chars:
        name = regex.compile(r"\{(\^?)([A-Za-z_]+)\}").match(self.text, self.place)
        if not name:
            raise Unreadable("'\\p' without '{'")
        self.place = name.end()
        negated ^= bool(name[1])
        return Chars(self._has_property(name[2]) != negated, solid=True)

    def _has_property(self, name: str) -> bool:
        if _CATEGORY.fullmatch(name):
            return unicodedata.category(self.pattern.space).startswith(name)
        try:
            return bool(regex.match(rf"\p{{Script={name}}}", self.pattern.space))
        except regex.error:
            raise Unreadable(f"'\\p{{{name}}}'") from None

    def _literal(self, character: str) -> Chars:
        return Chars(character == self.pattern.space, solid=not character.isspace())

    def _next(self) -> str:
        if self.place == len(self.text):
            raise Unreadable("its end")
        self.place += 1
        return self.text[self.place - 1]

    def _skip(self, what: str) -> bool:
        found = self.text.startswith(what, self.place)
        self.place += len(what) if found else 0
        return found
