"""From where Arrow takes memory while a store is made.

Arrow's own allocator gives what is freed back to the system at once and asks for it again for the next block,
and the system clears each page anew: in some processes half as much again on top of the work itself. The C
library keeps what it has until all is done.
"""

from __future__ import annotations

import ctypes
import os
import threading
from contextlib import AbstractContextManager, nullcontext

import pyarrow as pa

CHOICE = "ARROW_DEFAULT_MEMORY_POOL"  # the variable in which people choose one themselves


class _Exchange:
    """Arrow's pool of memory is another one while somebody wants that; several may, at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._before = pa.default_memory_pool()

    def __enter__(self) -> None:
        with self._lock:
            if not self._users:
                self._before = pa.default_memory_pool()
                pa.set_memory_pool(pa.system_memory_pool())
            self._users += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                pa.set_memory_pool(self._before)


_exchange = _Exchange()


def kept_memory() -> AbstractContextManager[None]:
    """Arrow takes memory from the C library in here, in all threads, unless somebody has chosen another way.

    >>> with kept_memory():
    ...     pa.default_memory_pool().backend_name
    'system'
    """
    return nullcontext() if CHOICE in os.environ else _exchange


def give_back_memory() -> None:
    """To the system, what has been freed: the allocators would keep it beside what comes next."""
    pa.default_memory_pool().release_unused()
    if os.name == "posix":  # Arrow does not ask the C library, and only that of Linux can be asked
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)
