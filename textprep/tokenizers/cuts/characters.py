"""The characters between which a space may be cut at, and what the table of SentencePiece does to them."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
import regex

# Letters, digits, punctuation and symbols, assigned since Unicode 3.2 and never changed: none is white space
# or a mark, or becomes one, or begins or ends with one, in any normal form or case; none continues or is
# continued by another character across a space. ▁ (U+2581) and � (U+FFFD) are not among them.
SOLID_RANGES = (
    (0x0021, 0x007E), (0x00A1, 0x00A7), (0x00A9, 0x00AC), (0x00B9, 0x0220), (0x0222, 0x0233),
    (0x0250, 0x02AD), (0x0386, 0x038A), (0x038E, 0x03A1), (0x03A3, 0x03CE), (0x0400, 0x0481),
    (0x048A, 0x04CE), (0x04D0, 0x04F5), (0x0531, 0x0556), (0x0561, 0x0587), (0x05D0, 0x05EA),
    (0x0621, 0x063A), (0x0641, 0x064A), (0x0660, 0x0669), (0x0671, 0x06D3), (0x0905, 0x0939),
    (0x0993, 0x09A8), (0x0B93, 0x0B95), (0x0C12, 0x0C28), (0x10D0, 0x10F0), (0x1E00, 0x1E99),
    (0x1EA0, 0x1EF9), (0x2010, 0x2016), (0x2018, 0x2027), (0x2030, 0x203A), (0x20A0, 0x20B1),
    (0x2190, 0x21FF), (0x3001, 0x3003), (0x3005, 0x3029), (0x3041, 0x3096), (0x30A1, 0x30FA),
    (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xFF01, 0xFF9D),
)  # fmt: skip
_JOINS_NEXT = regex.compile(r"\p{GCB=Prepend}")
_LABEL = 0x800000FF


@cache
def solid() -> npt.NDArray[np.bool_]:
    """(2 ** 16,) whether each character of the basic plane is one of `SOLID_RANGES`.

    >>> solid()[[ord("a"), ord("é"), ord(" "), 0x301]].tolist()
    [True, True, False, False]
    """
    table = np.zeros(1 << 16, dtype=np.bool_)
    for first, last in SOLID_RANGES:
        table[first : last + 1] = True
    return table


def is_solid(text: str) -> bool:
    """Whether every character is solid, and there is one."""
    return bool(text) and all(ord(one) < 1 << 16 and solid()[ord(one)] for one in text)


def problem_of_charsmap(charsmap: str) -> str | None:
    """The reason why a SentencePiece table may change a single space between solid characters, or None.

    It replaces each grapheme, or each character of a long one, by what it has for its shortest beginning. A
    space before a solid character is a grapheme of its own; so is what is before that, unless it comes after
    what joins the next.
    """
    for key, value in _replacements(base64.b64decode(charsmap)):
        if key == " " and value != " ":
            return "replaces the space"
        if _JOINS_NEXT.match(key):
            return f"replaces U+{ord(key[0]):04X}, which is one with the next character,"
        if (
            key
            and is_solid(key[0])
            and (not value or {value[0], value[-1]} & {*" ▁"} or value != value.strip())
        ):
            return f"replaces {key!r} by {value!r}"
    return None


def _replacements(table: bytes) -> Iterator[tuple[str, str]]:
    """Each key of the table, and what is there for it.

    The keys are in a double-array trie as of `Darts-clone <https://github.com/s-yata/darts-clone>`_.
    """
    size = int.from_bytes(table[:4], "little")
    units = np.frombuffer(table, dtype="<u4", count=size // 4, offset=4)
    values = table[4 + size :]
    waiting = [(b"", _children(0, int(units[0])))]
    while waiting:
        key, base = waiting.pop()
        places = base ^ np.arange(256)
        places = places[places < len(units)]
        for place in places[(units[places] & _LABEL) == (places ^ base)].tolist():
            label, unit = place ^ base, int(units[place])
            if not label:
                continue
            longer = key + bytes([label])
            under = _children(place, unit)
            if unit >> 8 & 1:
                start = int(units[under]) & 0x7FFFFFFF
                yield longer.decode(errors="replace"), values[start : values.index(b"\0", start)].decode()
            waiting.append((longer, under))


def _children(place: int, unit: int) -> int:
    return place ^ ((unit >> 10) << ((unit & 1 << 9) >> 6))
