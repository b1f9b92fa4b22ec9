"""A comparison of variants as a table and as a picture; they take what `compare.json` holds."""

from __future__ import annotations

import textwrap

from markupsafe import escape

from textprep.records import Comparison, VariantGroup, VariantResult
from textprep.report.charts import Axis, svg_file, ticks
from textprep.report.scores import baseline, optimistic
from textprep.tables import table
from textprep.visible import counted, visible

WIDTH = 24  # characters of an interval that is drawn
COLUMNS = (
    "accuracy",
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
    """A table for each group: accuracy with its interval, drawn too, and what it cost.

    ``tokens`` are tokens a text, ``read`` the share of them that truncation leaves, ``seconds`` those of
    training.

    Args:
        result: what `textprep.training.trials.compare.compare` returns.
        width: of a line.
    """
    low, high = _ends(result)
    parts = [
        f"{counted(result['rows'], 'row')} of {result['held_out']!r}, "
        f"{counted(len(result['seeds']), 'seed')}; drawn from {low:.1%} to {high:.1%}"
        f"{optimistic(result['held_out'])}"
        + "".join(f"\n{guess}" for guess in [baseline(result.get("baseline"), high)] if guess)
    ]
    for group in result["groups"]:
        rows = [_cells(variant, low, high) for variant in group["variants"]]
        parts.append(table([group["group"], *COLUMNS], rows, width=width) + _held(group, width))
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
    """The accuracies with their intervals as an SVG file: a line for each variant, a stroke for each seed."""
    variants = [(group, line) for group in result["groups"] for line in group["variants"]]
    low, high = _ends(result)
    accuracy = Axis(f"accuracy on {result['held_out']}: mean, each seed, 95 % interval", low, high, "{:.2%}")
    height = 2 * MARGIN + ROW * len(variants)

    def place(value: float) -> float:
        return NAMES + (value - low) / ((high - low) or 1) * SPAN

    parts = [
        f'<path stroke="#ddd" d="M{place(tick):.1f} {MARGIN}V{height - MARGIN}"/><text text-anchor="middle" '
        f'x="{place(tick):.1f}" y="{height - MARGIN + 16}">{accuracy.form.format(tick)}</text>'
        for tick in ticks(accuracy)
    ]
    parts.append(f'<text x="{NAMES}" y="{MARGIN - 8}">{escape(accuracy.name)}</text>')
    for number, (group, line) in enumerate(variants):
        y = MARGIN + ROW * (number + 0.5)
        colour = "#444" if line["name"] == group["reference"] else "#1f4e8c"
        name = escape(visible(f"{group['group']}: {line['name']}"))
        first, last = map(place, line["interval"])
        seeds = "".join(f"M{place(value):.1f} {y - 5}v10" for value in line["accuracy"]["values"])
        parts.append(
            f'<text text-anchor="end" x="{NAMES - 16}" y="{y + 4}">{name}</text>'
            f'<path stroke="{colour}" stroke-width="1.5" d="M{first:.1f} {y}H{last:.1f}{seeds}"/>'
            f'<circle fill="{colour}" r="4" cx="{place(line["accuracy"]["mean"]):.1f}" cy="{y}"/>'
        )
    return svg_file("".join(parts), accuracy.name, width=NAMES + SPAN + MARGIN, height=height)


def _ends(result: Comparison) -> tuple[float, float]:
    """The least and the most of all intervals."""
    ends = [end for group in result["groups"] for line in group["variants"] for end in line["interval"]]
    return min(ends), max(ends)


def _cells(line: VariantResult, low: float, high: float) -> list[str]:
    difference = "" if line["difference"] is None else f"{line['difference'] * 100:+.2f}"
    return [
        line["name"],
        f"{line['accuracy']['mean']:.2%}",
        "{:.2%} to {:.2%}".format(*line["interval"]),
        _drawn(line, low, high),
        difference,
        line["verdict"],
        f"{line['vocabulary']:,}",
        f"{line['oov_rate']:.2%}",
        f"{line['tokens_a_text']:.1f}",
        f"{line['read']:.0%}",
        f"{line['seconds']['mean']:.1f}",
    ]


def _drawn(line: VariantResult, low: float, high: float) -> str:
    """An interval as characters, ``├──●──┤``, where ``low`` is on the left and ``high`` on the right.

    >>> _drawn({"accuracy": {"mean": 0.5}, "interval": [0.25, 0.75]}, 0.0, 1.0)
    '      ├─────●────┤'
    """

    def place(value: float) -> int:
        return round((value - low) / max(high - low, 1e-9) * (WIDTH - 1))

    first, middle, last = (
        place(value) for value in (line["interval"][0], line["accuracy"]["mean"], line["interval"][1])
    )
    drawn = [" "] * first + ["─"] * (last - first + 1)
    drawn[first], drawn[last], drawn[middle] = "├", "┤", "●"
    return "".join(drawn)
