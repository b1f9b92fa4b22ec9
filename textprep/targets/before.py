"""Targets as the version before wrote them, in the files of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.targets.base import Target
from textprep.targets.classes import ClassesTarget
from textprep.targets.one_class import ClassTarget


def target_before(manifest: Mapping[str, Any]) -> Target:
    """The target of a run that has ``class_names`` and perhaps ``multi_label`` in its manifest.

    >>> target_before({"class_names": ["bad", "good"]}).record()
    {'name': 'class', 'class_names': ['bad', 'good']}
    """
    kind = ClassesTarget if manifest.get("multi_label") else ClassTarget
    return kind(class_names=manifest["class_names"])
