"""Classes and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from textprep.errors import DatasetError

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The distinct labels, sorted; by value where all are whole numbers.

    >>> class_order(["10", "2", "10"]), class_order(["pos", "neg"])
    (('2', '10'), ('neg', 'pos'))
    """
    names = set(labels)
    if all(map(_WHOLE_NUMBER.fullmatch, names)):
        return tuple(sorted(names, key=int))
    return tuple(sorted(names))


def class_of(label: object, classes: Sequence[str] | None) -> str:
    """The class that ``label`` means: its own name, or a class's id where no class is named by a number.

    >>> class_of(1, ("negative", "positive")), class_of(1, ("1", "2")), class_of("fine", None)
    ('positive', '1', 'fine')
    """
    name = str(label)
    if classes and name not in classes and re.fullmatch(r"0|[1-9][0-9]{0,9}", name):
        by_id = int(name) < len(classes) and not any(map(_WHOLE_NUMBER.fullmatch, classes))
        return classes[int(name)] if by_id else name
    return name


def checked_class_names(names: Iterable[object]) -> tuple[str, ...]:
    """Class names as somebody gave them, in their order.

    Raises:
        DatasetError: there is none, one is there twice, or one string was given for the list.
    """
    if isinstance(names, str):
        raise DatasetError(f"class_names= is a list of labels, not the string {names!r}")
    given = tuple(str(name) for name in names)
    twice = [name for name in given if given.count(name) > 1]
    if twice or not given:
        raise DatasetError(f"class_names= has {twice[0]!r} twice" if twice else "class_names= is empty")
    return given
