"""The tag that a word has most often in training: what a tagger has to beat.

Shapes are written with M tokens, W words, C tags. A word is a token with a label and those without that
follow it, its later pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.reader import NO_LABEL
from textprep.prepared.split import PreparedSplit

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))  # odd, so that nothing is lost


class Words(NamedTuple):
    """The words of some rows.

    Attributes:
        starts: (W,) the place of each word's first token among all M.
        keys: (W,) alike where the ids of two words are.
        tags: (W,) their labels; -100 for none.
        tokens: M.
    """

    starts: Ints
    keys: Keys
    tags: Ints
    tokens: int


class FrequentTags:
    """The most frequent tag of each word of a split; of a word that it does not have, that of all words.

    >>> words = Words(np.arange(3), np.array([7, 7, 9], np.uint64), np.array([2, 2, 0]), 3)
    >>> FrequentTags(words, 3).of(Words(np.array([0, 2]), np.array([9, 8], np.uint64), np.zeros(2), 3))
    array([   0, -100,    2])

    Args:
        words: of the training split.
        tags: C.
    """

    def __init__(self, words: Words, tags: int) -> None:
        labelled = words.tags != NO_LABEL
        keys, labels = words.keys[labelled], words.tags[labelled]
        self._usual = int(np.bincount(labels, minlength=tags).argmax())
        self._keys, places = np.unique(keys, return_inverse=True)
        pairs, counts = np.unique(places.reshape(-1) * tags + labels, return_counts=True)
        order = np.lexsort([pairs, -counts, pairs // tags])
        _, first = np.unique((pairs // tags)[order], return_index=True)
        self._tags = (pairs % tags)[order][first]

    def of(self, words: Words) -> Ints:
        """(M,) the tag of the first token of each word; -100 elsewhere."""
        places = np.minimum(np.searchsorted(self._keys, words.keys), max(len(self._keys) - 1, 0))
        found = np.full(len(words.keys), self._usual, np.int64)
        if len(self._keys):
            found = np.where(self._keys[places] == words.keys, self._tags[places], found)
        tags = np.full(words.tokens, NO_LABEL, np.int64)
        tags[words.starts] = found
        return tags


def words_of(split: PreparedSplit, rows: Sequence[int] | Ints) -> Words:
    """The words of ``rows``, one row after the other; of sequences of numbers all steps are one word."""
    ids = np.concatenate([np.zeros(0, np.int64), *(_ids(split, int(row)) for row in rows)]).astype(np.uint64)
    labels = np.concatenate([np.zeros(0, np.int64), *(split.labels.ids(int(row)) for row in rows)])
    ends = np.cumsum(np.asarray(split.lengths)[rows])
    begins = labels != NO_LABEL
    begins[:1] = True
    begins[ends[ends < len(ids)]] = True  # no word reaches over the end of a row
    starts = np.flatnonzero(begins)
    within = np.arange(len(ids)) - starts[np.cumsum(begins) - 1]
    mixed = (ids + np.uint64(1) + (within.astype(np.uint64) << np.uint64(32))) * _MIX[0]
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX[1]
    keys = np.add.reduceat(mixed ^ (mixed >> np.uint64(32)), starts) if len(ids) else mixed
    return Words(starts, keys, labels[starts].astype(np.int64), len(ids))


def _ids(split: PreparedSplit, row: int) -> Ints:
    """The ids of a row; of steps of numbers 0 each, since no two are the same."""
    ids = split.ids(row)
    return ids if split.features is None else np.zeros(len(ids), np.int64)  # type: ignore[return-value]
