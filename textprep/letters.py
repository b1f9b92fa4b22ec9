r"""Which characters make words in the scripts of the world, by the word-break properties of Unicode.

What looks like punctuation may be a letter, or stand for one between letters: ``ď꞉ö``, ``п'ять``, ``ד״ר``,
``ի՞նչ``, ``col·lega``; see `Unicode Standard Annex 29 <https://unicode.org/reports/tr29>`_.
Some differences keep apart what people write apart: the point and the colon join nothing, since they end
sentences, nothing joins Korean letters, which follow a closing quotation mark, and ``¸`` is no letter. The
apostrophe ``'`` or ``’`` joins no Latin letters: English and French have it where two words meet.

Parts of patterns of the package ``regex``, in its version 1 (``(?V1)``).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import regex

# Inside of a character class: signs that are letters, and white space as str.isspace has it.
LETTER_SIGNS = (
    r"\u02c2-\u02c5\u02d2-\u02d7\u02de\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u055a-\u055c\u055e\u058a\u05f3"
    r"\u070f\ua708-\ua716\ua720\ua721\ua789\ua78a\uab5b"
)
SPACE = r"\s\x1c-\x1f"

_LETTERS = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}--\p{Hangul}]"
_NOT_LATIN = rf"[{_LETTERS}--\p{{Latin}}]"
# A mark that joins the letters on both sides; any of these has the width of one character.
JOINING = (
    rf"(?:(?<=[{_LETTERS}\p{{M}}])[\u00b7\u0387\u055f\u05f4\u2018\u2027](?={_LETTERS})"
    rf"|(?<=[{_NOT_LATIN}\p{{M}}])['\u2019\uff07](?={_NOT_LATIN})"
    r"|(?<=[\p{WB=Hebrew_Letter}\p{M}])\"(?=\p{WB=Hebrew_Letter})|(?<=\p{WB=Hebrew_Letter})')"
)

_EMOJI = r"\p{Extended_Pictographic}\p{Emoji_Modifier}?+"
JOINED_EMOJI = rf"{_EMOJI}(?:\u200d{_EMOJI})++"

# Words, and each other visible character by itself.
_RUN = rf"[\w{LETTER_SIGNS}]"
WORDS = (
    rf"(?V1){_RUN}++(?:{JOINING}{_RUN}*+)*+"
    rf"|{JOINED_EMOJI}"
    rf"|[^\w{LETTER_SIGNS}{SPACE}\u200b]"
)

# Nobody sees them: format characters, selectors of variants, fillers. Joiners are looked at apart.
_INVISIBLE = r"(?V1)[[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]--[\u200b-\u200d]]++"
# Joiners shape the letters of Arabic, Indic and related scripts, and make one emoji of several; anywhere else
# they do nothing. One after a virama (combining class 9) shapes the letter before it, as in Malayalam.
_SHAPED = (
    r"[[\p{Joining_Type=D}\p{Joining_Type=L}\p{Joining_Type=R}\P{Indic_Syllabic_Category=Other}\p{M}]"
    r"--[\p{Common}\u200c\u200d]]"
)
_PICTURE = r"[\p{Extended_Pictographic}\p{Emoji_Modifier}]"
_JOINERS = r"[\u200c\u200d]++"
_IDLE_JOINER = (
    rf"(?V1)(?<![{_SHAPED}{_PICTURE}]){_JOINERS}|(?<={_PICTURE})(?:{_JOINERS}(?!{_PICTURE})|\u200c++)"
    rf"|(?<={_SHAPED})(?:(?<!\p{{ccc=9}})|(?=\u200c)){_JOINERS}(?!{_SHAPED})"
)
# What takes more than a look at each character: some by themselves, some after others, which Arrow finds too.
UNUSUAL_ALONE = rf"(?V1)[\p{{Default_Ignorable_Code_Point}}\ufff9-\ufffb{LETTER_SIGNS}]"
UNUSUAL_PAIRS = "[\\pL\\pM][\u00b7\u0387\u055f\u05f4\u2018\u2027]|[^\\x00-\u024f]['\"\u2019\uff07]"


def without_invisible(text: str) -> str:
    r"""``text`` without the characters that nobody sees, but for joiners that shape the letters beside them.

    >>> without_invisible("gre\u00adat\ufeff ❤\ufe0f")
    'great ❤'
    """
    for pattern in _unseen():
        text = pattern.sub("", text)
    return text


def visible_places(text: str) -> list[int]:
    r"""Where each character of `without_invisible` stands in ``text``.

    >>> visible_places("gr\u00adea")
    [0, 1, 3, 4]
    """
    places = list(range(len(text)))
    for pattern in _unseen():
        places = [place for start, stop in _between(pattern, text) for place in places[start:stop]]
        text = pattern.sub("", text)
    return places


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text are, and its other visible characters.

    >>> word_spans("New York's")
    [(0, 3), (4, 8), (8, 9), (9, 10)]
    """
    places = visible_places(text)
    found = _words().finditer("".join(text[place] for place in places))
    return [(places[match.start()], places[match.end() - 1] + 1) for match in found]


@cache
def _words() -> regex.Pattern[str]:
    return regex.compile(WORDS)


def _between(pattern: regex.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    done = 0
    for match in pattern.finditer(text):
        yield done, match.start()
        done = match.end()
    yield done, len(text)


@cache
def _unseen() -> tuple[regex.Pattern[str], ...]:
    return regex.compile(_INVISIBLE), regex.compile(_IDLE_JOINER)
