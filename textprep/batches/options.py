"""The types of the options of loaders, and a `LoaderError` for a value that one cannot have."""

from __future__ import annotations

from numbers import Integral
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BeforeValidator, Field, Strict

from textprep.errors import LoaderError, TextprepError
from textprep.options import Options


def _plain(value: Any) -> Any:
    """Python's own number for one of NumPy."""
    return value.item() if hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0 else value


_Integer = Annotated[int, BeforeValidator(_plain), Strict()]
Natural = Annotated[_Integer, Field(ge=0)]
Positive = Annotated[_Integer, Field(ge=1)]
Window = Annotated[_Integer, Field(ge=2)]
Flag = Annotated[bool, BeforeValidator(_plain), Strict()]
Truncation = Literal["head", "tail", "head_tail"]
TooLong = Literal["truncate", "error"]
PairTruncation = Literal["longest_first", "only_first", "only_second"]
Pair = Literal["together", "apart"]


class BatchOptions(Options):
    """A group of options of loaders.

    Raises:
        LoaderError: an option is unknown or has a value that it cannot have.
    """

    error: ClassVar[type[TextprepError]] = LoaderError


def checked_pair(pair: Pair) -> Pair:
    """``pair``, if it is a way to serve rows of two texts.

    Raises:
        LoaderError: it is not.
    """
    if pair not in get_args(Pair):
        raise LoaderError(f"pair={pair!r} cannot be used", option="pair", hint="give 'together' or 'apart'")
    return pair


def natural(name: str, value: object) -> int:
    """``value`` as an ``int``.

    Raises:
        LoaderError: it is negative or not an integer.
    """
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 0:
        raise LoaderError(
            f"{name}={value!r} cannot be used", option=name, hint="give an integer of at least 0"
        )
    return int(value)
