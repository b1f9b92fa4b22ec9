"""Many rows of a CSV file at once, by Arrow's reader, wherever it must give what the strict reader gives.

Arrow's reader forgives what the strict one does not: a field that goes on behind its closing quote. So the
quotes of a stretch are looked at first. Counted from the beginning of a row, the odd ones open a field or
are the second of a doubled quote, the even ones close it or are the first of one; where each stands beside a
delimiter, a line end or another quote, both readers see the same fields, and a line end after an even number
of quotes ends a row. A stretch in which that does not hold, or that Arrow refuses, is read row by row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textprep.datasets.sources import window as windows
from textprep.datasets.sources.window import Window

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

LONGEST_FIELD = 64 * 2**20  # characters; the csv module's own limit, 131,072, is less than a book
QUOTE, NEWLINE, RETURN = b'"\n\r'


def take_table(window: Window, names: list[str], delimiter: str) -> tuple[memoryview, pa.Table] | None:
    """The bytes and the table of the rows in hand, which the window is then done with.

    ``None`` where the next row must be looked at by itself: it is not well formed, does not end within what
    is in hand, or is of another encoding than UTF-8.
    """
    import numpy as np

    if window.encoding.name not in ("utf-8", "ascii") or not delimiter.isascii():
        return None
    if window.in_hand <= windows.CHUNK // 2:
        window.more()
    stretch = memoryview(window.data)[window.start :][:LONGEST_FIELD]  # no field in it is longer
    codes = np.frombuffer(stretch, np.uint8)
    quotes = np.flatnonzero(codes == QUOTE)
    size = _rows_end(window, len(stretch), quotes)
    codes, quotes, stretch = codes[:size], quotes[: np.searchsorted(quotes, size)], stretch[:size]
    controls = np.flatnonzero(codes <= RETURN)  # few: line ends above all, and NUL
    has_nul = not codes[controls].all()
    if not size or has_nul or not _well_quoted(codes, quotes, delimiter):
        return None
    table = _parsed(stretch, names, delimiter, quoted=len(quotes) > 0)
    if table is None:
        return None
    window.advance(size, _count_lines(codes, controls))
    return stretch, table


def _rows_end(window: Window, size: int, quotes: npt.NDArray[np.intp]) -> int:
    """Where the last row ends within ``size`` bytes: behind a line end after an even number of quotes."""
    import numpy as np

    end = window.data.rfind(b"\n", window.start, window.start + size) + 1 - window.start
    if window.ended and size == window.in_hand:
        end = size
    while end > 0:
        before = int(np.searchsorted(quotes, end))
        if before % 2 == 0:
            return end
        opened = window.start + int(quotes[before - 1])
        end = window.data.rfind(b"\n", window.start, opened) + 1 - window.start
    return 0


def _well_quoted(codes: npt.NDArray[np.uint8], quotes: npt.NDArray[np.intp], delimiter: str) -> bool:
    import numpy as np

    beside = np.zeros(256, dtype=bool)
    beside[[QUOTE, NEWLINE, RETURN, ord(delimiter)]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    before = codes[opening[opening > 0] - 1]
    after = codes[closing[closing < len(codes) - 1] + 1]
    return len(opening) == len(closing) and bool(beside[before].all() and beside[after].all())


def _parsed(stretch: memoryview, names: list[str], delimiter: str, *, quoted: bool) -> pa.Table | None:
    import pyarrow as pa
    from pyarrow import csv

    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(stretch)),
            read_options=csv.ReadOptions(
                column_names=names, block_size=max(len(stretch), 1), use_threads=False
            ),
            parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=quoted),
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
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
