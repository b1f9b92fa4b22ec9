"""A column in blocks of bounded size, worked on by a few threads, with the results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from textprep.ragged import numbers

BLOCK_BYTES = 2 * 2**20
BLOCK_ROWS = 100_000
BUNDLE_BYTES = 2**20
ROUND_BYTES = (4 * 2**20, 8 * 2**20)
_EMPTY = pa.nulls(0, pa.large_string())  # pa.array would import pandas, which takes long

Given = TypeVar("Given")
Made = TypeVar("Made")


class Block(NamedTuple):
    """Some rows of a column.

    Attributes:
        column: the number of the column.
        start: the number of the first row in the column.
        texts: (rows,) large_string.
    """

    column: int
    start: int
    texts: pa.LargeStringArray


def blocks(columns: Iterable[pa.ChunkedArray]) -> Iterator[Block]:
    """Each column in blocks of about `BLOCK_BYTES`, at least one; a longer text is a block by itself."""
    for number, column in enumerate(columns):
        ends = np.cumsum(numbers(pc.binary_length(column)), dtype=np.int64)
        start = stop = 0
        while stop < len(ends) or not stop:
            before = ends[start - 1] if start else 0
            stop = int(np.searchsorted(ends, before + BLOCK_BYTES, side="right"))
            stop = min(max(stop, start + 1), start + BLOCK_ROWS)
            yield Block(number, start, _one_array(column.slice(start, stop - start)))
            start = stop


def _one_array(column: pa.ChunkedArray) -> pa.LargeStringArray:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([_EMPTY, *column.chunks])


def bundles(some: Iterable[Block]) -> Iterator[list[Block]]:
    """Neighbours that are worked on as one, of `BUNDLE_BYTES` or more: they have many words in common."""
    return _gathered(some, lambda block: int(block.texts.nbytes), BUNDLE_BYTES, BUNDLE_BYTES)


def rounds(some: Iterable[list[Block]]) -> Iterator[list[list[Block]]]:
    """Lists of bundles, which grow from the first to the last of `ROUND_BYTES`.

    Early in a corpus most words are new, and threads soon have something to do beside them; later, what is
    known is large and should not be gone through too often.
    """
    return _gathered(some, lambda bundle: sum(block.texts.nbytes for block in bundle), *ROUND_BYTES)


def _gathered(
    some: Iterable[Given], size: Callable[[Given], int], least: int, most: int
) -> Iterator[list[Given]]:
    """Lists whose sizes sum to ``least`` or more, then to twice that, and so on up to ``most``."""
    gathered: list[Given] = []
    total = 0
    for one in some:
        gathered.append(one)
        total += size(one)
        if total >= least:
            yield gathered
            gathered, total, least = [], 0, min(2 * least, most)
    if gathered:
        yield gathered


@contextmanager
def threads(count: int | None, *, beside: bool = False) -> Iterator[Pool]:
    """A pool of ``count`` threads, one for each core where that is not given.

    Where there is one only, none is started, unless the work is to go on ``beside`` that of the caller.
    """
    workers = count or available_cores()
    if workers == 1 and not beside:
        yield Pool(1, None)
        return
    executor = ThreadPoolExecutor(workers, thread_name_prefix="textprep")
    try:
        yield Pool(workers, executor)
    finally:
        executor.shutdown(cancel_futures=True)


class Pool:
    """Runs functions in threads, or at once where there are none."""

    def __init__(self, workers: int, executor: ThreadPoolExecutor | None) -> None:
        self.workers = workers
        self._executor = executor

    def submit(self, function: Callable[[Given], Made], given: Given) -> Future[Made]:
        """The result to be."""
        if self._executor is not None:
            return self._executor.submit(function, given)
        try:
            return finished(function(given))
        except Exception as error:  # handed on to whoever asks for the result
            future: Future[Made] = Future()
            future.set_exception(error)
            return future

    def ahead(
        self, function: Callable[[Given], Made], given: Iterable[Given], most: int | None = None
    ) -> Iterator[tuple[Given, Future[Made]]]:
        """Each of ``given`` with its result to be, at ``most`` so many of which are computed ahead.

        Where that is not given, they are as many as there are threads.
        """
        waiting: deque[tuple[Given, Future[Made]]] = deque()
        limit = (most or self.workers) if self._executor else 0
        for one in given:
            waiting.append((one, self.submit(function, one)))
            if len(waiting) > limit:
                yield waiting.popleft()
        yield from waiting


def finished(made: Made) -> Future[Made]:
    """A result that is there."""
    future: Future[Made] = Future()
    future.set_result(made)
    return future


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
