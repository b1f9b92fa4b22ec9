"""The fields of a batch other than its ids: which were asked for, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.permutation import Rows
from textprep.batches.reader import EncodedRows, target_of_rows
from textprep.errors import LoaderError, nearest_first

Array = npt.NDArray[Any]
FIELDS = ("input_ids", "attention_mask", "lengths", "labels", "row_ids")
NOBODY = -1  # the row id of a row that is there so that a batch is not empty


def _as_they_are(values: Array) -> Array:
    return values


class Column(NamedTuple):
    """One value a row, or several.

    Attributes:
        values: (N,) or (N, …).
        missing: what a row of padding has.
        batch: makes of some of the values those of a batch.
    """

    values: Array
    missing: float
    batch: Callable[[Array], Array] = _as_they_are

    def of(self, rows: Rows) -> Array:
        """Those of ``rows`` (B,); of no row, one of padding."""
        found = self.batch(self.values[rows])
        return found if len(rows) else np.full((1, *found.shape[1:]), self.missing, found.dtype)


def fields_of(columns: Sequence[str] | None, further: Iterable[str]) -> tuple[str, ...]:
    """The fields of a batch: those that ``columns`` asks for, each once; `FIELDS` where it is ``None``.

    >>> fields_of(["labels", "year"], ["year", "author"])
    ('labels', 'year')

    Args:
        columns: what somebody asked for.
        further: the columns that there are beside the five.

    Raises:
        LoaderError: it is no list of names, or there is no such column; lists those that there are, nearest
            first.
    """
    if columns is None:
        return FIELDS
    names = () if isinstance(columns, str) or not isinstance(columns, Iterable) else tuple(columns)
    if not names or not all(isinstance(name, str) for name in names):
        raise LoaderError(
            f"columns={columns!r:.60} cannot be used: give a list of names, such as ['input_ids', 'labels']",
            option="columns",
            value=list(FIELDS),
        )
    known = dict.fromkeys([*FIELDS, *further])
    for name in names:
        if name not in known:
            raise LoaderError(
                f"columns= asks for {name!r}, which the rows do not have; there are: "
                + ", ".join(nearest_first(name, known)),
                option="columns",
            )
    return tuple(dict.fromkeys(names))


def extra_names(split: EncodedRows) -> tuple[str, ...]:
    """The further columns of a split, if it has any."""
    return tuple(getattr(split, "extra_names", ()))


def columns_of(split: EncodedRows, lengths: Rows, names: Iterable[str]) -> dict[str, Column]:
    """Those of a split's columns that are among ``names``.

    Args:
        split: the rows.
        lengths: (N,) tokens of each row, as they will be served.
        names: the fields of a batch.

    Raises:
        LoaderError: a batch cannot hold one of them.
    """
    makers: dict[str, Callable[[], Column]] = {
        "lengths": lambda: Column(lengths, 0),
        "labels": lambda: _labels(split),
        "row_ids": lambda: Column(split.row_ids, NOBODY),
    }
    further = {name: Column(plain(name, extra(split, name)), 0) for name in names if name not in FIELDS}
    return {name: makers[name]() for name in names if name in makers} | further


def _labels(split: EncodedRows) -> Column:
    target = target_of_rows(split)
    return Column(split.labels, target.missing, target.batch)


def extra(split: Any, name: str) -> Array:
    """A further column of a split, one that is among its names.

    Raises:
        LoaderError: it has not as many rows as the split.
    """
    values = np.asarray(split.extra(name))  # noqa: S610  # not Django's
    if values.shape[:1] != (len(split),):
        raise LoaderError(
            f"the column {name!r} of shape {values.shape} cannot be used: there are {len(split):,} rows",
            option="columns",
        )
    return values


def plain(name: str, values: Array) -> Array:
    """A further column as batches have it: int64, or float32 where it holds numbers that are not whole.

    >>> plain("year", np.array([1994.0, 2008.0])).dtype, plain("is_new", np.array([True])).dtype
    (dtype('float32'), dtype('float32'))

    Raises:
        LoaderError: it holds something else, or lists of lists.
    """
    wanted = {"i": np.int64, "u": np.int64, "f": np.float32, "b": np.float32}.get(values.dtype.kind)
    if wanted is None or len(values.shape) > 2:
        raise LoaderError(
            f"the column {name!r} of shape {values.shape} and type {values.dtype} cannot be used: a batch "
            "takes a number or a list of so many numbers a row",
            option="columns",
        )
    return values.astype(wanted, copy=False)
