"""Learning byte-pair merges from counted pieces: exactly those of the package ``tokenizers``, sooner.

Its trainer takes no counts: every piece would have to be given as often as it occurs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Merge = tuple[str, str]
_Ints = npt.NDArray[np.int64]
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
        left, right, places = top
        merges.append((tokens[left], tokens[right]))
        queue.add(symbols.merge(places, len(tokens)))
        tokens.append("".join(merges[-1]))
    return merges


class _Pairs(NamedTuple):
    """Neighbours: which symbols, where the left one is, and how often their piece occurs."""

    pairs: _Ints
    places: _Ints
    weights: _Ints

    def grouped(self) -> Iterator[tuple[int, int, _Ints]]:
        """Each pair with its count and its places."""
        order = self.pairs.argsort(kind="stable")
        pairs, places = self.pairs[order], self.places[order]
        starts = np.concatenate([[0], np.flatnonzero(pairs[1:] != pairs[:-1]) + 1])[: len(pairs)]
        counts = np.add.reduceat(self.weights[order], starts)
        slices = pairwise([*starts.tolist(), len(pairs)])
        for pair, count, (start, stop) in zip(pairs[starts].tolist(), counts.tolist(), slices, strict=True):
            yield pair, count, places[start:stop]


class _Symbols:
    """The symbols of all pieces in one row; each has a place, and knows the places of its neighbours."""

    def __init__(self, pieces: Mapping[str, int]) -> None:
        text = _END.join(["", *pieces, ""])
        characters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        is_end = characters == ord(_END)
        is_used = np.bincount(characters) > 0
        is_used[ord(_END)] = False
        self.alphabet = list(map(chr, np.flatnonzero(is_used).tolist()))
        self._symbols = np.where(is_end, _NONE, (np.cumsum(is_used) - 1)[characters])
        self._next = np.arange(1, len(text) + 1)
        self._previous = np.arange(-1, len(text) - 1)
        counts = np.fromiter(pieces.values(), np.int64, len(pieces))
        self._weights = np.append(np.repeat(counts, np.diff(np.flatnonzero(is_end))), 0)

    def pairs(self) -> _Pairs:
        """All pairs of neighbours, before anything is merged."""
        left, right = self._symbols[:-1], self._symbols[1:]
        places = np.flatnonzero((left != _NONE) & (right != _NONE))
        return _Pairs(left[places] << _BITS | right[places], places, self._weights[places])

    def still(self, left: int, right: int, places: _Ints) -> tuple[_Ints, int]:
        """Those of ``places`` where the pair is now, and how often their pieces occur."""
        places = places[self._symbols[places] == left]
        places = places[self._symbols[self._next[places]] == right]
        return places, int(np.add.reduce(self._weights[places]))

    def merge(self, places: _Ints, new: int) -> _Pairs:
        """Put ``new`` for the pairs at ``places``; the pairs that it forms with its neighbours."""
        places = self._apart(places)
        right = self._next[places]
        after = self._next[right]
        follower = self._symbols[after]
        self._symbols[places], self._symbols[right] = new, _NONE
        self._next[places], self._previous[after] = after, places
        before = self._previous[places]
        leader, weights = self._symbols[before], self._weights[places]
        is_led = leader != _NONE
        is_followed = (follower != _NONE) & (
            follower == self._symbols[after]
        )  # else it was merged, and is led
        return _Pairs(
            np.concatenate([leader[is_led] << _BITS | new, new << _BITS | follower[is_followed]]),
            np.concatenate([before[is_led], places[is_followed]]),
            np.concatenate([weights[is_led], weights[is_followed]]),
        )

    def _apart(self, places: _Ints) -> _Ints:
        """Of pairs that overlap (``aaa``), the first, from left to right."""
        if self._symbols[places[0]] != self._symbols[self._next[places[0]]]:
            return places
        kept, taken = [], _NONE
        for place in np.sort(places).tolist():
            if place != taken:
                kept.append(place)
                taken = int(self._next[place])
        return np.array(kept, dtype=np.int64)


class _Queue:
    """Pairs by their count. A pair gets no new places once it is in: its tokens are made in one way only.

    Its count may fall, which is seen when it comes up.
    """

    def __init__(self, symbols: _Symbols, min_freq: int) -> None:
        self._symbols = symbols
        self._min_freq = min_freq
        self._places: dict[int, _Ints] = {}
        self._heap: list[tuple[int, int]] = []
        self.add(symbols.pairs())

    def add(self, found: _Pairs) -> None:
        """Put those in that are frequent enough."""
        for pair, count, places in found.grouped():
            if count >= self._min_freq:
                self._push(pair, count, places)

    def _push(self, pair: int, count: int, places: _Ints) -> None:
        self._places[pair] = places
        heappush(self._heap, (-count, pair))

    def pop(self) -> tuple[int, int, _Ints] | None:
        """The two symbols of the most frequent pair, and its places; ``None`` where no pair is left."""
        while self._heap:
            count, pair = heappop(self._heap)
            left, right = pair >> _BITS, pair & (1 << _BITS) - 1
            places, now = self._symbols.still(left, right, self._places.pop(pair))
            if now == -count:
                return left, right, places
            if now >= self._min_freq:
                self._push(pair, now, places)
        return None
