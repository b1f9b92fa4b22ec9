"""Characters that no writer meant: signs that a text was read in the wrong encoding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from typing import NamedTuple

from textprep.datasets.inspection.findings import MOST_EXAMPLES, Finding, Rows

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2060-\u2064]")
# What a byte from 0x80 to 0xBF becomes where UTF-8 is read as Windows-1252 or as Latin-1.
_CONTINUED = (
    "[\x80-\xbf"
    + bytes(sorted(set(range(0x80, 0xA0)) - {0x81, 0x8D, 0x8F, 0x90, 0x9D})).decode("cp1252")
    + "]"
)
_MOJIBAKE = re.compile(
    f"\u00c3{_CONTINUED}|\u00c2[\xa0-\xbf]|\u00e2[\u20ac\u201a\u201e]{_CONTINUED}|\u00ef(?:\u00bb\u00bf|\u00bf\u00bd)"
    f"|(?:[\u00d0\u00d1]{_CONTINUED}){{2}}"
)


class Sign(NamedTuple):
    """A kind of character, how to find one in a text, what it means, and whether it is wrong."""

    name: str
    find: Callable[[str], str | None]
    says: str
    wrong: bool = True


def _first(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    def find(text: str) -> str | None:
        found = pattern.search(text)
        return found[0] if found else None

    return find


SIGNS = (
    Sign("empty", lambda text: "" if not text.strip() else None, "texts are empty: leave them out"),
    Sign(
        "replaced",
        lambda text: "\ufffd" if "\ufffd" in text else None,
        "texts hold U+FFFD: characters were lost when they were read; read the source again in its encoding",
    ),
    Sign(
        "mojibake",
        lambda text: None if text.isascii() else _first(_MOJIBAKE)(text),
        "texts look like UTF-8 that was read as Windows-1252: read the source as utf-8",
    ),
    Sign(
        "control",
        _first(_CONTROL),
        "texts hold control characters: C1 controls are often Windows-1252 that was read as Latin-1",
    ),
    Sign(
        "invisible",
        _first(_INVISIBLE),
        "texts hold invisible characters: the step strip_control removes them",
        wrong=False,
    ),
)


def odd_characters(rows: Rows) -> Iterator[Finding]:
    """A finding for each sign that some text shows, of pairs either of the two."""
    found: dict[str, set[int]] = {sign.name: set() for sign in SIGNS}
    seen: dict[str, Counter[str]] = {sign.name: Counter() for sign in SIGNS}
    for number, text in chain.from_iterable(map(enumerate, rows.columns)):
        for sign in SIGNS:
            if (character := sign.find(text)) is not None:
                found[sign.name].add(number)
                seen[sign.name][character] += 1
    for sign in SIGNS:
        if found[sign.name]:
            examples = rows.examples(sorted(found[sign.name])[:MOST_EXAMPLES])
            yield Finding(
                sign.name, sign.wrong, len(found[sign.name]), sign.says + _named(seen[sign.name]), examples
            )


def _named(seen: Counter[str]) -> str:
    """The code points that were met most, each with the number of its texts."""
    shown = [
        " ".join(f"U+{ord(character):04X}" for character in characters) + f" in {texts:,}"
        for characters, texts in sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:5]
        if characters
    ]
    return f" ({', '.join(shown)})" if shown else ""
