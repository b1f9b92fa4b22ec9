"""Predicted tags as spans of the raw text.

Shapes are written with N texts, T tokens of a text, M tokens of all texts, C tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.letters import word_spans
from textprep.training.scoring.predictions import Predictions
from textprep.visible import visible_line

if TYPE_CHECKING:
    from textprep.explanation.explain import TextTrace
    from textprep.targets.tags import TagsTarget

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TagsPrediction:
    """The entities that a model found in a text.

    Attributes:
        text: as it was given.
        spans: for each entity ``start`` and ``end``, places in ``text`` in characters, the second exclusive;
            its ``label``, its ``text``, and its ``probability``, that all of its tags are right.
        unread: ``start`` and ``end`` of what was truncated away, of which nothing is said.
    """

    text: str
    spans: list[dict[str, Any]]
    unread: list[dict[str, int]] = field(default_factory=list)

    def __str__(self) -> str:
        """Each entity with its class and its probability."""
        said = [f"{visible_line(s['text'])} {s['label']} {s['probability']:.1%}" for s in self.spans]
        left = [f"{part['start']}:{part['end']} not read" for part in self.unread]
        return ", ".join([*said, *left]) or "(none)"


class Words(NamedTuple):
    """The words of a text, of which a model has read some.

    Attributes:
        spans: (W, 2) of all words, in the raw text.
        read: (R,) which of them the model has read.
        values: (R, C) what it says of the first token of each.
    """

    spans: Ints
    read: Ints
    values: Floats

    @classmethod
    def of(cls, text: str, spans: Ints, places: Ints, values: Floats) -> Words:
        """Those of a text.

        Args:
            text: as it was given.
            spans: (T, 2) of its tokens in it.
            places: (P,) which tokens were read.
            values: (P, C) what the model says of them.
        """
        first, bounds = first_tokens(text, spans)
        known = np.isin(places, first)
        return cls(bounds, np.searchsorted(first, places[known]), values[known])

    def runs(self) -> Iterator[Ints]:
        """Places in ``read`` of words that follow each other, without one that was not read between them."""
        if len(self.read):
            yield from np.split(np.arange(len(self.read)), np.flatnonzero(np.diff(self.read) > 1) + 1)

    def unread(self) -> list[dict[str, int]]:
        """``start`` and ``end`` of what was not read."""
        missing = np.setdiff1d(np.arange(len(self.spans)), self.read)
        parts = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1) if len(missing) else []
        return [{"start": int(self.spans[part[0], 0]), "end": int(self.spans[part[-1], 1])} for part in parts]


def prediction_of(target: TagsTarget, text: str, spans: Ints, places: Ints, values: Floats) -> TagsPrediction:
    """The entities of one text; see `Words.of` for the arguments.

    Args:
        target: makes entities of tags.
        text: as it was given.
        spans: (T, 2) of its tokens in it.
        places: (P,) which tokens were read.
        values: (P, C) probabilities of the tags of these.
    """
    words = Words.of(text, spans, places, values)
    found = [span for run in words.runs() for span in _entities(target, text, words, run)]
    return TagsPrediction(text, found, words.unread())


def _entities(target: TagsTarget, text: str, words: Words, run: Ints) -> Iterator[dict[str, Any]]:
    """Those of words that follow each other."""
    spans, values = words.spans[words.read[run]], words.values[run]
    for start, stop, kind in target.decode(values.argmax(axis=1).tolist(), spans.tolist()):
        inside = (spans[:, 0] >= start) & (spans[:, 0] < stop)
        yield {
            "start": start,
            "end": stop,
            "label": kind,
            "text": text[start:stop],
            "probability": float(values[inside].max(axis=1).prod()),
        }


def first_tokens(text: str, spans: Ints) -> tuple[Ints, Ints]:
    """(W,) the first token of each word that has any, and (W, 2) where the word is in the text.

    A word reaches as far as its tokens do, where one of them is of several words.

    >>> first, bounds = first_tokens("Ana left.", np.array([[0, 2], [2, 3], [3, 8], [8, 9]]))
    >>> first.tolist(), bounds.tolist()
    ([0, 2, 3], [[0, 3], [4, 8], [8, 9]])

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


def spans_of(way: TextTrace) -> Ints:
    """(T, 2) from where to where the tokens of a text reach in it."""
    ends = [
        (min(start for start, _ in t.raw_spans), max(stop for _, stop in t.raw_spans)) for t in way.tokens
    ]
    return np.array(ends, np.int64).reshape(-1, 2)


def predicted_spans(
    target: TagsTarget, texts: Sequence[str], rows: Predictions, encoded: Any
) -> list[TagsPrediction]:
    """The entities of each text.

    Args:
        target: that makes entities of tags.
        texts: N of them.
        rows: what a model says of their tokens.
        encoded: the texts as ids, with the place of each token, ``spans(row)``.
    """
    assert rows.places is not None  # noqa: S101 - for the type checker
    return [
        prediction_of(target, text, encoded.spans(row), rows.places[part], rows.values[part])
        for row, text in enumerate(texts)
        for part in [rows.of_row(row)]
    ]
