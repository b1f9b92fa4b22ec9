"""Steps on white space."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textprep.steps.base import Step
from textprep.steps.edits import Edit, match_edits

if TYPE_CHECKING:
    import pyarrow as pa

_RUN = re.compile(r"\s+")
# A run of ASCII white space, unless it is one space already; one that holds a line break, or does not.
_ASCII_RUN = r"[\t-\r\x1c-\x1f ]{2,}|[\t-\r\x1c-\x1f]"
_ASCII_BLANKS = r"[\t\x1f ]{2,}|[\t\x1f]"
_ASCII_BREAKS = r" ?[\n-\r\x1c-\x1e][\n-\r\x1c-\x1e ]*"


class CollapseWhitespace(Step):
    r"""Turn every run of white space into one space and strip both ends.

    Markup and line wrapping leave runs of spaces, tabs and line breaks that mean nothing to most models;
    without them, equal sentences are equal strings. White space is what ``str.isspace`` says: Unicode's,
    the no-break space and the line separator included, and the separators ``\x1c`` to ``\x1f``. The
    zero-width space is none, see `StripControl`.

    Attributes:
        keep_line_breaks: whether a run that holds a line break (any that ``str.splitlines`` knows) becomes
            ``\n`` instead, for models that read verses, dialogues or code.

    >>> CollapseWhitespace()("  A great\t\n film.\u00a0")
    'A great film.'
    >>> CollapseWhitespace(keep_line_breaks=True)("Roses  are red,\r\n\n  violets")
    'Roses are red,\nviolets'
    """

    name = "collapse_whitespace"
    scope = "word"
    idempotent = True

    keep_line_breaks: bool = False

    def __call__(self, text: str) -> str:
        """``text`` with single spaces."""
        if not self.keep_line_breaks:
            return " ".join(text.split())
        lines = (" ".join(line.split()) for line in text.splitlines())
        return "\n".join(line for line in lines if line)

    def edits(self, text: str) -> Iterable[Edit]:
        """An edit for each run."""
        return match_edits(_RUN.finditer(text), self._space)

    def _space(self, run: re.Match[str]) -> str:
        """What stands for a run of white space."""
        if run.start() == 0 or run.end() == len(run.string):
            return ""
        return "\n" if self.keep_line_breaks and len(f"{run[0]}.".splitlines()) > 1 else " "

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts with single spaces; those in ASCII by Arrow's kernels."""
        import pyarrow.compute as pc

        from textprep.steps.columns import beyond_ascii, clean_rows

        collapsed = pc.replace_substring_regex(texts, self._runs(), " ")
        if self.keep_line_breaks:
            collapsed = pc.replace_substring_regex(collapsed, _ASCII_BREAKS, "\n")
        return clean_rows(self, texts, beyond_ascii(texts), pc.ascii_trim(collapsed, " \n"))

    def _runs(self) -> str:
        return _ASCII_BLANKS if self.keep_line_breaks else _ASCII_RUN
