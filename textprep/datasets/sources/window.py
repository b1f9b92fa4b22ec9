"""A stretch of a file in hand, from the next row on; it moves on as rows are read.

Two readers share it, a fast one that takes many rows and a strict one that takes one: each begins where the
other has stopped. What was looked at but not taken stays, so looking ahead costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO

from textprep.datasets.sources.encodings import LONGEST_MARK, Encoding, Problem, advised, encoding_of
from textprep.datasets.sources.source import Source
from textprep.errors import DatasetError

CHUNK = 4 * 2**20  # bytes read at a time
LONGEST_LINE = 256 * 2**20  # bytes: more is no text
AT_ONCE = 2**16  # bytes that are split into lines at a time
BEGINNING = 2**18  # bytes of a file that are in hand before its first row is read


class Window:
    """The bytes in hand.

    Attributes:
        name: of the file.
        encoding: of the file.
        header: what the file begins with: its byte-order mark, and names of columns if it has them.
        data: what is in hand, of which what comes before ``start`` is done with.
        byte: where in the file ``start`` is.
        line: the line that begins there, from 1.
        ended: whether the file holds no more than what is in hand.
        beginning: of the file, so much that it shows how all is written.
    """

    def __init__(
        self,
        stream: IO[bytes],
        name: str,
        encoding: Encoding,
        byte: int = 0,
        line: int = 1,
        header: bytes = b"",
    ) -> None:
        self.name, self.encoding, self.byte, self.line = name, encoding, byte, line
        self.header = header
        self.data, self.start, self.ended = b"", 0, False
        self.beginning = b""
        self._stream, self._advice = stream, Problem("")

    def again(self, stretch: memoryview, byte: int, line: int) -> Window:
        """A window over a stretch of the file that this one is done with."""
        window = Window(BytesIO(stretch), self.name, self.encoding, byte, line, self.header)
        window.beginning = self.beginning
        return window

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.start == len(self.data) and not self.more()

    @property
    def in_hand(self) -> int:
        """How many bytes are in hand."""
        return len(self.data) - self.start

    def more(self) -> bool:
        """Read a chunk more; whether there was one."""
        size = max(CHUNK, self.in_hand // 2)  # a long line is not copied once a chunk
        chunk = b"" if self.ended else self._stream.read(size)
        self.data, self.start = self.data[self.start :] + chunk, 0
        self.ended = not chunk
        return not self.ended

    def advance(self, size: int, lines: int) -> None:
        """Be done with so many bytes and lines."""
        self.start += size
        self.byte += size
        self.line += lines

    def decode(self, line: bytes) -> tuple[str, Problem | None]:
        """The characters of a line, and what is wrong with them; other encodings in which all is well."""
        text, problem = self.encoding.decode(line)
        if "\0" in text:
            problem = "there is a NUL character"
        if problem is None:
            return text, None
        if not self._advice.reason:
            whole = self.beginning[: self.beginning.rfind(b"\n") + 1]
            self._advice = advised("", whole + line, self.encoding.name)
        return text, Problem(problem + self._advice.reason, *self._advice[1:])

    def lines(self, lone_returns: bool) -> Iterator[bytes]:
        """The lines from here on, with their ends, without being done with them.

        Args:
            lone_returns: whether a carriage return alone ends a line too.

        Raises:
            DatasetError: a line is longer than any text.
        """
        at = self.byte
        while True:
            lines = self._several(at, lone_returns) or self._one(at, lone_returns)
            if not lines:
                return
            for line in lines:
                at += len(line)
                yield line

    def _several(self, at: int, lone_returns: bool) -> list[bytes]:
        """The next lines, where a line end is a byte and some are near."""
        if self.encoding.ending("\n") != b"\n":
            return []
        first = self.start + at - self.byte
        piece = self.data[first : self.data.rfind(b"\n", first, first + AT_ONCE) + 1]
        return piece.splitlines(True) if lone_returns else [each + b"\n" for each in piece.split(b"\n")[:-1]]

    def _one(self, at: int, lone_returns: bool) -> list[bytes]:
        size = self._line_size(at, lone_returns)
        first = self.start + at - self.byte
        return [self.data[first : first + size]] if size else []

    def _line_size(self, at: int, lone_returns: bool) -> int:
        """How many bytes the line takes that begins at byte ``at``; 0 at the end of the file."""
        while True:
            first = self.start + at - self.byte
            end = _line_end(self.data, first, self.encoding, lone_returns)
            if 0 <= end < len(self.data):
                return end - first
            if self.ended:  # also where a carriage return could have been half of a line end
                return (end if end >= 0 else len(self.data)) - first
            if len(self.data) - first > LONGEST_LINE:
                raise DatasetError(
                    f"{self.name}, from byte {at}: no line ends within {LONGEST_LINE:,} bytes: is this text?"
                )
            self.more()


def _line_end(data: bytes, first: int, encoding: Encoding, lone_returns: bool) -> int:
    """Where the line that begins at ``first`` ends, its end included; -1 if that is not in hand."""
    newline = _find(data, encoding.ending("\n"), first, len(data), encoding.unit)
    if lone_returns:
        end = newline if newline >= 0 else len(data)
        at = _find(data, encoding.ending("\r"), first, end, encoding.unit)
        if at >= 0 and at + encoding.unit != newline:
            return at + encoding.unit
    return newline + encoding.unit if newline >= 0 else -1


def _find(data: bytes, wanted: bytes, first: int, end: int, unit: int) -> int:
    """Where ``wanted`` is, at a multiple of ``unit`` from ``first``."""
    at = data.find(wanted, first, end)
    while at >= 0 and (at - first) % unit:
        at = data.find(wanted, at + 1, end)
    return at


@contextmanager
def opened(source: Source, encoding: str, *reads: str) -> Iterator[Window]:
    """A window at the beginning of a file, behind its byte-order mark.

    Raises:
        DatasetError: it cannot be read, is empty or of another kind than ``reads``, or no encoding has that
            name.
    """
    with source.open(*reads) as stream:
        window = Window(stream, source.name, encoding_of(encoding, b""))
        while len(window.data) < BEGINNING and window.more():
            pass
        if not window.data:
            raise DatasetError(f"{source.name}: the file is empty")
        window.encoding = encoding_of(encoding, window.data[:LONGEST_MARK])
        window.beginning = window.data[:BEGINNING]
        window.header = window.encoding.byte_order_mark
        window.advance(len(window.header), 0)
        yield window
