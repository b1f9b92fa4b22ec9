"""Steps on single characters: case, punctuation, Unicode form, accents.

All have the scope ``"word"``. They map characters, or sequences of characters that white space always
ends: a white-space character composes with no neighbour, takes part in no reordering of marks and stops
the search for the end of a word that lower-casing a capital sigma needs.
"""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import regex

from textprep.steps.base import Step

if TYPE_CHECKING:
    import pyarrow as pa


class Lowercase(Step):
    """Make every letter lower-case.

    ``Great`` and ``great`` become one word, so that the vocabulary is smaller and each word is seen more
    often. Follows Unicode's full mapping without a language: ``İ`` becomes ``i`` and a combining dot, a
    capital sigma at the end of a word ``ς``; ``ß`` stays.

    >>> Lowercase()("A GREAT Film")
    'a great film'
    """

    name = "lowercase"
    scope = "word"
    idempotent = True

    def __call__(self, text: str) -> str:
        """``text`` in lower case."""
        return text.lower()

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts in lower case; those in ASCII by Arrow's kernel."""
        import pyarrow.compute as pc

        from textprep.steps.columns import beyond_ascii, clean_rows

        return clean_rows(self, texts, beyond_ascii(texts), pc.ascii_lower(texts))

    def fold_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts with their ASCII letters in lower case."""
        import pyarrow.compute as pc

        return pc.ascii_lower(texts)


class StripPunctuation(Step):
    """Replace every run of punctuation and symbols (Unicode categories P and S) by ``replacement``.

    For models on words alone, ``film``, ``film.`` and ``"film"`` are then one word. The default is a space
    because nothing is glued by it: people write ``well-made`` and ``end.Start``, and ``wellmade`` and
    ``endStart`` are words that nobody wrote. The price is that ``don't`` becomes ``don t``; keep the
    apostrophe with ``keep="'"`` or delete punctuation with ``replacement=""``. `CollapseWhitespace`
    removes the double spaces that are left.

    Attributes:
        keep: the characters to leave as they are.
        replacement: what stands for a run of the others.

    >>> StripPunctuation()("A well-made film.Really")
    'A well made film Really'
    >>> StripPunctuation(keep="'", replacement="")("I don't like it...")
    "I don't like it"
    """

    name = "strip_punctuation"
    scope = "word"
    libraries = ("regex",)
    idempotent = True

    keep: str = ""
    replacement: str = " "

    def __call__(self, text: str) -> str:
        """``text`` without punctuation and symbols."""
        # A function, since a replacement string would have its backslashes read as group references.
        return _punctuation(self.keep).sub(lambda _: self.replacement, text)

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts without punctuation and symbols; those in ASCII by Arrow's kernel."""
        import pyarrow.compute as pc

        from textprep.steps.columns import beyond_ascii, clean_rows

        removed = "".join(f"\\x{ord(sign):02x}" for sign in string.punctuation if sign not in self.keep)
        replacement = self.replacement.replace("\\", "\\\\")
        cleaned = pc.replace_substring_regex(texts, f"[{removed}]+", replacement) if removed else texts
        return clean_rows(self, texts, beyond_ascii(texts), cleaned)


@lru_cache
def _punctuation(keep: str) -> regex.Pattern[str]:
    kept = "".join(f"\\U{ord(character):08x}" for character in keep)
    return regex.compile(rf"(?V1)[[\p{{P}}\p{{S}}]--[{kept}]]+" if kept else r"[\p{P}\p{S}]+")


class NormalizeUnicode(Step):
    """Bring the text into one Unicode normalization form (Unicode Standard Annex 15).

    ``é`` can be written as one character or as ``e`` and an accent; the two look the same and are
    different words to a computer. ``NFC``, the default, makes them one and loses nothing. ``NFKC`` also
    makes one of what is the same but for its looks (``ﬁ`` and ``fi``, ``…`` and ``...``); it also turns
    ``x²`` into ``x2``. ``NFD`` and ``NFKD`` take accents apart instead.

    Attributes:
        form: ``"NFC"``, ``"NFD"``, ``"NFKC"`` or ``"NFKD"``.

    >>> NormalizeUnicode(form="NFKC")("ﬁlm…")
    'film...'
    """

    name = "normalize_unicode"
    scope = "word"
    idempotent = True

    form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC"

    def __call__(self, text: str) -> str:
        """``text`` in the form."""
        return unicodedata.normalize(self.form, text)

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts in the form; ASCII is in every form already."""
        from textprep.steps.columns import beyond_ascii, clean_rows

        return clean_rows(self, texts, beyond_ascii(texts), texts)


class StripAccents(Step):
    """Drop accents and keep the letters under them.

    ``café`` and ``cafe`` become one word, which helps where writers leave accents out. It removes every
    nonspacing mark (category Mn) and so also the vowel signs of Devanagari or Thai and the voicing marks
    of Japanese kana: do not use it for such scripts. Letters with a stroke (``ł``, ``ø``) have no accent
    in Unicode and stay. The result is in NFC.

    >>> StripAccents()("Amélie à la crème brûlée")
    'Amelie a la creme brulee'
    """

    name = "strip_accents"
    scope = "word"
    libraries = ("regex",)
    idempotent = True

    def __call__(self, text: str) -> str:
        """``text`` without nonspacing marks."""
        return unicodedata.normalize("NFC", regex.sub(r"\p{Mn}+", "", unicodedata.normalize("NFD", text)))

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts without nonspacing marks; ASCII has none."""
        from textprep.steps.columns import beyond_ascii, clean_rows

        return clean_rows(self, texts, beyond_ascii(texts), texts)
