"""What an epoch costs and serves, as tables, and how long its texts are, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt

from textprep.tables import table

BARS = 20
WIDTH = 50  # of the longest bar, in characters
EIGHTHS = " ▏▎▍▌▋▊▉"


class Histogram(NamedTuple):
    """How many texts are how long.

    Attributes:
        edges: (bars + 1,) tokens: a bar counts the texts from its edge to below the next.
        counts: (bars,) texts.
        cut: texts are cut at so many tokens; ``None`` where they are not.
        beyond: how many are longer than that.
        longest: tokens of the longest text.
    """

    edges: tuple[int, ...]
    counts: tuple[int, ...]
    cut: int | None
    beyond: int
    longest: int


def length_histogram(lengths: npt.NDArray[np.int64], cut: int | None = None) -> Histogram:
    """How the ``lengths`` of texts are distributed, in bars that end with the longest of 99 in 100.

    >>> length_histogram(np.array([1, 2, 2, 9]), cut=8).counts[:3]
    (0, 1, 2)

    Args:
        lengths: (N,) tokens of each text.
        cut: where they are truncated.
    """
    most = int(np.quantile(lengths, 0.99)) if len(lengths) else 0
    step = max(1, -(-(most + 1) // BARS))
    edges = np.arange(0, most + step + 1, step)
    counts = np.bincount(np.minimum(lengths // step, len(edges) - 2), minlength=len(edges) - 1)
    beyond = int((lengths > cut).sum()) if cut is not None else 0
    return Histogram(tuple(edges.tolist()), tuple(counts.tolist()), cut, beyond, int(lengths.max(initial=0)))


def plan_text(stats: Mapping[str, Any], class_names: Sequence[str], histogram: Histogram) -> str:
    """The whole report for a terminal.

    Args:
        stats: what `textprep.batches.stats.PlanStats.as_dict` gives.
        class_names: the names of the classes 0, 1, …
        histogram: of the lengths of all texts.
    """
    parts = [
        table(["an epoch", ""], _facts(stats)),
        _classes(stats["classes"], class_names),
        picture(histogram),
    ]
    return "\n\n".join(parts)


def picture(histogram: Histogram) -> str:
    """The histogram, a line a bar; marks the bar in which texts are cut.

    >>> print(picture(Histogram((0, 5, 10), (4, 1), 7, 1, 9)))
    tokens  texts
       0-4      4  ██████████████████████████████████████████████████
       5-9      1  ████████████▌ < cut at 7 tokens: 1 text (20.0 %) is longer
    """
    names = [f"{low}-{high - 1}" for low, high in zip(histogram.edges, histogram.edges[1:], strict=False)]
    names[-1:] = [f"{histogram.edges[-2]}-{max(histogram.longest, histogram.edges[-1] - 1)}"]
    left = max(6, *map(len, names))
    most = max(1, *histogram.counts)
    lines = [f"{'tokens':>{left}}  {'texts':>9}"]
    for name, count, mark in zip(names, histogram.counts, _marks(histogram), strict=True):
        lines.append(f"{name:>{left}}  {count:>9,}  {_bar(count / most)}{mark}".rstrip())
    return "\n".join(lines)


def svg(histogram: Histogram, title: str) -> str:
    """The histogram as an SVG file: a bar for each length, a line where texts are cut."""
    width, height, bottom = 640, 240, 40
    count, most = len(histogram.counts), max(1, *histogram.counts)
    span, scale = width / count, (height - bottom - 30) / most
    bars = [
        f'<rect x="{number * span + 1:.1f}" y="{height - bottom - texts * scale:.1f}" width="{span - 2:.1f}" '
        f'height="{texts * scale:.1f}" fill="#4a78b5"><title>{_range(histogram, number)} tokens: {texts:,} '
        f"texts</title></rect>"
        for number, texts in enumerate(histogram.counts)
    ]
    labels = [
        f'<text x="{number * span:.1f}" y="{height - bottom + 16}">{histogram.edges[number]}</text>'
        for number in range(0, count, 4)
    ]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 0 {width + 20} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f'<rect x="-10" width="{width + 20}" height="{height}" fill="#fff"/>',
        f'<text x="0" y="16" font-size="14">{escape(title)}</text>',
        *bars,
        *labels,
        f'<text x="0" y="{height - 6}">tokens of a text; the highest bar: {most:,} texts; '
        f"{escape(_cut(histogram))}</text>",
        _cut_line(histogram, span, height - bottom),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _cut_line(histogram: Histogram, span: float, bottom: int) -> str:
    if histogram.cut is None or histogram.cut >= histogram.edges[-1]:
        return ""
    place = histogram.cut / (histogram.edges[1] - histogram.edges[0]) * span
    return (
        f'<line x1="{place:.1f}" x2="{place:.1f}" y1="24" y2="{bottom}" stroke="#b5484a" stroke-width="2"/>'
    )


def _range(histogram: Histogram, number: int) -> str:
    return f"{histogram.edges[number]}-{histogram.edges[number + 1] - 1}"


def _facts(stats: Mapping[str, Any]) -> list[list[str]]:
    texts, tokens = stats["texts_a_step"], stats["tokens_a_step"]
    ranks = f", on each of {stats['world_size']} ranks" if stats["world_size"] > 1 else ""
    return [
        ["steps", f"{stats['steps']:,}{ranks}"],
        ["texts served", f"{stats['drawn']:,} of {stats['rows']:,}, {stats['left_out']:,} not at all"],
        ["tokens served", f"{stats['tokens']:,}"],
        ["padding", f"{stats['padding_share']:.2%} of the {stats['padded_tokens']:,} that a model computes"],
        ["texts a step", _spread(texts)],
        ["tokens a step", _spread(tokens)],
        ["largest batch", f"{stats['peak_area']:,} tokens with padding"],
    ]


def _spread(spread: Mapping[str, Any]) -> str:
    return f"{spread['mean']:,.1f} ({spread['least']:,} to {spread['most']:,})"


def _classes(classes: Sequence[Mapping[str, Any]], names: Sequence[str]) -> str:
    header = ["class", "texts", "served", "different", "effective", "cut", "tokens cut away"]
    return table(header, [_class_row(each, names) for each in classes], width=100)


def _class_row(each: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    name = names[each["label"]] if 0 <= each["label"] < len(names) else "(none)"
    cut = each["truncated"] / max(each["drawn"], 1)
    away = each["tokens_cut"] / max(each["tokens"], 1)
    counts = [f"{each[key]:,}" for key in ("rows", "drawn", "distinct")]
    return [name, *counts, f"{each['effective']:,.0f}", f"{cut:.1%}", f"{away:.1%}"]


def _marks(histogram: Histogram) -> list[str]:
    """Behind each bar: nothing, but behind the one in which texts are cut."""
    step = histogram.edges[1] - histogram.edges[0]
    place = None if histogram.cut is None else min(histogram.cut // step, len(histogram.counts) - 1)
    return [f" < {_cut(histogram)}" if number == place else "" for number in range(len(histogram.counts))]


def _cut(histogram: Histogram) -> str:
    if histogram.cut is None:
        return "none is cut"
    share = histogram.beyond / max(sum(histogram.counts), 1)
    texts = "1 text" if histogram.beyond == 1 else f"{histogram.beyond:,} texts"
    verb = "is" if histogram.beyond == 1 else "are"
    return f"cut at {histogram.cut:,} tokens: {texts} ({100 * share:.1f} %) {verb} longer"


def _bar(share: float) -> str:
    whole, part = divmod(round(share * WIDTH * 8), 8)
    return "█" * whole + EIGHTHS[part].strip()
