"""What the columns of a delimited file are called: by the file, by a person, or by their position."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product

from textprep.datasets.formats.delimited_dialect import Dialect, Names, bare
from textprep.datasets.formats.delimited_rows import StrictReader
from textprep.datasets.rows import Rejected
from textprep.datasets.schema.columns import GUESS, LABELS, TEXTS
from textprep.datasets.sources import window as windows
from textprep.datasets.sources.encodings import Encoding, encoding_of, readings
from textprep.datasets.sources.window import Window
from textprep.errors import DatasetError

SAMPLE = 100  # rows that are looked at before the first is read
DELIMITERS = (",", ";", "\t", "|", "~", "^", "\x01", "\x1f", ":")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_NAME = re.compile(r"[^\w\s]?\w+([ ._/-]+\w+){0,2}[^\w\s]?|\s*")  # one to three words, or none
_WRITTEN = re.compile('"([^"]|"")*"')

Row = Sequence[str]


def columns_of(
    window: Window, dialect: Dialect, names: Sequence[str] | None, header: bool | None, *, strip: bool
) -> tuple[Names, list[str]]:
    """The columns, and what people should know about them; the window is then done with the header.

    Args:
        window: at the first row, which may be the header.
        dialect: of the file.
        names: of the columns, in place of those in the header.
        header: whether there is one; ``None`` finds out.
        strip: whether white space around a name is left out.

    Raises:
        DatasetError: there is no row; the delimiter is another one; a name is there twice; or the names do
            not go with the rows.
    """
    reader = StrictReader(window, dialect)
    first = next(reader.rows(), None)
    if first is None:
        raise DatasetError(f"{window.name}: the file holds no header and no rows")
    place, notes = f"{window.name}, line {window.line}", []
    sample = _sample(window, dialect)
    _check_delimiter(window, dialect, sample, len(names or ()))
    if isinstance(first, Rejected):
        raise DatasetError(
            str(first), file=first.file, line=first.line, option=first.option, value=first.value
        )
    if names is None:
        _check_begins(window, dialect, first, sample)
    if header is None:
        header = names is None or _is_header(first, names, sample[1:])
        if names is None:
            _check_no_row(place, first, sample[1:])
        elif header:
            listed = ", ".join(first)
            notes = [f"{place}: names= replaces the header, {listed:.200}; header=False makes it a row"]
        elif all(map(str.isidentifier, first)):
            notes = [
                f"{place}: {', '.join(first):.200} is read as a row; header=True if it names the columns"
            ]
    source = reader.source if header else b""
    if header:
        window.header += source
        reader.done()
    _check_width(place, len(names or first), sample[header:])
    given = list(names) if names else list(first) if header else [""] * len(first)
    named = _named(place, [name.strip() for name in given] if strip else given)
    return named._replace(header=bare(source) if len(first) > 1 else b""), notes


def guessed_quote(window: Window, dialect: Dialect) -> tuple[Dialect, list[str]]:
    """The dialect: without quotes, unless the beginning of the file can only have been written with them.

    That is: all rows have the same number of fields with quotes; without, they do not, or each field that
    holds a quote stands in quotes and has those within doubled.
    """
    if dialect.quote != GUESS:
        return dialect, []
    plain, quoted = dialect._replace(quote=None), dialect._replace(quote='"', lone_returns=True)
    if window.encoding.ending('"') not in window.beginning:
        return plain, []
    rows = _sample(window, plain, most=None)
    if len(set(map(len, _sample(window, quoted, most=None)))) > 1:
        return plain, []
    if len(set(map(len, rows))) == 1 and not _are_written([field for row in rows for field in row]):
        return plain, []
    return quoted, [f"{window.name}: fields stand in quotes, as quote='\"' says; quote=None keeps the quotes"]


def _are_written(fields: Row) -> bool:
    with_quotes = [field for field in fields if '"' in field]
    return all(map(_WRITTEN.fullmatch, with_quotes)) and any('""' in field[1:-1] for field in with_quotes)


def _sample(window: Window, dialect: Dialect, most: int | None = SAMPLE) -> list[Row]:
    """The first rows, whatever their encoding; one that is broken is empty."""
    is_whole = len(window.beginning) < windows.BEGINNING
    read = islice(_sample_reader(window, dialect).rows(), most)
    rows: list[Row] = [[] if isinstance(row, Rejected) else row for row in read]
    return rows if is_whole or len(rows) == most else rows[:-1] or rows


def _sample_reader(window: Window, dialect: Dialect) -> StrictReader:
    content = _likely_text(window).replace("\0", "?").encode("utf-8", "replace")
    return StrictReader(Window(io.BytesIO(content), window.name, Encoding("utf-8")), dialect)


def _share(rows: Sequence[Row], width: int) -> float:
    """How many of the rows have so many fields."""
    return sum(len(row) == width for row in rows) / max(len(rows), 1)


def _check_delimiter(window: Window, dialect: Dialect, sample: Sequence[Row], names: int) -> None:
    """Raise `DatasetError` if another delimiter makes sense of the rows, and the one given does not."""
    width = names or len(sample[0])
    if not sample[1:] or ((width > 1 or names) and _share(sample[1:], width) >= 0.5):
        return
    for delimiter, other in product(DELIMITERS, (dialect.quote or '"', "'")):
        quote = dialect.quote if delimiter == "\t" and other != "'" else other
        if {delimiter, quote} & {dialect.delimiter, dialect.escape}:
            continue
        rows = _sample(window, dialect._replace(delimiter=delimiter, quote=quote))
        is_mapping = delimiter == ":" and any(field.startswith(" ") for field in rows[0])
        if len(rows[0]) > 1 and not is_mapping and _share(rows[1:], len(rows[0])) >= 0.9:
            also = {"quote": quote} if quote != dialect.quote else {}
            also |= dict(zip(["encoding"], _other_encodings(window), strict=False))
            say = [f"{name}={json.dumps(value)}" for name, value in {"delimiter": delimiter, **also}.items()]
            raise DatasetError(
                f"{window.name}: the delimiter is {json.dumps(delimiter)}, "
                f"not {json.dumps(dialect.delimiter)}",
                file=window.name,
                option="delimiter",
                value=delimiter,
                also=also,
                hint=f"say {' and '.join(say)}; the columns are then {', '.join(rows[0]):.300}, of which "
                f"text= and label= name two",
            )


def _likely_text(window: Window) -> str:
    """The beginning of the file from here on, in the encoding that reads it."""
    text, problem = window.encoding.decode(window.beginning[window.byte :])
    others = _other_encodings(window) if problem or "\0" in text else []
    if not others:
        return text
    form = encoding_of(others[0], window.beginning)
    return window.beginning[max(window.byte, len(form.byte_order_mark)) :].decode(form.name, "replace")


def _other_encodings(window: Window) -> list[str]:
    """What reads the file where the encoding given does not."""
    whole = window.beginning[: window.beginning.rfind(b"\n") + 1] or window.beginning
    text, problem = window.encoding.decode(whole)
    return readings(whole, window.encoding.name) if problem or "\0" in text else []


def _is_header(first: Row, names: Sequence[str], rows: Sequence[Row]) -> bool:
    """Whether the first row certainly names the columns: all of it could, and one thing shows that it does.

    That is: it holds the names given; it holds a usual name of texts and one of labels; a column has numbers
    below, or values that come again and again, of which the first is none.
    """
    plain = {_plain(name) for name in first}
    if plain == {_plain(name) for name in names}:
        return True
    if not all(map(_NAME.fullmatch, first)) or not any(first):
        return False
    if plain & set(TEXTS) and plain & set(LABELS) - set(TEXTS):
        return True
    columns = zip(*(row for row in rows if len(row) == len(first)), strict=True)
    return any(_is_none_of(name, values) for name, values in zip(first, columns, strict=False) if name)


def _is_none_of(name: str, values: Row) -> bool:
    if len(values) > 1 and all(map(_NUMBER.fullmatch, values)):
        return not _NUMBER.fullmatch(name)
    return name not in values and 2 * len(set(values)) <= len(values)


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "_").replace("-", "_")


def _check_no_row(place: str, first: Row, rows: Sequence[Row]) -> None:
    """Raise `DatasetError` if what should be the header certainly is a row: its values come again below."""
    named = [name for name in first if name]
    if (
        len(first) < 2
        or named == [str(number) for number in range(len(named))]
        or {_plain(name) for name in first} & {*TEXTS, *LABELS}
    ):
        return
    columns = zip(*(row for row in rows if len(row) == len(first)), strict=True)
    for name, values in zip(first, columns, strict=False):
        if name and values.count(name) > 1 and 2 * len(set(values)) <= len(values):
            raise DatasetError(
                f"{place}: this is a row and not the names of the columns: {name!r} is there again below",
                option="names",
                hint=f"name the {len(first)} columns with names=[…], or say header=True",
            )


def _check_width(place: str, width: int, rows: Sequence[Row]) -> None:
    """Raise `DatasetError` if all rows have another number of fields than there are names."""
    (others, times), *_ = Counter(map(len, rows)).most_common(1) or [(width, 0)]
    if others not in (0, width) and 1 < times == len(rows):
        raise DatasetError(
            f"{place}: there are {width} names of columns, and every row has {others} fields",
            option="names",
            hint=f"name all {others} with names=[…], or say skip_lines= where lines stand before the header",
        )


def _check_begins(window: Window, dialect: Dialect, first: Row, sample: Sequence[Row]) -> None:
    """Raise `DatasetError` if lines without a delimiter stand before the rows, most of which have one."""
    (width, times), *_ = Counter(map(len, sample[1:])).most_common(1) or [(1, 0)]
    if len(first) > 1 or width < 2 or times < 2 or 2 * times < len(sample):
        return
    reader = _sample_reader(window, dialect)
    line = window.line - 1 + next(reader.window.line for row in reader.rows() if len(row) == width)
    option, value = (
        ("comment", found[0]) if (found := re.match("#|%|//", first[0])) else ("skip_lines", line - 1)
    )
    raise DatasetError(
        f"{window.name}, line {window.line}: {first[0]!r:.60} is no header: the rows have {width} fields",
        file=window.name, option=option, value=value,
        hint=f"say {option}={value!r} if they begin in line {line}, or names= and header=False",
    )  # fmt: skip


def _named(place: str, names: list[str]) -> Names:
    """The names; what has none is called by its position."""
    twice = [name for name, count in Counter(filter(None, names)).items() if count > 1]
    if twice:
        raise DatasetError(
            f"{place}: the header has the column {twice[0]!r} twice",
            option="names",
            hint=f"rename one, or name all {len(names)} columns with names=[…]",
        )
    called = {number: f"column_{number}" for number, name in enumerate(names, start=1) if not name}
    for number, name in called.items():
        called[number] = names[number - 1] = next(each for each in _longer(name) if each not in names)
    return Names(tuple(names), frozenset(called.values()))


def _longer(name: str) -> Iterator[str]:
    while True:
        yield name
        name += "_"
