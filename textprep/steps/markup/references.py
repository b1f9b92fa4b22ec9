"""Character references, as the HTML standard reads them (section 13.2.5.72 and following).

Their names come from Python, where they are the same in every release: the standard's list does not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5

from textprep.steps.edits import Edit, match_edits

_REFERENCE = re.compile(r"&(?:#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?|([a-zA-Z][a-zA-Z0-9]{1,31};?))")
_LONGEST_WITHOUT_SEMICOLON = max(len(name) for name in html5 if name[-1] != ";")
# Numbers from 128 to 159 mean what Windows-1252 means by them; five of them it leaves alone.
_WINDOWS = {chr(byte): bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}


def decode(text: str) -> str:
    """``text`` with its character references replaced; what is none stays.

    >>> decode("AT&T &lt; R&ampB &notit; &#128; &#x41; &#0;")
    'AT&T < R&B ¬it; € A \ufffd'
    """
    return _REFERENCE.sub(_character, text) if "&" in text else text


def reference_edits(text: str, start: int, stop: int) -> Iterator[Edit]:
    """What `decode` replaces in ``text[start:stop]``."""
    return match_edits(_REFERENCE.finditer(text, start, stop), _character)


def decode_attribute(value: str) -> str:
    """The same in an attribute's value, where ``&copy=1`` is part of an address."""
    return _REFERENCE.sub(_attribute_character, value) if "&" in value else value


def _character(reference: re.Match[str]) -> str:
    hexadecimal, decimal, name = reference.groups()
    if name is None:
        character = numbered(hexadecimal, 16) if hexadecimal else numbered(decimal, 10)
        return _WINDOWS.get(character, character)
    if name in html5:
        return html5[name]
    for end in range(min(len(name), _LONGEST_WITHOUT_SEMICOLON), 1, -1):
        if name[:end] in html5:
            return html5[name[:end]] + name[end:]
    return reference[0]


def _attribute_character(reference: re.Match[str]) -> str:
    name = reference[3]
    if name and name not in html5:
        return reference[0]
    if name and name[-1] != ";" and reference.string[reference.end() : reference.end() + 1] == "=":
        return reference[0]
    return _character(reference)


def numbered(digits: str, base: int) -> str:
    r"""The character with that number; U+FFFD where there is none.

    >>> numbered("0041", 16), numbered("d800", 16)
    ('A', '\ufffd')
    """
    digits = digits.lstrip("0")
    # Python reads numbers of thousands of digits in square time, or not at all.
    code = int(digits or "0", base) if len(digits) < 8 else 0
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else "\ufffd"
