"""What the page of a run shows of the split that it was scored on: decisions, mistakes, texts that were read.

A row has one class (`textprep.report.decisions`), or may have several (`textprep.report.marks`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.report import decisions, marks
from textprep.report.charts import curve_chart
from textprep.report.decisions import MOST_CLASSES, MOST_TABLE, short
from textprep.report.findings import HeldOut
from textprep.report.reading import read_texts, reading_context

MOST_MISTAKES = 12
Names = tuple[str, ...]


def decision_data(held_out: HeldOut, names: Names) -> dict[str, Any] | None:
    """What the script of the page reads."""
    several = held_out.labels.ndim == 2
    return marks.decision_data(held_out, names) if several else decisions.decision_data(held_out, names)


def held_out_context(held_out: HeldOut, names: Names, metrics: Mapping[str, Any]) -> dict[str, Any]:
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
        "shown": shown,
        "most_classes": MOST_CLASSES,
        "curve": curve_chart(curves, shown, "Precision over recall, as the threshold moves"),
        "texts": read_texts(texts, reading, names),
        **reading_context(reading),
        **(_several(held_out, names, shown) if several else _one(held_out, names, metrics)),
    }


def _one(held_out: HeldOut, names: Names, metrics: Mapping[str, Any]) -> dict[str, Any]:
    labels, probabilities = held_out.labels, held_out.probabilities
    wrong = decisions.mistakes(labels, probabilities, MOST_MISTAKES)
    return {
        "matrix": metrics["confusion_matrix"],
        "movable": 1 < len(names) <= MOST_CLASSES,
        "whole": len(names) <= MOST_TABLE,
        "held": len(decisions.rows_to_show(labels, probabilities)),
        "wrong": int((probabilities.argmax(axis=1) != labels).sum()),
        "mistakes": [
            {
                "true": names[labels[row]],
                "said": names[probabilities[row].argmax()],
                "certain": float(probabilities[row].max()),
                "text": short(held_out.texts[int(row)]),
            }
            for row in wrong
        ],
    }


def _several(held_out: HeldOut, names: Names, shown: int) -> dict[str, Any]:
    labels, probabilities = held_out.labels, held_out.probabilities
    given = marks.given(probabilities)
    wrong = given != (labels > 0)
    movable = len(names) <= MOST_CLASSES
    return {
        "matrix": marks.matrices_of(labels, given)[shown].tolist(),
        "movable": movable,
        "whole": movable,
        "held": len(marks.rows_to_show(labels, probabilities)),
        "wrong": int(wrong.any(axis=1).sum()),
        "wrong_marks": int(wrong.sum()),
        "mistakes": [
            {
                "true": marks.names_of(labels[mistake.row], names),
                "said": names[mistake.label],
                "given": mistake.given,
                "certain": mistake.certain,
                "text": short(held_out.texts[mistake.row]),
            }
            for mistake in marks.mistakes(labels, probabilities, MOST_MISTAKES)
        ],
    }
