"""What each distinct word became, in parts that threads look up side by side."""

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

    A word is always in the same part, so parts know nothing of each other: there may be as many lookups at a
    time, of one call or of several.

    Args:
        encode: gives the ids of new words.
        stages: are told what looking up takes.
        parts: how many.
        max_words: how many words are remembered at most, all parts together.
        max_bytes: how many bytes they and their ids may take.
    """

    def __init__(
        self, encode: Encode, stages: Timings, parts: int, *, max_words: int, max_bytes: int
    ) -> None:
        self._encode, self._stages = encode, stages
        self._parts = [
            _Part(Memo(max_keys=max_words // parts, max_bytes=max_bytes // parts), threading.Lock())
            for _ in range(parts)
        ]

    @property
    def parts(self) -> int:
        """How many parts there are."""
        return len(self._parts)

    def look_up(self, words: Sequence[Numbered], pool: Pool) -> list[pa.LargeBinaryArray]:
        """The ids of each of the ``distinct`` words of some texts, looked up by the threads of ``pool``.

        Args:
            words: each numbered in `parts` parts.
            pool: whose threads wait for nobody here; the caller, which waits for them, is none of them.
        """
        by_part = zip(*(numbered.parts() for numbered in words), strict=True)
        tasks = [pool.submit(self._look_up, task) for task in zip(self._parts, by_part, strict=False)]
        return [pa.concat_arrays(found) for found in zip(*(task.result() for task in tasks), strict=True)]

    def _look_up(self, task: tuple[_Part, Sequence[pa.LargeStringArray]]) -> list[pa.LargeBinaryArray]:
        part, words = task
        with part.lock, self._stages.timed("count"):
            return part.memo.look_up(words, self._encode)


class _Part(NamedTuple):
    memo: Memo
    lock: threading.Lock
