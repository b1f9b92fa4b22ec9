"""Scores of predicted numbers as text, with those of guessing and of a simpler model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from textprep.report.seen import seen_line
from textprep.tables import table
from textprep.visible import counted

TITLES = {"mae": "MAE", "rmse": "RMSE", "r2": "R²", "pearson": "Pearson", "spearman": "Spearman"}
"""Each score of `textprep.training.scoring.numbers.number_scores`, as people write it."""
IN_UNITS = ("mae", "rmse")  # of the labels; the others are at most 1


class ScoreLine(NamedTuple):
    """A score as people read it: of the model, of always predicting the training mean, of ridge regression.

    ``range`` and ``ridge_range`` are the intervals; ``ridge_on`` is what the regression reads. A dash is what
    cannot be said; the last three are empty where there is no ridge regression.
    """

    title: str
    model: str
    range: str
    mean: str
    ridge: str
    ridge_range: str
    ridge_on: str = "TF-IDF"


def numbers_summary(scores: Mapping[str, Any], names: Sequence[str] = ()) -> str:
    """Each score with its interval, next to those of the training mean and of ridge regression.

    Args:
        scores: what `textprep.training.targets.number.NumberObjective.scores` gives, with or without what
            ``rivals`` adds.
        names: of the columns, where there are several: each has a table.
    """
    parts = [("mean of all", scores)] if names else []
    parts += [(name, of_column(scores, name)) for name in names or ("",)]
    rows = "\n".join(
        filter(None, [against_ridge(scores), counted(scores["rows"], "row"), seen_line(scores, _of_others)])
    )
    return "\n\n".join([*(_table(title, part) for title, part in parts), rows])


def against_ridge(scores: Mapping[str, Any]) -> str:
    """Whether the model beats ridge regression; empty where there is none.

    >>> against_ridge({"ridge": {"mae_difference": {"value": -0.12, "interval": [-0.14, -0.1]}}})
    'row by row, the MAE is 0.12 (0.1 to 0.14) below that of ridge regression: better beyond chance'
    """
    found = scores.get("ridge", {}).get("mae_difference")
    if not found:
        return ""
    off, where, verdict = compared(found)
    return f"row by row, the MAE is {off} {where} that of ridge regression: {verdict}"


def compared(difference: Mapping[str, Any]) -> tuple[str, str, str]:
    """How far an error is from that of a rival, on which side, and whether that is beyond chance.

    >>> compared({"value": -0.12, "interval": [-0.14, -0.1]})
    ('0.12 (0.1 to 0.14)', 'below', 'better beyond chance')

    Args:
        difference: ``value``, the error less that of the rival, and its ``interval``.
    """
    value, (low, high) = difference["value"], difference["interval"]
    sign, where = (-1, "below") if value < 0 else (1, "above")
    verdict = (
        "better beyond chance" if high < 0 else "worse beyond chance" if low > 0 else "no clear difference"
    )
    return interval(sign * value, sorted([sign * low, sign * high])), where, verdict


def _of_others(others: Mapping[str, Any]) -> str:
    mae = interval(others["mae"], others["intervals"]["mae"])
    return f"the MAE is {mae}, R² {_written('r2', others['r2'])}"


def of_column(scores: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The scores of one of several columns, with those of its rivals; all of them if it has no name.

    >>> of_column({"mae": 2.0, "per_column": {"year": {"mae": 3.0}}}, "year")
    {'mae': 3.0}
    """
    if not name:
        return scores
    found: dict[str, Any] = {**scores["per_column"][name]}
    if "intervals" in scores:
        found["intervals"] = scores["intervals"]["per_column"][name]
    if "baseline" in scores:
        found["baseline"] = scores["baseline"]["per_column"][name]
    if "ridge" in scores:
        found["ridge"] = {**of_column(scores["ridge"], name), "on": scores["ridge"].get("on", "TF-IDF")}
    return found


def number(value: float | None) -> str:
    """A number as people read it: four digits, or a dash where there is none.

    >>> number(0.123456), number(1234.5), number(None)
    ('0.1235', '1,234', '-')
    """
    if value is None:
        return "-"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"


def interval(value: float | None, ends: Sequence[float] | None) -> str:
    """A number and how far chance could move it.

    >>> interval(0.25, [0.21, 0.3]), interval(None, None)
    ('0.25 (0.21 to 0.3)', '-')
    """
    if value is None or ends is None:
        return number(value)
    return f"{number(value)} ({number(ends[0])} to {number(ends[1])})"


def score_lines(scores: Mapping[str, Any]) -> list[ScoreLine]:
    """A line a score."""
    ridge, mean = scores.get("ridge"), scores.get("baseline") or {}
    return [
        ScoreLine(
            title,
            _written(name, scores[name]),
            _range(name, scores),
            _written(name, mean.get(name)),
            _written(name, ridge[name]) if ridge else "",
            _range(name, ridge) if ridge else "",
            ridge.get("on", "TF-IDF") if ridge else "",
        )
        for name, title in TITLES.items()
    ]


def _written(name: str, value: float | None) -> str:
    return number(value) if name in IN_UNITS or value is None else f"{value:.4f}".replace("-0.0000", "0.0000")


def _range(name: str, scores: Mapping[str, Any]) -> str:
    ends = scores.get("intervals", {}).get(name)
    return f"{_written(name, ends[0])} to {_written(name, ends[1])}" if ends else "-"


def _table(title: str, scores: Mapping[str, Any]) -> str:
    lines = score_lines(scores)
    width = 5 if lines[0].ridge else 4
    header = [title or "score", "model", "95 % interval", "training mean", f"ridge on {lines[0].ridge_on}"][
        :width
    ]
    return table(header, [line[:width] for line in lines])
