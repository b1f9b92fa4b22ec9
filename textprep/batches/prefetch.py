"""Work done ahead, in a background thread, while the consumer is busy with what it has got."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from itertools import islice
from queue import SimpleQueue
from time import perf_counter
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")

LUMP_SECONDS = 1e-3  # what is made in this time is handed over together: waking a thread takes longer


class _End(NamedTuple):
    """The iterator has ended, with an error or without."""

    error: BaseException | None


def prefetched(
    items: Generator[Item, None, None], most: int, interrupt: Callable[[], None] = lambda: None
) -> Generator[Item, None, None]:
    """The same items, up to ``most`` of them made ahead in a thread; below 2, each when it is asked for.

    While the consumer takes one lump of up to half of them, the thread makes another. An error among
    ``items`` is raised where the item would have come. When the consumer stops early, ``interrupt`` is
    called, so that nothing keeps the thread waiting; it ends, and ``items`` is closed.
    """
    if most < 2:
        yield from items
        return
    made: SimpleQueue[list[Item] | _End] = SimpleQueue()
    room, stopped = threading.Semaphore(2), threading.Event()
    lumps = _lumps(items, most // 2)
    thread = threading.Thread(
        target=_make, args=(lumps, made, room, stopped), name="textprep loader", daemon=True
    )
    thread.start()
    try:
        while not isinstance(lump := made.get(), _End):
            yield from lump
            room.release()
        if lump.error is not None:
            raise lump.error
    except BaseException:
        interrupt()
        raise
    finally:
        stopped.set()
        room.release()
        thread.join()
        items.close()


def _make(
    lumps: Iterator[list[Item]],
    made: SimpleQueue[list[Item] | _End],
    room: threading.Semaphore,
    stopped: threading.Event,
) -> None:
    """What the thread does: put lumps where the consumer takes them, as long as there is room."""
    try:
        while room.acquire() and not stopped.is_set() and (lump := next(lumps, None)) is not None:
            made.put(lump)
    except BaseException as error:
        made.put(_End(error))
    else:
        made.put(_End(None))


def _lumps(items: Iterator[Item], most: int) -> Iterator[list[Item]]:
    """What is made in `LUMP_SECONDS`, at most ``most``; what came before an error is not lost with it."""
    while True:
        lump, begun, error = [], perf_counter(), None
        try:
            for item in islice(items, most):
                lump.append(item)
                if perf_counter() - begun > LUMP_SECONDS:
                    break
        except Exception as raised:
            error = raised
        if lump:
            yield lump
        if error is not None:
            raise error
        if not lump:
            return
