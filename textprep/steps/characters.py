"""Steps on single characters: case, punctuation, quotation marks, control characters.

All have the scope ``"word"``: they map characters, white space to white space, and look no further than to
the end of a word (lower-casing a capital sigma does).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import regex

from textprep.letters import JOINING, LETTER_SIGNS
from textprep.steps.base import Step
from textprep.steps.edits import Edit, character_edits
from textprep.steps.matching import MatchStep

if TYPE_CHECKING:
    import pyarrow as pa

Category = Literal["P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So"]
_INNER, _FLANK = "'\u2019\u2010\u2011-", r"\p{L}\p{M}\p{N}"


class Lowercase(Step):
    """Make every letter lower-case.

    ``Great`` and ``great`` become one word, so that the vocabulary is smaller and each word is seen more
    often. Follows Unicode's full mapping without a language: ``İ`` becomes ``i`` and a combining dot, a
    capital sigma at the end of a word ``ς``; ``ß`` stays. Turkish and Azeri have ``ı`` for ``I``, which no
    mapping can know: there, put ``ReplacePattern(pattern="I", replacement="ı")`` and the same for ``İ`` and
    ``i`` before this step.

    >>> Lowercase()("A GREAT Film")
    'a great film'
    """

    name = "lowercase"
    scope = "word"
    idempotent = True

    def __call__(self, text: str) -> str:
        """``text`` in lower case."""
        return text.lower()

    def edits(self, text: str) -> Iterable[Edit]:
        """An edit for each letter that changes."""
        return character_edits(text, text.lower(), lambda letter: len(letter.lower()))

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts in lower case; those in ASCII by Arrow's kernel."""
        from textprep.steps.columns import lower_rows

        return lower_rows(self, texts)

    def fold_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts with their ASCII letters in lower case."""
        import pyarrow.compute as pc

        return pc.ascii_lower(texts)


class Casefold(Step):
    """Make letters alike that differ in case only, by Unicode's full case folding.

    Goes further than `Lowercase`: ``Straße``, ``STRASSE`` and ``strasse`` become one word, and ``ς`` and
    ``σ`` one letter. Take it to compare words, in German or Greek above all, and `Lowercase` where a person
    reads the result. Like that step it knows no language, so Turkish ``I`` becomes ``i``.

    >>> Casefold()("Die STRASSE, die Straße")
    'die strasse, die strasse'
    """

    name = "casefold"
    scope = "word"
    idempotent = True

    def __call__(self, text: str) -> str:
        """``text`` with its case folded."""
        return text.casefold()

    def edits(self, text: str) -> Iterable[Edit]:
        """An edit for each letter that changes."""
        return character_edits(text, text.casefold(), lambda letter: len(letter.casefold()))

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts in lower case; those in ASCII by Arrow's kernel."""
        from textprep.steps.columns import lower_rows

        return lower_rows(self, texts)

    def fold_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts with their ASCII letters in lower case."""
        import pyarrow.compute as pc

        return pc.ascii_lower(texts)


class StripPunctuation(MatchStep):
    """Replace every run of punctuation and symbols (Unicode categories P and S) by ``replacement``.

    For models on words alone, ``film``, ``film.`` and ``"film"`` are then one word. The default is a space
    because nothing is glued by it: people write ``well-made`` and ``end.Start``, and ``wellmade`` and
    ``endStart`` are words that nobody wrote. The price is that ``don't`` becomes ``don t``: keep what is
    inside words with ``keep_inside_words=True``, keep characters everywhere with ``keep="'"``, or delete
    punctuation with ``replacement=""``. `CollapseWhitespace` removes the double spaces that are left.
    What only looks like punctuation stays: letters such as ``՞`` and ``꞉`` in their words, and the marks
    inside of ``п'ять``, ``ד״ר`` and ``col·lega``, as Unicode's word boundaries have it.

    Attributes:
        keep: the characters to leave as they are.
        replacement: what stands for a run of the others.
        categories: which Unicode categories count; ``("P",)`` leaves symbols such as ``+`` and ``€``.
        keep_inside_words: whether an apostrophe or hyphen with a letter or digit on both sides stays.

    >>> StripPunctuation()("A well-made film.Really")
    'A well made film Really'
    >>> StripPunctuation(keep_inside_words=True)("'I don't like state-of-the-art -- stuff'")
    " I don't like state-of-the-art   stuff "
    """

    name = "strip_punctuation"
    version = 2

    keep: str = ""
    replacement: str = " "
    categories: tuple[Category, ...] = ("P", "S")
    keep_inside_words: bool = False

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts without punctuation and symbols; those in ASCII by Arrow's kernel."""
        import pyarrow.compute as pc

        from textprep.steps.columns import beyond_ascii, clean_rows

        if self.keep_inside_words:  # Arrow's patterns cannot look around
            return super().clean_column(texts)
        removed = "".join(rf"\x{i:02x}" for i in range(128) if self._pattern().match(chr(i)))
        replacement = self.replacement.replace("\\", "\\\\")
        cleaned = pc.replace_substring_regex(texts, f"[{removed}]+", replacement) if removed else texts
        return clean_rows(self, texts, beyond_ascii(texts), cleaned)

    def _pattern(self) -> regex.Pattern[str]:
        return _punctuation(self.categories, self.keep, self.keep_inside_words)

    def _replaced(self, match: regex.Match[str]) -> str:
        return self.replacement


