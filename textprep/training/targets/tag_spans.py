"""Predicted tags as spans of the raw text.

Shapes are written with N texts, M tokens of them, C tags.
"""

from __future__ import annotations
