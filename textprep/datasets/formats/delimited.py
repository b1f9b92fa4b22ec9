"""CSV, TSV and their kin: a header, then a row a record, fields quoted where the dialect has quotes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textprep.datasets.formats.delimited_blocks import take_table
from textprep.datasets.formats.delimited_dialect import CSV, Dialect, checked_dialect, skip_beginning
from textprep.datasets.formats.delimited_header import columns_of, guessed_quote
from textprep.datasets.formats.delimited_rows import Names, StrictReader
from textprep.datasets.rows import Block, Record, Rejected, Rows, note
from textprep.datasets.schema.columns import GUESS
from textprep.datasets.sources.encodings import checked_encoding
from textprep.datasets.sources.paths import Paths, Records, read_paths
from textprep.datasets.sources.source import Source
from textprep.datasets.sources.window import Window, opened
from textprep.errors import DatasetError

if TYPE_CHECKING:
    import pyarrow as pa


def read_csv(
    path: Paths,
    *,
    delimiter: str = ",",
    quote: str | None = '"',
    escape: str | None = None,
    skip_lines: int = 0,
    comment: str | None = None,
    encoding: str = "utf-8",
    names: Sequence[str] | None = None,
    header: bool | None = None,
    strip: bool = True,
) -> Rows | dict[str, Rows]:
    """Files of delimited fields with a header row (RFC 4180); blank lines are passed over.

    A row whose quoting is broken is taken to end with its first line, and reading goes on with the next
    one: a quote that is never closed costs one row, not the rest of the file. A column without a name is
    called by its position (``column_3``), or left out where it is empty throughout; a first line ``sep=;`` or
    ``#TYPE …`` is taken for what it is. What was found out so is in ``corpus.notes``.

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
        quote: what stands around fields that hold a delimiter or a line end; a quote within is doubled.
            ``None`` where a quote is a character like any other.
        escape: the character that makes the one behind it part of the field: a backslash, as Spark and
            MySQL write it. ``\\N`` alone is an empty field.
        skip_lines: how many lines stand before the header.
        comment: what a line begins with that is no row, such as ``"#"``.
        encoding: of the files; a byte-order mark is accepted.
        names: of the columns, where the files have no header row, or in place of it.
        header: whether there is a header row; by default there is unless ``names`` are given and the first
            line is not certainly one.
        strip: whether white space around labels and names of columns is left out. Texts stay as they are.

    Raises:
        DatasetError: a file is missing, empty or unreadable, has another delimiter, or a name of a column
            twice. Rows with too few or too many fields, an open quote, a NUL or bytes of another encoding
            are bad rows, each with the line on which it begins.
    """
    dialect = checked_dialect(Dialect(delimiter, quote, escape, skip_lines, comment))
    if not (header is None or isinstance(header, bool)):
        raise DatasetError(f"header= is True, False or None, not {header!r}", option="header")
    read = partial(
        read_csv_file, dialect=dialect, encoding=checked_encoding(encoding), names=_checked_names(names),
        header=header, strip=strip,
    )  # fmt: skip
    return read_paths(path, read, strip=strip)


def read_tsv(
    path: Paths,
    *,
    delimiter: str = "\t",
    quote: str | None = GUESS,
    escape: str | None = None,
    skip_lines: int = 0,
    comment: str | None = None,
    encoding: str = "utf-8",
    names: Sequence[str] | None = None,
    header: bool | None = None,
    strip: bool = True,
) -> Rows | dict[str, Rows]:
    """Files of fields separated by tabs, with a header row; a quote is a character like any other.

    >>> import tempfile, textprep as tp
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "reviews.tsv")
    ...     _ = file.write_text('text\\tlabel\\n"Great," she said.\\tgood\\nDull.\\tbad\\n')
    ...     tp.load_dataset("tsv", path=file, splits=None)["train"][0]
    {'text': '"Great," she said.', 'label': 1, 'row_id': 0}

    Args:
        path: a file, a glob, a URL, a list of these, or a mapping of split names to them.
        quote: what stands around fields that hold a tab or a line end. By default there is none, unless the
            file can only have been written with quotes; ``None`` or ``'"'`` says which.
        delimiter, escape, skip_lines, comment, encoding, names, header, strip: as of the data set ``csv``.

    Raises:
        DatasetError: as the data set ``csv`` does.
    """
    return read_csv(
        path, delimiter=delimiter, quote=quote, escape=escape, skip_lines=skip_lines, comment=comment,
        encoding=encoding, names=names, header=header, strip=strip,
    )  # fmt: skip


def read_csv_file(
    source: Source,
    *,
    dialect: Dialect = CSV,
    encoding: str = "utf-8",
    names: Sequence[str] | None = None,
    header: bool | None = None,
    strip: bool = True,
) -> Records:
    """One file: as blocks wherever every row of a stretch is well formed, else row by row."""
    with opened(source, encoding) as window:
        dialect, said = skip_beginning(window, dialect)
        dialect, guessed = guessed_quote(window, dialect)
        columns, found = columns_of(window, dialect, names, header, strip=strip)
        if said or guessed or found:
            yield note(*said, *guessed, *found)
        yield from _rows(window, dialect, columns)


def _rows(window: Window, dialect: Dialect, columns: Names) -> Records:
    """What is left of the window; in the end, what columns without a name are called."""
    reader, called = StrictReader(window, dialect, columns), set[str]()
    while not window.at_end:
        byte, line = window.byte, window.line
        taken = take_table(window, columns.all, dialect)
        if taken:
            stretch, table = taken
            table = _without_empty(table, columns)
            called |= columns.unnamed & set(table.column_names)
            yield Block(table, partial(_rows_again, stretch, window, byte, line, dialect, columns))
            continue
        for row in reader.records(until=window.byte + window.in_hand):
            if columns.unnamed and isinstance(row, Record):
                called |= columns.unnamed & set(row.fields)
            yield row
    if columns.unnamed:
        yield note(_about_unnamed(window.name, columns, called))


def _without_empty(table: pa.Table, columns: Names) -> pa.Table:
    """The table; what is empty in columns without a name is missing, and they are where all of it is."""
    import pyarrow.compute as pc

    for name in columns.unnamed:
        values = table[name]
        filled = pc.if_else(pc.equal(values, ""), None, values)
        place = table.column_names.index(name)
        is_empty = filled.null_count == len(filled)
        table = table.remove_column(place) if is_empty else table.set_column(place, name, filled)
    return table


def _about_unnamed(file: str, columns: Names, called: set[str]) -> str:
    kept = [name for name in columns.all if name in called]
    empty = [str(number) for number, name in enumerate(columns.all, 1) if name in columns.unnamed - called]
    says = [f"columns without a name in the header are called {', '.join(kept)}"] * bool(kept)
    says += [f"columns with neither a name nor a value are left out: number {', '.join(empty)}"] * bool(empty)
    return f"{file}: {'; '.join(says)}"


def _rows_again(
    stretch: memoryview, window: Window, byte: int, line: int, dialect: Dialect, columns: Names
) -> Iterator[Record | Rejected]:
    rows = StrictReader(window.again(stretch, byte, line), dialect, columns).records()
    return (row for row in rows if not isinstance(row, Block))


def _checked_names(names: object) -> list[str] | None:
    if names is None:
        return None
    given = list(names) if isinstance(names, Sequence) and not isinstance(names, (str, bytes)) else []
    if not given or not all(isinstance(name, str) and name.strip() for name in given):
        raise DatasetError(
            f"names= is a list of the names of all columns, not {names!r:.100}", option="names"
        )
    return given
