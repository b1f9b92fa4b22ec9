"""Options of loaders, checked: what is wrong with one is said in one line."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt

from textprep.errors import LoaderError, nearest_first


def integer(name: str, value: object, at_least: int) -> int:
    """``value`` as an ``int``.

    Raises:
        LoaderError: it is none, or less than ``at_least``.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise LoaderError(f"{name}={value!r} cannot be used: give an integer of at least {at_least}")
    return int(value)


def optional_integer(name: str, value: object, at_least: int) -> int | None:
    """The same, or ``None``."""
    return None if value is None else integer(name, value, at_least)


def boolean(name: str, value: object) -> bool:
    """``value`` as a ``bool``.

    Raises:
        LoaderError: it is none: ``"no"`` would count as yes.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise LoaderError(f"{name}={value!r} cannot be used: give True or False")
    return bool(value)


def integers(name: str, values: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """``values`` as (N,) int64.

    Raises:
        LoaderError: they are no integers, or not in one line.
    """
    found = np.asarray(values)
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise LoaderError(
            f"{name} of shape {found.shape} and type {found.dtype} cannot be used: give a list of integers"
        )
    return found.astype(np.int64, copy=False)


def choice(name: str, value: str, choices: Iterable[str]) -> str:
    """``value``, one of ``choices``.

    Raises:
        LoaderError: it is not; lists them, nearest first.
    """
    known = list(choices)
    if value not in known:
        raise LoaderError(f"{name}={value!r} is none of {', '.join(nearest_first(str(value), known))}")
    return value


def check_known(options: Iterable[str], taker: Callable[..., Any]) -> None:
    """Raise a `LoaderError` where ``taker``, which takes a split and options, has no option of that name."""
    _, *known = inspect.signature(taker).parameters
    for option in options:
        if option not in known:
            raise LoaderError(
                f"a loader has no option {option!r}; there are: {', '.join(nearest_first(option, known))}"
            )
