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
    room, stopped = threading.Semaphore(most), threading.Event()
    thread = threading.Thread(
        target=_make, args=(items, made, room, stopped), name="textprep loader", daemon=True
    )
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            room.release()
            yield item
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        room.release()
        thread.join()
        items.close()


def _make(
    items: Generator[Item, None, None],
    made: SimpleQueue[Item | _End],
    room: threading.Semaphore,
    stopped: threading.Event,
) -> None:
    """Run in the thread: make items while there is room, until ``stopped`` is set."""
    try:
        while room.acquire() and not stopped.is_set():
            made.put(next(items))
    except StopIteration:
        made.put(_End(None))
    except BaseException as error:
        made.put(_End(error))
