"""A comparison of variants as a table and as a picture; they take what `compare.json` holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from textprep.errors import ConfigError
from textprep.report.scores import optimistic
from textprep.tables import table
from textprep.visible import counted

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


def comparison_tables(result: Mapping[str, Any], *, width: int = 160) -> str:
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
    ]
    for group in result["groups"]:
        rows = [_cells(variant, low, high) for variant in group["variants"]]
        parts.append(table([group["group"], *COLUMNS], rows, width=width))
    if len(result["seeds"]) == 1:
        parts.append("One seed: verdicts are of these trainings on other rows; another seed may turn them.")
    return "\n\n".join(parts)


def draw_comparison(result: Mapping[str, Any], path: Path) -> None:
    """A picture of the accuracies with their intervals, as SVG.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError("the picture needs matplotlib: pip install 'textprep-nlp[report]'") from error
    variants = [(group, line) for group in result["groups"] for line in group["variants"]]
    figure = Figure(figsize=(7, 0.9 + 0.32 * len(variants)), layout="constrained")
    axes = figure.add_subplot()
    for number, (group, line) in enumerate(variants):
        mean, (low, high) = line["accuracy"]["mean"], line["interval"]
        colour = "0.25" if line["name"] == group["reference"] else "tab:blue"
        axes.plot([low * 100, high * 100], [number, number], color=colour)
        axes.plot(
            [value * 100 for value in line["accuracy"]["values"]],
            [number] * len(line["accuracy"]["values"]),
            "|",
            color=colour,
        )
        axes.plot([mean * 100], [number], "o", color=colour)
    axes.set_yticks(range(len(variants)), [f"{group['group']}: {line['name']}" for group, line in variants])
    axes.invert_yaxis()
    axes.set_xlabel(f"accuracy on {result['held_out']}, %: mean, each seed, 95 % interval")
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, format="svg", metadata={"Date": None})


def _ends(result: Mapping[str, Any]) -> tuple[float, float]:
    """The least and the most of all intervals."""
    ends = [end for group in result["groups"] for line in group["variants"] for end in line["interval"]]
    return min(ends), max(ends)


def _cells(line: Mapping[str, Any], low: float, high: float) -> list[str]:
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


def _drawn(line: Mapping[str, Any], low: float, high: float) -> str:
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
