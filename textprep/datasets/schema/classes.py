"""Classes and their order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from numbers import Integral
from typing import Any

from textprep.errors import DatasetError

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")


def plain_label(label: Any) -> Any:
    """A label as Python's own value where it is one of NumPy's (a ``numpy.bool_`` is no number there)."""
    return label.item() if getattr(label, "shape", None) == () else label


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
        by_id = int(name) < len(classes) and _go_by_id(classes)
        return classes[int(name)] if by_id else name
    return name


def listed(classes: Sequence[str]) -> str:
    """The classes in the order of their ids, with their ids where these may stand for them.

    >>> print(listed(("negative", "positive")), "or", listed(("1", "2")))
    0 negative, 1 positive (a label is a name or a number of these) or 1, 2
    """
    if not _go_by_id(classes):
        return ", ".join(classes)
    numbered = ", ".join(f"{number} {name}" for number, name in enumerate(classes))
    return f"{numbered} (a label is a name or a number of these)"


def _go_by_id(classes: Sequence[str]) -> bool:
    return not any(map(_WHOLE_NUMBER.fullmatch, classes))


def checked_class_names(names: object) -> tuple[str, ...]:
    """Class names as somebody gave them, in their order.

    Raises:
        DatasetError: they are no list of words, whole numbers or bools, the list is empty, or has one twice.
    """
    if isinstance(names, (str, bytes, Set, Mapping)) or not isinstance(names, Iterable):
        raise DatasetError(
            f"class_names= is a list of labels in the order of their ids, not {names!r:.60}",
            option="class_names",
        )
    labels = [plain_label(name) for name in names]
    odd = [label for label in labels if not isinstance(label, (str, Integral))]
    if odd:
        raise DatasetError(
            f"class_names= holds words, whole numbers or bools, not {odd[0]!r:.60}", option="class_names"
        )
    given = tuple(map(str, labels))
    twice = [name for name in given if given.count(name) > 1]
    if twice or not given:
        problem = f"has {twice[0]!r} twice" if twice else "is empty"
        raise DatasetError(f"class_names= {problem}", option="class_names")
    return given


def threshold_names(threshold: float) -> tuple[str, str]:
    """The classes of numbers below and from ``threshold`` on.

    >>> threshold_names(3.5)
    ('<3.5', '>=3.5')
    """
    return f"<{threshold:g}", f">={threshold:g}"
