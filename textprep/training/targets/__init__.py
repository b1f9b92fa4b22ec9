"""How each kind of target is learned and scored: the counterparts of `textprep.targets`, one file a kind.

base.py  what training, report and command line ask      one_class.py, classes.py, number.py  the kinds
"""

from __future__ import annotations

from typing import Any

from textprep.errors import DatasetError
from textprep.targets import Target, target_of
from textprep.training.targets.base import Objective


def objective_of(target: Target | str, *loaders: Any) -> Objective:
    """What trains and scores a kind of target; the name of a kind is the target of the loaders' split.

    >>> [measure.name for measure in objective_of("class").measures]
    ['accuracy', 'macro_f1']

    Raises:
        UnknownNameError: there is no such kind.
        DatasetError: its objective cannot be imported, or the rows of a loader have another kind of target.
    """
    settled = target_of(target)
    for loader in loaders:
        found = getattr(getattr(loader, "split", None), "target", None)
        if isinstance(found, Target):
            _check_same_kind(settled, found)
            settled = found if target == found.name else settled
    objective: Objective = settled.trained_by()(settled)
    return objective


def _check_same_kind(asked: Target, found: Target) -> None:
    """Labels of two kinds may have the same shape, so it decides nothing."""
    if not (isinstance(found, type(asked)) or isinstance(asked, type(found))):
        raise DatasetError(
            f"the rows of the loader have the target {found.name!r}, and {asked.name!r} was asked for",
            option="target",
            value=found.name,
            hint=f"say target={found.name!r}",
        )
