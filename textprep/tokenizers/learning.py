"""Learning byte-pair merges from counted pieces: exactly those of the package ``tokenizers``, sooner.

Its trainer takes no counts: every piece would have to be given as often as it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Merge = tuple[str, str]
_Ints = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]
_END = "\n"  # no piece holds white space
_NONE = -1  # instead of a symbol: between pieces, and where a symbol became part of the one before
_BITS = 32  # of the right symbol in a pair


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
        pair, places = top
        left, right = pair >> _BITS, pair & (1 << _BITS) - 1
        merges.append((tokens[left], tokens[right]))
        queue.add(symbols.merge(symbols.apart(places) if left == right else places, len(tokens)))
        tokens.append("".join(merges[-1]))
    return merges


class _Pairs(NamedTuple):
    """Neighbours: ``left << 32 | right``, and the places of their left symbols."""

    pairs: _Ints
    places: _Ints


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
        self._symbols = np.where(is_end, _NONE, (np.cumsum(is_used, dtype=np.int64) - 1)[characters])
        self._next = np.arange(1, len(text) + 1)
        self._previous = np.arange(-1, len(text) - 1)
        self._pairs = np.append(self._symbols[:-1] << _BITS | self._symbols[1:], _NONE)

    def pairs(self) -> _Pairs:
        """All pairs; one with ``_NONE`` is negative."""
        places = np.flatnonzero(self._pairs >= 0)
        return _Pairs(self._pairs[places], places)

    def has(self, pair: int, places: _Ints) -> _Mask:
        """At which of ``places`` the pair still is."""
        is_there: _Mask = self._pairs[places] == pair
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
        ending, beginning = self._symbols[before] << _BITS | new, new << _BITS | follower
        self._pairs[second] = _NONE
        self._pairs[places] = beginning
        self._pairs[before] = ending
        pairs = np.concatenate([ending, beginning])
        is_pair = pairs >= 0
        return _Pairs(pairs[is_pair], np.concatenate([before, places])[is_pair])


class _Queue:
    """Pairs, the most frequent first.

    A pair gets no more places later: it is merged everywhere at once, so that equal strings are always cut
    alike, and no token is made in two ways. It may lose places, which is seen when it comes up.
    """

    def __init__(self, symbols: _Symbols, min_freq: int) -> None:
        self._symbols = symbols
        self._min_freq = min_freq
        self._heap: list[tuple[int, int]] = []
        self._places: dict[int, _Ints] = {}
        self.add(symbols.pairs())

    def pop(self) -> tuple[int, _Ints] | None:
        """The most frequent pair and its places; ``None`` where none is frequent enough."""
        while self._heap:
            count, pair = heappop(self._heap)
            places = self._places.pop(pair)
            places = places[self._symbols.has(pair, places)]
            now = int(np.add.reduce(self._symbols.weights[places]))
            if now == -count:
                return pair, places
            self._put(pair, now, places)
        return None

    def add(self, found: _Pairs) -> None:
        """Put pairs in, with all their places."""
        if not len(found.pairs):
            return
        order = found.pairs.argsort(kind="stable")
        pairs, places = found.pairs[order], found.places[order]
        starts = np.concatenate([[0], (pairs[1:] != pairs[:-1]).nonzero()[0] + 1])
        counts = np.add.reduceat(self._symbols.weights[places], starts)
        slices = pairwise([*starts.tolist(), len(pairs)])
        for pair, count, (start, stop) in zip(pairs[starts].tolist(), counts.tolist(), slices, strict=True):
            self._put(pair, count, places[start:stop])

    def _put(self, pair: int, count: int, places: _Ints) -> None:
        if count >= self._min_freq:
            self._places[pair] = places
            heappush(self._heap, (-count, pair))
