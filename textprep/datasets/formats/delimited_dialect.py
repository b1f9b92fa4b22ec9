"""How the fields of a delimited file are told apart and called, as a person says it and as the file does."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import Any, NamedTuple

from textprep.datasets.schema.columns import GUESS
from textprep.datasets.sources.window import Window
from textprep.errors import DatasetError


class Dialect(NamedTuple):
    r"""What parts fields and rows.

    >>> Dialect().is_quoted, Dialect("\t", quote=None).is_quoted
    (True, False)

    Attributes:
        delimiter: the character between fields.
        quote: what fields that hold a delimiter, a line end or a quote stand in, doubled within; ``None``
            where a quote is a character like any other; ``"?"`` until the file has shown which.
        escape: what makes the character behind it part of the field, whatever it is.
        skip_lines: lines before the header, or before the first row.
        comment: what a line begins with that is no row.
        lone_returns: whether a carriage return alone ends a line; without quotes it is part of a field,
            unless the first line ends so.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    skip_lines: int = 0
    comment: str | None = None
    lone_returns: bool = True

    @property
    def is_quoted(self) -> bool:
        """Whether there are quotes, in which a line end is part of the field."""
        return self.quote not in (None, GUESS)

    @property
    def special(self) -> tuple[str, ...]:
        """The characters that mean something."""
        return tuple(filter(None, (self.delimiter, self.quote, self.escape)))


CSV, TSV = Dialect(), Dialect("\t", quote=GUESS)


PANDAS = (
    'pandas reads longer ones: load_dataset("memory", rows=pandas.read_csv(…, sep={!r}, engine="python"), …)'
)


class Names(NamedTuple):
    """The columns of a file; those without a name, called by their position, hold no empty values."""

    all: Sequence[str]
    unnamed: frozenset[str] = frozenset()
    header: bytes = b""  # the row that names them, without its line end

    def fields(self, row: Sequence[str]) -> dict[str, str]:
        """The values of a row by the names of their columns."""
        fields = dict(zip(self.all, row, strict=True))
        for name in self.unnamed:
            if not fields[name]:
                del fields[name]
        return fields

    def at(self, place: int) -> str | None:
        """The name of a column, where there is one."""
        return self.all[place] if place < len(self.all) else None


def bare(source: bytes) -> bytes:
    """A row without its line end, and without a byte-order mark, which each of several files may have."""
    return source.removeprefix(codecs.BOM_UTF8).rstrip(b"\r\n\0")


def checked_dialect(dialect: Dialect) -> Dialect:
    """The dialect, its options checked.

    Raises:
        DatasetError: one cannot be used.
    """
    for option in ("delimiter", "quote", "escape"):
        value = getattr(dialect, option)
        if not (_is_character(value) or (value is None and option != "delimiter")):
            none = "" if option == "delimiter" else ", or None"
            raise DatasetError(
                f"{option}= is one character, not a line end{none}, not {value!r}",
                option=option,
                hint=PANDAS.format(value) if option == "delimiter" and value else None,
            )
    if len(set(dialect.special)) < len(dialect.special):
        raise DatasetError(
            f"delimiter= is one character, neither the quote nor the escape character: {dialect.special}",
            option="delimiter",
        )
    if not isinstance(dialect.skip_lines, int) or dialect.skip_lines < 0:
        raise DatasetError(
            f"skip_lines= is a number of lines, not {dialect.skip_lines!r}", option="skip_lines"
        )
    if dialect.comment is not None and not (isinstance(dialect.comment, str) and dialect.comment.strip()):
        raise DatasetError(
            f"comment= is what the lines begin with that are no rows, such as '#', not {dialect.comment!r}",
            option="comment",
        )
    return dialect


def _is_character(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1 and value not in "\r\n\0"


def skip_beginning(window: Window, dialect: Dialect) -> tuple[Dialect, list[str]]:
    """Be done with what comes before the header; what the first line says of the dialect is taken.

    Excel begins a file with ``sep=;`` where a person asked for it, and PowerShell with ``#TYPE …``.
    """
    notes: list[str] = []
    for _ in range(dialect.skip_lines):
        _skip_line(window)
    raw = next(window.lines(lone_returns=True), b"")
    line = window.encoding.decode(raw[:1000])[0].rstrip("\r\n")
    ends_in_return = raw.endswith(window.encoding.ending("\r"))
    dialect = dialect._replace(lone_returns=dialect.is_quoted or ends_in_return)
    said = line[4:5] if line[:4].lower() == "sep=" and len(line) == 5 else ""
    if said and _is_character(said):
        _skip_line(window)
        if dialect.delimiter == CSV.delimiter and said not in dialect.special:
            dialect = dialect._replace(delimiter=said)
            notes.append(f"{window.name}: its first line, {line!r}, says delimiter={said!r}")
    elif line.startswith("#TYPE "):
        _skip_line(window)
        notes.append(f"{window.name}: its first line, {line:.60}, is no header and was left out")
    return dialect, notes


def _skip_line(window: Window) -> None:
    raw = next(window.lines(lone_returns=True), b"")
    window.header += raw
    window.advance(len(raw), 1 if raw else 0)
