"""The texts of rows as a page shows them: their beginnings, one text or two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.visible import visible

MOST_CHARACTERS = 280
RowTexts = Callable[[npt.NDArray[np.int64]], Sequence[Sequence[str]]]
"""Gives the text, or both texts, of some rows, by their places."""
RowSpans = Callable[[Sequence[str]], Any]
"""Gives something with ``spans(row)``, (length, 2), where the tokens of texts are in them."""


def beginnings(texts: Sequence[str]) -> list[str]:
    """The beginning of each text of a row, in one line, everything in it visible.

    >>> beginnings(["A great\\nfilm.", "It was good."])
    ['A great film.', 'It was good.']
    """
    return [_beginning(text) for text in texts]


def _beginning(text: str) -> str:
    line = " ".join(text[: 2 * MOST_CHARACTERS].split())
    cut = line[:MOST_CHARACTERS]
    return visible(cut) + ("…" if len(cut) < len(line) or len(text) > 2 * MOST_CHARACTERS else "")
