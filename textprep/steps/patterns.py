"""Steps on patterns that the user writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import regex
from pydantic import Field, model_validator

from textprep.errors import StepError
from textprep.steps.base import Step
from textprep.steps.edits import Edit, match_edits


class ReplacePattern(Step):
    r"""Replace whatever matches a regular expression of the package ``regex``.

    For what no other step does: years become one token, user names vanish. Some patterns take
    exponential time on some texts (``(a|aa)+$``); ``timeout`` ends that with an error instead of a run
    that hangs.

    Attributes:
        pattern: the expression; flags go inside, as in ``(?i)``.
        replacement: what stands for a match; ``\1`` and ``\g<name>`` are groups, ``\\`` is a backslash.
        timeout: seconds of processor time, all threads of the process together, that one text may take.

    Raises:
        StepError: when made, the pattern or a group reference is wrong; when called, the time is over.

    >>> ReplacePattern(pattern=r"\b(19|20)\d\d\b", replacement="<year>")("Shot in 1968, seen in 2001.")
    'Shot in <year>, seen in <year>.'
    """

    name = "replace_pattern"
    libraries = ("regex",)

    pattern: str
    replacement: str = ""
    timeout: float = Field(default=5.0, gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _check(self) -> ReplacePattern:
        try:
            compiled = _compile(self.pattern)
        except Exception as error:
            raise ValueError(f"the pattern {self.pattern!r} is wrong: {error}") from error
        try:
            _same_groups(compiled).sub(self.replacement, "")
        except Exception as error:
            raise ValueError(
                f"the replacement {self.replacement!r} does not fit the pattern {self.pattern!r}: {error}"
            ) from error
        return self

    def __call__(self, text: str) -> str:
        """``text`` with every match replaced."""
        with self._limited(text):
            return _compile(self.pattern).sub(self.replacement, text, timeout=self.timeout)

    def edits(self, text: str) -> Iterable[Edit]:
        """An edit for each match; a pattern with ``(?r)`` finds them backwards."""
        with self._limited(text):
            matches = _compile(self.pattern).finditer(text, timeout=self.timeout)
            return sorted(match_edits(matches, self.replacement))

    @contextmanager
    def _limited(self, text: str) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise StepError(
                f"step {self.name!r}: pattern {self.pattern!r} took more than {self.timeout:g} s on a text "
                f"of {len(text)} characters that begins {text[:40]!r}: simplify the pattern or raise timeout"
            ) from error


@lru_cache
def _compile(pattern: str) -> regex.Pattern[str]:
    return regex.compile(pattern)


def _same_groups(compiled: regex.Pattern[str]) -> regex.Pattern[str]:
    """The same groups in a pattern that matches the empty text: only a match has its references looked up."""
    names = {number: name for name, number in compiled.groupindex.items()}
    groups = (f"(?P<{names[n]}>)" if n in names else "()" for n in range(1, compiled.groups + 1))
    return regex.compile("".join(groups))
