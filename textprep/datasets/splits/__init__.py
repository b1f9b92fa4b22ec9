"""Dividing rows into splits, so that nothing that is tested on was trained on.

options.py    how rows are divided, checked     assignment.py   texts → the split number of each row
identity.py   when two texts count as the same  near.py         when they are nearly the same
times.py      groups, and the order of points in time

Nothing here knows of a corpus: texts, classes, groups and times go in, an array of small integers comes out.
"""

from __future__ import annotations

from textprep.datasets.splits.assignment import assign
from textprep.datasets.splits.options import DEFAULT_SPLITS, Division

__all__ = ["DEFAULT_SPLITS", "Division", "assign"]
