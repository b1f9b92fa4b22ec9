"""What the report of a run shows of sequences of numbers: a few, and what the model made of them.

Shapes are written with R rows of the held-out split.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from textprep.datasets.split import Split
from textprep.inputs import sequences
from textprep.report.sections import Section
from textprep.report.sequences import Shown, sequence_sections
from textprep.training.runs.extra_inputs import extra_of_rows
from textprep.training.runs.insight import read_sequences
from textprep.training.runs.readings import chosen

if TYPE_CHECKING:
    from textprep.training.runs.run import Run
    from textprep.training.scoring.predictions import Predictions

Ints = npt.NDArray[np.int64]
HeldOut = tuple["Predictions", Split, Ints]
EXAMPLES = 3


def sections_of(run: Run, train: Split, held_out: HeldOut | None) -> tuple[Section, ...]:
    """The sections about sequences: examples of training, and what the model read."""
    features = run.pipeline.names
    examples = [
        _shown(train, int(rows[len(rows) // 2]), title)
        for title, here in run.objective.examples(train)[:EXAMPLES]
        if len(rows := np.flatnonzero(here))
    ]
    if held_out is None:
        return sequence_sections(features, examples, [], None)
    labelled, split, places = held_out
    picked = chosen(run, labelled, np.ones(len(places), bool))
    read = [
        _shown(
            split, int(places[row]), title, run.objective.truth(labelled.label(row)),
            run.objective.tags_of(labelled.label(row)),
        )
        for title, row in picked
    ]  # fmt: skip
    batch = [run.pipeline.encode(one.steps) for one in read]
    extra = extra_of_rows(run.extra, split.select(places[[row for _, row in picked]]))
    return sequence_sections(features, examples, read, read_sequences(run.model, batch, run.objective, extra))


def _shown(split: Split, row: int, title: str, label: str | None = None, tags: tuple[str, ...] = ()) -> Shown:
    one = split.rows(row, row + 1)
    (steps,) = sequences(one.sequence)
    name: Any = one[0].get("name", "")
    return Shown(title, name, steps, label, tags)
