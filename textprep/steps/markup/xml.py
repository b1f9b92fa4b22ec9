"""The text of XML documents (https://www.w3.org/TR/xml/), well-formed or not, in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from textprep.steps.edits import Edit, match_edits
from textprep.steps.markup.names import INLINE
from textprep.steps.markup.references import numbered

# Entities may stand for this many times the document, and be nested so deeply; further references stay as
# they are written. Without a bound a few hundred characters ask for gigabytes.
_TIMES = 10
_DEPTH = 16

_QUOTED = r"""(?> "[^"]*+ (?:"|\Z) | '[^']*+ (?:'|\Z) )"""
_UNREAD = r"""<!-- .*? (?: --> | \Z ) | <\? .*? (?: \?> | \Z )"""
_SUBSET = rf"""\[ (?<subset> (?> [^\]"'<]++ | {_QUOTED} | {_UNREAD} | < )*+ ) \]"""
_TAG = r"""< /?+ (?: [\w.\-]++ : )?+ (?<name> [^\W\d] [\w.\-]*+ | : )"""
_PIECE = regex.compile(
    rf"""
      (?<text> [^<]++ | <(?![!?/\w:]) )
    | {_UNREAD}
    | <!\[CDATA\[ (?<cdata> .*? ) (?: \]\]> | \Z )
    | <!DOCTYPE (?> [^\[>"']++ | {_QUOTED} )*+ (?: {_SUBSET} \s*+ )?+ (?: > | \Z )
    | <! [^>]*+ (?: > | \Z )
    | {_TAG} (?> (?: [^<>"']++ | "[^"]*+" | '[^']*+' )*+ > | [^<>]*+ > )
    | (?<text> < )
    """,
    regex.VERBOSE | regex.DOTALL,
)
_ENTITY = regex.compile(
    rf"""{_UNREAD} | <!ENTITY \s++ ([^\s"'%]++) \s++ ({_QUOTED})""", regex.VERBOSE | regex.DOTALL
)
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([^\s&;#<>]{1,256}));")
_PREDEFINED = {"amp": "&", "apos": "'", "gt": ">", "lt": "<", "quot": '"'}


def text_of(document: str) -> str:
    """The text of a document, with a line break for each tag that is not inline in HTML.

    >>> text_of('<p xmlns:x="urn:x"><x:title>one</x:title>&amp;<![CDATA[two < &lt;]]><b>thr</b>ee</p>')
    '\\n\\none\\n&two < &lt;three\\n'
    """
    return _Reader(_TIMES * len(document)).text(document)


def edits_of(document: str) -> Iterator[Edit]:
    """What `text_of` replaces."""
    reader = _Reader(_TIMES * len(document))
    for piece in _PIECE.finditer(document):
        if piece["text"] is not None:
            yield from reader.reference_edits(document, *piece.span())
        else:
            yield from match_edits([piece], reader.piece)


class _Reader:
    """Reads one document; ``budget`` is how many characters its entities may still stand for."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self.entities: dict[str, str] = {}
        self.expanding: list[str] = []

    def text(self, content: str) -> str:
        return _PIECE.sub(self.piece, content)

    def reference_edits(self, text: str, start: int, stop: int) -> Iterator[Edit]:
        return match_edits(_REFERENCE.finditer(text, start, stop), self._reference)

    def piece(self, piece: regex.Match[str]) -> str:
        if (text := piece["text"]) is not None:
            return _REFERENCE.sub(self._reference, text) if "&" in text else text
        if (data := piece["cdata"]) is not None:
            return data
        if name := piece["name"]:
            return "" if name.lower() in INLINE else "\n"
        if (subset := piece["subset"]) and not self.entities:
            self.entities = _declared(subset)
        return ""

    def _reference(self, reference: re.Match[str]) -> str:
        if (name := reference[3]) is None:
            return _number(reference)
        if name in _PREDEFINED:
            return _PREDEFINED[name]
        value = self.entities.get(name)
        if value is None or len(value) >= self.budget or self._too_deep(name):
            return reference[0]
        self.budget -= len(value) + 1
        self.expanding.append(name)
        text = self.text(value)
        self.expanding.pop()
        return text

    def _too_deep(self, name: str) -> bool:
        return name in self.expanding or len(self.expanding) == _DEPTH


def _declared(subset: str) -> dict[str, str]:
    """The entities that a document type declaration gives the text of; the first declaration counts."""
    found: dict[str, str] = {}
    for entity in _ENTITY.finditer(subset):
        if entity[1]:
            value = re.sub(r"&#(?:x([0-9a-fA-F]+)|([0-9]+));", _number, entity[2][1:-1])
            found.setdefault(entity[1], value)
    return found


def _number(reference: re.Match[str]) -> str:
    return numbered(reference[1], 16) if reference[1] else numbered(reference[2], 10)
