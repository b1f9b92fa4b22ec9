"""Two or more ways to do one thing, timed by turns and compared id by id."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import textprep as tp

Run = Callable[[], Any]


class Contestant(NamedTuple):
    """One way to do the work.

    Attributes:
        name: for people.
        ready: given an empty folder, does all that is not timed (loading what was fitted) and returns the
            work itself; whatever it learns or caches while it works starts from nothing each time.
        ids: makes ids of what the work returned.
    """

    name: str
    ready: Callable[[Path], Run]
    ids: Callable[[Any], tp.Ragged]


class IdsDifferError(Exception):
    """Two contestants gave different ids for the same texts."""


def by_turns(contestants: Sequence[Contestant], repeats: int, work: Path) -> list[list[float]]:
    """The seconds of each contestant, in A B A B order.

    Raises:
        IdsDifferError: in some round one of them gave other ids than the first gave in the first round.
    """
    seconds: list[list[float]] = [[] for _ in contestants]
    expected: tp.Ragged | None = None
    for _ in range(repeats):
        for contestant, times in zip(contestants, seconds, strict=True):
            took, ids = timed(contestant, work)
            times.append(took)
            expected = ids if expected is None else expected
            check_same(contestants[0].name, expected, contestant.name, ids)
    return seconds


def timed(contestant: Contestant, work: Path) -> tuple[float, tp.Ragged]:
    """One run: its seconds and its ids."""
    with scratch(work) as folder:
        run = contestant.ready(folder)
        gc.collect()
        start = perf_counter()
        result = run()
        return perf_counter() - start, contestant.ids(result)


def fastest(contestants: Sequence[Contestant], work: Path, rounds: int) -> tuple[Contestant, str]:
    """The one with the best time of so many rounds, and a line that tells all of them."""
    seconds = list(map(min, by_turns(contestants, rounds, work)))
    times = ", ".join(f"{c.name} {s:.2f} s" for c, s in zip(contestants, seconds, strict=True))
    return contestants[seconds.index(min(seconds))], times


def check_same(one: str, expected: tp.Ragged, other: str, found: tp.Ragged) -> None:
    """Compare row by row.

    Raises:
        IdsDifferError: says in what share of the rows, and shows the first place.
    """
    if np.array_equal(expected.offsets, found.offsets) and np.array_equal(expected.values, found.values):
        return
    if len(expected.offsets) != len(found.offsets):
        raise IdsDifferError(f"{one}: {len(expected.offsets) - 1} rows; {other}: {len(found.offsets) - 1}")
    pairs = enumerate(zip(expected.rows(), found.rows(), strict=True))
    wrong = [(row, ours, theirs) for row, (ours, theirs) in pairs if ours != theirs]
    row, ours, theirs = wrong[0]
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), len(ours))
    near = slice(max(0, place - 3), place + 5)
    raise IdsDifferError(
        f"{len(wrong)} of {len(expected.offsets) - 1} rows differ; the first is row {row}, from token {place}: "
        f"{one} {ours[near]}, {other} {theirs[near]}"
    )


@contextmanager
def scratch(work: Path) -> Iterator[Path]:
    """A folder in ``work`` that is gone afterwards."""
    with tempfile.TemporaryDirectory(dir=work, ignore_cleanup_errors=True) as folder:
        yield Path(folder)
