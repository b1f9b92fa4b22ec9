"""What the page of a run shows of the split that it was scored on: decisions, mistakes, texts that were read.

A row has one class, or may have several; the page is the same but for what a cell and a mistake are.
"""

from __future__ import annotations

from textprep.records import RunMetrics
from textprep.report.charts import curve_chart
from textprep.report.findings import HeldOut
from textprep.report.reading import read_texts, reading_context
from textprep.report.thresholds import (
    MOST_CLASSES,
    MOST_TABLE,
    Mistake,
    marks_of,
    matrices_of,
    mistakes,
    names_of,
    rows_to_show,
    short,
)

MOST_MISTAKES = 12
Names = tuple[str, ...]


def held_out_context(held_out: HeldOut, names: Names, metrics: RunMetrics) -> dict[str, object]:
    """What the template shows; ``metrics`` are the scores of the run."""
    shown = names.index(held_out.threshold["class_name"] if held_out.threshold else names[-1])
    curves = {
        index: held_out.curves["precision_recall"][name]
        for index, name in enumerate(names)
        if name in held_out.curves["precision_recall"]
    }
    texts, reading = held_out.read
    several = held_out.labels.ndim == 2
    return {
        "several": several,
        "rows": len(held_out.labels),
        "held": len(rows_to_show(held_out.labels, held_out.probabilities)),
        "mistakes": [
            _mistake(held_out, mistake, names)
            for mistake in mistakes(held_out.labels, held_out.probabilities, MOST_MISTAKES)
        ],
        "shown": shown,
        "most_classes": MOST_CLASSES,
        "curve": curve_chart(curves, shown, "Precision over recall, as the threshold moves"),
        "texts": read_texts(texts, reading, names),
        **reading_context(reading),
        **(_several(held_out, names, shown) if several else _one(held_out, names, metrics)),
    }


def _one(held_out: HeldOut, names: Names, metrics: RunMetrics) -> dict[str, object]:
    chosen = held_out.probabilities.argmax(axis=1)
    return {
        "matrix": metrics["confusion_matrix"],
        "movable": 1 < len(names) <= MOST_CLASSES,
        "whole": len(names) <= MOST_TABLE,
        "wrong": int((chosen != held_out.labels).sum()),
    }


def _several(held_out: HeldOut, names: Names, shown: int) -> dict[str, object]:
    labels, given = held_out.labels, marks_of(held_out.probabilities)
    wrong = given != (labels > 0)
    movable = len(names) <= MOST_CLASSES
    return {
        "matrix": matrices_of(labels, given)[shown].tolist(),
        "movable": movable,
        "whole": movable,
        "wrong": int(wrong.any(axis=1).sum()),
        "wrong_marks": int(wrong.sum()),
    }


def _mistake(held_out: HeldOut, mistake: Mistake, names: Names) -> dict[str, object]:
    true = held_out.labels[mistake.row]
    return {
        "true": names_of(true, names) if held_out.labels.ndim == 2 else names[true],
        "said": names[mistake.label],
        "given": mistake.given,
        "certain": mistake.certain,
        "text": short(held_out.texts[mistake.row]),
    }
