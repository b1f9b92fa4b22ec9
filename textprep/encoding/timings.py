"""Where the time goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

STAGES = ("clean", "split", "count", "tokenize", "gather")


class Timings(Mapping[str, float]):
    """Seconds spent in each stage, all threads together; a stage within another counts only once.

    >>> timings = Timings()
    >>> with timings.timed("count"), timings.timed("clean"):
    ...     pass
    >>> list(timings)
    ['clean', 'split', 'count', 'tokenize', 'gather']
    """

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(STAGES, 0.0)
        self._lock = threading.Lock()
        self._running = threading.local()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add what runs inside to ``stage``."""
        outer: str | None = getattr(self._running, "stage", None)
        self._running.stage = stage
        start = time.perf_counter()
        try:
            yield
        finally:
            self._running.stage = outer
            self._add(stage, outer, time.perf_counter() - start)

    def _add(self, stage: str, outer: str | None, seconds: float) -> None:
        with self._lock:
            self._seconds[stage] += seconds
            if outer is not None:
                self._seconds[outer] -= seconds

    def __getitem__(self, stage: str) -> float:
        return self._seconds[stage]

    def __iter__(self) -> Iterator[str]:
        return iter(self._seconds)

    def __len__(self) -> int:
        return len(self._seconds)

    def __repr__(self) -> str:
        return ", ".join(f"{stage} {seconds:.3f} s" for stage, seconds in self.items())
