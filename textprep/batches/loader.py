"""`BatchLoader`: padded batches of a prepared split, epoch after epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from numbers import Integral
from typing import Protocol, SupportsIndex

import numpy as np
import numpy.typing as npt
import torch

from textprep.batches.batch import Batch
from textprep.batches.plan import Rows, plan_batches
from textprep.errors import LoaderError, nearest_first

Ids = npt.NDArray[np.integer]


class EncodedRows(Protocol):
    """What a loader reads: a `textprep.preparation.store.PreparedSplit`, or texts encoded in memory."""

    @property
    def lengths(self) -> Rows:
        """(N,) int64, the number of tokens of each row."""

    @property
    def labels(self) -> Rows:
        """(N,) int64, the class of each row."""

    @property
    def row_ids(self) -> Rows:
        """(N,) int64, the ids of the rows."""

    def __len__(self) -> int: ...

    def ids(self, row: SupportsIndex, /) -> Ids:
        """The ids of ``row``, (length,)."""


def head(ids: Ids, length: int) -> Ids:
    """The first ``length`` tokens."""
    return ids[:length]


def tail(ids: Ids, length: int) -> Ids:
    """The last ``length`` tokens."""
    return ids[len(ids) - length :]


def head_tail(ids: Ids, length: int) -> Ids:
    """The first ⌈length / 2⌉ and the last ⌊length / 2⌋ tokens, joined.

    >>> head_tail(np.arange(10, dtype=np.uint16), 5).tolist()
    [0, 1, 2, 8, 9]
    """
    last = length // 2
    return np.concatenate([ids[: length - last], ids[len(ids) - last :]])


TRUNCATIONS: dict[str, Callable[[Ids, int], Ids]] = {"head": head, "tail": tail, "head_tail": head_tail}


class BatchLoader:
    """An iterable of `Batch`, each padded to its own longest row.

    A plain ``for epoch in range(3): for batch in loader: …`` sees another order in every epoch: each pass
    that runs to its end moves ``epoch`` on by one, and one that is broken off leaves it, so that the same
    order starts again. `set_epoch` goes to any other.

    Args:
        split: the prepared rows.
        batch_size: rows in a batch.
        max_length: longest row in tokens; longer ones are truncated. ``None``: none is.
        truncation: what is kept of a longer row: ``"head"``, its first tokens; ``"tail"``, its last;
            ``"head_tail"``, the first ⌈max_length / 2⌉ and the last ⌊max_length / 2⌋.
        shuffle: random order, from ``seed`` and the epoch.
        by_length: rows of similar length share a batch (see `textprep.batches.plan`), which saves most of
            the padding. By default as ``shuffle``; without shuffling, the longest rows come first.
        seed: of the order; not negative.
        drop_last: leave out the rows that do not fill a batch.

    Attributes:
        epoch: the epoch of the next pass, from 0.

    Raises:
        LoaderError: an option has a value that it cannot have.
    """

    def __init__(
        self,
        split: EncodedRows,
        *,
        batch_size: int = 64,
        max_length: int | None = None,
        truncation: str = "head",
        shuffle: bool = False,
        by_length: bool | None = None,
        seed: int = 0,
        drop_last: bool = False,
    ) -> None:
        if truncation not in TRUNCATIONS:
            choices = ", ".join(nearest_first(str(truncation), TRUNCATIONS))
            raise LoaderError(f"truncation={truncation!r} is none of {choices}")
        self.split = split
        self.batch_size = _integer("batch_size", batch_size, at_least=1)
        self.max_length = None if max_length is None else _integer("max_length", max_length, at_least=1)
        self.truncation = truncation
        self.shuffle = shuffle
        self.by_length = shuffle if by_length is None else by_length
        self.seed = _integer("seed", seed, at_least=0)
        self.drop_last = drop_last
        self.epoch = 0
        self._lengths = (
            split.lengths if self.max_length is None else np.minimum(split.lengths, self.max_length)
        )

    def set_epoch(self, epoch: int) -> None:
        """Make the next pass that of ``epoch``, from 0.

        Raises:
            LoaderError: ``epoch`` is negative or no integer.
        """
        self.epoch = _integer("epoch", epoch, at_least=0)

    def __len__(self) -> int:
        """How many batches a pass has."""
        rows, size = len(self.split), self.batch_size
        return rows // size if self.drop_last else -(-rows // size)

    def __iter__(self) -> Iterator[Batch]:
        epoch = self.epoch
        for rows in self._plan(epoch):
            yield self._batch(rows)
        self.epoch = epoch + 1

    def _plan(self, epoch: int) -> list[Rows]:
        return plan_batches(
            self._lengths,
            batch_size=self.batch_size,
            shuffle=self.shuffle,
            by_length=self.by_length,
            seed=self.seed,
            epoch=epoch,
            drop_last=self.drop_last,
        )

    def _batch(self, rows: Rows) -> Batch:
        lengths = self._lengths[rows]
        width = max(1, int(lengths.max()))
        input_ids = np.zeros((len(rows), width), dtype=np.int64)
        for line, row, length in zip(input_ids, rows.tolist(), lengths.tolist(), strict=True):
            line[:length] = self._ids(row, length)
        return Batch(
            input_ids=torch.from_numpy(input_ids),
            attention_mask=torch.from_numpy(np.arange(width) < lengths[:, None]),
            lengths=torch.from_numpy(lengths),
            labels=torch.from_numpy(self.split.labels[rows]),
            row_ids=torch.from_numpy(self.split.row_ids[rows]),
        )

    def _ids(self, row: int, length: int) -> Ids:
        ids = self.split.ids(row)
        return ids if len(ids) == length else TRUNCATIONS[self.truncation](ids, length)

    def __repr__(self) -> str:
        return f"BatchLoader({self.split!r}, {len(self):,} batches of {self.batch_size}, epoch {self.epoch})"


def _integer(name: str, value: object, at_least: int) -> int:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < at_least:
        raise LoaderError(f"{name}={value!r} cannot be used: give an integer of at least {at_least}")
    return int(value)
