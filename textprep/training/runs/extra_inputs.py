"""The extra columns of a run, such as a year: from a split, or as a person gives them.

Shapes are written with N texts, K numbers of a list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from textprep.errors import RunError
from textprep.extra.kinds import Extra
from textprep.targets.problems import BadValueError
from textprep.visible import counted

if TYPE_CHECKING:
    import pyarrow as pa

    from textprep.datasets.split import Split

ExtraValues: TypeAlias = "Mapping[str, Sequence[Any]] | None"
Arrays: TypeAlias = dict[str, npt.NDArray[Any]]


def extra_of_texts(extra: Mapping[str, Extra], given: ExtraValues, count: int) -> Arrays:
    """The extra columns of ``count`` texts, as batches have them: (N,) int64, or (N,) or (N, K) float32.

    Args:
        extra: the extra columns of the run.
        given: name → one value a text; columns that the run does not need are ignored.
        count: N.

    Raises:
        RunError: a column is missing, or has a value that cannot be used, or another number of them.
    """
    given = given or {}
    _check_there(extra, given)
    return {name: kind.array(_checked(kind, name, given[name], count)) for name, kind in extra.items()}


def extra_of_rows(extra: Mapping[str, Extra], split: Split) -> Arrays:
    """The extra columns of a split, likewise.

    Raises:
        RunError: a column is missing, or has a value that cannot be used.
    """
    table = split.table
    _check_there(extra, table.column_names)
    return {name: kind.array(_checked_column(kind, name, table[name])) for name, kind in extra.items()}


def parsed_extra(extra: Mapping[str, Extra], said: Sequence[str], count: int) -> dict[str, list[Any]]:
    """The extra columns given on a command line, the same values for each of ``count`` texts.

    >>> parsed_extra({"at": Extra(width=2), "by": Extra()}, ["by=al", "at=3,4"], 1)
    {'by': ['al'], 'at': [['3', '4']]}
    >>> parsed_extra({"at": Extra(width=2)}, ["at=[3, 4]"], 1)
    {'at': [['3', ' 4']]}

    Args:
        extra: the extra columns of the run.
        said: ``NAME=VALUE``; the numbers of a list with commas between them.
        count: N.

    Raises:
        RunError: one is not so, or the run does not read it.
    """
    given: dict[str, list[Any]] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or name not in extra:
            names = ", ".join(extra) or "none"
            raise RunError(f"--extra {each!r} is not NAME=VALUE; extra columns of this run: {names}")
        given[name] = [value.strip("[] ").split(",") if extra[name].width else value] * count
    return given


def _check_there(extra: Mapping[str, Extra], names: Any) -> None:
    if missing := [name for name in extra if name not in names]:
        listed, verb = " and ".join(map(repr, missing)), "are" if len(missing) > 1 else "is"
        raise RunError(
            f"the run needs {' and '.join(map(repr, extra))} with each text, and {listed} {verb} missing",
            hint=f"give a file with --data, or --extra {missing[0]}=VALUE (in Python extra=)",
        )


def _checked(kind: Extra, name: str, values: Sequence[Any], count: int) -> list[Any]:
    if isinstance(values, str) or not hasattr(values, "__len__") or len(values) != count:
        raise RunError(
            f"{name!r} needs a list of {counted(count, 'value')}, one per text, not {values!r:.60}"
        )
    return [_value(kind, name, value, place) for place, value in enumerate(values)]


def _checked_column(kind: Extra, name: str, column: pa.ChunkedArray) -> Any:
    """The column, by the rule for a column; by that for a value where it is bad, which says why."""
    import pyarrow as pa

    try:
        found, good = kind.column(name, column)
    except pa.ArrowException:
        good = np.zeros(1, bool)
    if good.all():
        return found
    return kind.gathered([_value(kind, name, value, at) for at, value in enumerate(column.to_pylist())])


def _value(kind: Extra, name: str, value: Any, place: int) -> Any:
    try:
        return kind.check(name, value)
    except BadValueError as bad:
        raise RunError(f"text {place + 1}, {name!r}: {bad.reason}") from bad
