"""Ctrl-C that does not tear what is under way.

Python raises `KeyboardInterrupt` wherever the main thread happens to be: in the middle of an optimizer's
step, when some weights have moved and others have not. In here a handler only takes note of Ctrl-C, and what
is under way comes to its end first. Where Ctrl-C means something else (a shell's background job does not hear
it, a program may have a handler of its own), and in threads, which never hear it, all stays as it is.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

Item = TypeVar("Item")


class Paused(KeyboardInterrupt):
    """Ctrl-C, heeded where nothing is half done."""


class CtrlC:
    """Whether Ctrl-C was pressed; pressed again, it ends at once what is under way.

    Attributes:
        pressed: once, and not yet heeded.
    """

    def __init__(self) -> None:
        self.pressed = False

    def hear(self, number: int, frame: Any) -> None:
        """The handler of the signal."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def heed(self) -> None:
        """Raise `Paused` if it was pressed."""
        if self.pressed:
            raise Paused

    def heeded_before(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same ``items``; each may be the place where it is heeded."""
        for item in items:
            self.heed()
            yield item


@contextmanager
def ctrl_c_noted(wanted: bool = True) -> Iterator[CtrlC]:
    """Ctrl-C in here is only noted, for whoever heeds it between two steps; at the end it is heeded anyway.

    Args:
        wanted: otherwise it is as ever.

    Raises:
        Paused: it was pressed, and nobody has heeded it.
    """
    ctrl_c = CtrlC()
    with _heard_by(ctrl_c.hear, wanted):
        yield ctrl_c
    ctrl_c.heed()


@contextmanager
def ctrl_c_waits() -> Iterator[None]:
    """Ctrl-C in here, however often, is heard at the end.

    Raises:
        KeyboardInterrupt: it was pressed.
    """
    heard: list[int] = []
    with _heard_by(lambda number, _: heard.append(number)):
        yield
    if heard:
        raise KeyboardInterrupt


@contextmanager
def ctrl_c_ends_imports() -> Iterator[None]:
    """Ctrl-C in here ends the process with 130 while something is imported, and else is as ever.

    An import that is torn leaves its locks held, for which the next import in another thread waits for ever,
    and modules half made; pyarrow, which imports pandas where it first needs it, goes on as if nothing were.
    """
    with _heard_by(_raise_or_end):
        yield


def _raise_or_end(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            os.write(2, b"stopped by Ctrl-C\n")  # print may be in use
            os._exit(130)
        frame = frame.f_back
    raise KeyboardInterrupt


@contextmanager
def _heard_by(hear: Callable[[int, Any], None], wanted: bool = True) -> Iterator[None]:
    """Ctrl-C calls ``hear`` in here, where it would raise `KeyboardInterrupt`."""
    in_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    if not (wanted and in_main and before in (signal.default_int_handler, _raise_or_end)):
        yield
        return
    signal.signal(signal.SIGINT, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
