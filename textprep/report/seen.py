"""How a model fares on rows that training has not seen, where some of the rows scored are training texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def seen_line(scores: Mapping[str, Any], scored: Callable[[Mapping[str, Any]], str]) -> str:
    """How many rows are training texts, and the scores of the others; empty where none is.

    >>> seen = {"rows": 2, "others": {"rows": 7, "mae": 0.5}}
    >>> seen_line({"rows": 9, "seen": seen}, lambda others: "MAE 0.5")
    '2 of 9 rows are training texts; of the 7 others MAE 0.5'

    Args:
        scores: of all rows.
        scored: scores → what is said of them.
    """
    if "seen" not in scores:
        return ""
    seen = scores["seen"]
    told = f"{seen['rows']:,} of {scores['rows']:,} rows are training texts"
    if "others" not in seen:
        return f"{told}: the scores do not say how the model does on new ones"
    others = seen["others"]
    return f"{told}; of the {others['rows']:,} others {scored(others)}"
