"""The text of a JSON document, read as it comes: where a value ends is told by brackets and quotes alone."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any

from textprep.datasets.formats.jsonl import STRICT
from textprep.datasets.sources.encodings import LONGEST_MARK, Problem, encoding_of, problem_of
from textprep.errors import DatasetError

CHUNK = 2**18  # bytes read at a time
LONGEST_KEY = 2**20
WHITE = " \t\n\r"
_SPACE = re.compile(rf"[{WHITE}]*")
_KEY = re.compile(rf'("[^"\\]*(?:\\.[^"\\]*)*")[{WHITE}]*:', re.DOTALL)
_BEHIND_A_ROW = re.compile(rf"[{WHITE}]*[,\]]")
_MARK, _MARK_IN_STRING = re.compile(r'["\[\]{},]'), re.compile(r'["\\]')
_UNDECODED = re.compile("[\udc80-\udcff]")  # what stands for a byte that is not of the encoding (PEP 383)


class Document:
    """The text of a document as far as it is in hand, from a place in it on.

    Attributes:
        text, at: what is in hand, and the place in it.
        line, column: of that place in the file, from 1.
        undecoded: whether a byte in hand is not of the encoding; a mark of PEP 383 stands for it.
    """

    def __init__(self, stream: IO[bytes], name: str, encoding: str) -> None:
        beginning = stream.read(LONGEST_MARK)
        if not beginning:
            raise DatasetError(f"{name}: the file is empty")
        form = encoding_of(encoding, beginning)
        marking = "surrogateescape" if form.unit == 1 else "strict"
        self.name, self.encoding, self._stream = name, form.name, stream
        self._decoder = codecs.getincrementaldecoder(form.name)(marking)
        self.text, self.at, self.line, self.column = "", 0, 1, 1
        self.undecoded, self._fed = False, len(form.byte_order_mark)
        self._beginning = beginning + stream.read(CHUNK)
        self._feed(self._beginning[self._fed :])

    def more(self) -> bool:
        """Read a chunk more, and let go of what is done with; whether there was one."""
        chunk = self._stream.read(CHUNK)
        self._feed(chunk)
        return bool(chunk)

    def _feed(self, chunk: bytes) -> None:
        self._fed += len(chunk)
        try:
            self.text = self.text[self.at :] + self._decoder.decode(chunk, not chunk)
        except UnicodeDecodeError as error:
            before = self._fed - len(error.object)
            reason, option, value = problem_of(error, self.encoding, "file", before)
            raise DatasetError(
                f"{self.name}: {reason}", file=self.name, option=option, value=value
            ) from error
        self.at, self.undecoded = 0, not self.text.isascii() and bool(_UNDECODED.search(self.text))

    def take(self, end: int) -> str:
        """What is in hand up to ``end``, which is done with then."""
        taken = self.text[self.at : end]
        lines = taken.count("\n")
        self.column = len(taken) - taken.rfind("\n") if lines else self.column + len(taken)
        self.line, self.at = self.line + lines, end
        return taken

    def next(self) -> str:
        """The next character that is no white space, which is gone to; none at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.take(found.end() if found else self.at)
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def key(self) -> str:
        """The next key, which is gone behind with its colon."""
        while not (found := _KEY.match(self.text, self.at)):
            if len(self.text) - self.at > LONGEST_KEY or not self.more():
                raise self.broken("Expecting a key in double quotes and a colon")
        self.take(found.end())
        try:
            return str(json.loads(found[1], strict=False))
        except ValueError as error:
            raise self.broken("the key before this cannot be read") from error

    def object(self) -> dict[str, Any] | None:
        """The next value, gone behind, if it is in hand as a whole and a good row."""
        if self.undecoded:
            return None
        try:
            fields, end = STRICT.raw_decode(self.text, self.at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(fields, dict) or not _BEHIND_A_ROW.match(self.text, end):
            return None
        self.take(end)
        return fields

    def value(self) -> Iterator[str]:
        """The next value piece by piece, told by brackets and quotes alone; it is gone behind.

        Raises:
            DatasetError: the document ends within it.
        """
        depth, in_string, place = 0, False, self.at
        while True:
            found = (_MARK_IN_STRING if in_string else _MARK).search(self.text, place)
            mark = found[0] if found else ""
            place = found.end() if found else max(place, len(self.text))
            if found is None:
                place -= len(self.text)  # 1 behind a backslash at the end
                yield self.take(len(self.text))
                if not self.more():
                    if depth or in_string:
                        raise self.broken("the file ends within a value")
                    return
            elif mark == '"':
                in_string = not in_string
            elif mark == "\\":
                place += 1
            elif depth == 0 and mark in ",]}":
                yield self.take(place - 1)
                return
            else:
                depth += (mark in "[{") - (mark in "]}")

    def broken(self, problem: str) -> DatasetError:
        """The error of a document whose rows cannot be told apart."""
        where = f"{self.name}, line {self.line}, column {self.column}"
        return DatasetError(f"{where}: broken JSON: {problem}", file=self.name, line=self.line)

    def problem(self, text: str) -> Problem | None:
        """What is wrong with the bytes that ``text`` was."""
        try:
            if _UNDECODED.search(text):
                text.encode(self.encoding, "surrogateescape").decode(self.encoding)
        except UnicodeDecodeError as error:
            return problem_of(error, self.encoding, "row", others=self._beginning)
        return None
