"""A loader's place as small JSON, and the reasons why a saved one does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from textprep.batches.options import natural
from textprep.batches.plan import Cursor
from textprep.batches.reader import EncodedRows, all_labels, second_texts
from textprep.batches.schedule import Position
from textprep.batches.served import USUAL
from textprep.errors import LoaderError
from textprep.storage.files import digest_of

VERSION = 1


def make_state(position: Position, options: Mapping[str, Any], data: str) -> dict[str, Any]:
    """``position`` as JSON values, with what it depends on.

    Args:
        position: the place.
        options: all that decides what is served and in which order.
        data: a digest of the rows.
    """
    return {
        "version": VERSION,
        "epoch": position.epoch,
        "batch": position.batch,
        "window": position.cursor.window,
        "place": position.cursor.place,
        "options": dict(options),
        "data": data,
    }


def read_state(state: Mapping[str, Any], options: Mapping[str, Any], data: str) -> Position:
    """The place that `make_state` saved.

    Raises:
        LoaderError: it is no state of a loader, or one of other data or other options; names them.
    """
    if not isinstance(state, Mapping) or state.get("version") != VERSION:
        raise LoaderError(f"this is no loader state of version {VERSION}: {state!r:.80}")
    if state.get("data") != data:
        raise LoaderError(
            "the state was saved for other data: the rows, their order or their ids have changed"
        )
    saved = state.get("options")
    if not isinstance(saved, Mapping):
        raise LoaderError("the state has no 'options': it is not whole")
    there, here = {**USUAL, **saved}, {**USUAL, **options}
    if differ := [name for name in {**there, **here} if there.get(name) != here.get(name)]:
        pairs = ", ".join(f"{name}={there.get(name)!r} (here {here.get(name)!r})" for name in differ)
        raise LoaderError(f"the state was saved with other options, so the order is another one: {pairs}")
    try:
        epoch, batch, *cursor = (natural(key, state[key]) for key in ("epoch", "batch", "window", "place"))
    except KeyError as error:
        raise LoaderError(f"the state has no {error}: it is not whole") from error
    return Position(epoch, batch, Cursor(*cursor))


def data_digest(split: EncodedRows) -> str:
    """A digest of the rows: the store's own, or of their lengths, labels and ids in the corpus."""
    if known := getattr(split, "fingerprint", ""):
        return f"{known}/{getattr(split, 'name', '')}"
    second = second_texts(split)
    more = [] if second is None else [second.lengths]
    return array_digest(split.lengths, all_labels(split), split.row_ids, *more)


def array_digest(*arrays: np.ndarray[Any, Any]) -> str:
    """A digest of numbers.

    >>> array_digest(np.arange(3))
    'e8852dfc187a7b3928b26561829d4517'
    """
    return digest_of(*(np.ascontiguousarray(array).data for array in arrays))
