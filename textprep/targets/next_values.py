"""``next_values``: the numbers of a step behind a window of a recording."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from textprep.targets.number import NumberTarget


class NextValuesTarget(NumberTarget):
    """The F numbers of the step that is ``horizon`` steps behind the last one of a window.

    ``labels`` (B, F) float32; (B,) of one number a step.

    >>> NextValuesTarget(names=("x", "y"), horizon=2).record()
    {'name': 'next_values', 'names': ['x', 'y'], 'horizon': 2}

    Attributes:
        horizon: how many steps ahead; 1 is the step behind the window.

    Raises:
        DatasetError: an option cannot be used.
    """

    name: ClassVar[str] = "next_values"
    objective: ClassVar[str] = "textprep.training.targets.next_values:NextValuesObjective"

    horizon: int = Field(default=1, ge=1)
