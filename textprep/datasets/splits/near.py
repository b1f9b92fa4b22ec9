"""Texts that are nearly the same, found by MinHash.

Two texts are near where the sets of their *shingles* (three words in a row; a shorter text is one shingle)
overlap by at least ``threshold``: shingles in both, divided by shingles in either (Jaccard; Broder 1997, On
the resemblance and containment of documents). Comparing all pairs is out of the question. The smallest of the
hashed shingles is the same in two texts with a probability that is just this overlap; `HASHES` such minima
are cut into bands, and only texts that share a whole band are compared (Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, chapter 3). What is found is compared exactly, so nothing is joined by chance; a
pair at the threshold is overlooked with a probability below `OVERLOOKED`, a nearer one much less.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations, islice
from typing import TYPE_CHECKING

from textprep.datasets.splits.identity import DisjointSets, words_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORDS = 3
HASHES = 128
OVERLOOKED = 0.001
AT_ONCE = 1_000  # texts whose shingles are hashed together
KEPT = 20_000  # texts whose shingles are remembered while pairs are compared
EMPTY = "<no words>"


def join_near(
    sets: DisjointSets,
    texts: Sequence[str],
    digests: Iterable[Hashable],
    threshold: float,
    pair: Sequence[str] | None = None,
) -> None:
    """Join the rows whose texts are near; of pairs, those whose first texts are and whose second texts are.

    Args:
        sets: of the rows; those of one digest are in one set already.
        texts: of each row, the first of pairs.
        digests: of each row; of the rows that share one, only the first is compared.
        threshold: from 0.5 to 1.
        pair: the second text of each row.
    """
    columns = [texts] if pair is None else [texts, pair]
    first: dict[Hashable, int] = {}
    for row, digest in enumerate(digests):
        first.setdefault(digest, row)
    rows = list(first.values())
    word_hash = lru_cache(maxsize=1_000_000)(_word_hash)  # lives as long as this call

    def shingles_of_row(row: int) -> list[npt.NDArray[np.uint64]]:
        return [shingles_of(column[row], word_hash) for column in columns]

    shingles = lru_cache(maxsize=KEPT)(shingles_of_row)
    signatures = _signatures(_together(shingles_of_row(row)) for row in rows)
    for bucket in _buckets(rows, signatures, threshold):
        if len({sets.find(row) for row in bucket}) > 1:
            for row, other in combinations(bucket, 2):
                apart = sets.find(row) != sets.find(other)
                if apart and _are_near(shingles(row), shingles(other), threshold):
                    sets.join(row, other)


def _are_near(
    some: Sequence[npt.NDArray[np.uint64]], others: Sequence[npt.NDArray[np.uint64]], threshold: float
) -> bool:
    """Whether each text of a row overlaps by so much with that of the other row."""
    return all(overlap(one, other) >= threshold for one, other in zip(some, others, strict=True))


def _together(texts: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """The shingles of a row as one set, those of a second text apart from the same ones in the first.

    Where both texts of two rows overlap by the threshold, so do these sets: no pair is overlooked for it.
    """
    import numpy as np

    first, *second = texts
    return np.unique(np.concatenate([first, *(_mix(one + np.uint64(1)) for one in second)]))


def overlap(some: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]) -> float:
    """The Jaccard index of two sets, each an array without repetition."""
    import numpy as np

    common = len(np.intersect1d(some, others, assume_unique=True))
    return common / (len(some) + len(others) - common)


def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def shingles_of(text: str, word_hash: Callable[[str], int] = _word_hash) -> npt.NDArray[np.uint64]:
    """The distinct shingles of a text as 64-bit hashes, sorted; one at least."""
    import numpy as np

    words = np.array([word_hash(word) for word in words_of(text) or [EMPTY]], np.uint64)
    taken = min(WORDS, len(words))
    mixed = np.zeros(len(words) - taken + 1, np.uint64)
    for i in range(taken):
        mixed = _mix(mixed + words[i : len(words) - taken + 1 + i])
    return np.unique(mixed)


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _buckets(
    rows: Sequence[int], signatures: npt.NDArray[np.uint32], threshold: float
) -> Iterator[list[int]]:
    """Rows that share a band, two at least."""
    width = _band_width(threshold)
    for start in range(0, HASHES - width + 1, width):
        shared: dict[bytes, list[int]] = defaultdict(list)
        for row, signature in zip(rows, signatures, strict=True):
            shared[signature[start : start + width].tobytes()].append(row)
        yield from (bucket for bucket in shared.values() if len(bucket) > 1)


def _band_width(threshold: float) -> int:
    """The widest bands by which a pair at the threshold is still not overlooked.

    >>> _band_width(0.8), _band_width(0.5)
    (5, 2)
    """
    wide = [width for width in range(2, HASHES) if (1 - threshold**width) ** (HASHES // width) <= OVERLOOKED]
    return max(wide, default=1)


def _signatures(shingles: Iterable[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint32]:
    """(texts, HASHES): the smallest of the hashed shingles of each text, for each of the hash functions."""
    import numpy as np

    made, rest = [np.zeros((0, HASHES), np.uint32)], iter(shingles)
    while block := list(islice(rest, AT_ONCE)):
        made.append(_minima(block))
    return np.concatenate(made)


def _minima(block: Sequence[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint32]:
    """The signatures of some texts: (texts, HASHES)."""
    import numpy as np

    together = np.concatenate(block)
    starts = np.cumsum([0, *map(len, block[:-1])])
    signatures = np.empty((len(block), HASHES), np.uint32)
    for i in range(HASHES):
        hashed = _mix(together + np.uint64((i + 1) * 0x9E3779B97F4A7C15 % 2**64)) >> np.uint64(32)
        signatures[:, i] = np.minimum.reduceat(hashed, starts)
    return signatures
