"""Steps on white space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textprep.steps.base import Step

if TYPE_CHECKING:
    import pyarrow as pa

# A run of ASCII white space, unless it is one space already.
_ASCII_RUN = r"[\t-\r\x1c-\x1f ]{2,}|[\t-\r\x1c-\x1f]"


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
    idempotent = True

    def __call__(self, text: str) -> str:
        """``text`` with single spaces."""
        return " ".join(text.split())

    def clean_column(self, texts: pa.LargeStringArray) -> pa.LargeStringArray:
        """Many texts with single spaces; those in ASCII by Arrow's kernels."""
        import pyarrow.compute as pc

        from textprep.steps.columns import beyond_ascii, clean_rows

        collapsed = pc.replace_substring_regex(texts, _ASCII_RUN, " ")
        return clean_rows(self, texts, beyond_ascii(texts), pc.ascii_trim(collapsed, " "))
