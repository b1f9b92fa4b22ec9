"""Which tokens each row of a split has, and how often: what linear models read.

Shapes are written with T pairs of a row and one of its distinct tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from textprep.prepared.split import PreparedSplit

Ints = npt.NDArray[np.int64]
ROWS_AT_ONCE = 4096
_IDS = 2**32  # more than a vocabulary can have


class BothTexts:
    """The rows of a split of pairs, each as one text that has the tokens of both; what else it has, too.

    Args:
        split: the rows.
        apart: what is added to the ids of second texts, so that a word there is another than in the first.
    """

    def __init__(self, split: PreparedSplit, apart: int = 0) -> None:
        assert split.pair is not None  # noqa: S101 - for the type checker
        self._split, self._second, self._apart = split, split.pair, apart
        self.lengths: Ints = split.lengths + split.pair.lengths

    def ids(self, row: int) -> Ints:
        """The ids of the first text, and those of the second."""
        second = self._second.ids(row).astype(np.int64) + self._apart
        return np.concatenate([self._split.ids(row), second], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._split)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._split, name)


def as_texts(split: PreparedSplit, apart: int = 0) -> PreparedSplit:
    """The split, or, of one of pairs, `BothTexts`."""
    return split if split.pair is None else cast(PreparedSplit, BothTexts(split, apart))


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
