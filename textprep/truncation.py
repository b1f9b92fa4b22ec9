"""What is kept of texts that are longer than a row: in batches, and where `Pipeline.explain` shows one."""

from __future__ import annotations

from typing import Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt

Truncation = Literal["head", "tail", "head_tail"]
PairTruncation = Literal["longest_first", "only_first", "only_second"]
TRUNCATIONS: tuple[Truncation, ...] = get_args(Truncation)
PAIR_TRUNCATIONS: tuple[PairTruncation, ...] = get_args(PairTruncation)

Length = TypeVar("Length", int, npt.NDArray[np.int64])


def kept_lengths(
    first: Length, second: Length, room: int, strategy: PairTruncation = "longest_first"
) -> tuple[Length, Length]:
    """How many tokens are kept of each text of a pair; those that `tokenizers` keeps.

    Where only one text may be cut, and the other one fills the room, 0 or less is left of the one.

    >>> kept_lengths(10, 3, 8), kept_lengths(10, 9, 7), kept_lengths(10, 3, 8, "only_second")
    ((5, 3), (4, 3), (10, -2))
    >>> kept_lengths(np.array([2, 9]), np.array([8, 9]), 8)
    (array([2, 4]), array([6, 4]))

    Args:
        first: tokens of the first text, or (N,) int64 of N of them.
        second: those of the second, of the same shape.
        room: tokens that both may have together.
        strategy: ``"longest_first"`` cuts the longer text until both are equally long, then both;
            ``"only_first"`` and ``"only_second"`` cut that one alone.

    Source: `truncate_encodings` of https://github.com/huggingface/tokenizers.
    """
    if strategy == "only_first":
        return _least(first, room - second), second
    if strategy == "only_second":
        return first, _least(second, room - first)
    shorter = _least(_least(first, second), room // 2)
    longer = _least(_most(first, second), room - shorter)
    first_is_longer = first > second
    if isinstance(first_is_longer, bool):
        return (longer, shorter) if first_is_longer else (shorter, longer)
    return np.where(first_is_longer, longer, shorter), np.where(first_is_longer, shorter, longer)


def edges(kept: Length, truncation: Truncation) -> tuple[Length, Length]:
    """How many of a longer text's first and last tokens are kept where so many are.

    >>> edges(5, "head"), edges(5, "tail"), edges(5, "head_tail")
    ((5, 0), (0, 5), (3, 2))
    """
    first = {"head": kept, "tail": kept * 0, "head_tail": kept - kept // 2}[truncation]
    return first, kept - first


def _least(values: Length, others: Length | int) -> Length:
    return min(values, others) if isinstance(values, int) else np.minimum(values, others)


def _most(values: Length, others: Length | int) -> Length:
    return max(values, others) if isinstance(values, int) else np.maximum(values, others)
