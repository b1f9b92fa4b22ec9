"""CSV and its kin: a header, then a row a record, fields quoted where need be (RFC 4180)."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from textprep.datasets.rows import Record, Rejected
from textprep.datasets.sources.files import Paths, Records, encoding_problem, read_lines, read_paths
from textprep.errors import DatasetError

LONGEST_FIELD = 64 * 2**20  # characters; the csv module's own limit, 131,072, is less than a book

MOST_REREAD = (
    10**6
)  # lines, beyond ten times the file: without a bound, hostile quoting costs the square of the file


def read_csv(path: Paths, *, delimiter: str = ",", encoding: str = "utf-8") -> Records | dict[str, Records]:
    """Files of delimited fields with a header row; blank lines are passed over.

    A row whose quoting is broken is taken to end with its first line, and reading goes on with the next
    one: a quote that is never closed costs one row, not the rest of the file.

    >>> import tempfile, textprep as tp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.csv")
    ...     _ = file.write_text('review,sentiment\\n"Great, really.",good\\nDull.,bad\\n')
    ...     corpus = tp.load_dataset("csv", path=file, text="review", label="sentiment", splits=None)
    >>> corpus.class_names, corpus["train"][0]
    (('bad', 'good'), {'text': 'Great, really.', 'label': 1, 'row_id': 0})

    Args:
        path: a file, a list of files, or a mapping of split names to either.
        delimiter: the character between fields, such as ``","``, ``";"`` or a tab.
        encoding: of the files; a byte-order mark is accepted.

    Raises:
        DatasetError: a file is missing, empty or unreadable, or its header has a name twice or an empty
            one. Rows with too few or too many fields, an open quote, a NUL or bytes of another encoding
            are bad rows, each with the line on which it begins.
    """
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise DatasetError(f"delimiter= is one character that is no quote and no line end, not {delimiter!r}")
    return read_paths(path, partial(_read, delimiter=delimiter, encoding=encoding))


def _read(path: Path, delimiter: str, encoding: str) -> Records:
    lines = _Lines(path, encoding)
    rows = _rows(lines, delimiter)
    header = next(rows, None)
    if header is None:
        raise DatasetError(f"{path}: the file holds no header and no rows")
    names = _checked_header(header, f"{path}, line {lines.first}")
    for row in rows:
        if isinstance(row, Rejected):
            yield row
        elif len(row) == len(names):
            yield Record(dict(zip(names, row, strict=True)), str(path), lines.first)
        else:
            reason = (
                f"the row has {len(row)} fields, the header {len(names)}: is a delimiter or a quote amiss?"
            )
            yield lines.reject(reason)


class _Lines(Iterator[str]):
    """The lines of a file, which remembers those of the row at hand and can go back to its second."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.path, self.encoding = path, encoding
        self.first = 1  # the line on which the row at hand begins
        self.problem: str | None = None  # what is wrong with the characters of the row at hand
        self._source = read_lines(path, encoding, newline="")
        self._row: list[str] = []
        self._read = self._reread = 0  # lines
        self._again: list[str] = []  # lines to read once more, the next one last

    def __next__(self) -> str:
        line = self._again.pop() if self._again else self._next_of_file()
        self._row.append(line)
        problem = encoding_problem(line, self.encoding)
        if "\0" in line:
            problem = "there is a NUL character: is the file UTF-16 (then say encoding=), or no text?"
            line = line.replace("\0", "\ufffd")  # the csv module of Python 3.10 stops at a NUL
        if problem and not self.problem:
            self.problem = f"line {self.first + len(self._row) - 1}: {problem}" if self._row[1:] else problem
        return line

    def _next_of_file(self) -> str:
        line = next(self._source)
        self._read += 1
        return line

    def next_row(self) -> None:
        self.first += len(self._row)
        self._row, self.problem = [], None

    def back_to_second(self) -> None:
        self._reread += len(self._row) - 1
        if self._reread > MOST_REREAD + 10 * self._read:
            raise DatasetError(
                f"{self.path}, line {self.first}: quoting is broken in too many rows to get on; "
                "are the fields quoted with another character, or not at all?"
            )
        self._again.extend(reversed(self._row[1:]))
        del self._row[1:]

    def reject(self, reason: str) -> Rejected:
        return Rejected(str(self.path), self.first, None, reason, "".join(self._row).rstrip("\r\n"))


def _rows(lines: _Lines, delimiter: str) -> Iterator[list[str] | Rejected]:
    """The rows, blank lines left out; after a bad one the csv reader starts afresh."""
    csv.field_size_limit(max(LONGEST_FIELD, csv.field_size_limit()))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.next_row()
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken(lines, str(error))
        else:
            if lines.problem:
                yield lines.reject(lines.problem)
            elif row:
                yield row


def _broken(lines: _Lines, message: str) -> Rejected:
    if "unexpected end of data" in message:
        message = "a quote is opened and never closed"
    elif "expected after" in message:
        message = 'a quoted field goes on after its closing quote: double a quote inside a field ("")'
    elif "field larger" in message:
        message = f"a field has over {csv.field_size_limit():,} characters: is a quote never closed?"
    lines.back_to_second()
    return lines.reject(message)


def _checked_header(header: list[str] | Rejected, place: str) -> list[str]:
    if isinstance(header, Rejected):
        raise DatasetError(str(header))
    for number, name in enumerate(header, start=1):
        if not name.strip():
            raise DatasetError(f"{place}: column {number} of {len(header)} has no name in the header")
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise DatasetError(f"{place}: the header has the column {twice[0]!r} twice; rename one")
    return header
