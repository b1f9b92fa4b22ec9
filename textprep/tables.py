"""Plain text tables for a terminal: aligned, one line a row, never wider than asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

GAP = "  "


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, width: int = 80) -> str:
    """Rows under a header, in columns; columns of numbers are aligned on the right.

    The widest columns are cut, with ``…``, until a line fits ``width``. Line breaks and other unprintable
    characters become spaces, so that no text can move the cursor. Wide characters (Chinese, Japanese,
    Korean, most emoji) count as two columns.

    >>> print(table(["class", "rows"], [["good", 12], ["bad", 7]]))
    class  rows
    -----  ----
    good     12
    bad       7
    """
    lines = [[printable(cell) for cell in line] for line in (header, *rows)]
    widths = _fit([max(map(display_width, column)) for column in zip(*lines, strict=True)], width)
    right = [_is_numeric(column) for column in zip(*lines[1:], strict=True)] or [False] * len(widths)
    lines.insert(1, ["-" * column_width for column_width in widths])
    return "\n".join(_line(cells, widths, right) for cells in lines)


def display_width(text: str) -> int:
    """The columns that ``text`` takes on a terminal.

    >>> display_width("film"), display_width("映画")
    (4, 4)
    """
    return sum(_character_width(character) for character in text)


def shorten(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns, cut at the end with ``…``.

    >>> shorten("documentaries", 8)
    'documen…'
    """
    if display_width(text) <= width:
        return text
    kept, used = "", 1
    for character in text:
        used += _character_width(character)
        if used > width:
            break
        kept += character
    return kept + "…"


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(cell: object) -> str:
    """``cell`` as text in which line breaks and other unprintable characters are spaces.

    >>> printable("a\\x1b[31mb")
    'a [31mb'
    """
    text = str(cell)
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _fit(widths: list[int], width: int) -> list[int]:
    """Take columns from the widest until all fit, or each is down to three."""
    while sum(widths) + len(GAP) * (len(widths) - 1) > width and max(widths) > 3:
        widths[widths.index(max(widths))] -= 1
    return widths


def _is_numeric(column: Iterable[str]) -> bool:
    return all(re.fullmatch(r"[-+]?[\d.,]*[%]?", cell) for cell in column)


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = []
    for cell, width, on_right in zip(cells, widths, right, strict=True):
        text = shorten(cell, width)
        space = " " * (width - display_width(text))
        parts.append(space + text if on_right else text + space)
    return GAP.join(parts).rstrip()
