"""Where tokenizers find the template of their rows; it is in `textprep.template`, which batches know, too."""

from __future__ import annotations

from textprep.template import FIRST, SECOND, Part, Template

__all__ = ["FIRST", "SECOND", "Part", "Template"]
