"""Many rows of a delimited file at once, by Arrow's reader, where it must give what the strict one gives.

Arrow's reader forgives what the strict one does not: a field that goes on behind its closing quote. So the
quotes of a stretch that no escape character takes are looked at first. Counted from the beginning of a row,
the odd ones open a field or are the second of a doubled quote, the even ones close it or are the first of
one; where each stands beside a delimiter, a line end or another quote, both readers see the same fields, and
a line end after an even number of quotes ends a row. A stretch in which that does not hold, or that Arrow
refuses, is read row by row.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import TYPE_CHECKING

from textprep.datasets.formats.delimited_dialect import Dialect
from textprep.datasets.sources import window as windows
from textprep.datasets.sources.window import Window

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

LONGEST_FIELD = 64 * 2**20  # characters; the csv module's own limit, 131,072, is less than a book
NEWLINE, RETURN = b"\n\r"


def take_table(
    window: Window, names: Sequence[str], dialect: Dialect, header: bytes = b""
) -> tuple[memoryview, pa.Table] | None:
    """The bytes and the table of the rows in hand, which the window is then done with.

    ``None`` where the next row must be looked at by itself: it is not well formed, does not end within what
    is in hand, or is of another encoding than UTF-8.
    """
    import numpy as np

    if window.encoding.name not in ("utf-8", "ascii") or not "".join(dialect.special).isascii():
        return None
    if window.in_hand <= windows.CHUNK // 2:
        window.more()
    stretch = memoryview(window.data)[window.start :][:LONGEST_FIELD]  # no field in it is longer
    codes = np.frombuffer(stretch, np.uint8)
    escaped = _escaped(codes, dialect.escape)
    quotes = (
        _unescaped(np.flatnonzero(codes == ord(dialect.quote)), escaped) if dialect.quote else escaped[:0]
    )
    size = _rows_end(window, len(stretch), quotes, escaped)
    codes, stretch = codes[:size], stretch[:size]
    quotes, escaped = (places[: np.searchsorted(places, size)] for places in (quotes, escaped))
    controls = np.flatnonzero(codes <= RETURN)  # few: line ends above all, and NUL
    is_odd = window.encoding.name == "ascii" and size and codes.max() > 127
    if (
        not size
        or is_odd
        or not codes[controls].all()
        or not _well_formed(codes, quotes, escaped, controls, dialect)
    ):
        return None
    is_within_lines = not (len(quotes) or len(escaped))
    begins_with_mark = bytes(stretch[:3]) == codecs.BOM_UTF8  # which Arrow drops anywhere
    table = _parsed(stretch, names, dialect, newlines_in_values=not is_within_lines)
    if table is None or begins_with_mark or (header and _is_row(header, window, size)):
        return None
    window.advance(size, _count_lines(codes, controls))
    return stretch, table


def _is_row(row: bytes, window: Window, size: int) -> bool:
    """Whether the rows in hand may hold this one."""
    data, end = window.data, window.start + size
    at = data.find(row, window.start, end)
    while at >= 0:
        before, behind = data[max(at - 1, 0) : at], data[at + len(row) : at + len(row) + 1]
        if before in b"\r\n\xbf" and behind in b"\r\n":
            return True
        at = data.find(row, at + 1, end)
    return False


def _escaped(codes: npt.NDArray[np.uint8], escape: str | None) -> npt.NDArray[np.intp]:
    """Where a character stands behind an escape character that is not escaped itself."""
    import numpy as np

    at = np.flatnonzero(codes == ord(escape)) if escape else np.empty(0, np.intp)
    numbers = np.arange(len(at))
    begins = np.diff(at, prepend=-2) > 1  # the first of some that stand side by side
    first = np.maximum.accumulate(np.where(begins, numbers, 0))
    escaped: npt.NDArray[np.intp] = at[(numbers - first) % 2 == 0] + 1
    return escaped


def _unescaped(places: npt.NDArray[np.intp], escaped: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    import numpy as np

    if not len(escaped):
        return places
    free: npt.NDArray[np.intp] = places[~np.isin(places, escaped, assume_unique=True)]
    return free


def _rows_end(window: Window, size: int, quotes: npt.NDArray[np.intp], escaped: npt.NDArray[np.intp]) -> int:
    """Where the last row ends within ``size`` bytes: behind a line end after an even number of quotes."""
    import numpy as np

    end = window.data.rfind(b"\n", window.start, window.start + size) + 1 - window.start
    if window.ended and size == window.in_hand:
        end = size
    while end > 0:
        before = int(np.searchsorted(quotes, end))
        at = int(np.searchsorted(escaped, end - 1))
        if at < len(escaped) and escaped[at] <= end:  # the line end is escaped, or what comes behind the end
            limit = window.start + end - 1
        elif before % 2:
            limit = window.start + int(quotes[before - 1])
        else:
            return end
        end = window.data.rfind(b"\n", window.start, limit) + 1 - window.start
    return 0


def _well_formed(
    codes: npt.NDArray[np.uint8],
    quotes: npt.NDArray[np.intp],
    escaped: npt.NDArray[np.intp],
    controls: npt.NDArray[np.intp],
    dialect: Dialect,
) -> bool:
    """Whether Arrow's reader must see what the strict one sees."""
    import numpy as np

    if not dialect.lone_returns and _lone_returns(codes, controls):
        return False
    if dialect.comment and _begins_line(codes, controls, dialect.comment):
        return False
    if len(escaped) and np.isin(codes[escaped], (RETURN, ord("N"))).any():
        return False
    beside = np.zeros(256, dtype=bool)
    beside[[NEWLINE, RETURN, *map(ord, filter(None, dialect[:2]))]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = opening[opening > 0] - 1
    after = codes[closing[closing < len(codes) - 1] + 1]
    is_closed = len(opening) == len(closing) and len(_unescaped(before, escaped)) == len(before)
    return is_closed and bool(beside[codes[before]].all() and beside[after].all())


def _lone_returns(codes: npt.NDArray[np.uint8], controls: npt.NDArray[np.intp]) -> bool:
    returns = controls[codes[controls] == RETURN]
    return bool(len(returns)) and (
        int(returns[-1]) == len(codes) - 1 or bool((codes[returns + 1] != NEWLINE).any())
    )


def _begins_line(codes: npt.NDArray[np.uint8], controls: npt.NDArray[np.intp], comment: str) -> bool:
    """Whether a line begins with what may be a comment."""
    starts = controls[controls < len(codes) - 1] + 1
    first = comment.encode()[0]
    return bool(codes[0] == first or (codes[starts] == first).any())


def _parsed(
    stretch: memoryview, names: Sequence[str], dialect: Dialect, *, newlines_in_values: bool
) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import csv

    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(stretch)),
            read_options=csv.ReadOptions(
                column_names=list(names), block_size=max(len(stretch), 1), use_threads=False
            ),
            parse_options=csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                escape_char=dialect.escape or False,
                newlines_in_values=newlines_in_values,
            ),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowException:
        return None


def _count_lines(codes: npt.NDArray[np.uint8], ends: npt.NDArray[np.intp]) -> int:
    """Line ends of all three kinds, and the end of a file that has none."""
    import numpy as np

    kinds = codes[ends]
    pairs = (kinds[:-1] == RETURN) & (kinds[1:] == NEWLINE) & (np.diff(ends) == 1)
    both = int(np.count_nonzero(kinds == NEWLINE)) + int(np.count_nonzero(kinds == RETURN))
    return both - int(np.count_nonzero(pairs)) + int(codes[-1] not in (NEWLINE, RETURN))
