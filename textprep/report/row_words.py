"""The real tokens of a row as words, and which of two texts each is of."""

from __future__ import annotations

from textprep.explanation import Explanation
from textprep.explanation.text import TEXTS
from textprep.visible import visible_line


def row_words(explanation: Explanation) -> list[str]:
    """The real tokens of the row, special ones too, each as one can see it."""
    return [visible_line(token.name) for token in explanation.row.tokens]


def row_texts(explanation: Explanation) -> list[str]:
    """Of each ``"first"``, ``"second"``, or an empty text: of special tokens, and where there is one text."""
    if explanation.pair is None:
        return [""] * len(explanation.row.tokens)
    return ["" if token.text is None else TEXTS[token.text] for token in explanation.row.tokens]


def named(word: str, text: str) -> str:
    """A word with the name of the text that it is of, if that has one.

    >>> named("film", "second"), named("film", "")
    ('second: film', 'film')
    """
    return f"{text}: {word}" if text else word
