"""The strict reader of delimited files: one row at a time, each with its place and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from textprep.datasets.formats import delimited_blocks
from textprep.datasets.formats.delimited_dialect import Dialect, Names, bare
from textprep.datasets.rows import EXCERPT, Block, Record, Rejected, note
from textprep.datasets.sources.encodings import Problem
from textprep.datasets.sources.window import Window
from textprep.errors import DatasetError

MOST_REREAD = 10**6  # lines, beyond ten times the file: hostile quoting would cost the square of its size
HEADER_AGAIN = "this is the header again, as where files were put together"


class BrokenError(Exception):
    """The quoting of a row is broken, or a field is too long: why, which field, and the option that helps."""


class StrictReader:
    """Reads the rows of a window; remembers the lines of the row at hand, and can go back to its second."""

    def __init__(self, window: Window, dialect: Dialect, names: Names | None = None) -> None:
        self.window, self.dialect, self.names = window, dialect, names or Names(())
        self._ends_bare = _any_of(dialect.delimiter, dialect.escape)
        self._ends_quoted = _any_of(dialect.quote, dialect.escape)
        self._problem: Problem | None = None  # what is wrong with the characters of the row at hand
        self._row: list[bytes] = []
        self._read = self._reread = 0  # lines
        self._again: list[bytes] = []  # lines to read once more, the next one last
        self._stray = self._said_stray = False  # a quote in a field that does not begin with one

    def records(self, until: int | None = None) -> Iterator[Record | Rejected | Block]:
        """The rows, up to the end of the file or the first that begins at ``until`` or later; and a note."""
        window, names = self.window, self.names
        for row in self.rows(until):
            if isinstance(row, Rejected):
                yield row
            elif names.header and bare(self.source) == names.header:
                yield self._reject(HEADER_AGAIN)
            elif len(row) == len(names.all):
                yield Record(
                    names.fields(row), window.name, window.line, window.byte, self.source, window.header
                )
                if self._stray and not self._said_stray:
                    self._said_stray = True
                    kept = f"quotes inside unquoted fields are kept as text, the first in line {window.line}"
                    yield note(f"{window.name}: {kept}")
            else:
                yield self._miscounted(row)

    def rows(self, until: int | None = None) -> Iterator[list[str] | Rejected]:
        """The fields of each row, blank lines and comments left out; a bad row ends with its first line."""
        self._source, self._again = self.window.lines(self.dialect.lone_returns), []
        comment = self.dialect.comment
        while until is None or self.window.byte < until:
            line = self._next_line()
            if line is None:
                return
            if comment is None or not line.startswith(comment):
                row = self._fields_or_rejected(line)
                if row:
                    yield row
            self.done()

    def done(self) -> None:
        """Be done with the row at hand."""
        self.window.advance(sum(map(len, self._row)), len(self._row))
        self._row, self._problem, self._stray = [], None, False

    @property
    def source(self) -> bytes:
        """The bytes of the row at hand."""
        return self._row[0] if len(self._row) == 1 else b"".join(self._row)

    def _next_line(self) -> str | None:
        if self._again:
            raw = self._again.pop()
        else:
            raw = next(self._source, b"")
            self._read += 1
        if not raw:
            return None
        self._row.append(raw)
        line, problem = self.window.decode(raw)
        if problem and not self._problem:
            number = self.window.line + len(self._row) - 1
            where = f"line {number}: " if self._row[1:] else ""
            self._problem = problem._replace(reason=where + problem.reason)
        return line

    def _fields_or_rejected(self, line: str) -> list[str] | Rejected:
        try:
            row = self._fields(line)
        except BrokenError as error:
            reason, place, *fix = error.args
            self._back_to_second()
            option, value = fix or (None, ...)
            if self._problem:  # where quotes are amiss, too, it is why
                reason, option, value = self._problem
            return self._reject(reason, option, self.names.at(place), value)
        if self._problem:
            reason, option, value = self._problem
            return self._reject(reason, option, self.names.at(_odd_field(row)), value)
        return row

    def _fields(self, line: str) -> list[str]:
        """The fields of the row that begins with ``line``; lines are added for fields that go over them.

        The csv module has no limit to the length of a field but one for the whole process, and says what is
        wrong in its message alone. Most rows have neither quote nor escape, and are split as fast as it does.
        """
        delimiter, quote, escape = self.dialect[:3]
        plain = line[: _end(line)]
        if not (quote and quote in line) and not (escape and escape in line):
            row = plain.split(delimiter) if plain else []
            if len(plain) > delimited_blocks.LONGEST_FIELD:
                for place, field in enumerate(row):
                    _check_length(len(field), place)
            return row
        row, at = [], 0
        while True:
            is_quoted = quote is not None and line.startswith(quote, at)
            field, line, at = (self._quoted if is_quoted else self._bare)(line, at, len(row))
            row.append(field)
            if at >= _end(line):
                return row
            if line[at] != delimiter:
                problem = "a quoted field goes on after its closing quote: "
                if escape is None and line[at - 2] == "\\":
                    raise BrokenError(
                        problem + "say escape='\\\\' where a backslash escapes", len(row) - 1, "escape", "\\"
                    )
                raise BrokenError(f"{problem}double a quote inside a field ({quote}{quote})", len(row) - 1)
            at += 1

    def _bare(self, line: str, at: int, place: int) -> tuple[str, str, int]:
        """A field without quotes; the line in which it ends, and the place behind it."""
        delimiter, quote = self.dialect[:2]
        parts: list[str] = []
        is_null = self.dialect.escape and line.startswith(f"{self.dialect.escape}N", at)
        if is_null and (at + 2 == _end(line) or line[at + 2] == delimiter):  # MySQL has no value here
            return "", line, at + 2
        while True:
            last = _end(line)
            found = self._ends_bare.search(line, at, last)
            end = found.start() if found else last
            parts.append(line[at:end])
            self._stray = self._stray or (quote is not None and quote in parts[-1])
            if end == last or line[end] == delimiter:
                break
            line, at, part = self._escaped(line, end, place)
            parts.append(part)
        field = "".join(parts)
        _check_length(len(field), place)
        return field, line, end

    def _escaped(self, line: str, at: int, place: int) -> tuple[str, int, str]:
        """What is behind the escape character at ``at``: the line and place to go on from, and the part."""
        if at + 1 < _end(line):
            return line, at + 2, line[at + 1]
        following = self._next_line()
        if following is None:
            raise BrokenError("nothing stands behind the last escape character", place)
        return following, 0, line[at + 1 :]

    def _quoted(self, line: str, at: int, place: int) -> tuple[str, str, int]:
        """A field in quotes; the line in which it ends, and the place behind its closing quote."""
        quote = self.dialect.quote or ""
        parts, size, at = [], 0, at + 1
        while True:
            found = self._ends_quoted.search(line, at)
            end = found.start() if found else len(line)
            parts.append(line[at:end])
            size += len(parts[-1])
            _check_length(size, place)
            if found is None:
                following = self._next_line()
                if following is None:
                    raise BrokenError("a quote is opened and never closed", place)
                line, at = following, 0
            elif found[0] != quote:
                line, at, part = self._escaped(line, end, place)
                parts.append(part)
            elif line.startswith(quote, end + 1):
                parts.append(quote)
                size, at = size + 1, end + 2
            else:
                return "".join(parts), line, end + 1

    def _back_to_second(self) -> None:
        self._reread += len(self._row) - 1
        if self._reread > MOST_REREAD + 10 * self._read:
            raise DatasetError(
                f"{self.window.name}, line {self.window.line}: quoting is broken in too many rows to get on; "
                "are the fields quoted with another character (quote=), or not at all (quote=None)?",
                option="quote",
            )
        self._again.extend(reversed(self._row[1:]))
        del self._row[1:]

    def _miscounted(self, row: Sequence[str]) -> Rejected:
        count = len(row), len(self.names.all)
        for mark in "\"'":
            opens = any(field.startswith(mark) for field in row)
            closes = not self.dialect.is_quoted or any(field[1:].endswith(mark) for field in row)
            if mark != self.dialect.quote and opens and closes:
                advice = f"where fields stand in quotes, say quote={mark!r}"
                return self._reject(_miscount(*count, advice), "quote", value=mark)
        return self._reject(_miscount(*count))

    def _reject(
        self, reason: str, option: str | None = None, column: str | None = None, value: object = ...
    ) -> Rejected:
        window, source = self.window, self.source
        text = window.encoding.decode(source[: 4 * EXCERPT])[0].rstrip("\r\n")[:EXCERPT]
        return Rejected(
            window.name, window.line, column, reason, text,
            byte=window.byte, source=source, header=window.header, option=option, value=value,
        )  # fmt: skip


@lru_cache(1000)  # one text for all rows that are so
def _miscount(fields: int, names: int, advice: str = "check its delimiters and quotes") -> str:
    return f"the row has {fields} fields, the header {names}: {advice}"


def _any_of(*characters: str | None) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(each) for each in characters if each))


def _end(line: str) -> int:
    """Where the line end begins."""
    if line.endswith("\n"):
        return len(line) - (2 if line.endswith("\r\n") else 1)
    return len(line) - line.endswith("\r")


def _odd_field(row: Sequence[str]) -> int:
    """The first field with a NUL, or with a byte that is none of the encoding."""
    odd = (place for place, field in enumerate(row) if re.search("[\0\udc80-\udcff]", field))
    return next(odd, len(row))


def _check_length(length: int, place: int) -> None:
    if length > delimited_blocks.LONGEST_FIELD:
        limit = f"{delimited_blocks.LONGEST_FIELD:,}"
        raise BrokenError(f"a field has over {limit} characters: is a quote never closed?", place)
