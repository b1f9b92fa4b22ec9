"""Progress of long work, for people: rows, MB/s and the time left; nothing where no terminal is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tqdm import tqdm

FORMAT = "{desc}: {percentage:3.0f}%|{bar:24}| {rate_fmt}, {remaining} left{postfix}"


class Amount(NamedTuple):
    """So much text."""

    rows: int
    text_bytes: int


class Progress:
    """How much of the texts is done, shown in ``bar``."""

    def __init__(self, bar: tqdm[None], rows: int, rows_done: int) -> None:
        self._bar, self._rows, self._rows_done = bar, rows, rows_done

    def add(self, rows: int, text_bytes: int) -> None:
        """So much more is done."""
        self._rows_done += rows
        self._bar.set_postfix_str(f"{self._rows_done:,} of {self._rows:,} rows", refresh=False)
        self._bar.update(text_bytes)


@contextmanager
def progress(whole: Amount, done: Amount) -> Iterator[Progress]:
    """A bar on standard error, if that is a terminal; what was ``done`` before does not count as speed."""
    with tqdm(
        total=whole.text_bytes,
        initial=done.text_bytes,
        desc="preparing",
        unit="B",
        unit_scale=True,
        bar_format=FORMAT,
        dynamic_ncols=True,
        disable=None,
        leave=False,
    ) as bar:
        yield Progress(bar, whole.rows, done.rows)


def announce(line: str) -> None:
    """A line on standard error, if that is a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
