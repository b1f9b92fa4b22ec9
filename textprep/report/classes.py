"""What the page of a run shows of predicted classes: scores, decisions and mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from textprep.records import SHARES, Curves, Scores, ThresholdRecord
from textprep.report.charts import curve_chart
from textprep.report.class_scores import class_baseline
from textprep.report.decisions import MOST_CLASSES, Decisions, Mistake
from textprep.report.row_texts import RowTexts, beginnings
from textprep.report.sections import Page, Section

MOST_MISTAKES = 12
Names = tuple[str, ...]


def classes_page(
    decisions: Decisions, names: Names, scores: Scores, curves: Curves, chosen: ThresholdRecord | None,
    texts: RowTexts,
) -> Page:  # fmt: skip
    """The page of a target with classes.

    Args:
        decisions: of R rows.
        names: the classes.
        scores: of the run.
        curves: what `textprep.training.scoring.curves.class_curves` gives.
        chosen: the threshold that the run decides by.
        texts: gives the text, or both texts, of some of the rows.
    """
    mistakes = decisions.mistakes(MOST_MISTAKES)
    wanted = np.unique([*decisions.rows_to_show(), *(mistake.row for mistake in mistakes)]).astype(np.int64)
    found = dict(zip(wanted.tolist(), texts(wanted), strict=True))
    shown = names.index(chosen["class_name"] if chosen else names[-1])
    lines = _class_scores(scores, names)
    context = {
        "several": decisions.several,
        "names": names,
        "scores": lines,
        "metrics": scores,
        "baseline": class_baseline(scores.get("baseline"), scores["accuracy"]),
        "rows": len(decisions.labels),
        "held": len(decisions.rows_to_show()),
        "mistakes": [_mistake(decisions, mistake, found, names) for mistake in mistakes],
        "shown": shown,
        "movable": decisions.movable,
        "most_classes": MOST_CLASSES,
        "curve": _curve(curves, names, shown),
        **decisions.context(shown),
    }
    return Page(
        (
            Section((("scores", "Scores"),), "class_scores.html", context),
            Section((("decisions", "Decisions"), ("mistakes", "Mistakes")), "decisions.html", context),
        ),
        "decisions",
        decisions.script_data(chosen, found),
    )


def _curve(curves: Curves, names: Names, shown: int) -> Any:
    points = curves["precision_recall"]
    drawn = {index: points[name] for index, name in enumerate(names) if name in points}
    return curve_chart(drawn, shown, "Precision over recall, as the threshold moves")


def _mistake(
    decisions: Decisions, mistake: Mistake, texts: Mapping[int, Sequence[str]], names: Names
) -> dict[str, Any]:
    return {
        "true": decisions.truth(mistake.row),
        "said": names[mistake.label],
        "given": mistake.given,
        "certain": mistake.certain,
        "texts": beginnings(texts[mistake.row]),
    }


def _class_scores(metrics: Scores, names: Sequence[str]) -> list[dict[str, object]]:
    """A line for each class: its scores with their intervals, and its rows."""
    return [
        {
            "name": name,
            "support": metrics["per_class"][name]["support"],
            "scores": [
                (score, metrics["per_class"][name][score], metrics["intervals"]["per_class"][name][score])
                for score in SHARES
            ]
            if metrics["per_class"][name]["support"]
            else [],
        }
        for name in names
    ]
