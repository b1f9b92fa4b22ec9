"""What the page of a run shows of predicted numbers: scores, how far off texts are, and the worst misses.

Shapes are written with R rows of the held-out split, all of them labelled, K numbers a row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.report.number_charts import residual_chart, scatter_chart
from textprep.report.number_scores import number, of_column, score_lines
from textprep.report.row_texts import RowTexts, beginnings
from textprep.report.sections import Page, Section

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]
MOST_COLUMNS = 20  # that are drawn
MOST_ROWS, MOST_MISSES = 600, 12
STEPS = 100  # of the tolerance, or so
ANCHORS = (("scores", "Scores"), ("tolerance", "Tolerance"), ("misses", "Misses"))
SHARES = (0.5, 0.8, 0.9, 0.95)


def numbers_page(
    labels: Floats, predictions: Floats, names: Sequence[str], scores: Mapping[str, Any],
    texts: RowTexts,
) -> Page:  # fmt: skip
    """The page of a target of numbers.

    Args:
        labels: (R,), or (R, K) where there are ``names``.
        predictions: (R, 1) or (R, K).
        names: of the K columns; none where a row has one number.
        scores: of the run.
        texts: gives the text, or both texts, of some of the rows.
    """
    rows = rows_to_show(labels, predictions)
    found = dict(zip(rows.tolist(), texts(rows), strict=True))
    context = numbers_section(labels, predictions, found, names, scores)
    section = Section(ANCHORS, "numbers.html", context)
    return Page((section,), "numbers", number_data(labels, predictions, found, names))


def numbers_section(
    labels: Floats,
    predictions: Floats,
    texts: Mapping[int, Sequence[str]],
    names: Sequence[str],
    scores: Mapping[str, Any],
) -> dict[str, Any]:
    """What the template ``numbers.html`` shows.

    Args:
        labels: (R,), or (R, K) where there are ``names``.
        predictions: (R, 1) or (R, K).
        texts: row, from 0 → its text, or both, for those of `rows_to_show`.
        names: of the K columns; none where a row has one number.
        scores: what `textprep.training.targets.number.NumberObjective.scores` gives, with or without what
            ``rivals`` adds.
    """
    true, said = _columns(labels), _columns(predictions)
    shown = [
        {
            "name": names[place] if names else "",
            "scores": score_lines(of_column(scores, names[place] if names else "")),
            **_column(true[:, place], said[:, place], texts),
        }
        for place in range(min(true.shape[1], MOST_COLUMNS))
    ]
    return {
        "rows": len(true),
        "held": len(rows_to_show(labels, predictions)),
        "columns": shown,
        "not_shown": true.shape[1] - len(shown),
        "mean": score_lines(scores) if names else [],
    }


def number_data(
    labels: Floats, predictions: Floats, texts: Mapping[int, Sequence[str]], names: Sequence[str]
) -> dict[str, Any]:
    """What the script ``numbers.js`` reads, bounded in size, however many rows there are.

    ``count`` is R. ``columns``: of each its ``name``, the ``tolerances`` of the slider, how many rows are
    ``within`` each, how many too ``high``, and the place to ``start`` at. ``rows``: of those whose texts are
    there the error and what to say of it, a column each, and the texts.
    """
    true, said = _columns(labels), _columns(predictions)
    places = range(min(true.shape[1], MOST_COLUMNS))
    errors = said - true
    return {
        "count": len(true),
        "columns": [
            {"name": names[place] if names else "", **_by_tolerance(errors[:, place])} for place in places
        ],
        "rows": [
            [
                [float(errors[row, place]) for place in places],
                [f"{number(said[row, place])}, in truth {number(true[row, place])}" for place in places],
                beginnings(texts[row]),
            ]
            for row in rows_to_show(labels, predictions).tolist()
        ],
    }


def rows_to_show(labels: Floats, predictions: Floats) -> Ints:
    """The rows whose texts are on the page, ascending: of each column the worst, and others of every error.

    >>> rows_to_show(np.array([1.0, 2.0]), np.array([1.5, 2.0])).tolist()
    [0, 1]
    """
    errors = np.abs(_columns(predictions) - _columns(labels))[:, :MOST_COLUMNS]
    each = max(MOST_MISSES, MOST_ROWS // max(1, errors.shape[1]) - MOST_MISSES)
    kept = [np.zeros(0, np.int64)]
    for column in errors.T:
        order = np.argsort(-column, kind="stable")
        evenly = np.unique(np.linspace(0, max(0, len(order) - 1), each).round().astype(int))
        kept += [order[:MOST_MISSES], order[evenly[: len(order)]]]
    return np.unique(np.concatenate(kept))


def tolerances(errors: Floats) -> list[float]:
    """Round values from 0 on, in about a hundred steps to where 99 % of the rows are, and one for all.

    >>> tolerances(np.array([0.1, -0.2, 0.3]))[:3]
    [0.0, 0.005, 0.01]
    >>> tolerances(np.array([0.0]))
    [0.0]
    """
    far = np.abs(errors)
    step = _round_step(float(np.quantile(far, 0.99)) / STEPS) or _round_step(float(far.max()) / STEPS)
    if not step:
        return sorted({0.0, float(far.max())})
    most = float(np.quantile(far, 0.99)) or float(far.max())
    values = [_rounded(step * place, step) for place in range(int(np.ceil(most / step - 1e-9)) + 1)]
    last = _rounded(step * float(np.ceil(far.max() / step)), step)
    return [*values, last] if last > values[-1] else values


def _round_step(value: float) -> float:
    """The least of 1, 2 and 5 times a power of ten that is no less; 0 of what is too small for one."""
    if value < np.finfo(float).tiny:
        return 0.0
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(power * m for m in (1, 2, 5, 10, 20) if power * m >= value * 0.999))


def _rounded(value: float, step: float) -> float:
    return round(value, max(0, 1 - int(np.floor(np.log10(step)))))


def _by_tolerance(errors: Floats) -> dict[str, Any]:
    steps = tolerances(errors)
    inside = np.searchsorted(np.sort(np.abs(errors)), steps, side="right")
    high = len(errors) - np.searchsorted(np.sort(errors), steps, side="right")
    start = int(np.argmin(np.abs(np.array(steps) - np.abs(errors).mean())))
    return {
        "tolerances": steps,
        "within": inside.tolist(),
        "high": high.tolist(),
        "start": start,
    }


def _column(true: Floats, said: Floats, texts: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """What is shown of a column."""
    errors = said - true
    by_tolerance = _by_tolerance(errors)
    start = by_tolerance["start"]
    worst = np.argsort(-np.abs(errors), kind="stable")[:MOST_MISSES].tolist()
    return {
        "start": by_tolerance["tolerances"][start],
        "within": by_tolerance["within"][start],
        "high": by_tolerance["high"][start],
        "steps": len(by_tolerance["tolerances"]),
        "place": start,
        "scatter": scatter_chart(true, said, by_tolerance["tolerances"][start]),
        "residuals": residual_chart(errors),
        "shares": [(share, number(float(np.quantile(np.abs(errors), share)))) for share in SHARES],
        "misses": [
            {
                "true": number(float(true[row])),
                "said": number(float(said[row])),
                "high": bool(errors[row] > 0),
                "off": number(float(abs(errors[row]))),
                "texts": beginnings(texts[row]),
            }
            for row in worst
            if errors[row] != 0
        ],
    }


def _columns(numbers: Floats) -> npt.NDArray[np.float64]:
    """(R, K) of (R,) or (R, K)."""
    return np.asarray(numbers, np.float64).reshape(len(numbers), -1)
