"""A comparison of variants as a table and as a picture; they take what `compare.json` holds."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from markupsafe import escape

from textprep.records import Comparison, VariantGroup, VariantResult
from textprep.report.charts import Axis, svg_file, ticks
from textprep.report.scores import Measured, guess_line, optimistic
from textprep.tables import table
from textprep.visible import counted, visible

WIDTH = 24  # characters of an interval that is drawn
COLUMNS = (
    "95 % interval",
    "",
    "difference",
    "verdict",
    "vocabulary",
    "unknown",
    "tokens",
    "read",
    "seconds",
)
PICTURE = "compare.svg"
NAMES, SPAN, ROW, MARGIN = 240, 420, 26, 34  # units of the picture


def comparison_tables(result: Comparison, *, width: int = 160) -> str:
    """A table for each group: the measure with its interval, drawn too, and what it cost.

    ``tokens`` are tokens a text, ``read`` the share of them that truncation leaves, ``seconds`` those of
    training.

    Args:
        result: what `textprep.training.trials.compare.compare` returns.
        width: of a line.
    """
    (low, high), measure = _ends(result), _measure(result)
    parts = [
        f"{counted(result['rows'], 'row')} of {result['held_out']!r}, "
        f"{counted(len(result['seeds']), 'seed')}; drawn from {measure.short(low)} to {measure.short(high)}"
        f"{optimistic(result['held_out'])}"
        + "".join(f"\n{guess}" for guess in [guess_line(result.get("baseline"), measure, high)] if guess)
    ]
    for group in result["groups"]:
        rows = [_cells(variant, low, high, measure) for variant in group["variants"]]
        header = [group["group"], measure.title, *COLUMNS]
        parts.append(table(header, rows, width=width) + _held(group, width))
    if len(result["seeds"]) == 1:
        parts.append("One seed: verdicts are of these trainings on other rows; another seed may change them.")
    return "\n\n".join(parts)


def _held(group: VariantGroup, width: int) -> str:
    """What differs between the lines of a table, and what does not."""
    if not group.get("varied"):
        return ""
    varied, held = (", ".join(visible(key) for key in group[name]) for name in ("varied", "held"))
    return "\n" + textwrap.fill(f"varied: {varied}; held as configured: {held}", width)


def comparison_picture(result: Comparison) -> str:
    """The measures with their intervals as an SVG file: a line for each variant, a stroke for each seed."""
    variants = [(group, line) for group in result["groups"] for line in group["variants"]]
    (low, high), measure = _ends(result), _measure(result)
    name = f"{measure.title} on {result['held_out']}: mean, each seed, 95 % interval"
    axis = Axis(name, low, high, f"{{:{measure.form}}}")
    height = 2 * MARGIN + ROW * len(variants)

    def place(value: float) -> float:
        return NAMES + (value - low) / ((high - low) or 1) * SPAN

    parts = [
        f'<path stroke="#ddd" d="M{place(tick):.1f} {MARGIN}V{height - MARGIN}"/><text text-anchor="middle" '
        f'x="{place(tick):.1f}" y="{height - MARGIN + 16}">{axis.form.format(tick)}</text>'
        for tick in ticks(axis)
    ]
    parts.append(f'<text x="{NAMES}" y="{MARGIN - 8}">{escape(axis.name)}</text>')
    for number, (group, line) in enumerate(variants):
        y = MARGIN + ROW * (number + 0.5)
        colour = "#444" if line["name"] == group["reference"] else "#1f4e8c"
        name = escape(visible(f"{group['group']}: {line['name']}"))
        first, last = map(place, line["interval"])
        scores = measure.of(line)
        seeds = "".join(f"M{place(value):.1f} {y - 5}v10" for value in scores["values"])
        parts.append(
            f'<text text-anchor="end" x="{NAMES - 16}" y="{y + 4}">{name}</text>'
            f'<path stroke="{colour}" stroke-width="1.5" d="M{first:.1f} {y}H{last:.1f}{seeds}"/>'
            f'<circle fill="{colour}" r="4" cx="{place(scores["mean"]):.1f}" cy="{y}"/>'
        )
    return svg_file("".join(parts), axis.name, width=NAMES + SPAN + MARGIN, height=height)


def _ends(result: Comparison) -> tuple[float, float]:
    """The least and the most of all intervals."""
    ends = [end for group in result["groups"] for line in group["variants"] for end in line["interval"]]
    return min(ends), max(ends)


def _measure(result: Comparison) -> Measured:
    key, title, form, _ = result.get("measure") or ("accuracy", "accuracy", ".2%", True)
    return Measured(key, title, form)


def _cells(line: VariantResult, low: float, high: float, measure: Measured) -> list[str]:
    scores = measure.of(line)
    return [
        line["name"],
        format(scores["mean"], measure.form),
        " to ".join(format(end, measure.form) for end in line["interval"]),
        _drawn(scores["mean"], line["interval"], low, high),
        "" if line["difference"] is None else measure.difference(line["difference"]),
        line["verdict"],
        f"{line['vocabulary']:,}",
        f"{line['oov_rate']:.2%}",
        f"{line['tokens_a_text']:.1f}",
        f"{line['read']:.0%}",
        f"{line['seconds']['mean']:.1f}",
    ]


def _drawn(mean: float, interval: Sequence[float], low: float, high: float) -> str:
    """An interval as characters, ``├──●──┤``, where ``low`` is on the left and ``high`` on the right.

    >>> _drawn(0.5, [0.25, 0.75], 0.0, 1.0)
    '      ├─────●────┤'
    """

    def place(value: float) -> int:
        return round((value - low) / max(high - low, 1e-9) * (WIDTH - 1))

    first, middle, last = (place(value) for value in (interval[0], mean, interval[1]))
    drawn = [" "] * first + ["─"] * (last - first + 1)
    drawn[first], drawn[last], drawn[middle] = "├", "┤", "●"
    return "".join(drawn)
