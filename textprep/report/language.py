"""What the page of a run shows of a language model: its scores, and where it is surest and least sure.

Shapes are written with R texts of the held-out split, P predicted tokens of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.report.language_scores import against_trigrams, score_table
from textprep.report.row_texts import RowSpans, RowTexts
from textprep.report.sections import Page, Section
from textprep.visible import visible

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
ANCHORS = (("scores", "Scores"), ("places", "Sure and unsure"))
MOST_PLACES = 10  # that are listed, of each kind
MOST_TEXTS = 3  # that are shown whole, of each kind
FEWEST, MOST_TOKENS = 6, 60  # of a text that is shown
AROUND = 40  # characters of a text on each side of a place
BITS = (1.0, 3.0, 6.0, 10.0)  # of surprise, from which on a token has the next shade


class Place(NamedTuple):
    """A token in its text: what is around it, how likely the model thought it, and that as words."""

    before: str
    token: str
    after: str
    chance: str


class Piece(NamedTuple):
    """A piece of a text: its shade, 0 for what is no token, and how likely it was."""

    text: str
    shade: int
    chance: str


def language_page(
    values: npt.ArrayLike,
    offsets: npt.ArrayLike,
    places: npt.ArrayLike,
    scores: Mapping[str, Any],
    texts: RowTexts,
    spans: RowSpans,
) -> Page:
    """The page of a language model.

    Args:
        values: (P,) logarithms of the probabilities of the tokens.
        offsets: (R + 1,) where each text begins among them.
        places: (P,) which token of its text each one is; as many as it has tokens for its end.
        scores: of the run.
        texts: gives some of the texts.
        spans: gives the places of their tokens.
    """
    found = _Tokens(np.asarray(values, np.float64), np.asarray(offsets), np.asarray(places), texts, spans)
    header, rows = score_table(scores)
    context = {
        "header": header,
        "rows": rows,
        "tokens": scores["tokens"],
        "texts": scores["rows"],
        "verdict": against_trigrams(scores),
        "lists": [
            ("The least sure places", found.listed(np.argsort(found.values, kind="stable"))),
            ("The surest places", found.listed(np.argsort(-found.values, kind="stable"))),
        ],
        "shown": found.shown(),
        "legend": _legend(),
    }
    return Page((Section(ANCHORS, "language.html", context),))


class _Tokens:
    """The predicted tokens, and the texts that they are of."""

    def __init__(self, values: Floats, offsets: Ints, places: Ints, texts: RowTexts, spans: RowSpans) -> None:
        self.values, self.offsets, self.places = values, offsets, places
        self.texts, self.spans = texts, spans

    def listed(self, order: Ints) -> list[Place]:
        """The first tokens of an order, each of another text."""
        rows = np.searchsorted(self.offsets, order, side="right") - 1
        _, first = np.unique(rows, return_index=True)
        chosen = order[np.sort(first)[:MOST_PLACES]]
        rows = np.searchsorted(self.offsets, chosen, side="right") - 1
        texts = self._texts(rows)
        spans = self.spans(texts)
        return [
            _place(text, self._span(text, spans, number, token), float(self.values[token]))
            for number, (text, token) in enumerate(zip(texts, chosen.tolist(), strict=True))
        ]

    def shown(self) -> list[dict[str, Any]]:
        """The texts that the model foresaw best and worst, their tokens shaded."""
        before = np.concatenate([[0.0], np.cumsum(-self.values)])
        counts = np.diff(self.offsets)
        mean = np.diff(before[self.offsets]) / np.maximum(counts, 1)
        rows = np.flatnonzero((counts >= FEWEST) & (counts <= MOST_TOKENS))
        order = rows[np.argsort(mean[rows], kind="stable")]
        kinds = (("Foreseen worst", order[::-1][:MOST_TEXTS]), ("Foreseen best", order[:MOST_TEXTS]))
        return [
            {"title": title, "perplexity": float(np.exp(mean[row])), "pieces": pieces}
            for title, some in kinds
            for row, pieces in zip(some.tolist(), self._shaded(some), strict=True)
        ]

    def _shaded(self, rows: Ints) -> list[list[Piece]]:
        texts = self._texts(rows)
        spans = self.spans(texts)
        return [
            list(self._pieces(text, spans, number, row))
            for number, (text, row) in enumerate(zip(texts, rows.tolist(), strict=True))
        ]

    def _pieces(self, text: str, spans: Any, number: int, row: int) -> Any:
        done = 0
        for token in range(self.offsets[row], self.offsets[row + 1]):
            start, stop = self._span(text, spans, number, token)
            if start < done:
                continue
            yield Piece(visible(text[done:start]), 0, "")
            value = float(self.values[token])
            yield Piece(visible(text[start:stop]) or " (end)", 1 + _shade(value), chance(value))
            done = stop
        yield Piece(visible(text[done:]), 0, "")

    def _texts(self, rows: Ints) -> list[str]:
        return [texts[0] for texts in self.texts(rows)]

    def _span(self, text: str, spans: Any, number: int, token: int) -> tuple[int, int]:
        """Where a token is in its text; at the end of it, if it is its end."""
        found, place = spans.spans(number), int(self.places[token])
        start, stop = found[place].tolist() if place < len(found) else (len(text), len(text))
        return start, stop


def chance(value: float) -> str:
    """A probability, of its logarithm, as people read it.

    >>> chance(-0.1), chance(-9.0)
    ('90%', '1 in 8,103')
    """
    return f"{np.exp(value):.0%}" if value > np.log(0.095) else f"1 in {np.exp(min(-value, 50.0)):,.0f}"


def _place(text: str, span: tuple[int, int], value: float) -> Place:
    start, stop = span
    before, after = text[max(0, start - AROUND) : start], text[stop : stop + AROUND]
    return Place(
        ("…" if start > AROUND else "") + visible(" ".join(before.split()) + " " * before[-1:].isspace()),
        visible(text[start:stop]) or "end of the text",
        visible(" " * after[:1].isspace() + " ".join(after.split()))
        + ("…" if len(text) > stop + AROUND else ""),
        chance(value),
    )


def _shade(value: float) -> int:
    return int(np.searchsorted(BITS, -value / np.log(2), side="right"))


def _legend() -> list[tuple[int, str]]:
    chances = [f"1 in {2**bits:,.0f}" for bits in BITS]
    words = [
        f"likelier than {chances[0]}", *(f"below {each}" for each in chances[:-1]), f"below {chances[-1]}",
    ]  # fmt: skip
    return list(enumerate(words, 1))
