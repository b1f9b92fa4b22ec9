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
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from textprep.datasets.splits.identity import words_of
from textprep.datasets.splits.sets import DisjointSets
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORDS = 3
HASHES = 128
OVERLOOKED = 0.001
AT_ONCE = 1_000  # texts whose shingles are hashed together
KEPT = 20_000  # texts whose shingles are remembered while pairs are compared
EMPTY = "<no words>"


def check_threshold(threshold: object) -> None:
    """Raise `DatasetError` unless texts can be compared with this threshold."""
    good = isinstance(threshold, (int, float)) and not isinstance(threshold, bool)
    if not good or not 0.5 <= threshold <= 1:  # type: ignore[operator]
        raise DatasetError(
            "near_duplicates= is how much two texts overlap at least, from 0.5 to 1 (try 0.8), "
            f"not {threshold!r:.60}"
        )


def join_near(
    sets: DisjointSets, text_of: Callable[[int], str], rows: Sequence[int], threshold: float
) -> None:
    """Join those of ``rows`` whose texts are near; ``text_of`` gives a text by its row.

    Raises:
        DatasetError: the threshold is not from 0.5 to 1.
    """
    check_threshold(threshold)

    @lru_cache(maxsize=KEPT)
    def shingles(row: int) -> npt.NDArray[np.uint64]:
        return shingles_of(text_of(row))

    for bucket in _buckets(rows, map(text_of, rows), threshold):
        if len({sets.find(row) for row in bucket}) > 1:
            for i, row in enumerate(bucket):
                for other in bucket[:i]:
                    if (
                        sets.find(row) != sets.find(other)
                        and overlap(shingles(row), shingles(other)) >= threshold
                    ):
                        sets.join(row, other)


def overlap(some: npt.NDArray[np.uint64], others: npt.NDArray[np.uint64]) -> float:
    """The Jaccard index of two sets, each an array without repetition."""
    import numpy as np

    common = len(np.intersect1d(some, others, assume_unique=True))
    return common / (len(some) + len(others) - common)


def shingles_of(text: str) -> npt.NDArray[np.uint64]:
    """The distinct shingles of a text as 64-bit hashes, sorted; one at least."""
    import numpy as np

    words = np.array([_word_hash(word) for word in words_of(text) or [EMPTY]], np.uint64)
    taken = min(WORDS, len(words))
    mixed = np.zeros(len(words) - taken + 1, np.uint64)
    for i in range(taken):
        mixed = _mix(mixed + words[i : len(words) - taken + 1 + i])
    return np.unique(mixed)


@lru_cache(maxsize=1_000_000)
def _word_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014)."""
    import numpy as np

    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _buckets(rows: Sequence[int], texts: Iterable[str], threshold: float) -> Iterator[list[int]]:
    """Rows that share a band, two at least."""
    width = _band_width(threshold)
    signatures = _signatures(texts)
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


def _signatures(texts: Iterable[str]) -> npt.NDArray[np.uint32]:
    """(texts, HASHES): the smallest of the hashed shingles of each text, for each of the hash functions."""
    import numpy as np

    made: list[Any] = []
    block: list[npt.NDArray[np.uint64]] = []
    for text in texts:
        block.append(shingles_of(text))
        if len(block) == AT_ONCE:
            made.append(_minima(block))
            block = []
    return np.concatenate([*made, _minima(block)] if block else made or [np.zeros((0, HASHES), np.uint32)])


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
