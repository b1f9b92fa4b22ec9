"""Where the tokens of rows are in what people see of them: in raw texts, or among the steps of sequences.

Shapes are written with T tokens of a row, W words of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from textprep.letters import word_spans

Ints = npt.NDArray[np.int64]


class TextPlaces:
    """Of texts, whose words may be several tokens.

    Args:
        texts: the raw texts.
        spans: gives (T, 2), where in its text each token of a row is.

    >>> places = TextPlaces(["Ana left."], lambda row: np.array([[0, 2], [2, 3], [3, 8], [8, 9]]))
    >>> first, bounds = places.words(0)
    >>> first.tolist(), bounds.tolist(), places.quoted(0, 4, 8)
    ([0, 2, 3], [[0, 3], [4, 8], [8, 9]], {'text': 'left'})
    """

    def __init__(self, texts: Sequence[str], spans: Callable[[int], Ints]) -> None:
        self.texts, self.spans = texts, spans

    def words(self, row: int) -> tuple[Ints, Ints]:
        """(W,) the first token of each word that has any, and (W, 2) where the word is in the text.

        A word reaches as far as its tokens do, where one of them is of several words.
        """
        return first_tokens(self.texts[row], self.spans(row))

    def quoted(self, row: int, start: int, stop: int) -> dict[str, str]:
        """That part of a text, as ``text``."""
        return {"text": self.texts[row][start:stop]}


class StepPlaces(TextPlaces):
    """Of sequences of numbers, each step of which stands by itself.

    Args:
        lengths: of the sequences, in steps.

    >>> StepPlaces([2]).spans(0).tolist(), StepPlaces([2]).quoted(0, 0, 1)
    ([[0, 1], [1, 2]], {})
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        steps = [np.arange(length) for length in lengths]
        super().__init__(
            ["x" * length for length in lengths], lambda row: np.stack([steps[row], steps[row] + 1], axis=1)
        )

    def words(self, row: int) -> tuple[Ints, Ints]:
        """Each step."""
        return np.arange(len(self.texts[row])), self.spans(row)

    def quoted(self, row: int, start: int, stop: int) -> dict[str, str]:
        """Nothing: numbers are no text."""
        return {}


def first_tokens(text: str, spans: Ints) -> tuple[Ints, Ints]:
    """See `TextPlaces.words`.

    Args:
        text: as it was given.
        spans: (T, 2) of its tokens in it; white space before a word may belong to its first token.
    """
    bounds = np.array(word_spans(text), np.int64).reshape(-1, 2)
    word = np.searchsorted(bounds[:, 1], spans[:, 0], side="right")
    tokens = np.flatnonzero(spans[:, 1] > np.append(bounds[:, 0], len(text))[word])
    words, first = np.unique(word[tokens], return_index=True)
    stops = bounds[:, 1].copy()
    np.maximum.at(stops, word[tokens], spans[tokens, 1])
    return tokens[first], np.stack([bounds[words, 0], stops[words]], axis=1)
