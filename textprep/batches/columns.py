"""The fields of a batch other than its ids: which were asked for, and where each comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches import rectangle
from textprep.batches.options import Pair
from textprep.batches.permutation import Rows
from textprep.batches.reader import IDS, EncodedRows, field_of, second_texts, target_of_rows
from textprep.batches.token_fields import TOKEN_INDEX, own_token_fields
from textprep.errors import LoaderError, nearest_first

Array = npt.NDArray[Any]
FIELDS = ("input_ids", "attention_mask", "lengths", "labels", "row_ids")
TOGETHER = ("input_ids", "attention_mask", "token_type_ids", "lengths", "labels", "row_ids")
APART = (
    "input_ids", "attention_mask", "lengths", "pair_input_ids", "pair_attention_mask", "pair_lengths",
    "labels", "row_ids",
)  # fmt: skip
OF_IDS = {  # made of a row's ids
    TOKEN_INDEX, *rectangle.FIELDS, *(f"pair_{name}" for name in rectangle.FIELDS),
}  # fmt: skip
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


def default_fields(*, has_pair: bool, pair: Pair = "together", field: str = IDS) -> tuple[str, ...]:
    """The default fields of a batch.

    >>> default_fields(has_pair=True)
    ('input_ids', 'attention_mask', 'token_type_ids', 'lengths', 'labels', 'row_ids')

    Args:
        has_pair: rows have two texts.
        pair: how these are served.
        field: what rows are in a batch, see `textprep.batches.reader.field_of`.
    """
    if pair == "apart":
        return APART
    return TOGETHER if has_pair else (field, *FIELDS[1:])


def fields_of_split(
    columns: Sequence[str] | None, split: EncodedRows, pair: Pair = "together"
) -> tuple[str, ...]:
    """The fields of a batch of ``split``: those that ``columns`` asks for, or the usual ones.

    Raises:
        LoaderError: it is not a list of names, or there is no such column.
    """
    has_pair = second_texts(split) is not None
    usual = default_fields(has_pair=has_pair, pair=pair, field=field_of(split))
    per_token = () if has_pair else (TOKEN_INDEX, *own_token_fields(split))
    on_request = ["token_type_ids", *per_token, *_row_fields(split), *extra_names(split)]
    return usual if columns is None else fields_of(columns, [*usual, *on_request])


def fields_of(columns: Sequence[str], known: Iterable[str]) -> tuple[str, ...]:
    """The fields that ``columns`` asks for, each once.

    >>> fields_of(["labels", "year"], ["labels", "year", "author"])
    ('labels', 'year')

    Args:
        columns: what somebody asked for.
        known: those that there are.

    Raises:
        LoaderError: it is not a list of names, or there is no such column; lists those that there are,
            nearest first.
    """
    names = () if isinstance(columns, str) or not isinstance(columns, Iterable) else tuple(columns)
    if not names or not all(isinstance(name, str) for name in names):
        raise LoaderError(
            f"columns={columns!r:.60} cannot be used: give a list of names, such as ['input_ids', 'labels']",
            option="columns",
            value=list(FIELDS),
        )
    there = dict.fromkeys(known)
    for name in names:
        if name not in there:
            raise LoaderError(
                f"columns= asks for {name!r}, which the rows do not have; there are: "
                + ", ".join(nearest_first(name, there)),
                option="columns",
            )
    return tuple(dict.fromkeys(names))


def extra_names(split: EncodedRows) -> tuple[str, ...]:
    """The further columns of a split, if it has any."""
    return tuple(getattr(split, "extra_names", ()))


def columns_of(split: EncodedRows, names: Iterable[str]) -> dict[str, Column]:
    """Those fields among ``names`` that have a value for each row, and not for each token.

    Args:
        split: the rows.
        names: the fields of a batch.

    Raises:
        LoaderError: a batch cannot hold one of them.
    """
    labels = {"labels"} if target_of_rows(split).per_token else set()
    per_token = OF_IDS | labels | own_token_fields(split).keys()
    return {name: _column(split, name) for name in names if name not in per_token}


def _column(split: EncodedRows, name: str) -> Column:
    if name == "labels":
        return _labels(split)
    if name == "row_ids":
        return Column(split.row_ids, NOBODY)
    if name in (own := _row_fields(split)):
        return Column(own[name], 0)
    return Column(plain(name, extra(split, name)), 0)


def _row_fields(split: EncodedRows) -> Mapping[str, Array]:
    """The fields with a value for each row that the rows bring along, of the types that batches have."""
    found: Mapping[str, Array] = getattr(split, "row_fields", {})
    return found


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
