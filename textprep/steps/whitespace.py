"""Steps on white space."""

from __future__ import annotations

from textprep.steps.base import Step


class CollapseWhitespace(Step):
    r"""Turn every run of white space into one space and strip both ends.

    Markup and line wrapping leave runs of spaces, tabs and line breaks that mean nothing to most models;
    without them, equal sentences are equal strings. White space is what ``str.isspace`` says: Unicode's,
    the no-break space and the line separator included, and the separators ``\x1c`` to ``\x1f``.

    >>> CollapseWhitespace()("  A great\t\n film.\u00a0")
    'A great film.'
    """

    name = "collapse_whitespace"
    scope = "word"

    def __call__(self, text: str) -> str:
        """``text`` with single spaces."""
        return " ".join(text.split())
