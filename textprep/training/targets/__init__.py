"""How each kind of target is learned and scored: the counterparts of `textprep.targets`, one file a kind.

base.py  what training, report and command line ask      one_class.py, classes.py, number.py  the kinds
"""

from __future__ import annotations

from textprep.targets import Target, target_of
from textprep.training.targets.base import Objective


def objective_of(target: Target | str) -> Objective:
    """What trains and scores a kind of target.

    >>> [measure.name for measure in objective_of("class").measures]
    ['accuracy', 'macro_f1']

    Raises:
        UnknownNameError: there is no such kind.
        DatasetError: its objective cannot be imported.
    """
    settled = target_of(target)
    objective: Objective = settled.trained_by()(settled)
    return objective
