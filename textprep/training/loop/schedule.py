"""The learning rate as a function of how far training is: nothing to save, nothing to resume."""

from __future__ import annotations

import math

from textprep.config.options import TrainingOptions


def learning_rate(done: float, options: TrainingOptions) -> float:
    """The rate of a step before which the share ``done`` of training, 0 to 1, has passed.

    It rises in a straight line over ``options.warmup`` and then goes as ``options.schedule`` says.

    >>> options = TrainingOptions(learning_rate=0.1, warmup=0.5, schedule="linear")
    >>> [learning_rate(done, options) for done in (0.25, 0.5, 0.75, 1.0)]
    [0.05, 0.1, 0.05, 0.0]
    """
    if done < options.warmup:
        return options.learning_rate * done / options.warmup
    left = min(max((1 - done) / max(1 - options.warmup, 1e-9), 0.0), 1.0)
    if options.schedule == "constant":
        return options.learning_rate
    return options.learning_rate * (
        left if options.schedule == "linear" else (1 - math.cos(math.pi * left)) / 2
    )