@lru_cache
def _punctuation(categories: tuple[str, ...], keep: str, keep_inside_words: bool) -> regex.Pattern[str]:
    removed = "".join(rf"\p{{{category}}}" for category in categories) or r"\P{Any}"
    kept = "".join(f"\\U{ord(character):08x}" for character in keep)
    sign = f"[[{removed}]--[{kept}]]" if kept else f"[{removed}]"
    letter = rf"(?<=[\p{{L}}\p{{M}}])[{LETTER_SIGNS}]|[{LETTER_SIGNS}](?=[\p{{L}}\p{{M}}])|{JOINING}"
    if keep_inside_words:
        letter += rf"|(?<=[{_FLANK}])[{_INNER}](?=[{_FLANK}])"
    return regex.compile(f"(?V1)(?:(?!{letter}){sign})++")


class NormalizeQuotes(MatchStep):
    """Write quotation marks and apostrophes as on a typewriter: ``'`` and ``"``.

    Word processors curl them, web sites do not, so that ``don’t`` and ``don't`` are two words for one, and
    some lists of words know the second only. The marks of European languages count (``‘’‚‛‹›`` and
    ``“”„‟«»``), full-width ones, the letter ``ʼ``, and the acute accent and (between letters) the grave
    accent that some type for an apostrophe. The corner brackets of Chinese and Japanese stay.

    >>> NormalizeQuotes()("“good”, „gut“, «bon»")
    '"good", "gut", "bon"'
    >>> NormalizeQuotes()("I don’t, she didn´t, it isnʼt")
    "I don't, she didn't, it isn't"
    """

    name = "normalize_quotes"

    expression = (
        r"(?P<double>[\u201c-\u201f\u00ab\u00bb\uff02\u301d-\u301f])"
        r"|[\u2018-\u201b\u2039\u203a\uff07\u02bc\u00b4]|(?<=\p{L})`(?=\p{L})"
    )

    def _replaced(self, match: regex.Match[str]) -> str:
        return '"' if match["double"] else "'"


class StripControl(MatchStep):
    """Delete characters that are not there to be seen: control and format characters, lone surrogates.

    They come from old files, terminals, copied web pages and people who hide words from filters, and make
    words different that look the same. It deletes the categories Cc (but white space), Cf, Cs and the
    noncharacters: null and escape, soft hyphens, zero-width spaces and joiners, byte order marks, marks and
    overrides of direction, tags. Arabic number signs, which are in Cf, can be seen and stay. Joiners hold
    Persian and Indic words and composed emoji together: there, keep them.

    Attributes:
        keep: the characters to leave as they are, for instance ``"\u200c\u200d"``, the joiners.

    >>> StripControl()("A\u200b gre\u00adat\x07 \u202efilm\ufeff")
    'A great film'
    """

    name = "strip_control"

    expression = (
        r"(?V1)[[\p{Cc}\p{Cf}\p{Cs}\p{Noncharacter_Code_Point}]"
        r"--[\s\x1c-\x1f\p{Prepended_Concatenation_Mark}]]++"
    )

    keep: str = ""

    def _replaced(self, match: regex.Match[str]) -> str:
        return "".join(character for character in match[0] if character in self.keep)
