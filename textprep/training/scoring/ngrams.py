"""What counting alone knows of the next token: unigrams, and trigrams with modified Kneser-Ney smoothing.

Shapes are written with V tokens of the vocabulary, P places at which a token is predicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from textprep.batches.reader import EncodedRows

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Row: TypeAlias = "tuple[Integers, Integers]"
"""Ids (T,), and the token after each, (T,), -100 for none."""
PLACES_AT_ONCE = 2**20  # of which n-grams are counted or looked up: bounds memory
MOST_PLACES = 20_000_000  # that are counted: more changes little, and costs memory
LARGEST_VOCABULARY = 2**21 - 2  # three ids fit into 63 bits
SURE = 3  # n-grams met so often or more share a discount


@dataclass(frozen=True)
class Order:
    """What n-grams of one length add to what shorter ones say.

    p(w | context) = (c(context w) - D) / c(context) + left(context) · p(w | shorter context)

    Attributes:
        grams: (G,) int64, the n-grams that were met, each as one number, ascending.
        counts: (G,) how often, or after how many different tokens.
        base: what a number is divided by to get that of the context.

    >>> order = Order.of(np.array([3, 3, 4]), np.array([1, 1, 1]), base=10)
    >>> order.grams.tolist(), order.counts.tolist()
    ([3, 4], [2, 1])
    """

    grams: Integers
    counts: Integers
    base: int

    @classmethod
    def of(cls, grams: Integers, counts: Integers, base: int) -> Order:
        """From n-grams with their counts, in any order, some perhaps more than once."""
        return cls(*added_up(grams, counts), base)

    @cached_property
    def discounts(self) -> Floats:
        """(SURE + 1,) what is taken from n-grams that were met 0, 1, 2, and 3 times or more.

        Estimated from how many were met so often (Chen and Goodman 1999, equation 17); where there are too
        few to say, three quarters.
        """
        met = np.bincount(self.counts[self.counts <= SURE + 1], minlength=SURE + 2).astype(np.float64)
        some = met[1] / max(met[1] + 2 * met[2], 1)
        times = np.arange(1, SURE + 1)
        estimated = times - (times + 1) * some * met[times + 1] / np.maximum(met[times], 1)
        usable = (met[times] > 0) & (estimated > 0) & (estimated < times)
        return np.concatenate([[0.0], np.where(usable, estimated, 0.75)])

    @cached_property
    def _taken(self) -> Floats:
        return self.discounts[np.minimum(self.counts, SURE)]

    @cached_property
    def _contexts(self) -> tuple[Integers, Integers, Floats]:
        """Which contexts were met, ascending; how often; and the share that is left for shorter ones."""
        contexts, first = np.unique(self.grams // self.base, return_index=True)
        if not len(contexts):
            return contexts, contexts, np.zeros(0)
        totals = np.add.reduceat(self.counts, first)
        return contexts, totals, np.add.reduceat(self._taken, first) / totals

    def probabilities(self, grams: Integers, shorter: Floats) -> Floats:
        """(P,) of each n-gram's last token after the others, where shorter n-grams say ``shorter``."""
        contexts, totals, left = self._contexts
        place, met = _found(contexts, grams // self.base)
        gram, seen = _found(self.grams, grams)
        if not met.any():
            return shorter
        own = np.where(seen, self.counts[gram] - self._taken[gram], 0.0) / totals[place]
        return np.where(met, own + left[place] * shorter, shorter)


@dataclass(frozen=True)
class NGrams:
    """Counts of a training split.

    Kneser and Ney, "Improved backing-off for m-gram language modeling" (ICASSP 1995); interpolated and
    with three discounts by Chen and Goodman, "An empirical study of smoothing techniques for language
    modeling" (Computer Speech and Language 1999): shorter n-grams count not how often they were met, but
    after how many different tokens.

    Attributes:
        tokens: V.
        places: how many predicted tokens were counted.
        single: tokens by themselves.
        orders: of one, two and three tokens.

    >>> split = [(np.array([1, 2, 1]), np.array([2, 1, 2]))]
    >>> ngrams = NGrams.counted(split, tokens=4)
    >>> np.exp(ngrams.trigram(split)).round(3).tolist()
    [0.807, 0.828, 0.807]
    """

    tokens: int
    places: int
    single: Order
    orders: tuple[Order, ...]

    @classmethod
    def counted(cls, rows: Iterable[Row], tokens: int) -> NGrams:
        """Count the n-grams of rows.

        Of very many rows the first ones that have `MOST_PLACES` predicted tokens.
        """
        base, places = tokens + 1, 0
        grams, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
        for some in _in_chunks(rows, base):
            new = np.ones(len(some), np.int64)
            grams, counts = added_up(np.concatenate([grams, some]), np.concatenate([counts, new]))
            places += len(some)
            if places >= MOST_PLACES:
                break
        three = Order(grams, counts, base)
        two = Order.of(grams % base**2, np.ones_like(grams), base)
        one = Order.of(two.grams % base, np.ones_like(two.grams), base)
        return cls(tokens, places, Order.of(grams % base, counts, base), (one, two, three))

    def unigram(self, rows: Iterable[Row]) -> Floats:
        """(P,) log probabilities of the next tokens of rows, from how often each was met alone."""
        return self._scored(rows, (self.single,))

    def trigram(self, rows: Iterable[Row]) -> Floats:
        """(P,) log probabilities of the next tokens of rows, each after the two before it."""
        return self._scored(rows, self.orders)

    def _scored(self, rows: Iterable[Row], orders: tuple[Order, ...]) -> Floats:
        base, parts = self.tokens + 1, [np.zeros(0)]
        for grams in _in_chunks(rows, base):
            found = np.full(len(grams), 1 / self.tokens)
            for length, order in enumerate(orders, 1):
                found = order.probabilities(grams % base**length, found)
            parts.append(np.log(found))
        return np.concatenate(parts)


def rows_of(split: EncodedRows) -> Iterator[Row]:
    """The ids and the next tokens of each row of a split whose target is the next token."""
    labels: Any = split.labels
    for row in range(len(split)):
        yield split.ids(row).astype(np.int64), labels.ids(row).astype(np.int64)


def added_up(keys: Integers, counts: Integers) -> tuple[Integers, Integers]:
    """The distinct ``keys``, ascending, and the sum of the counts of each.

    >>> [each.tolist() for each in added_up(np.array([7, 2, 7]), np.array([1, 1, 3]))]
    [[2, 7], [1, 4]]
    """
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    return keys[first], np.add.reduceat(counts, first) if len(first) else counts


def _grams(ids: Integers, labels: Integers, base: int) -> Integers:
    """(P,) the trigrams of a row that end in a label; before the row, there is a token of its own, V."""
    before = np.concatenate([[base - 1], ids[:-1]])
    known = labels >= 0
    return (before[known] * base + ids[known]) * base + labels[known]


def _in_chunks(rows: Iterable[Row], base: int) -> Iterator[Integers]:
    """The trigrams of all rows, many rows at once."""
    waiting: list[Integers] = []
    held = 0
    for ids, labels in rows:
        waiting.append(_grams(ids, labels, base))
        held += len(ids)
        if held >= PLACES_AT_ONCE:
            yield np.concatenate(waiting)
            waiting, held = [], 0
    yield np.concatenate(waiting) if waiting else np.zeros(0, np.int64)


def _found(keys: Integers, wanted: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Where ``wanted`` is among ascending ``keys``, and whether it is there; else some place."""
    if not len(keys):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), bool)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted
