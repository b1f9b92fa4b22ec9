"""Sequences of numbers on the page of a run: a curve for each number, and the attention under them.

Shapes are written with B sequences a batch, T steps, F numbers a step, N heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from textprep.report.charts import BOTTOM, HEIGHT, LEFT, Axis, Line, Scale, axes, svg
from textprep.report.findings import Floats, Reading
from textprep.report.reading import reading_context
from textprep.report.sections import Section
from textprep.report.tagged_texts import HUES
from textprep.visible import counted, visible

MOST_CURVES = 6
MOST_STEPS = 1_000
TOP = 6
MOST_RUNS = 200
LETTER = 9  # of the name of a tag: how wide, with what is around it
BAND = 20  # how high the tags under the curves are
STRIP = 34  # how high the attention under the curves is
KEYS = tuple(f"curve{place}" for place in range(MOST_CURVES))


class Shown(NamedTuple):
    """A sequence on a page.

    Attributes:
        title: why it is shown.
        name: of the sequence.
        steps: (T, F) in their own unit.
        label: what is true of it; ``None`` where it is an example of a class.
        tags: what is true of each step, where each has a tag.
    """

    title: str
    name: str
    steps: Floats
    label: str | None = None
    tags: tuple[str, ...] = ()


def sequence_sections(
    features: Sequence[str], examples: Sequence[Shown], read: Sequence[Shown], reading: Reading | None
) -> tuple[Section, ...]:
    """The sections of a page that show sequences.

    Args:
        features: what the F numbers are called.
        examples: of the training split.
        read: of the held-out split.
        reading: what the model made of those; ``None`` where the run was stopped before it was scored.
    """
    legend = [(escape(name), key) for name, key in zip(features, KEYS, strict=False)]
    context = {"legend": legend, "more": max(0, len(features) - MOST_CURVES)}
    cards = [{"title": one.title, "name": one.name, "chart": curves(features, one.steps)} for one in examples]
    first = Section((("examples", "Examples"),), "sequence_examples.html", {**context, "cards": cards})
    if reading is None:
        return (first,)
    looked = [_card(features, one, reading, place) for place, one in enumerate(read)]
    anchors = (("attention", "Attention"), ("shapes", "Shapes"))
    tagged = any(card["bands"].said for card in looked)
    about = {
        **context,
        **reading_context(reading),
        "cards": looked,
        "tagged": tagged,
        "pooled": reading.pooled,
    }
    return first, Section(anchors, "sequence_reading.html", about)


class Bands(NamedTuple):
    """What is true of each step of a sequence, and what was predicted; empty where steps have no tags."""

    true: tuple[str, ...] = ()
    said: tuple[str, ...] = ()

    @property
    def wrong(self) -> int:
        """How many steps with a tag were predicted otherwise."""
        return sum(true not in ("", said) for true, said in zip(self.true, self.said, strict=False))

    @property
    def runs(self) -> list[tuple[int, int, str, str]]:
        """Steps that follow each other with the same two tags: the first, the last, and the tags.

        >>> Bands(("a", "a", "b"), ("a", "a", "a")).runs
        [(0, 1, 'a', 'a'), (2, 2, 'b', 'a')]
        """
        found, done = [], 0
        for (true, said), steps in groupby(zip(self.true, self.said, strict=False)):
            length = sum(1 for _ in steps)
            found.append((done, done + length - 1, true, said))
            done += length
        return found[:MOST_RUNS]


def _card(features: Sequence[str], one: Shown, reading: Reading, place: int) -> dict[str, Any]:
    weights = weights_of(reading, place, len(one.steps))
    bands = Bands(one.tags, reading.answers[place].tags)
    return {
        "title": one.title,
        "label": one.label,
        "name": one.name,
        "lines": () if bands.said else reading.answers[place].lines,
        "chart": curves(features, one.steps, weights, bands),
        "bands": bands,
        "top": _top(weights),
        "has_attention": weights is not None,
    }


def weights_of(reading: Reading, place: int, steps: int) -> Floats | None:
    """(T,) how much attention each step has: the mean over all heads and all steps that look."""
    if reading.attention is None:
        return None
    weights = reading.attention[place]
    if weights.ndim == 1:
        row: Floats = weights[:steps]
        return row
    heads = weights.reshape(-1, *weights.shape[-2:])
    mean: Floats = heads.sum(axis=(0, 1)) / max(1, len(heads) * steps)
    kept: Floats = mean[:steps]
    return kept


def _top(weights: Floats | None) -> list[tuple[int, float]]:
    if weights is None:
        return []
    order = np.argsort(-weights, kind="stable")[:TOP]
    return [(int(step), float(weights[step])) for step in order]


def curves(
    features: Sequence[str], steps: Floats, weights: Floats | None = None, bands: Bands | None = None
) -> Markup:
    """A curve for each of the first numbers over the steps; under them the tags and the attention of each.

    >>> picture = curves(["x"], np.array([[0.0], [1.0]], np.float32), np.array([0.25, 0.75], np.float32))
    >>> picture.count("<rect"), "most attention at step 1" in picture
    (2, True)
    """
    shown = np.asarray(steps[:MOST_STEPS, :MOST_CURVES], np.float64)
    low, high = (float(edge(shown)) if shown.size else 0.0 for edge in (np.min, np.max))
    margin = (high - low) * 0.05 or 1.0
    last = max(1, len(shown) - 1)
    scale = Scale(Axis("step", 0, last, "{:.0f}"), Axis("", low - margin, high + margin, "{:.3g}"))
    lines = [Line(key, list(enumerate(column))) for key, column in zip(KEYS, shown.T.tolist(), strict=False)]
    paths = [
        f'<path class="line {line.name}" d="{scale.path(line.points)}"/>' for line in lines if line.points
    ]
    said = f"{', '.join(features[:MOST_CURVES])} over {counted(len(steps), 'step')}"
    parts, height = [axes(scale), *paths], HEIGHT
    if bands and bands.said:
        kinds = sorted({*bands.true, *bands.said} - {""})
        for word, tags in (("true", bands.true), ("model", bands.said)):
            parts.append(_band(scale, height, word, tags[:MOST_STEPS], kinds))
            height += BAND
        said += f", {counted(bands.wrong, 'step')} predicted otherwise than is true"
    if weights is not None and len(weights):
        parts.append(_strip(scale, weights[:MOST_STEPS], height))
        said += f", most attention at step {int(np.argmax(weights))}: {float(weights.max()):.0%}"
        height += STRIP
    return svg("".join(parts), said, height=height)


def _band(scale: Scale, top: int, word: str, tags: Sequence[str], kinds: Sequence[str]) -> str:
    """What each step is, as stretches of one colour, with their names where there is space for them."""
    left, right = scale.place(0, scale.y.low)[0], scale.place(1, scale.y.low)[0]
    parts, done = [f'<text class="end" x="{LEFT - 6}" y="{top + BAND - 7}">{word}</text>'], 0
    for tag, steps in groupby(tags):
        length = sum(1 for _ in steps)
        x, width = max(LEFT, left + (done - 0.5) * (right - left)), length * (right - left)
        name = visible(tag)
        if tag:
            hue = kinds.index(tag) % HUES
            parts.append(
                f'<rect class="tag h{hue}" x="{x:.1f}" y="{top + 2}" width="{width:.1f}" height="{BAND - 4}">'
                f"<title>{escape(name)}, step {done} to {done + length - 1}</title></rect>"
            )
        if tag and width > LETTER * len(name):
            parts.append(f'<text class="inside" x="{x + 4:.1f}" y="{top + BAND - 7}">{escape(name)}</text>')
        done += length
    return "".join(parts)


def _strip(scale: Scale, weights: npt.NDArray[Any], top: int) -> str:
    """Bars under the curves, of which the highest is as high as the strip."""
    most = float(weights.max()) or 1.0
    left, right = scale.place(0, scale.y.low)[0], scale.place(1, scale.y.low)[0]
    width = max(1.0, right - left)
    bars = []
    for step, weight in enumerate(weights.tolist()):
        up = STRIP * weight / most
        x = scale.place(step, scale.y.low)[0] - width / 2
        bars.append(
            f'<rect class="bar" x="{max(LEFT, x):.1f}" y="{top + STRIP - up:.1f}" width="{width:.1f}" '
            f'height="{up:.1f}"><title>step {step}: {weight:.2%}</title></rect>'
        )
    base = top + STRIP
    line = f'<path class="axis" d="M{LEFT} {base - 0.5}H{scale.place(scale.x.high, scale.y.low)[0]:.1f}"/>'
    word = f'<text class="end" x="{LEFT - 6}" y="{base - BOTTOM / 4:.0f}">looks</text>'
    return "".join(bars) + line + word
