"""`MatchStep`: what the steps share that replace whatever one fixed pattern matches.

The patterns are linear on any text: their quantifiers are possessive and their parts begin with different
characters, so that nothing is tried twice, and a look-behind keeps a failed match from being tried again at
each of its characters. They never match white space and treat it like the end of the text, which is what
the scope ``"word"`` promises.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import ClassVar

import regex

from textprep.steps.base import Step
from textprep.steps.edits import Edit, match_edits

WORD = r"\p{L}\p{M}\p{N}_"  # inside of a character class: what words are made of


class MatchStep(Step):
    """Base of steps that replace every match of ``expression`` by what ``_replaced`` makes of it."""

    scope = "word"
    libraries: ClassVar[tuple[str, ...]] = ("regex",)
    idempotent = True

    expression: ClassVar[str]

    def __call__(self, text: str) -> str:
        """``text`` with every match replaced."""
        return self._pattern().sub(self._replaced, text)

    def edits(self, text: str) -> Iterable[Edit]:
        """An edit for each match."""
        return match_edits(self._pattern().finditer(text), self._replaced)

    def _pattern(self) -> regex.Pattern[str]:
        return compiled(self.expression)

    def _replaced(self, match: regex.Match[str]) -> str:
        """What stands for a match."""
        raise NotImplementedError


@cache
def compiled(expression: str) -> regex.Pattern[str]:
    """The pattern of an expression; compiling is left until it is used, so that importing costs nothing."""
    return regex.compile(expression)
