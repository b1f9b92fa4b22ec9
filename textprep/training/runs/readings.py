"""A few texts of the held-out split that are worth a look, and what the model made of them.

Shapes are written with R rows of the held-out split.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from textprep.datasets.split import Split
from textprep.explanation import Explanation
from textprep.report.findings import Read, Reading
from textprep.training.runs.extra_inputs import extra_of_rows
from textprep.training.runs.insight import explained, read_explained
from textprep.training.runs.run import Run
from textprep.training.scoring.predictions import Predictions

Ints = npt.NDArray[np.int64]
READ_WORDS = (4, 26)  # texts of so many words are chosen, where there are any: each word can be seen then


def way_of(run: Run, text: str, pair: str | None = None) -> Explanation:
    """The way of a text, or of two, to their row, without padding."""
    explanation = explained(run, text, pair)
    return replace(explanation, row=explanation.row.without_padding())


def read_some(run: Run, rows: Predictions, split: Split, places: Ints) -> tuple[list[Read], Reading]:
    """Those that the target finds worth reading, two of each kind, read as one batch.

    Args:
        run: whose model reads.
        rows: R labelled rows, and what the run says about them.
        split: their texts.
        places: (R,) where in the split they are.
    """
    picked = chosen(run, rows, _readable(run, split, places))
    columns = [texts.take(places[[row for _, row in picked]]).to_pylist() for texts in split.texts]
    read = [
        Read(title, run.objective.truth(rows.label(row)), way_of(run, *texts))
        for (title, row), *texts in zip(picked, *columns, strict=True)
    ]
    extra = extra_of_rows(run.extra, split.select(places[[row for _, row in picked]]))
    return read, read_explained(run, [each.explanation for each in read], extra=extra)


def chosen(run: Run, rows: Predictions, readable: npt.NDArray[np.bool_]) -> list[tuple[str, int]]:
    """Rows that are worth a look, and why; of R rows those are taken that are readable."""
    given, kinds = run.objective.worth_reading(rows)
    picked: dict[int, str] = {}
    for title, candidates, order in kinds:
        rows_there = np.flatnonzero(candidates & readable)
        in_order = rows_there[np.argsort(order[rows_there], kind="stable")]
        for row in _of_two_kinds(in_order, given)[:2]:
            picked.setdefault(row, title)
    return [(title, row) for row, title in picked.items()]


def _readable(run: Run, split: Split, places: Ints) -> Any:
    """(R,) bool: texts with few words; all texts with any, where there are hardly any of those."""
    counts = [pc.count_substring_regex(texts, r"\S+").to_numpy() for texts in split.texts]
    words = np.sum(counts, axis=0)[places]
    low, high = READ_WORDS
    few, some = (words >= low) & (words <= high), words > 0
    if few.sum() >= 2 * len(run.objective.names):
        return few
    return some if some.any() else ~some


def _of_two_kinds(rows: Ints, given: Ints) -> Sequence[int]:
    """``rows``, the first that is given something else than the very first moved to the second place."""
    found: list[int] = rows.tolist()
    other = next((row for row in found if given[row] != given[found[0]]), None)
    return found if other is None else [found[0], other]
