"""Predicted tags as spans of the raw text.

Shapes are written with N rows, T tokens of a row, W words of a row, C tags.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.training.scoring.predictions import Predictions
from textprep.training.targets.tag_places import TextPlaces
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
        text: as it was given; of a sequence of numbers its name.
        spans: for each entity ``start`` and ``end``, places in ``text`` in characters, the second exclusive;
            its ``label``, its ``text``, and its ``probability``, that all of its tags are right. Of a
            sequence of numbers, places are steps, and there is no ``text``.
        unread: ``start`` and ``end`` of what was truncated away, of which nothing is said.
    """

    text: str
    spans: list[dict[str, Any]]
    unread: list[dict[str, int]] = field(default_factory=list)

    def __str__(self) -> str:
        """Each entity with its class and its probability."""
        said = [f"{_named(span)} {span['label']} {span['probability']:.1%}" for span in self.spans]
        left = [f"{part['start']}:{part['end']} not read" for part in self.unread]
        return ", ".join([*said, *left]) or "(none)"


def _named(span: dict[str, Any]) -> str:
    return visible_line(span["text"]) if "text" in span else f"{span['start']}:{span['end']}"


class Words(NamedTuple):
    """The words of a row, of which a model has read some.

    Attributes:
        spans: (W, 2) of all words, in the raw text.
        read: (R,) which of them the model has read.
        values: (R, C) what it says of the first token of each.
    """

    spans: Ints
    read: Ints
    values: Floats

    def runs(self) -> Iterator[Ints]:
        """Places in ``read`` of words that follow each other, without one that was not read between them."""
        if len(self.read):
            yield from np.split(np.arange(len(self.read)), np.flatnonzero(np.diff(self.read) > 1) + 1)

    def unread(self) -> list[dict[str, int]]:
        """``start`` and ``end`` of what was not read."""
        missing = np.setdiff1d(np.arange(len(self.spans)), self.read)
        parts = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1) if len(missing) else []
        return [{"start": int(self.spans[part[0], 0]), "end": int(self.spans[part[-1], 1])} for part in parts]


def predicted_spans(
    target: TagsTarget, shown: Sequence[str], rows: Predictions, places: TextPlaces
) -> list[TagsPrediction]:
    """The entities of each row.

    Args:
        target: makes entities of tags.
        shown: (N,) what people see of each row: its text.
        rows: probabilities of the tags of the tokens that were read.
        places: where tokens are.
    """
    assert rows.places is not None  # noqa: S101 - for the type checker
    return [
        prediction_of(target, name, places, row, rows.places[part], rows.values[part])
        for row, name in enumerate(shown)
        for part in [rows.of_row(row)]
    ]


def prediction_of(
    target: TagsTarget, shown: str, places: TextPlaces, row: int, read: Ints, values: Floats
) -> TagsPrediction:
    """The entities of one row.

    Args:
        target: makes entities of tags.
        shown: what people see of the row.
        places: where tokens are.
        row: which one.
        read: (P,) which of its tokens were read.
        values: (P, C) probabilities of the tags of these.
    """
    first, bounds = places.words(row)
    known = np.isin(read, first)
    words = Words(bounds, np.searchsorted(first, read[known]), values[known])
    found = [
        {**span, **places.quoted(row, span["start"], span["end"])}
        for run in words.runs()
        for span in _entities(target, words, run)
    ]
    return TagsPrediction(shown, found, words.unread())


def _entities(target: TagsTarget, words: Words, run: Ints) -> Iterator[dict[str, Any]]:
    """Those of words that follow each other."""
    spans, values = words.spans[words.read[run]], words.values[run]
    for start, stop, kind in target.decode(values.argmax(axis=1).tolist(), spans.tolist()):
        inside = (spans[:, 0] >= start) & (spans[:, 0] < stop)
        sure = float(values[inside].max(axis=1).prod())
        yield {"start": start, "end": stop, "label": kind, "probability": sure}


def spans_of(way: TextTrace) -> Ints:
    """(T, 2) from where to where the tokens of a text reach in it."""
    ends = [(token.raw_spans[0][0], token.raw_spans[-1][1]) for token in way.tokens]
    return np.array(ends, np.int64).reshape(-1, 2)
