"""Processes that read rows for a loader, each over a pipe of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import BinaryIO, TypeVar, cast

import numpy as np

from textprep.batches.layout import Layout
from textprep.batches.permutation import Rows
from textprep.batches.reader import Ids
from textprep.batches.worker import FINE
from textprep.errors import LoaderError
from textprep.preparation.store import PreparedSplit

AHEAD = 4  # batches that each process is asked for before the first of them is taken

Note = TypeVar("Note")


class Workers:
    """``count`` processes that fill rectangles as `textprep.batches.reader.Reader` does.

    They are not forked from this process's memory but start afresh: nothing reaches them but the path of the
    store and numbers of rows. They are started when the first batch is asked for, live on from epoch to
    epoch, and end with this object or with the process, however that ends. They serve one pass at a time.

    Args:
        split: rows of a store on disk.
        layout: how rows are laid out.
        dtype: of the ids in the rectangles.
        count: how many processes.
    """

    def __init__(self, split: PreparedSplit, layout: Layout, dtype: np.dtype[np.integer], count: int) -> None:
        task = {"path": str(split.path.resolve()), "split": split.name, "layout": asdict(layout)}
        self._task = (json.dumps(task) + "\n").encode()
        self._made_of = split, layout, dtype, count
        self._dtype = dtype
        self._count = count
        self._running: list[_Worker] = []
        self._at_work = threading.Lock()

    @contextmanager
    def claimed(self) -> Iterator[Workers]:
        """These, for one pass; others like them, which end with it, where another pass has these."""
        if self._at_work.acquire(blocking=False):
            try:
                yield self
            finally:
                self._at_work.release()
        else:
            with Workers(*self._made_of).claimed() as others:
                yield others

    def rectangles(
        self, batches: Iterable[tuple[Rows, int, Note]]
    ) -> Generator[tuple[Ids, Note], None, None]:
        """The ids of each batch of rows, (B, T), in order; with it whatever is noted to it.

        Args:
            batches: row numbers (B,), the width T, and a note.

        Raises:
            LoaderError: a process died, or could not open the store.
        """
        waiting: deque[tuple[_Worker, int, int, Note]] = deque()
        finished = False
        try:
            running = self._started()
            for number, (rows, width, note) in enumerate(batches):
                worker = running[number % self._count]
                worker.ask(rows)
                waiting.append((worker, len(rows), width, note))
                if len(waiting) == AHEAD * self._count:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)
            finished = True
        finally:
            if not finished:  # they are in the middle of something: the next epoch has fresh ones
                self.stop()

    def kill(self) -> None:
        """End the processes at once, from another thread than the one that waits for them."""
        for worker in self._running:
            worker.kill()

    def stop(self) -> None:
        """End the processes and forget them."""
        for worker in self._running:
            worker.stop()
        self._running = []

    def _next(self, waiting: deque[tuple[_Worker, int, int, Note]]) -> tuple[Ids, Note]:
        worker, rows, width, note = waiting.popleft()
        ids: Ids = np.empty((rows, width), dtype=self._dtype)
        worker.answer(ids)
        return ids, note

    def _started(self) -> list[_Worker]:
        if self._running and self._running[0].owner != os.getpid():
            self._running = []  # this process was forked: they are its parent's
        if not self._running:
            self._running = [_Worker(number, self._count, self._task) for number in range(self._count)]
        return self._running


class _Worker:
    """One process."""

    def __init__(self, number: int, count: int, task: bytes) -> None:
        self.owner = os.getpid()
        self._title = f"worker process {number + 1} of {count}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "textprep.batches.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the process that started it, which then ends it
        )
        self._end = weakref.finalize(self, _stop, self._process, self.owner)
        self._write(task)

    def ask(self, rows: Rows) -> None:
        """Ask for the rectangle of ``rows``."""
        self._write(len(rows).to_bytes(8, sys.byteorder) + rows.astype(np.int64).tobytes())

    def answer(self, into: Ids) -> None:
        """Wait for the answer to the oldest question.

        Raises:
            LoaderError: there is none, since the process failed or died.
        """
        answers = cast(BinaryIO, self._process.stdout)
        if (status := answers.read(1)) != FINE:
            raise self._failed(answers.read().decode(errors="replace") if status else "")
        if into.size and answers.readinto(into.data.cast("B")) != into.nbytes:  # type: ignore[attr-defined]
            raise self._failed("")

    def kill(self) -> None:
        """End it; who waits for its answer gets an error."""
        self._process.kill()

    def stop(self) -> None:
        """End it and close its pipes."""
        self._end()

    def _write(self, content: bytes) -> None:
        requests = cast(BinaryIO, self._process.stdin)
        with suppress(OSError):  # it has gone: where its answer is missing, it is said why
            requests.write(content)
            requests.flush()

    def _failed(self, reason: str) -> LoaderError:
        code = self._process.wait()
        reason = reason or (f"it was ended by signal {-code}" if code < 0 else f"it ended with status {code}")
        if -code == getattr(signal, "SIGBUS", None):
            reason += ", as when a file of the store is cut while it is read"
        return LoaderError(f"{self._title} failed: {reason}; iterate again to start new ones")


def _stop(process: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:
        return
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):
                pipe.close()
