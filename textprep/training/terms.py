"""Which tokens each text of a split has, and how often: what linear models read.

Shapes are written with T pairs of a text and one of its distinct tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.prepared.split import PreparedSplit

Ints = npt.NDArray[np.int64]
ROWS_AT_ONCE = 4096
_IDS = 2**32  # more than a vocabulary can have


class Terms(NamedTuple):
    """The distinct tokens of some texts.

    Attributes:
        texts: (T,) int64, ascending: which of the texts, from 0.
        tokens: (T,) int64, ascending in each text.
        counts: (T,) int64, how often the text has the token.
    """

    texts: Ints
    tokens: Ints
    counts: Ints


def terms(split: PreparedSplit, rows: Sequence[int] | Ints) -> Iterator[tuple[Ints, Terms]]:
    """Some of the ``rows`` at a time, with their terms."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        here = np.asarray(rows[start : start + ROWS_AT_ONCE], np.int64)
        yield here, _terms([split.ids(int(row)) for row in here])


def sums(places: Ints, values: npt.NDArray[np.float64], size: int) -> npt.NDArray[np.float64]:
    """(size,) the sum of the values that go to each place.

    >>> sums(np.array([1, 0, 1]), np.array([0.5, 2.0, 0.25]), 3).tolist()
    [2.0, 0.75, 0.0]
    """
    return np.bincount(places, values, size).astype(np.float64)


def _terms(texts: Sequence[npt.NDArray[np.integer]]) -> Terms:
    """The terms of texts, given their ids.

    >>> _terms([np.array([7, 2, 7]), np.array([3])])
    Terms(texts=array([0, 0, 1]), tokens=array([2, 7, 3]), counts=array([1, 2, 1]))
    """
    places = np.repeat(np.arange(len(texts)), [len(ids) for ids in texts])
    ids = np.concatenate([np.zeros(0, np.int64), *texts], dtype=np.int64)
    keys, counts = np.unique(places * _IDS + ids, return_counts=True)
    return Terms(keys // _IDS, keys % _IDS, counts)
