"""Predicted numbers as inline SVG: against the true ones, and how far off they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from textprep.report.charts import Axis, Scale, axes, svg
from textprep.report.number_scores import number
from textprep.visible import counted

Floats = npt.NDArray[np.floating[Any]]
MOST_POINTS = 1_000
BINS = 31
TAIL = 0.005  # of the rows at each end, which share the outermost bars


def scatter_chart(true: Floats, said: Floats, tolerance: float) -> Markup:
    """A dot a row, of many rows evenly some, and the farthest from the diagonal; a band of the tolerance."""
    low, high = _ends(float(min(true.min(), said.min())), float(max(true.max(), said.max())))
    scale = Scale(Axis("true", low, high, "{:g}"), Axis("predicted", low, high, "{:g}"))
    shown = _some(np.abs(said - true))
    dots = "".join(
        f"M{x:.1f} {y:.1f}h0" for x, y in (scale.place(float(true[row]), float(said[row])) for row in shown)
    )
    return svg(
        f"{axes(scale)}{_band(scale, tolerance)}"
        f'<path class="mark" d="{scale.path([(low, low), (high, high)])}"/><path class="dots" d="{dots}"/>',
        f"Predicted over true number of {counted(len(shown), 'row')}, best on the diagonal",
    )


def residual_chart(errors: Floats) -> Markup:
    """How many rows are off by how much: predicted minus true; the dotted line is at 0."""
    low, high = _ends(*(float(end) for end in np.quantile(np.append(errors, 0.0), [TAIL, 1 - TAIL])))
    edges = np.linspace(low, high, BINS + 1)
    places = np.clip(np.searchsorted(edges, errors, side="right") - 1, 0, BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    most = max(1, int(counts.max()))
    scale = Scale(Axis("predicted minus true", low, high, "{:g}"), Axis("rows", 0, most * 1.05, "{:,.0f}"))
    bars = [_bar(scale, edges, place, int(count)) for place, count in enumerate(counts)]
    (x, bottom), (_, top) = scale.place(0, 0), scale.place(0, most)
    middle = f'<path class="mark" d="M{x:.1f} {bottom:.1f}V{top:.1f}"/>'
    return svg(axes(scale) + "".join(bars) + middle, "How many rows are off by how much")


def _bar(scale: Scale, edges: Floats, place: int, count: int) -> str:
    (left, top), (right, bottom) = (
        scale.place(float(edges[place]), count),
        scale.place(float(edges[place + 1]), 0),
    )
    first, last = number(float(edges[place])), number(float(edges[place + 1]))
    words = f"{first} to {last}"
    if place in (0, BINS - 1):
        words = f"{last} or less" if place == 0 else f"{first} or more"
    return (
        f'<rect class="bar" x="{left + 0.5:.1f}" y="{top:.1f}" width="{right - left - 1:.1f}" '
        f'height="{bottom - top:.1f}"><title>{words}: {counted(count, "row")}</title></rect>'
    )


def _band(scale: Scale, tolerance: float) -> str:
    """What is within the tolerance, for a script to widen: it needs the corners, and the span of the axes."""
    low, high = scale.x.low, scale.x.high
    near = min(tolerance, high - low)
    above = [(low, low + near), (high - near, high), (high, high)]
    corners = [*above, *((y, x) for x, y in reversed(above[:2])), (low, low)]
    (left, bottom), (right, top) = scale.place(low, low), scale.place(high, high)
    box = f'data-left="{left}" data-right="{right}" data-top="{top}" data-bottom="{bottom}"'
    return f'<path class="band" d="{scale.path(corners)}Z" {box} data-span="{high - low!r}"/>'


def _some(errors: Floats) -> npt.NDArray[np.int64]:
    """Rows, evenly, and those with the largest errors."""
    evenly = np.unique(np.linspace(0, len(errors) - 1, MOST_POINTS * 9 // 10).round().astype(np.int64))
    return np.union1d(evenly, np.argsort(-errors, kind="stable")[: MOST_POINTS // 10])


def _ends(low: float, high: float) -> tuple[float, float]:
    """The same with some room, so that there is a span."""
    room = 0.03 * (high - low) or 0.1 * abs(high) or 1.0
    return low - room, high + room
