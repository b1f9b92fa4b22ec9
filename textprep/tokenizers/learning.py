"""Learning byte-pair merges from counted pieces: exactly those of the package ``tokenizers``, sooner.

Its trainer takes no counts: every piece would have to be given as often as it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Merge = tuple[str, str]
_Ints = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]
_END = "\n"  # no piece holds white space
_NONE = -1  # instead of a symbol: between pieces, and where a symbol became part of the one before
_BITS = 32  # of the right symbol in a pair
_STEP = 8  # pairs so many times rarer than the most frequent one wait


def learn_merges(pieces: Mapping[str, int], size: int, min_freq: int) -> list[Merge]:
    """The merges, at most as many as make ``size`` tokens together with all characters.

    The most frequent pair is merged first; of several, the one whose left token, then whose right token was
    there first, characters in the order of their code points. After Sennrich et al. 2016, `Neural Machine
    Translation of Rare Words with Subword Units <https://aclanthology.org/P16-1162>`_.

    >>> learn_merges({"low": 5, "lower": 2, "new": 1}, size=9, min_freq=2)
    [('l', 'o'), ('lo', 'w'), ('e', 'r')]
    """
    symbols = _Symbols(pieces)
    tokens = symbols.alphabet
    queue = _Queue(symbols, min_freq)
    merges: list[Merge] = []
    while len(tokens) < size and (top := queue.pop()):
        left, right = top.pair >> _BITS, top.pair & (1 << _BITS) - 1
        merges.append((tokens[left], tokens[right]))
        places = symbols.apart(top.places) if left == right else top.places
        queue.add(symbols.merge(places, len(tokens)))
        tokens.append("".join(merges[-1]))
    return merges


class _Found(NamedTuple):
    """A pair, ``left << 32 | right``, and the places of its left symbol."""

    pair: int
    places: _Ints


class _Pairs(NamedTuple):
    """Many pairs, each with one place."""

    pairs: _Ints
    places: _Ints

    def at(self, where: _Mask | _Ints | slice) -> _Pairs:
        """Some of them, or all in another order."""
        return _Pairs(self.pairs[where], self.places[where])


class _Symbols:
    """The symbols of all pieces in one row; each has a place, and knows the places of its neighbours.

    Attributes:
        alphabet: all characters; they are numbered by it, and what merges make is numbered from there on.
        weights: for each place, how often its piece occurs.
    """

    def __init__(self, pieces: Mapping[str, int]) -> None:
        text = _END.join(["", *pieces, ""])
        characters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        is_end = characters == ord(_END)
        is_used = np.bincount(characters) > 0
        is_used[ord(_END)] = False
        self.alphabet = list(map(chr, np.flatnonzero(is_used).tolist()))
        counts = np.fromiter(pieces.values(), np.int64, len(pieces))
        self.weights = np.append(np.repeat(counts, np.diff(np.flatnonzero(is_end))), 0)
        self._symbols = np.where(is_end, _NONE, (np.cumsum(is_used) - 1)[characters])
        self._next = np.arange(1, len(text) + 1)
        self._previous = np.arange(-1, len(text) - 1)

    def pairs(self) -> _Pairs:
        """All pairs, before anything is merged; one with ``_NONE`` is negative."""
        pairs = self._symbols[:-1] << _BITS | self._symbols[1:]
        places = np.flatnonzero(pairs >= 0)
        return _Pairs(pairs[places], places)

    def has(self, pairs: _Ints | int, places: _Ints) -> _Mask:
        """At which of ``places`` their pair still is."""
        is_there: _Mask = self._symbols[places] << _BITS | self._symbols[self._next[places]] == pairs
        return is_there

    def apart(self, places: _Ints) -> _Ints:
        """Of pairs that overlap (``aaa``), the first, from left to right."""
        kept, taken = [], _NONE
        for place in np.sort(places).tolist():
            if place != taken:
                kept.append(place)
                taken = int(self._next[place])
        return np.array(kept, dtype=np.int64)

    def merge(self, places: _Ints, new: int) -> _Pairs:
        """Put ``new`` for the pair at each of ``places``; the pairs that it forms with its neighbours."""
        second = self._next[places]
        after = self._next[second]
        follower = self._symbols[after]
        self._symbols[places], self._symbols[second] = new, _NONE
        self._next[places], self._previous[after] = after, places
        before = self._previous[places]
        follower[follower != self._symbols[after]] = _NONE  # it was merged, too: this one is before it
        pairs = np.concatenate([self._symbols[before] << _BITS | new, new << _BITS | follower])
        return _Pairs(pairs, np.concatenate([before, places])).at(pairs >= 0)


class _Queue:
    """Pairs, the most frequent first. No token is made in two ways, so that no pair gets more places later.

    It may lose places, which is seen when it comes up. Only pairs as frequent as a floor are in the heap.
    """

    def __init__(self, symbols: _Symbols, min_freq: int) -> None:
        self._symbols = symbols
        self._min_freq = self._floor = min_freq
        self._places: dict[int, _Ints] = {}
        self._heap: list[tuple[int, int]] = []
        self._rare = [symbols.pairs()]

    def pop(self) -> _Found | None:
        """The most frequent pair; ``None`` where none is frequent enough."""
        while self._heap or self._refill():
            count, pair = heappop(self._heap)
            places = self._places.pop(pair)
            places = places[self._symbols.has(pair, places)]
            now = int(np.add.reduce(self._symbols.weights[places]))
            if now == -count:
                return _Found(pair, places)
            if now >= self._floor:
                self._push(pair, now, places)
            else:
                self._rare.append(_Pairs(np.full(len(places), pair), places))
        return None

    def add(self, found: _Pairs) -> None:
        """Put pairs in, with all their places."""
        if len(found.pairs):
            self._divide(*self._grouped(found))

    def _push(self, pair: int, count: int, places: _Ints) -> None:
        self._places[pair] = places
        heappush(self._heap, (-count, pair))

    def _refill(self) -> bool:
        """Lower the floor, so that some of the rare pairs come into the heap; whether there were any."""
        rare = _Pairs(*map(np.concatenate, zip(*self._rare, strict=True)))
        rare = rare.at(self._symbols.has(rare.pairs, rare.places))
        self._rare = [rare.at(slice(0, 0))]
        if len(rare.pairs):
            groups = self._grouped(rare)
            self._floor = max(int(groups[-1].max()) // _STEP, self._min_freq)
            self._divide(*groups)
        return bool(self._heap)

    def _grouped(self, found: _Pairs) -> tuple[_Pairs, _Ints, _Ints]:
        """Equal pairs together; where each pair starts, and how often it occurs."""
        found = found.at(found.pairs.argsort(kind="stable"))
        is_first = np.ones(len(found.pairs), dtype=bool)
        np.not_equal(found.pairs[1:], found.pairs[:-1], out=is_first[1:])
        starts = is_first.nonzero()[0]
        return found, starts, np.add.reduceat(self._symbols.weights[found.places], starts)

    def _divide(self, found: _Pairs, starts: _Ints, counts: _Ints) -> None:
        """Into those for the heap and those that wait."""
        stops = np.append(starts[1:], len(found.pairs))
        is_rare = counts < self._floor
        kept = np.flatnonzero(~is_rare)
        columns = found.pairs[starts[kept]], counts[kept], starts[kept], stops[kept]
        for pair, count, start, stop in zip(*(column.tolist() for column in columns), strict=True):
            self._push(pair, count, found.places[start:stop])
        if len(kept) < len(starts):
            self._rare.append(found.at(np.repeat(is_rare, stops - starts)))
