"""Bytes → characters, strictly: a byte that does not belong is named, and nothing is put in its place."""

from __future__ import annotations

import codecs
import re
from functools import partial
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
_COMMON = {
    "cp1252": "Western European",
    "cp1250": "Central European",
    "cp1251": "Cyrillic",
    "gb18030": "Chinese",
    "cp932": "Japanese",
    "cp949": "Korean",
}


class Problem(NamedTuple):
    """What is wrong with bytes, the option that would help, and what to set it to, where that is known."""

    reason: str
    option: str = "encoding"
    value: object = ...


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
        'byte 0xe9 (number 3 of the line, from 0) is not utf-8'
        """
        try:
            return line.decode(self.name), None
        except UnicodeDecodeError as error:
            return self._marked(line), _reason(error, self.name, "line")

    def _marked(self, line: bytes) -> str:
        """The characters, bytes that do not belong as lone surrogates (PEP 383) or escapes."""
        try:
            return line.decode(self.name, "surrogateescape")
        except UnicodeDecodeError:
            return line.decode(self.name, "backslashreplace")

    def ending(self, end: str) -> bytes:
        """A line end in this encoding."""
        return end.encode(self.name)


def problem_of(
    error: UnicodeDecodeError, name: str, place: str, before: int = 0, others: bytes = b""
) -> Problem:
    """What is wrong with the bytes of a line or a file, and what reads them.

    Args:
        error: of the bytes at hand.
        name: of the encoding.
        place: what they are.
        before: how many of it came before those at hand.
        others: bytes of the same file.
    """
    return advised(_reason(error, name, place, before), others + error.object, name)


def _reason(error: UnicodeDecodeError, name: str, place: str, before: int = 0) -> str:
    byte = error.object[error.start]
    return f"byte {byte:#04x} (number {before + error.start} of the {place}, from 0) is not {name}"


def advised(reason: str, content: bytes, name: str) -> Problem:
    """The problem with lines of which some are not of the encoding ``name``, and what reads them.

    >>> print(advised("byte 0xf6 is not utf-8", "Schöner Film;gut".encode("cp1252"), "utf-8").reason)
    byte 0xf6 is not utf-8; encoding="cp1252" (Western European) can read it
    """
    found = readings(content, name)
    if found:
        named = (f'"{each}"' + (f" ({_COMMON[each]})" if each in _COMMON else "") for each in found)
        return Problem(f"{reason}; encoding={' or '.join(named)} can read it", value=found[0])
    if any(map(partial(_decoded, name=name), _beyond_ascii(content))):
        mend = f'other lines are {name}: mend this one, or leave such rows out with on_error="skip"'
        return Problem(f"{reason}; {mend}", "on_error", "skip")
    if b"\0" in content:
        return Problem(f"{reason}: is the file UTF-16 (then say encoding=), or no text?")
    return Problem(f"{reason}; name the right encoding with encoding=")


def readings(content: bytes, name: str) -> list[str]:
    """Encodings of lines of which some are not of the encoding ``name``, the most likely first."""
    if wide := _wide(content):
        return [wide]
    if b"\0" in content:
        return []
    if name != "utf-8" and _decoded(content, "utf-8"):
        return ["utf-8"]
    lines = _beyond_ascii(content)
    if any(map(partial(_decoded, name=name), lines)):
        return []  # the other lines are damaged
    sample = b"\n".join(lines)
    is_sprinkled = 2 * len(re.findall(rb"[\x80-\xff]+", sample)) > sum(byte > 127 for byte in sample)
    found: dict[str, str] = {}
    for each in _COMMON:
        text = _decoded(content, each) and _decoded(sample, each)
        if text and is_sprinkled == (each in ("cp1252", "cp1250")) and each != name:
            found.setdefault(text, each)
    return [found[text] for text in sorted(found, key=_oddities)]


def _wide(content: bytes) -> str:
    """The encoding of more than a byte a character, where it must be one."""
    for name, marks in reversed(_MARKS.items()):  # that of UTF-32 begins with that of UTF-16
        if name != "utf-8" and content.startswith(tuple(mark for mark, _ in marks)):
            return name
    share = content.count(0) / max(len(content), 1)  # of plain English three bytes of four, or every other
    width = 32 if share > 0.6 else 16 if share > 0.3 else 0
    name = f"utf-{width}{'-be' if content[:1] == bytes(1) else ''}"
    text = _decoded(content[: len(content) // (width // 8) * (width // 8)], name) if width else ""
    return name if text and "\0" not in text else ""


def _beyond_ascii(content: bytes) -> list[bytes]:
    return [line for line in content.splitlines() if not line.isascii()]


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        return ""


def _oddities(text: str) -> int:
    """Characters beside a letter that stand in no word."""
    return len(re.findall(r"(?<=[^\W\d_])[\xa1-\xbf\xd7\xf7]|[\xa1-\xbf\xd7\xf7](?=[^\W\d_])", text))


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
