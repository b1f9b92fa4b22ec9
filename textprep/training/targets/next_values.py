"""How the next values of a recording are learned: the counterpart of `textprep.targets.next_values`.

Shapes are written with N windows, F numbers a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from textprep.report.number_scores import compared, number
from textprep.report.sections import Page
from textprep.targets.next_values import NextValuesTarget
from textprep.training.scoring.numbers import mean_interval, number_scores
from textprep.training.targets.number import NumberObjective

if TYPE_CHECKING:
    from textprep.prepared.dataset import PreparedDataset
    from textprep.training.scoring.predictions import Predictions


class NextValuesObjective(NumberObjective):
    """The numbers of the step behind a window, learned as numbers are.

    Beside the scores are those of the last step repeated, which is hard to beat where steps are near each
    other: a model that does not has learned nothing about what comes next.
    """

    target: NextValuesTarget

    def rivals(self, data: PreparedDataset, held_out: str, rows: Predictions) -> dict[str, Any]:
        """``last_step``: the scores of saying that the last step of a window comes again.

        And ``mae_difference``: by how much the model's MAE is above that, row by row, with its interval.
        """
        split: Any = data[held_out]
        steps = [split.ids(row)[-1] for row in range(len(split))]
        said = data.pipeline.decode(np.stack(steps)).astype(np.float64)
        order = np.argsort(split.row_ids)
        last = replace(rows, values=said[order].astype(np.float32))
        difference = mean_interval(self.per_row(rows) - self.per_row(last))
        shaped = said if self.target.names else said[:, 0]
        scores = number_scores(split.labels, shaped, self.target.names)
        last_step = {**scores, "mae_difference": difference}
        return {**super().rivals(data, held_out, rows), "last_step": last_step}

    def summary(self, scores: Mapping[str, Any]) -> str:
        """The scores of numbers, and whether they are better than those of the last step repeated."""
        return "\n".join(filter(None, [super().summary(scores), against_last_step(scores)]))

    def page(self, *given: Any, **places: Any) -> Page:
        """That of numbers, and whether they are better than the last step repeated."""
        page = super().page(*given, **places)
        _, scores, *_ = given
        (section,) = page.sections
        context = {**section.context, "rival": against_last_step(scores)}
        return page._replace(sections=(section._replace(context=context),))


def against_last_step(scores: Mapping[str, Any]) -> str:
    """Whether the model beats saying that the last step comes again; empty where nobody has scored that.

    >>> difference = {"value": -0.12, "interval": [-0.14, -0.1]}
    >>> against_last_step({"last_step": {"mae": 0.5, "mae_difference": difference}})
    'the last step repeated has an MAE of 0.5: row by row, that of the model is 0.12 (0.1 to 0.14) below it'
    """
    found = scores.get("last_step")
    if not found:
        return ""
    off, where, _ = compared(found["mae_difference"])
    return (
        f"the last step repeated has an MAE of {number(found['mae'])}: row by row, that of the model is "
        f"{off} {where} it"
    )
