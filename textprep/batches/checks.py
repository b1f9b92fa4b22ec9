"""Options of loaders, checked: what is wrong with one is said in one line."""

from __future__ import annotations

from collections.abc import Iterable
from numbers import Integral

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


def choice(name: str, value: str, choices: Iterable[str]) -> str:
    """``value``, one of ``choices``.

    Raises:
        LoaderError: it is not; lists them, nearest first.
    """
    known = list(choices)
    if value not in known:
        raise LoaderError(f"{name}={value!r} is none of {', '.join(nearest_first(str(value), known))}")
    return value
