"""Where a model looked, as marks on a page: a row over the words, and a square for each head.

Shapes are written with T tokens a text, N heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup, escape

from textprep.explanation import Explanation
from textprep.explanation.text import TEXTS
from textprep.report.charts import svg
from textprep.report.findings import Floats, Read, Reading
from textprep.report.row_words import row_texts, row_words
from textprep.visible import visible_line

MOST_WORDS = 300
MOST_SQUARE = 36  # words along a side
MOST_HEADS = 16
MOST_PADDING = 4
LEVELS = 12  # shades; those below the first are left blank
TOP = 6
CELL, MARGIN = 12, 74
_KINDS = {0: "word", 1: "word second", None: "word special"}


class Heat(NamedTuple):
    """One word: its weight, and that as a share of the largest weight of the row.

    Attributes:
        kind: ``"word"`` of the text or of the first of two, ``"word second"`` of the second one, ``"word
            special"``, or ``"word masked"`` for padding.
    """

    text: str
    weight: float
    share: float
    kind: str


def attention_of(read: Read, reading: Reading, place: int) -> dict[str, Any]:
    """What the page shows of the text ``place`` of a batch.

    Returns:
        ``words`` (a list of `Heat`), ``more`` (words left out), ``top`` (words, weights and names of texts,
        the largest first), ``by_text`` (of two texts: the weight of each), ``legend`` (what the styles of
        words mean), ``heads`` (title and picture of each), ``more_heads``, and ``square`` (words along a
        side); ``words`` is empty where the model has no attention, and ``pooled`` says what it does instead.
    """
    row_of_ids = read.explanation.row
    tokens, padding = row_words(read.explanation), visible_line(row_of_ids.padding.name)
    real = len(tokens)
    if reading.attention is None:
        return {"words": [], "top": [], "pooled": reading.pooled, "by_text": []}
    weights = reading.attention[place]
    heads = weights.reshape(-1, *weights.shape[-2:]) if weights.ndim > 1 else weights[:0]
    row = weights if weights.ndim == 1 else heads.sum(axis=(0, 1)) / max(1, len(heads) * real)  # (T,)
    square = min(len(row), real + MOST_PADDING, MOST_SQUARE)
    return {
        "words": _heat(read.explanation, row),
        "more": max(0, real - MOST_WORDS),
        "top": _top(read.explanation, row),
        "by_text": _by_text(read.explanation, row),
        "legend": _legend(read.explanation),
        "heads": [
            (
                title := _title(weights, number),
                head_picture(title, head, tokens, square, padding, reading.causal),
            )
            for number, head in enumerate(heads[:MOST_HEADS])
        ],
        "more_heads": max(0, len(heads) - MOST_HEADS),
        "square": square,
    }


def _top(explanation: Explanation, row: Floats) -> list[tuple[str, float, str]]:
    """The words with the most attention, how much, and of which text they are."""
    words, texts = row_words(explanation), row_texts(explanation)
    order = np.argsort(-row[: len(words)], kind="stable")[:TOP]
    return [(words[place], float(row[place]), texts[place]) for place in order]


def _by_text(explanation: Explanation, row: Floats) -> list[tuple[str, float]]:
    """How much of the attention each of two texts has in all, and the special tokens, where they have any."""
    if explanation.pair is None:
        return []
    weights: dict[str, float] = dict.fromkeys([f"{name} text" for name in TEXTS], 0.0)
    for token, weight in zip(explanation.row.tokens, row.tolist(), strict=False):
        name = "special tokens" if token.text is None else f"{TEXTS[token.text]} text"
        weights[name] = weights.get(name, 0.0) + weight
    return [(name, weight) for name, weight in weights.items() if name != "special tokens" or weight > 0]


def _legend(explanation: Explanation) -> str:
    special = any(token.text is None for token in explanation.row.tokens)
    parts = ["underlined: the second text"] if explanation.pair else []
    parts += ["in italics: special tokens"] if special else []
    words = "; ".join(parts)
    return f"{words[:1].upper()}{words[1:]}." if parts else ""


def _heat(explanation: Explanation, row: Floats) -> list[Heat]:
    most = float(row.max(initial=0)) or 1.0
    tokens, padding = explanation.row.tokens, explanation.row.padding
    shown = [(token, place, _KINDS[token.text]) for place, token in enumerate(tokens[:MOST_WORDS])]
    rest = range(len(tokens), min(len(row), len(tokens) + MOST_PADDING))
    shown += [(padding, place, "word masked") for place in rest]
    return [
        Heat(visible_line(token.name), float(row[place]), float(row[place]) / most, kind)
        for token, place, kind in shown
    ]


def _title(weights: Floats, number: int) -> str:
    layers, heads = weights.shape[0] if weights.ndim == 4 else 1, weights.shape[-3]
    head = f"head {number % heads + 1}"
    return f"layer {number // heads + 1}, {head}" if layers > 1 else head


def head_picture(
    title: str, weights: Floats, tokens: Sequence[str], square: int, padding: str, causal: bool = False
) -> Markup:
    """(T, T) weights as shades: queries down, keys across; struck out what nothing may look at.

    That is padding, and, where attention is ``causal``, what comes after a token.
    """
    side, real = square * CELL, len(tokens)
    cut = [f"{word[:9]}…" if len(word) > 10 else word for word in tokens[:square]]
    cut += [padding] * (square - len(cut))
    parts = [
        f'<text class="end" x="{MARGIN - 5}" y="{MARGIN + place * CELL + 9}">{escape(word)}</text>'
        f'<text transform="translate({MARGIN + place * CELL + 9} {MARGIN - 5}) rotate(-90)">'
        f"{escape(word)}</text>"
        for place, word in enumerate(cut)
    ]
    parts += [
        f'<path class="heat" fill-opacity="{level / LEVELS:.2f}" d="{path}"/>'
        for level, path in _shades(weights[:square, :square])
    ]
    if causal:
        parts.append(
            _masked([(x, y) for y in range(min(real, square)) for x in range(y + 1, min(real, square))])
        )
    if real < square:
        parts.append(_padding(real, square))
    parts.append(f'<rect class="frame" x="{MARGIN}" y="{MARGIN}" width="{side}" height="{side}"/>')
    size = MARGIN + side + 2
    return svg("".join(parts), f"{title}: {_strongest(weights, tokens)}", width=size, height=size)


def _strongest(weights: Floats, tokens: Sequence[str]) -> str:
    """In words, what is darkest."""
    if not len(tokens):
        return "nothing but padding"
    query, key = divmod(int(weights.argmax()), weights.shape[1])
    return f"most of all “{tokens[query]}” looks at “{tokens[key]}”, {weights[query, key]:.0%}"


def _shades(weights: Floats) -> list[tuple[int, str]]:
    """For each shade, the cells that have it; neighbours in a row are one piece."""
    most = float(weights.max(initial=0)) or 1.0
    levels = np.ceil(weights / most * LEVELS - 0.5).astype(int)
    paths: dict[int, list[str]] = {}
    for y, row in enumerate(levels):
        for start, stop in pairwise([0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]):
            if row[start] > 0:
                corner = f"M{MARGIN + start * CELL} {MARGIN + y * CELL}"
                paths.setdefault(int(row[start]), []).append(
                    f"{corner}h{(stop - start) * CELL}v{CELL}H{MARGIN + start * CELL}z"
                )
    return [(level, "".join(pieces)) for level, pieces in sorted(paths.items())]


def _padding(real: int, square: int) -> str:
    """The rows and columns of padding: grey, with a stroke through each cell."""
    start, end = MARGIN + real * CELL, MARGIN + square * CELL
    cells = [(x, y) for y in range(square) for x in range(square) if x >= real or y >= real]
    area = f"M{start} {MARGIN}H{end}V{end}H{MARGIN}V{start}H{start}z"
    return f'<path class="masked" d="{area}"/>{_struck(cells)}'


def _masked(cells: Sequence[tuple[int, int]]) -> str:
    """Cells (x, y) that a query may not look at: grey, with a stroke through each."""
    area = "".join(f"M{MARGIN + x * CELL} {MARGIN + y * CELL}h{CELL}v{CELL}h-{CELL}z" for x, y in cells)
    return f'<path class="masked" d="{area}"/>{_struck(cells)}'


def _struck(cells: Sequence[tuple[int, int]]) -> str:
    strokes = "".join(f"M{MARGIN + x * CELL} {MARGIN + (y + 1) * CELL}l{CELL} -{CELL}" for x, y in cells)
    return f'<path class="strokes" d="{strokes}"/>'
