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

    def plus(self, other: Amount) -> Amount:
        """The two together.

        >>> Amount(1, 10).plus(Amount(2, 5))
        Amount(rows=3, text_bytes=15)
        """
        return Amount(self.rows + other.rows, self.text_bytes + other.text_bytes)

    def minus(self, part: Amount) -> Amount:
        """What is left without ``part``."""
        return Amount(self.rows - part.rows, self.text_bytes - part.text_bytes)


class Progress:
    """How much of the texts is done, shown in ``bar``."""

    def __init__(self, bar: tqdm[None], whole: Amount, done: Amount) -> None:
        self._bar, self._whole, self._done = bar, whole, done

    def add(self, more: Amount) -> None:
        """So much more is done."""
        self._done = self._done.plus(more)
        rows = f"{self._done.rows:,} of {self._whole.rows:,} rows"
        self._bar.set_postfix_str(rows, refresh=False)
        self._bar.update(more.text_bytes)


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
        yield Progress(bar, whole, done)


def announce(line: str) -> None:
    """A line on standard error, if that is a terminal."""
    if sys.stderr is not None and sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)
