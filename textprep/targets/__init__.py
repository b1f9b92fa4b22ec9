"""What a model learns from a row, one file a kind; registered through the same hook as a plugin's.

kind.py         a name and its options             problems.py        what is wrong with a value or a column
base.py         what every room asks of a target
one_class.py, classes.py, number.py, tags.py, next_token.py, next_values.py   the kinds
named.py        what those with classes share      tag_schemes.py     where entities begin and end
tagged.py       labelled spans as tagged pieces    tagged_words.py    words with a tag each
tagged_column.py  what a column of pieces says
class_names.py  what classes are called            class_counts.py    how many rows each has
coding.py       blocks of labels as numbers        label_mapping.py   which class a label means
numbers.py      which values are numbers           earlier.py         options of earlier versions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textprep.errors import DatasetError
from textprep.hookspecs import hookimpl
from textprep.registry import TARGETS
from textprep.targets.base import Target
from textprep.targets.classes import ClassesTarget
from textprep.targets.next_token import NextTokenTarget
from textprep.targets.next_values import NextValuesTarget
from textprep.targets.number import NumberTarget
from textprep.targets.one_class import ClassTarget
from textprep.targets.problems import BadValueError, Problem
from textprep.targets.tags import TagsTarget

__all__ = [
    "BadValueError",
    "ClassTarget",
    "ClassesTarget",
    "NextTokenTarget",
    "NumberTarget",
    "Problem",
    "TagsTarget",
    "Target",
    "target_of",
]


@hookimpl
def textprep_targets() -> Mapping[str, type[Target]]:
    """The built-in kinds of targets."""
    kinds = (ClassTarget, ClassesTarget, NumberTarget, TagsTarget, NextTokenTarget, NextValuesTarget)
    return {kind.name: kind for kind in kinds}


def target_of(given: str | Mapping[str, Any] | Target | type[Target], **options: Any) -> Target:
    """The target that a name, a name with options, a kind, or a target itself stands for.

    >>> target_of("class", class_names=["bad", "good"]).record()
    {'name': 'class', 'class_names': ['bad', 'good']}
    >>> target_of({"name": "classes", "separator": "|"}, separator=";").separator
    ';'

    Args:
        given: what somebody asked for.
        **options: over those of ``given``.

    Raises:
        UnknownNameError: no kind is called so; the message lists what exists.
        DatasetError: it has no such option, or one cannot be used.
    """
    if isinstance(given, type) and issubclass(given, Target):
        return given(**options)
    if isinstance(given, Target):
        return given.but(**options) if options else given
    named = {"name": given} if isinstance(given, str) else given
    if not isinstance(named, Mapping) or not isinstance(named.get("name"), str):
        raise DatasetError(
            f"target= is the name of a kind, such as 'number', or a mapping with name and options, not "
            f"{given!r:.60}",
            option="target",
        )
    kind: Any = TARGETS.get(named["name"])
    target: Target = kind(**{key: value for key, value in {**named, **options}.items() if key != "name"})
    return target
