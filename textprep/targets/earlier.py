"""What earlier versions wrote about targets, in today's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.errors import DatasetError
from textprep.targets.base import Target
from textprep.targets.classes import ClassesTarget
from textprep.targets.one_class import ClassTarget

MULTI_LABEL = "multi_label"


def as_now(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options of a data set that an earlier version wrote, as `textprep.load_dataset` takes them.

    >>> as_now({"name": "csv", "multi_label": "|", "threshold": None})
    {'name': 'csv', 'threshold': None, 'target': 'classes', 'separator': '|'}
    >>> as_now({"name": "csv", "multi_label": False})
    {'name': 'csv'}
    """
    rest = {name: value for name, value in options.items() if name != MULTI_LABEL}
    return {**rest, **_meaning(options[MULTI_LABEL])} if options.get(MULTI_LABEL) else rest


def check_not_earlier(options: Mapping[str, Any]) -> None:
    """Raise `DatasetError` where somebody gives an option of an earlier version; says what it is now.

    >>> check_not_earlier({"multi_label": "|"})
    Traceback (most recent call last):
        ...
    textprep.errors.DatasetError: there is no option 'multi_label' any more; say target="classes", ...
    """
    if MULTI_LABEL not in options:
        return
    what = f"there is no option {MULTI_LABEL!r} any more"
    if not options[MULTI_LABEL]:
        raise DatasetError(f"{what}: leave it out", option="target", value="class")
    now = _meaning(options[MULTI_LABEL])
    target, also = now["target"], {name: value for name, value in now.items() if name != "target"}
    said = ", ".join(f'{name}="{value}"' for name, value in now.items())
    raise DatasetError(what, option="target", value=target, also=also, hint=f"say {said}")


def _meaning(given: Any) -> dict[str, Any]:
    several = {"target": "classes"}
    return {**several, "separator": given} if isinstance(given, str) else several


def target_before(manifest: Mapping[str, Any]) -> Target:
    """The target of a run whose manifest has ``class_names`` and perhaps ``multi_label``.

    >>> target_before({"class_names": ["bad", "good"]}).record()
    {'name': 'class', 'class_names': ['bad', 'good']}
    """
    kind = ClassesTarget if manifest.get(MULTI_LABEL) else ClassTarget
    return kind(class_names=manifest["class_names"])
