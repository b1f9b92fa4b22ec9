"""What an epoch costs and serves, as tables, and how long its texts are, as bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

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
