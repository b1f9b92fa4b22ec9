"""What each distinct word became, in partitions that threads look up side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

import pyarrow as pa

from textprep.encoding.blocks import Pool
from textprep.encoding.timings import Timings
from textprep.encoding.words import Numbered
from textprep.memo import Memo

Encode = Callable[[pa.LargeStringArray], pa.LargeBinaryArray]


class WordTable:
    """The ids of words, as `textprep.ragged.Ragged.to_arrow` gives them; each word is encoded once.

    A word is always in the same partition, so partitions know nothing of each other: there may be as
    many lookups at a time, of one call or of several.

    Args:
        encode: gives the ids of new words.
        stages: are told what looking up takes.
        partitions: how many.
        max_words: how many words are remembered at most, all partitions together.
        max_bytes: how many bytes they and their ids may take.
    """

    def __init__(
        self, encode: Encode, stages: Timings, partitions: int, *, max_words: int, max_bytes: int
    ) -> None:
        self._encode, self._stages = encode, stages
        self._partitions = [
            _Partition(
                Memo(max_keys=max_words // partitions, max_bytes=max_bytes // partitions), threading.Lock()
            )
            for _ in range(partitions)
        ]

    @property
    def partitions(self) -> int:
        """How many partitions there are."""
        return len(self._partitions)

    def look_up(self, words: Sequence[Numbered], pool: Pool) -> list[pa.LargeBinaryArray]:
        """The ids of each of the ``distinct`` words of some texts, looked up by the threads of ``pool``.

        Args:
            words: each numbered in `partitions` partitions.
            pool: whose threads wait for nobody here; the caller, which waits for them, is none of them.
        """
        by_partition = zip(*(numbered.partitions() for numbered in words), strict=True)
        tasks = [
            pool.submit(self._look_up, task) for task in zip(self._partitions, by_partition, strict=False)
        ]
        return [pa.concat_arrays(found) for found in zip(*(task.result() for task in tasks), strict=True)]

    def _look_up(self, task: tuple[_Partition, Sequence[pa.LargeStringArray]]) -> list[pa.LargeBinaryArray]:
        partition, words = task
        with partition.lock, self._stages.timed("count"):
            return partition.memo.look_up(words, self._encode)


class _Partition(NamedTuple):
    memo: Memo
    lock: threading.Lock
