"""What a data set says of itself, and `dataset`, which registers a function that yields rows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, overload

from textprep.errors import DatasetError
from textprep.registry import CODE, DATASETS, load_builtins

Source = TypeVar("Source", bound="Callable[..., Any]")


class About(NamedTuple):
    """What holds for a data set loaded with its default options; empty where nothing is said.

    Attributes:
        license: under which its texts may be used, as an SPDX identifier or in words.
        citation: whom to cite, or where it comes from.
        homepage: where to read more.
        class_names: its classes, in the order of their ids.
        rows: how many rows it has: a number, or split name → number where it comes in splits.
        flaws: what ``textprep check`` finds wrong with it as it was published, such as ``"control"``.
    """

    license: str = ""
    citation: str = ""
    homepage: str = ""
    class_names: tuple[str, ...] = ()
    rows: int | Mapping[str, int] | None = None
    flaws: tuple[str, ...] = ()


def about(component: Callable[..., Any]) -> About:
    """What a registered data set says of itself."""
    said = getattr(component, "about", None)
    return said if isinstance(said, About) else About()


@overload
def dataset(function: Source, /) -> Source: ...
@overload
def dataset(
    *,
    name: str | None = None,
    license: str = "",
    citation: str = "",
    homepage: str = "",
    class_names: Sequence[str] = (),
    rows: int | Mapping[str, int] | None = None,
    flaws: Sequence[str] = (),
) -> Callable[[Source], Source]: ...
def dataset(
    function: Source | None = None,
    /,
    *,
    name: str | None = None,
    license: str = "",
    citation: str = "",
    homepage: str = "",
    class_names: Sequence[str] = (),
    rows: int | Mapping[str, int] | None = None,
    flaws: Sequence[str] = (),
) -> Source | Callable[[Source], Source]:
    """Register a function (or a class) that yields rows, and keep what it says of itself as its ``about``.

    >>> import textprep as tp
    >>> @tp.dataset(name="parity", license="CC0-1.0", citation="Counted for this page.", rows=4)
    ... def numbers():
    ...     "Numbers, each even or odd."
    ...     for number in range(4):
    ...         yield {"text": f"the number {number}", "label": "odd" if number % 2 else "even"}
    >>> tp.load_dataset("parity", splits=None)
    <Corpus 'parity'>
    train  4 rows: even 2, odd 2

    Args:
        function: yields or returns rows, or a mapping of split names to rows; its parameters are the data
            set's options.
        name: the registered name; the function's own if not given.
        license, citation, homepage, class_names, rows, flaws: see `About`.

    Raises:
        DatasetError: it cannot be called, or license, citation, classes or rows are of another type.
        NameClashError: textprep or another module has registered the name.
    """
    said = About(license, citation, homepage, tuple(class_names), rows, tuple(flaws))
    _check(said)

    def registered(function: Source) -> Source:
        is_definition = inspect.isfunction(function) or inspect.isclass(function)
        if not is_definition:
            raise DatasetError(f"@tp.dataset goes above a function or a class, not {function!r:.60}")
        load_builtins("dataset")  # so that a name of theirs is taken before it can be claimed
        function.about = said  # type: ignore[attr-defined]
        own_name = name or function.__name__
        DATASETS.add(own_name, function, owner=f"{CODE}{function.__module__}")
        return function

    return registered if function is None else registered(function)


def _check(said: About) -> None:
    texts = (said.license, said.citation, said.homepage, *said.class_names, *said.flaws)
    counts = said.rows.values() if isinstance(said.rows, Mapping) else [said.rows or 0]
    if not all(isinstance(text, str) for text in texts):
        raise DatasetError("@tp.dataset: license, citation, homepage, class names and flaws are strings")
    if any(isinstance(rows, bool) or not isinstance(rows, int) or rows < 0 for rows in counts):
        raise DatasetError(f"@tp.dataset: rows= is a number, or maps split names to numbers: {said.rows!r}")
