"""Items of other people's data sets, as `Collate` takes them → ids, and columns of a batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from textprep.batches.columns import NOBODY, Column, plain
from textprep.batches.options import Pair
from textprep.batches.permutation import Rows
from textprep.batches.reader import (
    ANY_CLASS,
    ANY_CLASS_PER_TOKEN,
    IDS,
    INPUTS,
    NO_LABEL,
    EncodedTexts,
)
from textprep.errors import LoaderError, nearest_first
from textprep.ragged import Ragged
from textprep.template import Template

Array = npt.NDArray[Any]
Fields = Mapping[str, Any]
KINDS = {"i": "a whole number", "u": "a whole number", "b": "a whole number", "f": "a float"}
WHOLE = "iub"


class Item(NamedTuple):
    """An item of a data set.

    Attributes:
        ids: (length,) int64, of its text, or of the first one; of a sequence of numbers (length, F) float32.
        pair: of the second; ``None`` where it has one.
        fields: its other fields, of which ``labels`` may be missing.
        features: F of a sequence of numbers; ``None`` of ids.
    """

    ids: Array
    pair: Rows | None
    fields: Fields
    features: int | None = None


def item_of(item: Any) -> Item:
    """An item, read.

    Raises:
        LoaderError: it is neither a mapping with ``input_ids`` nor a pair of ids and a label.
    """
    if isinstance(item, Mapping) and {IDS, INPUTS} & item.keys():
        label = next((item[name] for name in ("labels", "label") if item.get(name) is not None), None)
        if INPUTS in item:
            steps = _steps(item[INPUTS])
            return Item(steps, None, {**item, "labels": label}, steps.shape[1])
        second = item.get("pair_ids")
        pair = None if second is None else integers("pair_ids", second)
        return Item(integers("input_ids", item["input_ids"]), pair, {**item, "labels": label})
    if isinstance(item, (tuple, list)) and len(item) == 2:
        return Item(integers("ids", item[0]), None, {"labels": item[1]})
    raise LoaderError(
        f"an item of type {type(item).__name__} cannot be padded: give mappings with input_ids, or pairs "
        "(ids, label)"
    )


def texts_of(items: Sequence[Item], template: Template, pair: Pair) -> EncodedTexts:
    """The ids of all items.

    Raises:
        LoaderError: some have a second text and others have none, or one is needed.
    """
    seconds = [item.pair for item in items if item.pair is not None]
    has_pair = bool(seconds) or pair == "apart"
    if has_pair and len(seconds) < len(items):
        raise LoaderError(
            f"{len(items) - len(seconds)} of {len(items)} items of a batch have no pair_ids: give all of "
            "them a second text" + (", or none" if pair == "together" else ", which pair='apart' needs")
        )
    second = _ragged(seconds) if has_pair else None
    widths = {item.features for item in items}
    if len(widths) > 1:
        raise LoaderError(
            "items of a batch have another number of values a step each: give all of them the same",
            option=INPUTS,
        )
    features = widths.pop() if widths else None
    return EncodedTexts(
        _ragged([item.ids for item in items]), template=template, pair=second, features=features
    )


def with_labels(texts: EncodedTexts, items: Sequence[Item]) -> EncodedTexts:
    """The texts, with a label for each of their tokens.

    Raises:
        LoaderError: an item has another number of labels than of ids.
    """
    texts.target = ANY_CLASS_PER_TOKEN
    texts.labels = EncodedTexts(_ragged([_token_labels(number, item) for number, item in enumerate(items)]))
    return texts


def _token_labels(number: int, item: Item) -> Rows:
    if item.fields["labels"] is None:
        return np.full(len(item.ids), NO_LABEL)
    labels = integers("labels", item.fields["labels"])
    if len(labels) != len(item.ids):
        raise LoaderError(
            f"item {number} of a batch has {len(item.ids)} ids and {len(labels)} labels: give each id one"
        )
    return labels


def _ragged(rows: Sequence[Array]) -> Ragged:
    offsets = np.concatenate([[0], np.cumsum([len(ids) for ids in rows])]).astype(np.int64)
    return Ragged(np.concatenate(rows) if rows else np.zeros(0, np.int64), offsets)


def _steps(values: Any) -> Array:
    """(length, F) float32 of a sequence of numbers.

    Raises:
        LoaderError: it is none.
    """
    found = np.asarray(values)
    if found.dtype.kind not in "fiu" or found.ndim != 2:
        raise LoaderError(
            f"inputs of shape {found.shape} and type {found.dtype} cannot be used: give (steps, numbers)"
        )
    return found.astype(np.float32, copy=False)


def is_padding(items: Sequence[Item]) -> bool:
    """Whether all that there is is the row of padding that `RowDataset` gives in place of no rows."""
    if len(items) != 1:
        return False
    row_id = items[0].fields.get("row_ids")
    return not len(items[0].ids) and isinstance(row_id, int) and row_id == NOBODY


def column_of(name: str, items: Sequence[Fields]) -> Column:
    """A field of all items.

    Raises:
        LoaderError: an item does not have it, or has something that a batch cannot hold; or items have
            different kinds or numbers of values.
    """
    if name == "row_ids":
        return Column(np.array([_row_id(item.get(name, NOBODY)) for item in items], np.int64), NOBODY)
    if name == "labels":
        return _labels([None if item[name] is None else _number("label", item[name]) for item in items])
    return Column(plain(name, _stacked(name, [_number(name, _field(name, item)) for item in items])), 0)


def _labels(found: list[Array | None]) -> Column:
    """The labels of all items: int64, or float32 of floats and lists.

    Where an item has none, it gets -100 among whole numbers and marks, NaN among floats.
    """
    given = [label for label in found if label is not None]
    whole = all(label.dtype.kind in WHOLE for label in given)
    shape = given[0].shape if given else ()
    missing = ANY_CLASS.missing if whole else math.nan
    if whole and shape:
        _check_marks(given)
    kind = np.int64 if whole and not shape else np.float32
    filler = np.full(shape, missing, given[0].dtype if whole and given else np.float64)
    values = _stacked("label", [filler if label is None else label for label in found])
    return Column(values.astype(kind), missing)


def _check_marks(lists: Sequence[Array]) -> None:
    for marks in lists:
        if not np.isin(marks, (0, 1, ANY_CLASS.missing)).all():
            raise LoaderError(
                f"label={marks.tolist()!r:.60} of an item cannot be used: several labels are a 0 or 1 for "
                "each class, several numbers are floats"
            )


def _number(name: str, value: Any) -> Array:
    """A number, (), or several, (K,)."""
    try:
        found = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # lists of different lengths, tensors that have a gradient
        found = np.array(None)
    if found.dtype.kind not in KINDS or len(found.shape) > 1:
        raise LoaderError(
            f"{name}={value!r:.60} of an item cannot be used: a batch has a number a row, or a list of so "
            "many numbers"
        )
    return found


def _stacked(name: str, values: Sequence[Array]) -> Array:
    kinds = sorted({_called(each) for each in values})
    if len(kinds) > 1:
        raise LoaderError(
            f"items of one batch have a {name} of different kinds ({' and '.join(kinds)}): give each item "
            "the same"
        )
    return np.stack(values) if values else np.zeros(0, np.int64)


def _called(value: Array) -> str:
    return f"a list of {len(value)}" if value.shape else KINDS[value.dtype.kind]


def _field(name: str, item: Fields) -> Any:
    if item.get(name) is None:
        known = ", ".join(nearest_first(name, [key for key, value in item.items() if value is not None]))
        raise LoaderError(
            f"an item has no {name!r}; it has: {known or 'ids only'}", option="columns", hint="leave it out"
        )
    return item[name]


def _row_id(value: Any) -> int:
    number = _number("row_ids", value)
    if number.shape or number.dtype.kind not in WHOLE:
        raise LoaderError(f"row_ids={value!r:.60} of an item cannot be used: a row has one whole number")
    return int(number)


def integers(name: str, values: npt.ArrayLike) -> Rows:
    """``values`` as (N,) int64.

    Raises:
        LoaderError: they are something else.
    """
    found = np.asarray(values)
    if found.ndim != 1 or (len(found) and found.dtype.kind not in "iu"):
        raise LoaderError(
            f"{name} of shape {found.shape} and type {found.dtype} cannot be used: give a list of integers"
        )
    return found.astype(np.int64, copy=False)
