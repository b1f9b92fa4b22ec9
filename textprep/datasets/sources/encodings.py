"""Bytes → characters, strictly: a byte that does not belong is named, and nothing is put in its place."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from textprep.errors import DatasetError

_MARKS = {
    "utf-8": ((codecs.BOM_UTF8, "utf-8"),),
    "utf-16": ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")),
    "utf-32": ((codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be")),
}
_WITHOUT_MARK = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_UNITS = {"utf-16": 2, "utf-32": 4}
LONGEST_MARK = 4


class Encoding(NamedTuple):
    """An encoding, once the first bytes of a file have said which of its forms it is.

    Attributes:
        name: as Python calls it.
        unit: how many bytes a character takes at least.
        byte_order_mark: what the file begins with.
    """

    name: str
    unit: int = 1
    byte_order_mark: bytes = b""

    def decode(self, line: bytes) -> tuple[str, str | None]:
        """The characters of ``line``, and what is wrong with its bytes.

        >>> Encoding("utf-8").decode(b"caf\\xe9")[1]
        'byte 0xe9 (number 3 of the line, from 0) is not utf-8; name the right encoding with encoding='
        """
        try:
            return line.decode(self.name), None
        except UnicodeDecodeError as error:
            return self._marked(line), problem_of(error, self.name, "line")

    def _marked(self, line: bytes) -> str:
        """The characters, bytes that do not belong as lone surrogates (PEP 383) or escapes."""
        try:
            return line.decode(self.name, "surrogateescape")
        except UnicodeDecodeError:
            return line.decode(self.name, "backslashreplace")

    def ending(self, end: str) -> bytes:
        """A line end in this encoding."""
        return end.encode(self.name)


def problem_of(error: UnicodeDecodeError, name: str, place: str, before: int = 0) -> str:
    """What is wrong with the bytes of a line or a file, ``before`` of which came before those at hand."""
    byte = error.object[error.start]
    return (
        f"byte {byte:#04x} (number {before + error.start} of the {place}, from 0) is not {name}; "
        "name the right encoding with encoding="
    )


def checked_encoding(name: str) -> str:
    """An encoding of texts, as Python calls it.

    Raises:
        DatasetError: none is called so.
    """
    try:
        found = codecs.lookup(name)
        if not isinstance(b"".decode(name), str):  # "hex" turns bytes into bytes, which decode() refuses
            raise LookupError
    except (LookupError, TypeError, UnicodeError) as error:
        raise DatasetError(
            f"no encoding is called {name!r}", option="encoding", hint="try 'utf-8', 'utf-16' or 'cp1252'"
        ) from error
    return "utf-8" if found.name == "utf-8-sig" else found.name


def encoding_of(name: str, beginning: bytes) -> Encoding:
    """The encoding ``name`` of a file that begins with these bytes.

    >>> encoding_of("utf-16", b"\\xfe\\xff\\x00a")
    Encoding(name='utf-16-be', unit=2, byte_order_mark=b'\\xfe\\xff')
    """
    checked = checked_encoding(name)
    unit = _UNITS.get(checked[:6], 1)
    for mark, form in _MARKS.get(checked, ()):
        if beginning.startswith(mark):
            return Encoding(form, unit, mark)
    return Encoding(_WITHOUT_MARK.get(checked, checked), unit)


def whole_text(content: bytes, encoding: str) -> str:
    """A whole file as text, its byte-order mark dropped.

    Raises:
        UnicodeDecodeError: it is not of that encoding.
    """
    form = encoding_of(encoding, content[:LONGEST_MARK])
    return content[len(form.byte_order_mark) :].decode(form.name)
