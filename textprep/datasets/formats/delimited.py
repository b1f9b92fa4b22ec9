"""CSV and its kin: a header, then a row a record, fields quoted where need be (RFC 4180)."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from textprep.datasets.formats import delimited_blocks
from textprep.datasets.formats.delimited_blocks import take_table
from textprep.datasets.rows import Block, Record, Rejected, Rows
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import Window, opened
from textprep.errors import DatasetError

MOST_REREAD = (
    10**6
)  # lines, beyond ten times the file: without a bound, hostile quoting costs the square of the file


def read_csv(
    path: Paths, *, delimiter: str = ",", encoding: str = "utf-8", names: Sequence[str] | None = None
) -> Rows | dict[str, Rows]:
    """Files of delimited fields with a header row; blank lines are passed over.

    A row whose quoting is broken is taken to end with its first line, and reading goes on with the next
    one: a quote that is never closed costs one row, not the rest of the file.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.csv")
    ...     _ = file.write_text('review,sentiment\\n"Great, really.",good\\nDull.,bad\\n')
    ...     corpus = tp.load_dataset("csv", path=file, text="review", label="sentiment", splits=None)
    >>> corpus.class_names, corpus["train"][0]
    (('bad', 'good'), {'text': 'Great, really.', 'label': 1, 'row_id': 0})

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them; compressed where
            a name ends in .gz, .bz2, .xz, .zst or .lz4.
        delimiter: the character between fields, such as ``","``, ``";"`` or a tab.
        encoding: of the files; a byte-order mark is accepted.
        names: of the columns, where the files have no header row.

    Raises:
        DatasetError: a file is missing, empty or unreadable, or its header has a name twice or an empty
            one. Rows with too few or too many fields, an open quote, a NUL or bytes of another encoding
            are bad rows, each with the line on which it begins.
    """
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise DatasetError(
            f"delimiter= is one character, neither a quote nor a line end, not {delimiter!r}",
            option="delimiter",
        )
    header = None if names is None else _checked_header(list(names), "names=")
    read = partial(read_csv_file, delimiter=delimiter, encoding=checked_encoding(encoding), names=header)
    return read_paths(path, read)


def read_tsv(
    path: Paths, *, encoding: str = "utf-8", names: Sequence[str] | None = None
) -> Rows | dict[str, Rows]:
    """Files of fields parted by tabs, with a header row; otherwise as the data set ``csv``.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.tsv")
    ...     _ = file.write_text("text\\tlabel\\nGreat, really.\\tgood\\nDull.\\tbad\\n")
    ...     tp.load_dataset("tsv", path=file, splits=None)["train"][0]
    {'text': 'Great, really.', 'label': 1, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        encoding: of the files; a byte-order mark is accepted.
        names: of the columns, where the files have no header row.

    Raises:
        DatasetError: as the data set ``csv`` does.
    """
    return read_csv(path, delimiter="\t", encoding=encoding, names=names)


def read_csv_file(
    source: Source, *, delimiter: str = ",", encoding: str = "utf-8", names: list[str] | None = None
) -> Records:
    """One file: as blocks wherever every row of a stretch is well formed, else row by row."""
    with opened(source, encoding) as window:
        header = names or _read_header(window, delimiter)
        while not window.at_end:
            byte, line = window.byte, window.line
            taken = take_table(window, header, delimiter)
            if taken:
                stretch, table = taken
                again = partial(_rows_again, stretch, window, byte, line, header, delimiter)
                yield Block(table, again)
            else:
                yield from strict_rows(window, header, delimiter, until=window.byte + window.in_hand)


def strict_rows(
    window: Window, header: list[str], delimiter: str, until: int | None = None
) -> Iterator[Record | Rejected]:
    """The rows one by one, up to the end of the file or the first that begins at ``until`` or later."""
    lines = _Lines(window)
    for row in _rows(lines, delimiter, until):
        if isinstance(row, Rejected):
            yield row
        elif len(row) == len(header):
            fields = dict(zip(header, row, strict=True))
            yield Record(fields, window.name, window.line, window.byte, lines.source, window.header)
        else:
            reason = (
                f"the row has {len(row)} fields, the header {len(header)}: is a delimiter or a quote amiss?"
            )
            yield lines.reject(reason)


def _rows_again(
    stretch: memoryview, window: Window, byte: int, line: int, header: list[str], delimiter: str
) -> Iterator[Record | Rejected]:
    again = Window(io.BytesIO(stretch), window.name, window.encoding, byte, line, window.header)
    return strict_rows(again, header, delimiter)


def _read_header(window: Window, delimiter: str) -> list[str]:
    """The names of the columns; the bytes that say them become part of the window's header."""
    lines = _Lines(window)
    header = next(_rows(lines, delimiter), None)
    if header is None:
        raise DatasetError(f"{window.name}: the file holds no header and no rows")
    names = _checked_header(header, f"{window.name}, line {window.line}")
    window.header += lines.source
    lines.next_row()
    return names


class _Lines(Iterator[str]):
    """The lines of a window, which remembers those of the row at hand and can go back to its second."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.problem: str | None = None  # what is wrong with the characters of the row at hand
        self._source = window.lines(lone_returns=True)
        self._row: list[bytes] = []
        self._read = self._reread = 0  # lines
        self._again: list[bytes] = []  # lines to read once more, the next one last

    def __next__(self) -> str:
        raw = self._again.pop() if self._again else self._next_of_file()
        self._row.append(raw)
        line, problem = self.window.encoding.decode(raw)
        if "\0" in line:
            problem = "there is a NUL character: is the file UTF-16 (then say encoding=), or no text?"
        if problem and not self.problem:
            number = self.window.line + len(self._row) - 1
            self.problem = f"line {number}: {problem}" if self._row[1:] else problem
        return line

    def _next_of_file(self) -> bytes:
        line = next(self._source)
        self._read += 1
        return line

    @property
    def source(self) -> bytes:
        """The bytes of the row at hand."""
        return b"".join(self._row)

    def next_row(self) -> None:
        self.window.advance(sum(map(len, self._row)), len(self._row))
        self._row, self.problem = [], None

    def back_to_second(self) -> None:
        self._reread += len(self._row) - 1
        if self._reread > MOST_REREAD + 10 * self._read:
            raise DatasetError(
                f"{self.window.name}, line {self.window.line}: quoting is broken in too many rows to get on; "
                "are the fields quoted with another character, or not at all?"
            )
        self._again.extend(reversed(self._row[1:]))
        del self._row[1:]

    def reject(self, reason: str, option: str | None = None) -> Rejected:
        window, source = self.window, self.source
        text = self.window.encoding.decode(source)[0].rstrip("\r\n")
        return Rejected(
            window.name, window.line, None, reason, text,
            byte=window.byte, source=source, header=window.header, option=option,
        )  # fmt: skip


def _rows(lines: _Lines, delimiter: str, until: int | None = None) -> Iterator[list[str] | Rejected]:
    """The rows, blank lines left out; a bad one ends with its first line."""
    while until is None or lines.window.byte < until:
        line = next(lines, None)
        if line is None:
            return
        try:
            row = _fields(line, lines, delimiter)
        except _BrokenError as error:
            lines.back_to_second()
            yield lines.reject(str(error))
        else:
            if lines.problem:
                yield lines.reject(lines.problem, "encoding")
            elif row:
                yield row
        lines.next_row()


class _BrokenError(Exception):
    """The quoting of a row is broken, or one of its fields is too long."""


def _fields(line: str, lines: Iterator[str], delimiter: str) -> list[str]:
    """The fields of the row that begins with ``line``; more lines are taken for fields that go over them.

    The csv module has no limit to the length of a field but one for the whole process, and says what is
    wrong in its message alone. Most rows have no quote, and are split as fast as it does.
    """
    plain = line.rstrip("\r\n")
    if '"' not in line:
        row = plain.split(delimiter) if plain else []
        _check_lengths(map(len, row) if len(plain) > delimited_blocks.LONGEST_FIELD else ())
        return row
    row, at = [], 0
    while True:
        if line.startswith('"', at):
            field, line, at = _quoted(line, at + 1, lines)
            plain = line.rstrip("\r\n")
            if at < len(plain) and plain[at] != delimiter:
                raise _BrokenError(
                    'a quoted field goes on after its closing quote: double a quote inside a field ("")'
                )
        else:
            end = plain.find(delimiter, at)
            end = len(plain) if end < 0 else end
            field, at = plain[at:end], end
            _check_lengths([len(field)])
        row.append(field)
        if at >= len(plain):
            return row
        at += 1


def _quoted(line: str, at: int, lines: Iterator[str]) -> tuple[str, str, int]:
    """A field from behind its opening quote on; the line in which it ends, and the place behind it."""
    parts, size = [], 0
    while True:
        end = line.find('"', at)
        parts.append(line[at:] if end < 0 else line[at:end])
        size += len(parts[-1])
        _check_lengths([size])
        if end < 0:
            following = next(lines, None)
            if following is None:
                raise _BrokenError("a quote is opened and never closed")
            line, at = following, 0
        elif line.startswith('"', end + 1):
            parts.append('"')
            size, at = size + 1, end + 2
        else:
            return "".join(parts), line, end + 1


def _check_lengths(lengths: Iterable[int]) -> None:
    if any(length > delimited_blocks.LONGEST_FIELD for length in lengths):
        limit = f"{delimited_blocks.LONGEST_FIELD:,}"
        raise _BrokenError(f"a field has over {limit} characters: is a quote never closed?")


def _checked_header(header: list[str] | Rejected, place: str) -> list[str]:
    if isinstance(header, Rejected):
        raise DatasetError(str(header), file=header.file, line=header.line)
    for number, name in enumerate(header, start=1):
        if not isinstance(name, str) or not name.strip():
            raise DatasetError(f"{place}: column {number} of {len(header)} has no name in the header")
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise DatasetError(f"{place}: the header has the column {twice[0]!r} twice; rename one")
    return header
