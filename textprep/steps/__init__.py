"""Cleaning steps, ``str → str``, one file a family; registered through the same hook as a plugin's.

Making your own takes three lines: see `textprep.steps.function`.
"""

from __future__ import annotations

from textprep.hookspecs import hookimpl
from textprep.steps.base import Step
from textprep.steps.characters import Casefold, Lowercase, NormalizeQuotes, StripControl, StripPunctuation
from textprep.steps.contractions import ExpandContractions
from textprep.steps.emoji import NameEmoji, StripEmoji
from textprep.steps.entities import (
    ReplaceEmails,
    ReplaceHashtags,
    ReplaceMentions,
    ReplaceNumbers,
    ReplaceUrls,
)
from textprep.steps.function import step
from textprep.steps.markup import StripMarkup
from textprep.steps.patterns import ReplacePattern
from textprep.steps.unicode import FixMojibake, NormalizeUnicode, StripAccents
from textprep.steps.whitespace import CollapseWhitespace
from textprep.steps.words import CollapseRepeats, RemoveStopwords, Stem, TruncateWords

__all__ = [
    "Casefold",
    "CollapseRepeats",
    "CollapseWhitespace",
    "ExpandContractions",
    "FixMojibake",
    "Lowercase",
    "NameEmoji",
    "NormalizeQuotes",
    "NormalizeUnicode",
    "RemoveStopwords",
    "ReplaceEmails",
    "ReplaceHashtags",
    "ReplaceMentions",
    "ReplaceNumbers",
    "ReplacePattern",
    "ReplaceUrls",
    "Stem",
    "Step",
    "StripAccents",
    "StripControl",
    "StripEmoji",
    "StripMarkup",
    "StripPunctuation",
    "TruncateWords",
    "step",
]


@hookimpl
def textprep_steps() -> dict[str, type[Step]]:
    """The built-in steps."""
    return {
        "casefold": Casefold,
        "collapse_repeats": CollapseRepeats,
        "collapse_whitespace": CollapseWhitespace,
        "expand_contractions": ExpandContractions,
        "fix_mojibake": FixMojibake,
        "lowercase": Lowercase,
        "name_emoji": NameEmoji,
        "normalize_quotes": NormalizeQuotes,
        "normalize_unicode": NormalizeUnicode,
        "remove_stopwords": RemoveStopwords,
        "replace_emails": ReplaceEmails,
        "replace_hashtags": ReplaceHashtags,
        "replace_mentions": ReplaceMentions,
        "replace_numbers": ReplaceNumbers,
        "replace_pattern": ReplacePattern,
        "replace_urls": ReplaceUrls,
        "stem": Stem,
        "strip_accents": StripAccents,
        "strip_control": StripControl,
        "strip_emoji": StripEmoji,
        "strip_markup": StripMarkup,
        "strip_punctuation": StripPunctuation,
        "truncate_words": TruncateWords,
    }
