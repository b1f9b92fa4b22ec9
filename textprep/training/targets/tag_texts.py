"""Texts of a held-out split with what is true of them and what was predicted, for the page of a run.

Shapes are written with M labelled tokens of N rows, E true entities, P of them and invented ones together.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from textprep.report.tagged_texts import WRONG, Entity, TaggedText
from textprep.training.scoring.entities import Entities, Ints, Scheme
from textprep.training.scoring.entity_scores import Compared, compared
from textprep.training.scoring.predictions import Floats

if TYPE_CHECKING:
    from textprep.report.row_texts import RowSpans, RowTexts

MOST_TEXTS = 200
OUTCOMES = (*WRONG, "right")
MISSED, INVENTED, WRONG_TYPE, WRONG_BORDERS, RIGHT = range(len(OUTCOMES))


class Labelled(NamedTuple):
    """The tokens that have a label, of N rows.

    Attributes:
        labels: (M,) tags.
        values: (M, C) their probabilities.
        offsets: (N + 1,) where each row begins among them, and M.
        places: (M,) which token of its text each one is.
        read: (N,) how many tokens of each row the model read, with and without a label.
    """

    labels: Ints
    values: Floats
    offsets: Ints
    places: Ints
    read: Ints


class Cells(NamedTuple):
    """What became of each true entity and each invented one.

    Attributes:
        rows: (P,) which row it is in.
        outcomes: (P,) an index into `OUTCOMES`.
        true, said: (P,) the types, K where there is none.
    """

    rows: Ints
    outcomes: Ints
    true: Ints
    said: Ints

    @classmethod
    def of(cls, found: Compared, offsets: Ints, types: int) -> Cells:
        """Those of entities that were held against each other."""
        has, given, partner, invented = found
        ends = [np.append(each, -1)[partner] for each in given]
        same = [mine == other for mine, other in zip(has, ends, strict=True)]
        right = np.where(same[0] & same[1], RIGHT, WRONG_BORDERS)
        outcomes = np.where(partner < 0, MISSED, np.where(same[2], right, WRONG_TYPE))
        tokens = np.concatenate([has.starts, given.starts[invented]])
        none = np.full(len(invented), types)
        return cls(
            np.searchsorted(offsets, tokens, side="right") - 1,
            np.concatenate([outcomes, np.full(len(invented), INVENTED)]),
            np.concatenate([has.types, none]),
            np.concatenate([np.where(partner < 0, types, ends[2]), given.types[invented]]),
        )

    def rows_to_show(self, rows: int, most: int = MOST_TEXTS) -> Ints:
        """At most so many of N rows, those with the most missed and invented entities first.

        Half of them are chosen so that each outcome of each pair of types is there, while there is space.
        """
        counts = np.zeros((rows, len(OUTCOMES)), np.int64)
        np.add.at(counts, (self.rows, self.outcomes), 1)
        lost, wrong, right = counts[:, :2].sum(axis=1), counts[:, 2:4].sum(axis=1), counts[:, RIGHT]
        order = np.lexsort([-right, -wrong, -lost])
        order = order[counts[order].any(axis=1)]
        ranks = np.zeros(rows, np.int64)
        ranks[order] = np.arange(len(order))
        wanted = [*self._of_each(ranks)[: most // 2].tolist(), *range(min(most, len(order)))]
        return order[sorted(list(dict.fromkeys(wanted))[:most])]

    def _of_each(self, ranks: Ints) -> Ints:
        """The first row of each outcome and pair of types, then the second of each, by the ranks of rows."""
        base = int(max(self.true.max(initial=0), self.said.max(initial=0))) + 1
        cells = (self.outcomes * base + self.true) * base + self.said
        cells, found = np.unique(np.stack([cells, ranks[self.rows]]), axis=1)
        within = np.arange(len(cells)) - np.searchsorted(cells, cells)
        each: Ints = found[np.lexsort([cells, within])]
        return each


def tagged_texts(tokens: Labelled, scheme: Scheme, texts: RowTexts, spans: RowSpans) -> list[TaggedText]:
    """The rows to show, with their entities at their places in the raw text.

    Args:
        tokens: those of all rows.
        scheme: what the tags mean.
        texts: gives some of the texts.
        spans: gives the places of their tokens.
    """
    found = compared(tokens.labels, tokens.values.argmax(axis=1), tokens.offsets, scheme)
    cells = Cells.of(found, tokens.offsets, len(scheme.names))
    rows = cells.rows_to_show(len(tokens.offsets) - 1)
    raw = [text for text, *_ in texts(rows)]
    where = spans(raw)
    builder = _Texts(tokens, found, cells)
    return [
        builder.one(row, text, where.spans(number))
        for number, (row, text) in enumerate(zip(rows.tolist(), raw, strict=True))
    ]


class _Texts:
    """Makes a text of a row."""

    def __init__(self, tokens: Labelled, found: Compared, cells: Cells) -> None:
        self.tokens, self.cells = tokens, cells
        self.true, self.said = found.has, found.given
        outcomes = [OUTCOMES[place] for place in cells.outcomes.tolist()]
        self.of_true = outcomes[: len(self.true.types)]
        self.of_said = [""] * len(self.said.types)
        for place in found.invented.tolist():
            self.of_said[place] = OUTCOMES[INVENTED]
        self.sure = np.append(0.0, np.cumsum(np.log(tokens.values.max(axis=1).astype(np.float64))))

    def one(self, row: int, text: str, spans: Ints) -> TaggedText:
        """A row; ``spans`` (T, 2) are the places of its tokens."""
        start, stop = self.tokens.offsets[row : row + 2].tolist()
        extents = extents_of(text, spans, self.tokens.places[start:stop])
        here = self.cells.rows == row
        cells = zip(*(each[here].tolist() for each in self.cells[1:]), strict=True)
        return TaggedText(
            text,
            self._entities(self.true, self.of_true, extents, start, stop),
            self._entities(self.said, self.of_said, extents, start, stop, is_said=True),
            [(OUTCOMES[outcome], true, said) for outcome, true, said in cells],
            len(spans) - int(self.tokens.read[row]),
        )

    def _entities(
        self,
        entities: Entities,
        outcomes: list[str],
        extents: Ints,
        first: int,
        last: int,
        *,
        is_said: bool = False,
    ) -> list[Entity]:
        """Those of the tokens from ``first`` to ``last``, whose places in the text are ``extents``."""
        places = range(*np.searchsorted(entities.starts, [first, last]).tolist())
        return [
            Entity(
                int(extents[start - first, 0]),
                int(extents[stop - first - 1, 1]),
                int(entities.types[place]),
                outcomes[place],
                float(np.exp(self.sure[stop] - self.sure[start])) if is_said else None,
            )
            for place in places
            for start, stop in [(int(entities.starts[place]), int(entities.stops[place]))]
        ]


def extents_of(text: str, spans: Ints, places: Ints) -> Ints:
    """(L, 2) where in a text each labelled token is, with those after it that have no label.

    They are the later pieces of its word: as far as there is no white space between.

    >>> spans = np.array([[0, 2], [2, 3], [3, 7], [7, 9]])
    >>> extents_of("Ana left.", spans, np.array([0, 2])).tolist()
    [[0, 3], [4, 9]]

    Args:
        text: as it was given.
        spans: (T, 2) of its tokens in it; white space before a word may belong to its first token.
        places: (L,) which tokens have a label.
    """
    begins = [_visible_from(text, start, stop) for start, stop in spans.tolist()]
    found = []
    for place, behind in pairwise([*places.tolist(), len(spans)]):
        stop = int(spans[place, 1])
        for later in range(place + 1, behind):
            if any(map(str.isspace, text[stop : begins[later] + 1])):
                break
            stop = max(stop, int(spans[later, 1]))
        found.append((begins[place], stop))
    return np.array(found, np.int64).reshape(-1, 2)


def _visible_from(text: str, start: int, stop: int) -> int:
    while start < stop and text[start].isspace():
        start += 1
    return start
