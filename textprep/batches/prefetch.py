"""Work done ahead, in a background thread, while the consumer is busy with what it has got."""

from __future__ import annotations

import threading
from collections.abc import Generator
from queue import SimpleQueue
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")


class _End(NamedTuple):
    """The iterator has ended, with an error or without."""

    error: BaseException | None


def prefetched(items: Generator[Item, None, None], most: int) -> Generator[Item, None, None]:
    """The same items, up to ``most`` of them made ahead in a thread; with 0, each when it is asked for.

    An error among ``items`` is raised where the item would have come. When the consumer stops early, the
    thread ends after the item that it makes, and ``items`` is closed.
    """
    if not most:
        yield from items
        return
    made: SimpleQueue[Item | _End] = SimpleQueue()
    free: SimpleQueue[None] = SimpleQueue()  # an entry per place: a semaphore that is compiled
    for _ in range(most):
        free.put(None)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_make, args=(items, made, free, stopped), name="textprep loader", daemon=True
    )
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            free.put(None)
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        free.put(None)
        thread.join()
        items.close()


def _make(
    items: Generator[Item, None, None],
    made: SimpleQueue[Item | _End],
    free: SimpleQueue[None],
    stopped: threading.Event,
) -> None:
    """Run in the thread: make items while a place is free, until ``stopped`` is set."""
    try:
        free.get()
        while not stopped.is_set():
            made.put(next(items))
            free.get()
    except StopIteration:
        made.put(_End(None))
    except BaseException as error:
        made.put(_End(error))
