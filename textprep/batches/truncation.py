"""How many tokens of two texts are kept where both together are too long: as ``tokenizers`` truncates pairs.

Each function takes the lengths of N first and N second texts, (N,) int64, and the room for both of a row, and
gives the lengths that are kept. Where one of the two cannot be cut far enough, 0 or less is left of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from textprep.batches.options import PairTruncation
from textprep.batches.permutation import Rows


def longest_first(first: Rows, second: Rows, room: int) -> tuple[Rows, Rows]:
    """Cut the longer text to the length of the shorter one, then both alike.

    >>> [kept.tolist() for kept in longest_first(np.array([9, 2, 9]), np.array([2, 9, 9]), 7)]
    [[5, 2, 3], [2, 5, 4]]
    """
    shorter = np.minimum(np.minimum(first, second), room // 2)
    longer = np.minimum(np.maximum(first, second), room - shorter)
    is_first_longer = first > second
    return np.where(is_first_longer, longer, shorter), np.where(is_first_longer, shorter, longer)


def only_first(first: Rows, second: Rows, room: int) -> tuple[Rows, Rows]:
    """Cut the first text."""
    return first - np.maximum(first + second - room, 0), second


def only_second(first: Rows, second: Rows, room: int) -> tuple[Rows, Rows]:
    """Cut the second text."""
    return first, second - np.maximum(first + second - room, 0)


PAIR_TRUNCATIONS: Mapping[PairTruncation, Callable[[Rows, Rows, int], tuple[Rows, Rows]]] = {
    "longest_first": longest_first,
    "only_first": only_first,
    "only_second": only_second,
}
