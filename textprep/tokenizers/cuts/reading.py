r"""Regular expressions, read as `textprep.tokenizers.cuts.patterns.Pattern`.

Only what all engines read alike is read: `Unreadable` is raised for look-behind, word boundaries, references
and the like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise

import regex

from textprep.tokenizers.cuts.patterns import KNOWN, Chars, Part, Pattern

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}
_HEX = regex.compile(r"x([0-7][0-9A-Fa-f])|u([0-9A-Fa-f]{4})|x\{([0-9A-Fa-f]{1,6})\}")
_PROPERTY = regex.compile(r"\{(\^?)([A-Za-z_]+)\}")
_REPEAT = regex.compile(r"([*+?])[+?]?|\{(\d+)(?:,\d*)?\}")  # lazy and possessive ones, too
_GROUP = regex.compile(r"\?(:|=|!|i:|-i:|>)")


class Unreadable(Exception):  # noqa: N818 - it is caught, and said in other words
    """A pattern has something of which nothing is known here; the message says what."""


@cache
def read_pattern(text: str) -> Pattern:
    r"""The pattern ``text``.

    >>> gpt2 = read_pattern(r"'s| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")
    >>> gpt2.at(" ").keeps_apart, gpt2.at(" ").matches_mark
    (True, True)
    >>> [read_pattern(text).at(" ").keeps_apart for text in (r"\w+ \w+", r"\S+\z", r"\S+|\s+\z|\s")]
    [False, False, True]

    Raises:
        Unreadable: it has something that is not understood.
    """
    return _Reader(text).read()


def pattern_of(pattern: dict[str, str]) -> Pattern:
    """The ``pattern`` of a `Split` or a `Replace` in a ``tokenizer.json``.

    Raises:
        Unreadable: it has something that is not understood.
    """
    literal = pattern.get("String")
    return read_pattern(pattern["Regex"]) if literal is None else literal_pattern(literal)


def literal_pattern(text: str) -> Pattern:
    """The pattern that matches ``text`` and nothing else."""
    chars = [_one_character(one) for one in text]
    alone = chars[0].known if len(text) == 1 else frozenset()
    whole = Part(not text, frozenset([0]), frozenset([len(text) - 1]), alone)
    return Pattern(chars, set(pairwise(range(len(text)))), whole)


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.pattern = text, 0, Pattern()
        self.any_case = False

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
            frozenset().union(*(part.alone for part in parts)),
            any(part.asks for part in parts),
        )

    def _sequence(self) -> Part:
        parts: list[Part] = []
        while self.place < len(self.text) and self.text[self.place] not in "|)":
            parts.append(self._repeated())
        whole = reduce(self._join, parts, Part())
        return replace(whole, alone=frozenset().union(*self._alone(parts)))

    def _alone(self, parts: list[Part]) -> list[frozenset[str]]:
        """For each part what it certainly matches by itself while all the others are missing."""
        taken = [frozenset().union(*(self.pattern.chars[a].known for a in part.first)) for part in parts]
        alone = []
        for i, part in enumerate(parts):
            others = [j for j in range(len(parts)) if j != i]
            certain = all(parts[j].empty and not parts[j].asks for j in others)
            alone.append(part.alone.difference(*(taken[j] for j in others)) if certain else frozenset())
        return alone

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
            if least not in (None, "0", "1") and len(part.first) == 1 and part.first == part.last:
                part = self._join(part, self._position(self.pattern.chars[min(part.first)]))  # at least two
            if sign != "?":
                self.pattern.follow |= {(a, b) for a in part.last for b in part.first}
            empty = part.empty or least == "0" or sign in ("*", "?")
            part = replace(part, empty=empty, alone=part.alone if least in (None, "0", "1") else frozenset())
        return part

    def _one(self) -> Part:
        if self._skip("("):
            return self._group()
        if self._skip("["):
            return self._position(self._set())
        if any(map(self._skip, ("$", r"\z", r"\Z"))):
            return self._ahead(Chars(KNOWN))
        character = self._next()
        if character == "\\":
            return self._position(self._escape())
        if character == ".":
            return self._position(Chars(KNOWN, others=True))
        if character in "^*+?{":
            raise Unreadable(f"{character!r}")
        return self._position(self._literal(character))

    def _position(self, chars: Chars) -> Part:
        self.pattern.chars.append(chars)
        place = frozenset([len(self.pattern.chars) - 1])
        return Part(empty=False, first=place, last=place, alone=chars.known)

    def _ahead(self, chars: Chars) -> Part:
        """Something that asks whether one of ``chars`` comes next, and takes nothing."""
        return replace(self._position(chars), empty=True, last=frozenset(), alone=frozenset(), asks=True)

    def _group(self) -> Part:
        start = _GROUP.match(self.text, self.place)
        if not start and self.text.startswith("?", self.place):
            raise Unreadable(f"'({self.text[self.place : self.place + 3]}'")
        self.place = start.end() if start else self.place
        kind, any_case = start[1] if start else ":", self.any_case
        self.any_case = kind == "i:" or (any_case and kind != "-i:")
        part = self._alternatives()
        self.any_case = any_case
        if not self._skip(")"):
            raise Unreadable("'(' without ')'")
        if kind not in ("=", "!"):
            return part
        return self._ahead(Chars(frozenset().union(*(self.pattern.chars[a].known for a in part.first))))

    def _set(self) -> Chars:
        negated = self._skip("^")
        members: list[Chars] = []
        while not self._skip("]") or not members:
            members.append(self._member())
        known = frozenset().union(*(one.known for one in members))
        return (
            Chars(KNOWN - known, others=True) if negated else Chars(known, any(one.others for one in members))
        )

    def _member(self) -> Chars:
        if self.text.startswith(("[:", "&&"), self.place):
            raise Unreadable(f"{self.text[self.place : self.place + 2]!r} in a set")
        character = self._next()
        if character == "[":
            return self._set()
        low = self._escaped() if character == "\\" else character
        if isinstance(low, Chars):
            return low
        if not self.text.startswith("-", self.place) or self.text.startswith("-]", self.place):
            return self._literal(low)
        self.place += 1
        character = self._next()
        high = self._escaped() if character == "\\" else character
        if isinstance(high, Chars) or character == "[":
            raise Unreadable("a range that ends with a set")
        return Chars(self._cased(lambda one: low <= one <= high), others=True)

    def _escape(self) -> Chars:
        found = self._escaped()
        return found if isinstance(found, Chars) else self._literal(found)

    def _escaped(self) -> Chars | str:
        """The character, or the set of characters, that a backslash introduces."""
        if code := _HEX.match(self.text, self.place):
            self.place = code.end()
            return chr(int(next(filter(None, code.groups())), 16))
        letter = self._next()
        if letter in "pP":
            return self._property(letter == "P")
        if letter in "sSdDwW":
            return _class_of(rf"\{letter}")
        if letter not in _ESCAPES and letter.isalnum():
            raise Unreadable(f"'\\{letter}'")
        return _ESCAPES.get(letter, letter)

    def _property(self, negated: bool) -> Chars:
        name = _PROPERTY.match(self.text, self.place)
        if not name:
            raise Unreadable("'\\p' without '{'")
        self.place = name.end()
        kind = "gc" if len(name[2]) <= 2 else "Script"
        return _class_of(rf"\{'P' if negated != bool(name[1]) else 'p'}{{{kind}={name[2]}}}")

    def _literal(self, character: str) -> Chars:
        one = _one_character(character)
        return Chars(self._cased(lambda known: known == character), one.others)

    def _cased(self, is_in: Callable[[str], bool]) -> frozenset[str]:
        """The known characters that are in a set, as they are or in another case where that is the same."""
        if not self.any_case:
            return frozenset(filter(is_in, KNOWN))
        return frozenset(one for one in KNOWN if is_in(one) or is_in(one.lower()) or is_in(one.upper()))

    def _next(self) -> str:
        if self.place == len(self.text):
            raise Unreadable("its end too early")
        self.place += 1
        return self.text[self.place - 1]

    def _skip(self, what: str) -> bool:
        found = self.text.startswith(what, self.place)
        self.place += len(what) if found else 0
        return found


def _one_character(character: str) -> Chars:
    return Chars(KNOWN & {character}, others=not character.isspace())


@cache
def _class_of(escape: str) -> Chars:
    r"""The characters of ``\s``, ``\p{gc=L}`` and the like: of the known ones all engines say the same."""
    try:
        is_in = regex.compile(escape).match
    except regex.error:
        raise Unreadable(f"'{escape}'") from None
    return Chars(frozenset(filter(is_in, KNOWN)), others=escape != r"\s")
