"""Classes: what they are called, their order, and which of them a label means."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from decimal import Decimal
from numbers import Integral
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from textprep.errors import DatasetError
from textprep.targets.problems import BadValueError, check_whole

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING: Mapping[str, str] = MappingProxyType({})
PART_NUMBERS = (
    'target="number" learns numbers as they are; threshold= makes two classes of them, those below it and '
    "the others"
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)([.][0-9]+)?")
WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]*")


def plain_label(label: Any) -> Any:
    """A label as Python's own value where it is one of NumPy's (a ``numpy.bool_`` is no number there)."""
    return label.item() if getattr(label, "shape", None) == () else label


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The distinct labels, sorted; by value where all are whole numbers.

    >>> class_order(["10", "2", "10"]), class_order(["pos", "neg"])
    (('2', '10'), ('neg', 'pos'))
    """
    names = set(labels)
    if all(map(WHOLE_NUMBER.fullmatch, names)):
        return tuple(sorted(names, key=int))
    return tuple(sorted(names))


def label_name(label: object) -> str:
    """What a label is called; a whole number has no point, however it is stored.

    >>> label_name(5.0), label_name(5), label_name(Decimal("5.00")), label_name("5.0"), label_name(True)
    ('5', '5', '5', '5.0', 'True')
    """
    return str(int(label)) if isinstance(label, (float, Decimal)) and is_whole(label) else str(label)


def is_whole(number: float | Decimal) -> bool:
    """Whether a number has no fraction, and is small enough to show one.

    >>> is_whole(5.0), is_whole(2.5), is_whole(float("nan")), is_whole(1e300)
    (True, False, False, False)
    """
    return not is_blank(number) and -(2**53) < number < 2**53 and number == int(number)


def class_of(label: object, classes: Sequence[str] | None, labels: Mapping[str, str] = NOTHING) -> str:
    """The class that ``label`` means.

    That is the one that ``labels`` says, else that of its own name (``5.0`` is ``5`` where there is no class
    ``5.0``), else the one with this id, where no class is named by a number.

    >>> class_of(1, ("negative", "positive")), class_of("1.0", ("1", "2")), class_of("fine", None)
    ('positive', '1', 'fine')
    >>> class_of("neg", None, {"neg": "negative"})
    'negative'
    """
    name = label_name(label)
    plain = without_point(name)
    for known in (name, plain):
        if known in labels:
            return labels[known]
        if classes and known in classes:
            return known
    if classes and re.fullmatch(r"0|[1-9][0-9]{0,9}", plain) and _go_by_id(classes):
        return classes[int(plain)] if int(plain) < len(classes) else name
    return name


def class_name(
    column: str, label: Any, classes: Sequence[str] | None, labels: Mapping[str, str] = NOTHING
) -> str:
    """The class that a raw label means, which is one of ``classes`` where these are given.

    Raises:
        BadValueError: it is missing, no word, whole number or bool, or none of the classes.
    """
    if is_blank(label):
        raise BadValueError(column, "the label is missing")
    is_number = isinstance(label, (float, Decimal))
    if is_number and not is_whole(label):
        reason = f"the label {label} is a float that is not whole: classes are words, whole numbers or bools"
        raise BadValueError(column, reason, "target", PART_NUMBERS, "number")
    if not isinstance(label, (str, Integral)) and not is_number:
        reason = f"the label is {type(label).__name__}, not a word, a whole number or a bool: {label!r:.40}"
        if isinstance(label, (list, tuple)):
            if any(isinstance(each, (Mapping, list, tuple)) for each in label):
                hint = 'where they are labelled spans of the text, say target="tags"'
                raise BadValueError(column, reason, "target", hint, "tags")
            hint = 'where rows may have several, say target="classes"'
            hint += "" if label else '; where they are spans of the text, target="tags"'
            raise BadValueError(column, reason, "target", hint, "classes")
        raise BadValueError(column, reason)
    name = class_of(label, classes, labels)
    if classes is not None and name not in classes:
        reason = f"the label {label_name(label)!r} is none of the classes {listed(classes)}"
        raise BadValueError(column, reason, "labels")
    return check_whole(column, name)


def without_point(name: str) -> str:
    """A whole number without the zeros after its point; anything else as it is.

    >>> without_point("5.0"), without_point("-0.0"), without_point("2.5"), without_point("007.0")
    ('5', '0', '2.5', '007.0')
    """
    found = re.fullmatch(r"(0|-?[1-9][0-9]*|-0)\.0+", name)
    return str(int(found[1])) if found else name


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
    return not any(map(WHOLE_NUMBER.fullmatch, classes))


def checked_class_names(names: object) -> tuple[str, ...] | None:
    """Class names as somebody gave them, in their order.

    Raises:
        DatasetError: they are no list of words, whole numbers or bools, the list is empty, or has one twice.
    """
    if names is None:
        return None
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


def in_order(found: Iterable[str], known: Iterable[str], labels: Mapping[str, str]) -> tuple[str, ...]:
    """The classes in the order of their ids: what ``labels`` names, what the source knows, the others.

    >>> in_order(["b", "good", "a"], ["b", "c"], {"x": "good"})
    ('good', 'b', 'c', 'a')
    """
    first = dict.fromkeys([*labels.values(), *(labels.get(name, name) for name in known)])
    return tuple(dict.fromkeys([*first, *class_order(found)]))


def plain_numbers(labels: Iterable[str], column: str) -> dict[str, str]:
    """Whole numbers that a text writes with a point, each with its class, if all labels are whole numbers.

    >>> plain_numbers(["5.0", "4"], "stars"), plain_numbers(["5.0", "n/a"], "stars")
    ({'5.0': '5'}, {})

    Raises:
        DatasetError: all are numbers, and one has a fraction.
    """
    plain = {label: without_point(label) for label in labels}
    others = [label for label in plain if not WHOLE_NUMBER.fullmatch(plain[label])]
    if others and all(map(_NUMBER.fullmatch, plain)):
        raise DatasetError(
            f"column {column!r}: the labels are numbers, some with a fraction, such as {min(others)}",
            column=column,
            option="target",
            value="number",
            hint=f"{PART_NUMBERS}; class_names= lists them where each is a class",
        )
    return {} if others else {label: name for label, name in plain.items() if label != name}


def threshold_names(threshold: float) -> tuple[str, str]:
    """The classes of numbers below and from ``threshold`` on.

    >>> threshold_names(3.5)
    ('<3.5', '>=3.5')
    """
    return f"<{threshold:g}", f">={threshold:g}"


def known_classes(values: Sequence[pa.ChunkedArray]) -> tuple[str, ...]:
    """The classes that the type of one column knows, in their order: the values of its dictionaries.

    Several dictionaries count as one, in the order in which their values come.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(values) != 1:
        return ()
    (column,) = values
    while pa.types.is_nested(column.type) and not pa.types.is_struct(column.type):
        column = pc.list_flatten(column)
    if not pa.types.is_dictionary(column.type):
        return ()
    found = [value for chunk in column.chunks for value in chunk.dictionary.to_pylist()]
    return tuple(dict.fromkeys(label_name(value) for value in found if not is_blank(value)))


def is_blank(value: Any) -> bool:
    """Whether a value is missing: none, not a number, or a text of white space.

    >>> is_blank(None), is_blank(float("nan")), is_blank(" "), is_blank(0)
    (True, True, True, False)
    """
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Decimal):
        return value.is_nan()
    return value is None or (isinstance(value, float) and math.isnan(value))
