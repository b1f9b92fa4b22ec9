"""Cleaning steps, ``str → str``, one file a family; registered through the same hook as a plugin's.

Making your own takes three lines: see `textprep.steps.function`.
"""

from __future__ import annotations

from textprep.hookspecs import hookimpl
from textprep.steps.base import Step
from textprep.steps.characters import Lowercase, NormalizeUnicode, StripAccents, StripPunctuation
from textprep.steps.function import step
from textprep.steps.markup import StripMarkup
from textprep.steps.patterns import ReplacePattern
from textprep.steps.whitespace import CollapseWhitespace

__all__ = [
    "CollapseWhitespace",
    "Lowercase",
    "NormalizeUnicode",
    "ReplacePattern",
    "Step",
    "StripAccents",
    "StripMarkup",
    "StripPunctuation",
    "step",
]


@hookimpl
def textprep_steps() -> dict[str, type[Step]]:
    """The built-in steps."""
    return {
        "collapse_whitespace": CollapseWhitespace,
        "lowercase": Lowercase,
        "normalize_unicode": NormalizeUnicode,
        "replace_pattern": ReplacePattern,
        "strip_accents": StripAccents,
        "strip_markup": StripMarkup,
        "strip_punctuation": StripPunctuation,
    }
