"""Steps on how Unicode writes a text: its normalization form, accents, and decoding gone wrong.

`NormalizeUnicode` and `StripAccents` have the scope ``"word"``: a white-space character composes with no
neighbour and takes part in no reordering of marks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import regex
from pydantic import model_validator

from textprep.steps.base import Step
from textprep.steps.edits import Edit, apply_edits, match_edits
from textprep.steps.extras import needed

if TYPE_CHECKING:
    import ftfy
    import pyarrow as pa

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


class NormalizeUnicode(Step):
    """Bring the text into one Unicode normalization form (Unicode Standard Annex 15).

    ``é`` can be written as one character or as ``e`` and an accent; the two look the same and are
    different words to a computer. ``NFC``, the default, makes them one and loses nothing. ``NFKC`` also
    makes one of what is the same but for its looks (``ﬁ`` and ``fi``, ``…`` and ``...``); it also turns
    ``x²`` into ``x2``. ``NFD`` and ``NFKD`` take accents apart instead. Which characters there are is what
    the Unicode version of the interpreter says (``unicodedata.unidata_version``).

    Attributes:
        form: ``"NFC"``, ``"NFD"``, ``"NFKC"`` or ``"NFKD"``.

    >>> NormalizeUnicode(form="NFKC")("ﬁlm…")
    'film...'
    """

    name = "normalize_unicode"
    scope = "word"
    idempotent = True

    form: Form = "NFC"

    def __call__(self, text: str) -> str:
        """``text`` in the form."""
        return normalized(self.form, text)

    def edits(self, text: str) -> Iterable[Edit] | None:
        """An edit for each character that changes, with its marks."""
        return _cluster_edits(text, self)

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
        return normalized("NFC", regex.sub(r"\p{Mn}+", "", normalized("NFD", text)))

    def edits(self, text: str) -> Iterable[Edit] | None:
        """An edit for each character that changes, with its marks."""
        return _cluster_edits(text, self)

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts without nonspacing marks; ASCII has none."""
        from textprep.steps.columns import beyond_ascii, clean_rows

        return clean_rows(self, texts, beyond_ascii(texts), texts)


class FixMojibake(Step):
    """Put right what was written in UTF-8 and read as something else: ``cafÃ©`` is ``café`` again.

    Text that went through a wrong decoding is full of words that nobody wrote. The package ``ftfy`` (in the
    extra ``steps``) knows what such text looks like, line by line, and leaves alone what may be meant as it
    is. Nothing else that ``ftfy`` can do is done: quotation marks, ligatures, widths and entities stay.

    Raises:
        StepError: when made, ``ftfy`` is not installed.

    >>> FixMojibake()("A cafÃ© in MÃ¼nchen, donâ€™t you know?")
    'A café in München, don’t you know?'
    """

    name = "fix_mojibake"
    libraries = ("ftfy",)

    @model_validator(mode="after")
    def _check(self) -> FixMojibake:
        needed(self.name, "ftfy")
        return self

    def __call__(self, text: str) -> str:
        """``text`` as it was meant."""
        import ftfy

        return ftfy.fix_text(text, _only_encoding())


@lru_cache
def _only_encoding() -> ftfy.TextFixerConfig:
    import ftfy

    return ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )


def _cluster_edits(text: str, clean: Callable[[str], str]) -> list[Edit] | None:
    """Each grapheme cluster cleaned; None if that is not all, as where NFKC joins Korean letters."""
    clusters = regex.finditer(r"\p{ASCII}+(?=\p{ASCII}|\Z)|\X", text)  # no mark follows: quick, and unchanged
    edits = list(match_edits(clusters, lambda cluster: clean(cluster[0])))
    return edits if apply_edits(text, edits) == clean(text) else None


def normalized(form: Form, text: str) -> str:
    """What ``unicodedata.normalize`` gives, in linear time.

    That function sorts the marks of a letter by insertion and so takes the square of their number: two
    minutes for a letter with 400,000 marks in the wrong order. Here long runs of marks are sorted before.

    >>> normalized("NFC", "e\u0323\u0301") == normalized("NFC", "e\u0301\u0323")
    True
    """
    if _long_runs().search(text):
        base: Form = "NFKD" if "K" in form else "NFD"
        text = _long_runs().sub(lambda run: _ordered(base, run[0]), text)
    return unicodedata.normalize(form, text)


def _ordered(base: Form, run: str) -> str:
    """The run taken apart and in canonical order: marks sorted by class, and otherwise as they came."""
    apart = "".join(unicodedata.normalize(base, character) for character in run)
    parts = groupby(apart, lambda character: bool(unicodedata.combining(character)))
    return "".join(
        "".join(sorted(part, key=unicodedata.combining) if marks else part) for marks, part in parts
    )


@lru_cache
def _long_runs() -> re.Pattern[str]:
    """At least 32 characters in a row that are marks, or become marks, or lie beyond the basic plane."""
    candidates = regex.findall(r"[\p{M}\p{Lm}]", "".join(map(chr, range(0x300, 0xFFFF))))
    marks = [mark for mark in candidates if unicodedata.combining(unicodedata.normalize("NFKD", mark)[0])]
    return re.compile(f"[{''.join(marks)}\U00010000-\U0001ffff]{{32,}}")
