"""Sequences of numbers on the page of a run: a curve for each number, and the attention under them.

Shapes are written with B sequences a batch, T steps, F numbers a step, N heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from markupsafe import Markup, escape

from textprep.report.charts import BOTTOM, HEIGHT, LEFT, Axis, Line, Scale, axes, svg
from textprep.report.findings import Floats, Reading
from textprep.report.reading import reading_context
from textprep.report.sections import Section
from textprep.visible import counted

MOST_CURVES = 6
MOST_STEPS = 1_000
TOP = 6
STRIP = 34  # how high the attention under the curves is
KEYS = tuple(f"curve{place}" for place in range(MOST_CURVES))


class Shown(NamedTuple):
    """A sequence on a page.

    Attributes:
        title: why it is shown.
        name: of the sequence.
        steps: (T, F) in their own unit.
        label: what is true of it; ``None`` where it is an example of a class.
    """

    title: str
    name: str
    steps: Floats
    label: str | None = None


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
    about = {**context, **reading_context(reading), "cards": looked}
    return first, Section(anchors, "sequence_reading.html", about)


def _card(features: Sequence[str], one: Shown, reading: Reading, place: int) -> dict[str, Any]:
    weights = weights_of(reading, place, len(one.steps))
    return {
        "title": one.title,
        "label": one.label,
        "name": one.name,
        "lines": reading.answers[place].lines,
        "chart": curves(features, one.steps, weights),
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


def curves(features: Sequence[str], steps: Floats, weights: Floats | None = None) -> Markup:
    """A curve for each of the first numbers over the steps; and under them how much attention each step has.

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
    if weights is not None and len(weights):
        parts.append(_strip(scale, weights[:MOST_STEPS]))
        said += f", most attention at step {int(np.argmax(weights))}: {float(weights.max()):.0%}"
        height += STRIP
    return svg("".join(parts), said, height=height)


def _strip(scale: Scale, weights: npt.NDArray[Any]) -> str:
    """Bars under the curves, of which the highest is as high as the strip."""
    most = float(weights.max()) or 1.0
    left, right = scale.place(0, scale.y.low)[0], scale.place(1, scale.y.low)[0]
    width = max(1.0, right - left)
    bars = []
    for step, weight in enumerate(weights.tolist()):
        up = STRIP * weight / most
        x = scale.place(step, scale.y.low)[0] - width / 2
        bars.append(
            f'<rect class="bar" x="{max(LEFT, x):.1f}" y="{HEIGHT + STRIP - up:.1f}" width="{width:.1f}" '
            f'height="{up:.1f}"><title>step {step}: {weight:.2%}</title></rect>'
        )
    base = HEIGHT + STRIP
    line = f'<path class="axis" d="M{LEFT} {base - 0.5}H{scale.place(scale.x.high, scale.y.low)[0]:.1f}"/>'
    word = f'<text class="end" x="{LEFT - 6}" y="{base - BOTTOM / 4:.0f}">looks</text>'
    return "".join(bars) + line + word
