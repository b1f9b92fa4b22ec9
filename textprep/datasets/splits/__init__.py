"""Dividing rows into splits, so that nothing that is tested on was trained on.

identity.py   when two texts count as the same        near.py    when they are nearly the same
sets.py       rows that stay together                 times.py   the order of points in time
dealing.py    units of rows → splits                  division.py   a corpus, divided
"""

from __future__ import annotations

from textprep.datasets.splits.division import divide, divided, folds_of, hold_out
from textprep.datasets.splits.fractions import check_seed, checked_fold, checked_fractions
from textprep.datasets.splits.options import DEFAULT_SPLITS, Division

__all__ = [
    "DEFAULT_SPLITS",
    "Division",
    "check_seed",
    "checked_fold",
    "checked_fractions",
    "divide",
    "divided",
    "folds_of",
    "hold_out",
]
