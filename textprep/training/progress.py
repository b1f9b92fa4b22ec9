"""How far training is: a bar on a terminal, plain lines every few seconds in a log."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import Any, TextIO

from tqdm import tqdm

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BEFORE_LINES = 1.0  # what is done sooner is not worth a line
LINE_FORMAT = "{desc}: batch {n_fmt} of {total_fmt}, {elapsed} gone, {remaining} left{postfix}"


class LogLines:
    """A stream for tqdm that turns its redrawn bar into one plain line an update."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write what is left of ``text`` without carriage returns and padding, as a line."""
        line = text.strip("\r\n ")
        return self.stream.write(f"{line}\n") if line else 0

    def flush(self) -> None:
        """Flush the stream below."""
        self.stream.flush()


def watch(
    batches: Iterable[Any],
    title: str,
    progress: bool | None = None,
    *,
    total: int | None = None,
    initial: int = 0,
) -> tqdm[Any]:
    """``batches``, with progress on standard error while they are gone through.

    Args:
        batches: what to iterate over.
        title: what stands before the bar.
        progress: False is silent; True a bar; None a bar on a terminal and plain lines elsewhere.
        total: how many there are, where ``batches`` has no length.
        initial: how many of them are done already.
    """
    count: Any = {"initial": initial, **({} if total is None else {"total": total})}
    if progress is None and not _is_terminal(sys.stderr):
        lines: Any = LogLines(sys.stderr)
        return tqdm(
            batches,
            title,
            file=lines,
            mininterval=SECONDS_BETWEEN_LINES,
            miniters=1,
            delay=SECONDS_BEFORE_LINES,
            bar_format=LINE_FORMAT,
            **count,
        )
    shown = {"file": sys.stderr, "unit": "batch", "leave": False, "disable": progress is False}
    return tqdm(batches, title, **shown, **count)


def _is_terminal(stream: TextIO) -> bool:
    """Whether a bar can be drawn: some terminals say that they are 0 columns wide."""
    if not stream.isatty():
        return False
    try:
        return os.get_terminal_size(stream.fileno()).columns > 0
    except OSError:  # it stands for a terminal and is none, as in some notebooks
        return True


def tell(line: str, progress: bool | None = None) -> None:
    """One line on standard error that no bar overwrites, unless ``progress`` is False."""
    if progress is not False:
        tqdm.write(line, file=sys.stderr)
        sys.stderr.flush()
