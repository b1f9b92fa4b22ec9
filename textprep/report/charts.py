"""Small charts as inline SVG, coloured by the page's style sheet: no library, no script, sharp when printed.

A chart is drawn in a box of fixed units and scales with its place on the page. Classes of the style sheet say
what a mark means (``train``, ``validation``), so light, dark and print each have their own colours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from textprep.records import Point
from textprep.report.plan import Histogram
from textprep.visible import counted

WIDTH, HEIGHT = 440, 240
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 36
TICKS = 5


class Line(NamedTuple):
    """A line of a chart: what it is called, which also is its class in the style sheet, and its points."""

    name: str
    points: Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """From the least to the most value, and how a value is written."""

    name: str
    low: float
    high: float
    form: str = "{:.2f}"


class Scale(NamedTuple):
    """Values to units of the box."""

    x: Axis
    y: Axis

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where the point is, from the left and from the top."""
        across = (x - self.x.low) / ((self.x.high - self.x.low) or 1)
        up = (y - self.y.low) / ((self.y.high - self.y.low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    def path(self, points: Iterable[tuple[float, float]]) -> str:
        """The points joined, as the attribute ``d`` of a path.

        >>> Scale(Axis("", 0, 1), Axis("", 0, 1)).path([(0, 0), (1, 1)])
        'M46.0 204.0L428.0 12.0'
        """
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in (self.place(*point) for point in points))


def line_chart(lines: Sequence[Line], x: Axis, y: Axis, *, label: str, mark: float | None = None) -> Markup:
    """Lines over an x axis; a dot where there is a single point.

    Args:
        lines: what to draw.
        x: the axis across.
        y: the axis up.
        label: what a screen reader says.
        mark: a value of x at which a thin line stands.
    """
    scale = Scale(x, y)
    parts = [axes(scale)]
    if mark is not None:
        (left, bottom), (_, top) = scale.place(mark, y.low), scale.place(mark, y.high)
        parts.append(f'<path class="mark" d="M{left:.1f} {bottom:.1f}V{top:.1f}"/>')
    for line in lines:
        parts.append(f'<path class="line {line.name}" d="{scale.path(line.points)}"/>')
        if len(line.points) <= 30:
            parts += [_dot(line.name, *scale.place(*point)) for point in line.points]
    return svg("".join(parts), label)


def svg(content: str, label: str, *, width: int = WIDTH, height: int = HEIGHT) -> Markup:
    """The box around a chart."""
    return Markup(  # noqa: S704 - the label is escaped, and so is every word of the content
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f"{content}</svg>"
    )


def svg_file(content: str, label: str, *, width: int, height: int) -> str:
    """A picture that stands by itself: black on white, in a font that every system has."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12" fill="none"><title>{escape(label)}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/><g fill="#222">{content}</g></svg>\n'
    )


def axes(scale: Scale) -> str:
    """Both axes with their ticks and names."""
    bottom, middle = HEIGHT - BOTTOM, (HEIGHT - BOTTOM + TOP) / 2
    parts = []
    for value in ticks(scale.y):
        y = scale.place(scale.x.low, value)[1]
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text class="end" x="{LEFT - 6}" y="{y + 4:.1f}">{scale.y.form.format(value)}</text>')
    for value in ticks(scale.x):
        x = scale.place(value, scale.y.low)[0]
        parts.append(
            f'<text class="middle" x="{x:.1f}" y="{bottom + 16}">{scale.x.form.format(value)}</text>'
        )
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>')
    parts.append(f'<text class="end name" x="{WIDTH - RIGHT}" y="{HEIGHT - 4}">{escape(scale.x.name)}</text>')
    parts.append(
        f'<text class="middle name" transform="translate(10 {middle}) rotate(-90)">'
        f"{escape(scale.y.name)}</text>"
    )
    return "".join(parts)


def ticks(axis: Axis) -> list[float]:
    """Round values along the axis, at most six or so.

    >>> ticks(Axis("", 0, 1)), ticks(Axis("", 1, 3, "{:.0f}"))
    ([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], [1.0, 2.0, 3.0])
    """
    span = axis.high - axis.low
    if span <= 0:
        return [axis.low]
    least = 1.0 if axis.form == "{:.0f}" else 0.0
    power = 10.0 ** _floor_log(span / TICKS)
    step = max(least, next(power * m for m in (1, 2, 5, 10) if power * m * TICKS >= span * 0.999))
    first = -(-round(axis.low / step, 9) // 1)
    count = int((axis.high - first * step) / step + 1e-6) + 1
    digits = max(9, 2 - _floor_log(step))
    return [round((first + number) * step, digits) for number in range(count)]


def _floor_log(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _dot(name: str, x: float, y: float) -> str:
    return f'<circle class="dot {name}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'


def length_chart(histogram: Histogram, unit: str = "token") -> Markup:
    """How many rows have how many tokens, or steps: a bar for each length, a line where rows are cut."""
    most = max(1, *histogram.counts)
    scale = Scale(
        Axis(f"{unit}s per row", 0, histogram.edges[-1], "{:.0f}"), Axis("rows", 0, most * 1.05, "{:,.0f}")
    )
    parts = [axes(scale)]
    for low, high, count in zip(histogram.edges, histogram.edges[1:], histogram.counts, strict=False):
        (left, top), (right, bottom) = scale.place(low, count), scale.place(high, 0)
        title = f"{low} to {high - 1} {unit}s: {counted(count, 'row')}"
        parts.append(
            f'<rect class="bar" x="{left + 0.5:.1f}" y="{top:.1f}" width="{right - left - 1:.1f}" '
            f'height="{bottom - top:.1f}"><title>{title}</title></rect>'
        )
    if histogram.cut is not None and histogram.cut < histogram.edges[-1]:
        (x, bottom), (_, top) = scale.place(histogram.cut, 0), scale.place(histogram.cut, most)
        parts.append(f'<path class="mark" d="M{x:.1f} {bottom:.1f}V{top:.1f}"/>')
    longest = f"Rows by length, the longest of {counted(histogram.longest, unit)}"
    return svg("".join(parts), longest)


def curve_chart(curves: dict[int, list[Point]], shown: int, label: str) -> Markup:
    """Precision over recall, a path for each class, of which one shows, and a dot for a script to move."""
    scale = Scale(Axis("recall", 0, 1, "{:.1f}"), Axis("precision", 0, 1, "{:.1f}"))
    parts = [axes(scale)]
    for index, points in curves.items():
        path = scale.path((point["recall"], point["precision"]) for point in points)
        hidden = "" if index == shown else ' visibility="hidden"'
        parts.append(f'<path class="line curve" data-class="{index}" d="{path}"{hidden}/>')
    (left, bottom), (right, top) = scale.place(0, 0), scale.place(1, 1)
    corners = f'data-left="{left}" data-right="{right}" data-top="{top}" data-bottom="{bottom}"'
    parts.append(f'<circle id="here" class="dot here" r="6" {corners} visibility="hidden"/>')
    return svg("".join(parts), label)
